//! [`Meter`]: what the engine knows about a meter, and how each reading adds to that.

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

/// What the engine knows about a meter.
pub struct Meter {
    /// The state that is sent to the windows.
    pub state: MeterState,
    /// Bytes for inspection.
    pub bytes: LastOctets,
    /// The keys that the user, or the meter's file, has given.
    keys: Keys,
    /// The protocol stack with which its file was read, if a file was opened since the start.
    pub opened_as: Option<Stack>,
    recent: Recent,
    /// What went over its line.
    pub tape: Tape,
    /// The longest pause between two polls, in milliseconds, if the meter must be polled.
    asked_every: Option<u32>,
    /// The entries of its load profile that were fetched.
    pub(super) profile: LoadProfile,
    /// Whether the user was told that its clock is wrong.
    pub(super) reported_clock: bool,
}

impl Meter {
    /// A meter that has sent nothing yet.
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
            bytes: LastOctets::default(),
            keys,
            opened_as: None,
            recent: Recent::default(),
            tape: Tape::default(),
            asked_every: None,
            profile: LoadProfile::default(),
            reported_clock: false,
        }
    }

    /// Sets the keys that decrypt its telegrams. They take effect the next time that the engine begins to read the
    /// meter.
    pub fn set_keys(&mut self, MeterKeys { keys, from }: MeterKeys) {
        self.state.keyed = keys != Keys::default();
        self.state.key_from = from.filter(|_| self.state.keyed);
        self.keys = keys;
    }

    /// A meter as the log has it: with bytes for inspection, the time of its first reading, and its newest readings,
    /// oldest first.
    #[must_use]
    pub fn found(
        record: MeterRecord,
        kept: Vec<KeptOctets>,
        first: Option<Moment>,
        newest: Vec<Entry>,
    ) -> Self {
        let mut meter = Self::new(record);
        kept.into_iter().for_each(|kept| meter.bytes.push(kept));
        meter.state.first = first;
        newest.into_iter().for_each(|entry| meter.recent.take(entry));
        meter.measure_interval();
        meter
    }

    /// A meter that another tab reads, as that tab reports it.
    #[must_use]
    pub fn told(state: MeterState, newest: impl IntoIterator<Item = Entry>) -> Self {
        let mut meter = Self::new(state.record.clone());
        newest.into_iter().for_each(|entry| meter.recent.take(entry));
        meter.state = state;
        meter
    }

    /// Its newest entries, oldest first: only as many as it takes to include every register.
    #[must_use]
    pub fn newest(&self) -> &[Entry] {
        self.recent.entries()
    }

    /// The protocol stack of its telegrams: that of its line, of its simulated model, or of its opened file. If none of
    /// those is known, that of its newest reading.
    #[must_use]
    pub fn stack(&self) -> Option<Stack> {
        let spoken = self.state.record.source.spoken().and_then(|spoken| spoken.protocol);
        let simulated = || self.model().map(Model::protocol);
        let read = || self.newest().last().map(|entry| entry.reading.protocol);
        let said = spoken.or_else(simulated).and_then(Stack::of_protocol);
        said.or(self.opened_as).or_else(|| read().and_then(Stack::of_protocol))
    }

    /// The keys that decrypt its telegrams. Those of a simulated meter are public.
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

    /// Replaces its newest entries, whose corrections have changed. Entries with higher numbers than these stay.
    pub fn renew(&mut self, newest: impl IntoIterator<Item = Entry>) {
        let before = std::mem::take(&mut self.recent);
        newest.into_iter().for_each(|entry| self.recent.take(entry));
        let last = self.newest().last().map_or(0, |entry| entry.seq);
        let behind = before.entries().iter().filter(|entry| entry.seq > last);
        behind.for_each(|entry| self.recent.take(entry.clone()));
    }

    /// Takes a reading that another tab reports.
    pub fn hear(&mut self, entry: Entry) {
        self.recent.take(entry);
    }

    /// Takes a reading that is in the log. Returns whether the windows should be told of a change at once.
    pub fn take(&mut self, entry: Entry, kept: KeptOctets) -> bool {
        self.bytes.push(kept);
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

    /// Sets the meter's polling interval in milliseconds; `None` if it is not polled.
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
        // Some jitter is not news.
        let steady = |old: u32, new: u32| old.abs_diff(new) <= old / 10;
        if !matches!((self.state.interval, interval), (Some(old), Some(new)) if steady(old, new)) {
            self.state.interval = interval;
        }
    }

    /// Its name in a file: the user's name for it, its identification, or its key.
    #[must_use]
    pub fn name(&self) -> &str {
        let record = &self.state.record;
        let name = Some(&record.name).filter(|name| !name.is_empty());
        name.or(record.identification.as_ref()).unwrap_or(&record.key.0)
    }
}
