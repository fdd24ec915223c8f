//! [`Meter`]: what the engine knows of a meter, and how that grows with each reading.

use metertap_decoder::cipher::Keys;
use metertap_decoder::question::Ask;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Entry;
use metertap_readings::log::journal::Thinned;
use metertap_readings::store::settings::MeterKeys;
use metertap_readings::store::{MeterKey, MeterRecord, SourceRecord};
use metertap_readings::view::recent::Recent;

use super::kept::Kept;
use super::log::Log;
use super::recording::Tape;
use super::task::Task;
use crate::protocol::{Counts, KeptOctets, MeterState, Recorded, SourceState};
use metertap_readings::log::journal::LogError;

/// What the engine knows of a meter.
pub(crate) struct Meter {
    /// As the window is told.
    pub(crate) state: MeterState,
    /// Octets for a closer look.
    pub(crate) kept: Kept,
    pub(super) keys: Keys,
    recent: Recent,
    /// What went over its line.
    pub(super) tape: Tape,
    /// Milliseconds between two rounds, at most, where it must be asked.
    asked_every: Option<u32>,
    pub(super) reading: Option<Task>,
    /// The hour, since 1970, in which it was last looked whether readings are too old to be kept.
    pub(super) tidied: i64,
    /// What went since because it was older than wished, and was not told of; and from when on it is again.
    pub(super) aged: Thinned,
    pub(super) aged_told: Instant,
}

impl Meter {
    /// One that nothing was heard of yet.
    pub(super) fn new(record: MeterRecord) -> Self {
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
            newest: Vec::new(),
            first: None,
            interval: None,
            trouble: None,
            trying: None,
            keyed: false,
            key_from: None,
            searching: None,
            recorded: Recorded::default(),
        };
        let keys = Keys::default();
        Self {
            state,
            kept: Kept::default(),
            keys,
            recent: Recent::default(),
            tape: Tape::default(),
            asked_every: None,
            reading: None,
            tidied: 0,
            aged: Thinned::default(),
            aged_told: Instant::default(),
        }
    }

    /// The keys that its telegrams are deciphered with from the next time on that it is read.
    pub(crate) fn set_keys(&mut self, MeterKeys { keys, from }: MeterKeys) {
        self.state.keyed = keys != Keys::default();
        self.state.key_from = from.filter(|_| self.state.keyed);
        self.keys = keys;
    }

    /// What the log has of it.
    pub(super) async fn found(log: &Log, record: MeterRecord) -> Result<Self, LogError> {
        let mut meter = Self::new(record);
        let key = meter.state.record.key.clone();
        for octets in log.kept_octets(&key).await? {
            meter.kept.push(octets);
        }
        // A meter that is known by files alone has no log of its own.
        let of_files = matches!(meter.state.record.source, SourceRecord::File { .. });
        let own = log.logs(&key).into_iter().rev().take(if of_files { usize::MAX } else { 1 });
        for name in own {
            let Some((first, last)) = log.span(&name).await? else { continue };
            let beginning = log.range(&name, first..=first, 1).await?;
            meter.state.first = beginning.first().map(|entry| entry.received);
            for entry in newest(log, &name, first, last).await? {
                meter.recent.take(entry);
            }
            break;
        }
        meter.show_recent();
        Ok(meter)
    }

    /// One that another tab reads, as that tells of it.
    pub(crate) fn told(state: MeterState) -> Self {
        let mut meter = Self::new(state.record.clone());
        state.newest.iter().for_each(|entry| meter.recent.take(entry.clone()));
        meter.state = state;
        meter
    }

    /// Takes in a reading that another tab tells of.
    pub(crate) fn hear(&mut self, entry: &Entry) {
        self.recent.take(entry.clone());
        self.show_recent();
    }

    /// Takes in a reading that is in the log; whether something changed that the window should be told at once.
    pub(crate) fn take(&mut self, entry: &Entry, kept: KeptOctets) -> bool {
        self.kept.push(kept);
        self.state.counts.telegrams += 1;
        self.recent.take(entry.clone());
        let interval = self.state.interval;
        self.show_recent();
        let state = &mut self.state;
        let news = state.source != SourceState::Live
            || state.first.is_none()
            || state.trouble.is_some()
            || state.interval != interval;
        state.source = SourceState::Live;
        state.first.get_or_insert(entry.received);
        state.trouble = None;
        news
    }

    /// Notes how often it speaks where that is up to us.
    pub(super) fn is_asked(&mut self, ask: Option<&Ask>) {
        self.asked_every = ask.map(|ask| ask.schedule.longest_pause().saturating_mul(1000));
        self.show_recent();
    }

    fn show_recent(&mut self) {
        self.state.newest = self.recent.entries().to_vec();
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

    /// Whether it is read, or tried to.
    pub(super) fn is_read(&mut self) -> bool {
        self.reading.as_mut().is_some_and(Task::goes_on)
    }
}

/// The newest entries of a log, oldest first, as far back as it takes to meet every register of a meter whose longest
/// list comes once an hour.
async fn newest(log: &Log, key: &MeterKey, first: u64, last: u64) -> Result<Vec<Entry>, LogError> {
    let mut newest: Vec<Entry> = Vec::new();
    let (mut end, mut values) = (last, 0);
    while values < VALUES_LOOKED_AT && end >= first {
        let begin = end.saturating_sub(PAGE - 1).max(first);
        let page = log.range(key, begin..=end, PAGE as usize).await?;
        values += page.iter().map(|entry| entry.reading.values.len()).sum::<usize>();
        newest.splice(0..0, page);
        end = begin.saturating_sub(1);
    }
    Ok(newest)
}

/// A Norwegian meter says about 9,000 values an hour.
const VALUES_LOOKED_AT: usize = 12_000;
/// Entries read at once.
const PAGE: u64 = 256;
