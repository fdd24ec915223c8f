//! [`Certainty`]: what is certain about the time. [`metertap_readings::log::certain`] decides that. This file adds the
//! clocks, and what the windows were told.

use metertap_decoder::time::Instant;
use metertap_protocol::Trouble;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::log::certain::{Certain, Doubt, Wait};
use metertap_readings::store::MeterKey;

use crate::clock::Clock;
use crate::trouble::trouble;

pub(super) struct Certainty<C> {
    clock: C,
    certain: Certain,
    /// The doubt that the windows were told of: the time before the clock jumped ahead, and what must happen before the
    /// clock is trusted again.
    told: Option<(Moment, Wait)>,
    /// When the certain time is to be saved next.
    due: Instant,
}

impl<C: Clock> Certainty<C> {
    pub(super) fn new(clock: C) -> Self {
        Self { clock, certain: Certain::default(), told: None, due: Instant::default() }
    }

    /// Resumes with what was certain when the log was last written.
    pub(super) fn resume(&mut self, kept: Option<&str>, newest: Option<Moment>) {
        self.certain = Certain::resume(kept, newest, self.clock.moment(), self.clock.now());
        self.due = self.clock.now();
    }

    pub(super) fn now(&mut self) -> &mut Certain {
        self.certain.look(self.clock.moment(), self.clock.now());
        &mut self.certain
    }

    pub(super) fn hear(&mut self, meter: &MeterKey, said: Moment) {
        self.now().hear(meter, said);
    }

    /// The record to save. Sets when the next save is due.
    pub(super) fn record(&mut self) -> String {
        self.due = self.clock.now().after(WRITTEN_APART);
        self.certain.kept()
    }

    pub(super) fn is_due(&self) -> bool {
        self.clock.now() >= self.due
    }

    pub(super) fn news(&mut self, any_has_limit: bool) -> Option<Option<Trouble>> {
        let doubt = self.doubt(any_has_limit);
        // It is not news that the clock has advanced.
        let news = doubt.map(|doubt| (doubt.from, doubt.wait));
        let before = std::mem::replace(&mut self.told, news.clone());
        (before != news).then(|| self.trouble(any_has_limit))
    }

    pub(super) fn trouble(&self, any_has_limit: bool) -> Option<Trouble> {
        self.doubt(any_has_limit).map(|doubt| doubted(&doubt, self.clock.moment()))
    }

    /// The doubt about the clock. `None` if the clock is trusted, or if no meter's old readings are to be deleted.
    fn doubt(&self, any_has_limit: bool) -> Option<Doubt> {
        self.certain.doubt().filter(|_| any_has_limit)
    }
}

/// The error for a clock that has jumped ahead. Until it is trusted again, no readings are deleted as too old.
pub(super) fn doubted(doubt: &Doubt, at: Moment) -> Trouble {
    trouble(Code::ClockAhead, format!("from {} to {}: {}", doubt.from, doubt.to, doubt.wait), at)
}

/// Milliseconds between two saves of the certain time.
const WRITTEN_APART: u64 = 300_000;
