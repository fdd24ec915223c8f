//! [`Meter`]: what the engine knows of a meter, and how that grows with each reading.

use metertap_decoder::cipher::Keys;
use metertap_decoder::stack::Stack;
use metertap_protocol::{Counts, KeptOctets, MeterState, Recorded, SourceState};
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::files::import::LoadProfile;
use metertap_readings::store::settings::MeterKeys;
use metertap_readings::store::{MeterRecord, SourceRecord};
use metertap_readings::view::recent::Recent;
use metertap_simulator::Model;

use super::octets::LastOctets;
use super::tape::Tape;

/// What the engine knows of a meter.
pub struct Meter {
    /// As the window is told.
    pub state: MeterState,
    /// Octets for a closer look.
    pub octets: LastOctets,
    /// The keys that a person, or its file, has given for it.
    keys: Keys,
    /// What the octets of its file turned out to be, since it was opened.
    pub opened_as: Option<Stack>,
    recent: Recent,
    /// What went over its line.
    pub tape: Tape,
    /// Milliseconds between two rounds, at most, where it must be asked.
    asked_every: Option<u32>,
    /// What was fetched of its load profile.
    pub(super) profile: LoadProfile,
    /// Whether it was told that its clock is off.
    pub(super) told_clock: bool,
}

impl Meter {
    /// One that nothing was heard of yet.
    #[must_use]
    pub fn new(record: MeterRecord) -> Self {
        let source = match record.source {
            SourceRecord::File { .. } => SourceState::Done,
            SourceRecord::Serial { .. } | SourceRecord::Bridge { .. } | SourceRecord::Simulated { .. } => {
                SourceState::Off
            }
        };
        let state = MeterState {
            record,
            source,
            counts: Counts::default(),
            first: None,
            interval: None,
            trouble: None,
            trying: None,
            keyed: false,
            key_from: None,
            searching: None,
            fetching: None,
            unrecognised: None,
            recorded: Recorded::default(),
        };
        let keys = Keys::default();
        Self {
            state,
            octets: LastOctets::default(),
            keys,
            opened_as: None,
            recent: Recent::default(),
            tape: Tape::default(),
            asked_every: None,
            profile: LoadProfile::default(),
            told_clock: false,
        }
    }

    /// The keys that its telegrams are deciphered with from the next time on that it is read.
    pub fn set_keys(&mut self, MeterKeys { keys, from }: MeterKeys) {
        self.state.keyed = keys != Keys::default();
        self.state.key_from = from.filter(|_| self.state.keyed);
        self.keys = keys;
    }

    /// What the log has of it: octets for a closer look, when its first reading was heard, and its newest ones, the oldest
    /// first.
    #[must_use]
    pub fn found(
        record: MeterRecord,
        kept: Vec<KeptOctets>,
        first: Option<Moment>,
        newest: Vec<Entry>,
    ) -> Self {
        let mut meter = Self::new(record);
        kept.into_iter().for_each(|octets| meter.octets.push(octets));
        meter.state.first = first;
        newest.into_iter().for_each(|entry| meter.recent.take(entry));
        meter.measure_interval();
        meter
    }

    /// One that another tab reads, as that tells of it.
    #[must_use]
    pub fn told(state: MeterState, newest: impl IntoIterator<Item = Entry>) -> Self {
        let mut meter = Self::new(state.record.clone());
        newest.into_iter().for_each(|entry| meter.recent.take(entry));
        meter.state = state;
        meter
    }

    /// Its newest entries, oldest first: as few as say every register.
    #[must_use]
    pub fn newest(&self) -> &[Entry] {
        self.recent.entries()
    }

    /// What its telegrams are: what is spoken on its line, what its model speaks, what its file was opened as, and where
    /// none of that is known, what was read of it last.
    #[must_use]
    pub fn stack(&self) -> Option<Stack> {
        let spoken = self.state.record.source.spoken().and_then(|spoken| spoken.protocol);
        let simulated = || self.model().map(Model::protocol);
        let read = || self.newest().last().map(|entry| entry.reading.protocol);
        let said = spoken.or_else(simulated).and_then(Stack::of_protocol);
        said.or(self.opened_as).or_else(|| read().and_then(Stack::of_protocol))
    }

    /// The keys that open its telegrams; those of a simulated meter are nobody's secret.
    #[must_use]
    pub fn keys(&self) -> Keys {
        match self.model().and_then(Model::keys) {
            Some(keys) => Keys { encryption: Some(keys.encryption), authentication: keys.authentication },
            None => self.keys.clone(),
        }
    }

    fn model(&self) -> Option<Model> {
        match &self.state.record.source {
            SourceRecord::Simulated { model, .. } => Model::named(model),
            _ => None,
        }
    }

    /// These are its newest entries as they are told from now on; what has come behind them stays.
    pub fn renew(&mut self, newest: impl IntoIterator<Item = Entry>) {
        let before = std::mem::take(&mut self.recent);
        newest.into_iter().for_each(|entry| self.recent.take(entry));
        let last = self.newest().last().map_or(0, |entry| entry.seq);
        let behind = before.entries().iter().filter(|entry| entry.seq > last);
        behind.for_each(|entry| self.recent.take(entry.clone()));
    }

    /// Takes in a reading that another tab tells of.
    pub fn hear(&mut self, entry: Entry) {
        self.recent.take(entry);
    }

    /// Takes in a reading that is in the log; whether something changed that the window should be told at once.
    pub fn take(&mut self, entry: Entry, kept: KeptOctets) -> bool {
        self.octets.push(kept);
        self.state.counts.telegrams += 1;
        let received = entry.received;
        self.recent.take(entry);
        let interval = self.state.interval;
        self.measure_interval();
        let state = &mut self.state;
        let news = state.source != SourceState::Live
            || state.first.is_none()
            || state.trouble.is_some()
            || state.interval != interval;
        state.source = SourceState::Live;
        state.first.get_or_insert(received);
        state.trouble = None;
        news
    }

    /// Notes how often it speaks, in milliseconds, where that is up to us.
    pub fn is_asked(&mut self, every: Option<u32>) {
        self.asked_every = every;
        self.measure_interval();
    }

    fn measure_interval(&mut self) {
        if self.asked_every.is_some() {
            self.state.interval = self.asked_every;
            return;
        }
        let interval = self.recent.interval();
        // Milliseconds of jitter are no news.
        let steady = |old: u32, new: u32| old.abs_diff(new) <= old / 10;
        if !matches!((self.state.interval, interval), (Some(old), Some(new)) if steady(old, new)) {
            self.state.interval = interval;
        }
    }

    /// What to call it in a file: the person's name for it, its own, or the log's.
    #[must_use]
    pub fn name(&self) -> &str {
        let record = &self.state.record;
        let name = Some(&record.name).filter(|name| !name.is_empty());
        name.or(record.identification.as_ref()).unwrap_or(&record.key.0)
    }
}
