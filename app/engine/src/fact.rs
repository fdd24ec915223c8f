//! [`Fact`]: what a task has found out. Tasks own no state that others need: they tell, and the router hands each fact to
//! those that it concerns, in the order in which facts came.

use futures_channel::mpsc::UnboundedSender;
use metertap_protocol::ForwardState;
use metertap_readings::store::MeterKey;

/// What a task has found out.
pub(crate) enum Fact {
    /// How the readings of a meter come to the broker.
    Broker(BrokerNews),
}

/// How one meter's readings come to the broker.
pub(crate) struct BrokerNews {
    pub(crate) meter: MeterKey,
    /// Of which line: an earlier one of the same meter says goodbye while the next one begins.
    pub(crate) line: u32,
    /// None at its end.
    pub(crate) state: Option<ForwardState>,
}

/// Where facts are told. Clones tell the same router.
#[derive(Clone)]
pub(crate) struct Facts(UnboundedSender<Fact>);

impl Facts {
    pub(crate) const fn new(router: UnboundedSender<Fact>) -> Self {
        Self(router)
    }

    pub(crate) fn tell(&self, fact: Fact) {
        // A router that is gone hears nothing.
        let _ = self.0.unbounded_send(fact);
    }
}
