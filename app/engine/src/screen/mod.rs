//! [`Screen`]: what the windows are told: ours always, and those of other tabs what concerns them.

use metertap_protocol::Event;

use crate::platform::{Platform, Say, Saying};

/// All windows.
pub(crate) struct Screen<P: Platform> {
    platform: P,
    /// Says something to the other tabs.
    say: Say<P::Handle>,
}

impl<P: Platform> Screen<P> {
    /// Our window, and the way to the others.
    pub(crate) const fn new(platform: P, say: Say<P::Handle>) -> Self {
        Self { platform, say }
    }

    /// Tells our window.
    pub(crate) fn tell(&self, event: &Event) {
        self.platform.tell(event, None);
    }

    /// Tells our window, and sends something beside it.
    pub(crate) fn tell_with(&self, event: &Event, beside: Option<&P::Handle>) {
        self.platform.tell(event, beside);
    }

    /// Tells the other windows what concerns them; an answer that only one has asked for is not for them.
    pub(crate) fn tell_others(&self, event: &Event) {
        let concerns_all = matches!(
            event,
            Event::Ready { .. }
                | Event::Meter { .. }
                | Event::Removed { .. }
                | Event::Reading { .. }
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
                // They carry a number that one window alone waits for.
                | Event::Restore { .. }
                | Event::Import { .. }
                | Event::Typed { .. }
        );
        if concerns_all {
            (self.say)(Saying::Told(event));
        }
    }
}
