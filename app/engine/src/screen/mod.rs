//! [`Screen`]: sends events to windows. Our own window gets all events. The windows of other tabs get the events that
//! concern them.

use metertap_protocol::Event;

use crate::platform::{Outgoing, Platform, Say};

pub(crate) struct Screen<P: Platform> {
    platform: P,
    say: Say<P::Handle>,
}

impl<P: Platform> Screen<P> {
    pub(crate) const fn new(platform: P, say: Say<P::Handle>) -> Self {
        Self { platform, say }
    }

    pub(crate) fn tell(&self, event: &Event) {
        self.platform.tell(event, None);
    }

    pub(crate) fn tell_with(&self, event: &Event, beside: Option<&P::Handle>) {
        self.platform.tell(event, beside);
    }

    /// Tells the other windows what concerns them. Charts, exports and answers are not sent, since each tab makes its
    /// own.
    pub(crate) fn tell_others(&self, event: &Event) {
        let concerns_all = matches!(
            event,
            Event::Ready { .. }
                | Event::Meter { .. }
                | Event::Removed { .. }
                | Event::Reading { .. }
                | Event::Newest { .. }
                | Event::Refused { .. }
                | Event::Broker { .. }
                | Event::Forward { .. }
                | Event::Notice { .. }
                | Event::Noticed { .. }
                | Event::Room { .. }
                | Event::Recomputed { .. }
                | Event::Clock { .. }
                | Event::Imports { .. }
                | Event::Daily { .. }
                // Only one window waits for these. It recognises them by their number, since tabs have no addresses.
                | Event::Restore { .. }
                | Event::Import { .. }
                | Event::Typed { .. }
        );
        if concerns_all {
            (self.say)(Outgoing::Event(event));
        }
    }
}
