//! [`Certainty`]: what is certain of time. What there is to know of it, [`metertap_readings::log::certain`] decides; here it
//! meets the clocks, and what the windows were told of it.

use metertap_decoder::time::Instant;
use metertap_protocol::Trouble;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::log::certain::{Certain, Doubt, Wait};
use metertap_readings::store::MeterKey;

use crate::clock::Clock;
use crate::trouble::trouble;

/// What is certain of time, and what was told of it.
pub(super) struct Certainty<C> {
    clock: C,
    certain: Certain,
    /// What the windows were told of: what the clock said before it went ahead, and what it takes to believe it.
    told: Option<(Moment, Wait)>,
    /// When it is to be written down next.
    due: Instant,
}

impl<C: Clock> Certainty<C> {
    pub(super) fn new(clock: C) -> Self {
        Self { clock, certain: Certain::default(), told: None, due: Instant::default() }
    }

    /// Goes on with what was certain when the log was last written.
    pub(super) fn resume(&mut self, kept: Option<&str>, newest: Option<Moment>) {
        self.certain = Certain::resume(kept, newest, self.clock.moment(), self.clock.now());
        self.due = self.clock.now();
    }

    /// What is certain right now.
    pub(super) fn now(&mut self) -> &mut Certain {
        self.certain.look(self.clock.moment(), self.clock.now());
        &mut self.certain
    }

    /// A meter's own clock says how much time has passed.
    pub(super) fn hear(&mut self, meter: &MeterKey, said: Moment) {
        self.now().hear(meter, said);
    }

    /// As a record of the log's own; when it is to be written next is noted.
    pub(super) fn record(&mut self) -> String {
        self.due = self.clock.now().after(WRITTEN_APART);
        self.certain.kept()
    }

    /// Whether it is to be written down.
    pub(super) fn is_due(&self) -> bool {
        self.clock.now() >= self.due
    }

    /// What there is to tell where that is news: that the clock is not believed, or that it is again.
    pub(super) fn news(&mut self, any_has_limit: bool) -> Option<Option<Trouble>> {
        let doubt = self.doubt(any_has_limit);
        // The clock goes on meanwhile, which is no news.
        let news = doubt.map(|doubt| (doubt.from, doubt.wait));
        let before = std::mem::replace(&mut self.told, news.clone());
        (before != news).then(|| self.trouble(any_has_limit))
    }

    /// The same for a window that knows nothing yet.
    pub(super) fn trouble(&self, any_has_limit: bool) -> Option<Trouble> {
        self.doubt(any_has_limit).map(|doubt| doubted(&doubt, self.clock.moment()))
    }

    /// What there is to say of the clock; nothing where no readings would be deleted by it.
    fn doubt(&self, any_has_limit: bool) -> Option<Doubt> {
        self.certain.doubt().filter(|_| any_has_limit)
    }
}

/// The clock went ahead, and nothing is deleted by it.
pub(super) fn doubted(doubt: &Doubt, at: Moment) -> Trouble {
    trouble(Code::ClockAhead, format!("from {} to {}: {}", doubt.from, doubt.to, doubt.wait), at)
}

/// Milliseconds between two times that it is written down.
const WRITTEN_APART: u64 = 300_000;
