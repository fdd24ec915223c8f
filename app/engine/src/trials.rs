//! [`Trials`]: what begins by itself at a start, or reads a stranger's file, and may have ended the last ones.
//!
//! A page that a broker, a bridge or a file can end would be ended at each start anew. So it is noted on the disk before
//! such a thing begins, and the note goes once it has gone well for a while. What has ended [`MOST`] starts in a row stays
//! off at the next, until a person wants it.

use std::collections::BTreeMap;

use metertap_decoder::time::Instant;
use metertap_readings::store::MeterKey;

/// What is tried.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Trial {
    /// Forwarding to the broker.
    Forward,
    /// Reading from a bridge.
    Bridge(MeterKey),
    /// Taking in a file.
    Import,
}

/// What is being tried, and how many starts in a row have not gone well.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    begun: BTreeMap<Trial, u32>,
    /// Since when what began by itself goes on.
    since: Option<Instant>,
    /// The page was closed in good order before this start.
    forgiven: bool,
}

impl Trials {
    /// The page was closed in good order: nothing has ended it.
    pub(crate) const fn forgive(&mut self) {
        self.forgiven = true;
    }

    /// These begin by themselves now; `kept` is what the last start has noted. Answers with those that must not.
    pub(crate) fn resume(&mut self, kept: Option<&str>, wanted: Vec<Trial>, now: Instant) -> Vec<Trial> {
        let before = if std::mem::take(&mut self.forgiven) { BTreeMap::new() } else { read(kept) };
        let ended = |trial: &Trial| before.get(trial).copied().unwrap_or_default();
        let is_held = |trial: &Trial| ended(trial) >= MOST;
        // A file is not taken in again by itself: its count goes on at the next one.
        let import = before.get_key_value(&Trial::Import).filter(|(trial, _)| !is_held(trial));
        self.begun = import.map(|(trial, count)| (trial.clone(), *count)).into_iter().collect();
        let held: Vec<Trial> =
            wanted.iter().chain(&[Trial::Import]).filter(|trial| is_held(trial)).cloned().collect();
        let tried = wanted.into_iter().filter(|trial| !held.contains(trial));
        self.begun.extend(tried.map(|trial| (trial.clone(), ended(&trial) + 1)).collect::<Vec<_>>());
        self.since = Some(now);
        held
    }

    /// This begins now; what is to be noted.
    pub(crate) fn begin(&mut self, trial: Trial) -> Option<String> {
        *self.begun.entry(trial).or_default() += 1;
        self.note()
    }

    /// This has ended well; what is to be noted, if that is another.
    pub(crate) fn end(&mut self, trial: &Trial) -> Option<Option<String>> {
        self.begun.remove(trial).map(|_| self.note())
    }

    /// What began by itself has gone well, if that was long enough; what is to be noted, if that is another.
    pub(crate) fn go_well(&mut self, now: Instant) -> Option<Option<String>> {
        self.since.take_if(|since| now >= since.after(LONG_ENOUGH))?;
        let count = self.begun.len();
        self.begun.retain(|trial, _| *trial == Trial::Import);
        (self.begun.len() < count).then(|| self.note())
    }

    /// As it is noted; nothing where nothing is tried.
    pub(crate) fn note(&self) -> Option<String> {
        let lines = self.begun.iter().map(|(trial, count)| match trial {
            Trial::Forward => format!("forward\t{count}"),
            Trial::Import => format!("import\t{count}"),
            Trial::Bridge(meter) => format!("bridge {}\t{count}", meter.0),
        });
        Some(lines.collect::<Vec<_>>().join("\n")).filter(|note| !note.is_empty())
    }
}

/// What was noted; what makes no sense is passed over.
fn read(kept: Option<&str>) -> BTreeMap<Trial, u32> {
    let line = |line: &str| {
        let (name, count) = line.split_once('\t')?;
        let trial = match name.split_once(' ') {
            None if name == "forward" => Trial::Forward,
            None if name == "import" => Trial::Import,
            Some(("bridge", meter)) => Trial::Bridge(MeterKey(meter.to_owned())),
            _ => return None,
        };
        Some((trial, count.parse().ok()?))
    };
    kept.unwrap_or_default().lines().filter_map(line).collect()
}

/// As many starts in a row may end that way.
const MOST: u32 = 2;
/// Milliseconds after which what began by itself has gone well: a message that is too much for the page comes sooner.
const LONG_ENOUGH: u64 = 30_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_two_starts_in_a_row_is_held_at_the_third_and_tried_at_the_fourth() {
        let bridge = Trial::Bridge(MeterKey("p1-0a".to_owned()));
        let wanted = || vec![Trial::Forward, bridge.clone()];
        let mut note = None;
        for start in 1..=2 {
            let mut trials = Trials::default();
            assert_eq!(trials.resume(note.as_deref(), wanted(), Instant(0)), [], "start {start}");
            note = trials.note();
        }
        let mut trials = Trials::default();
        assert_eq!(trials.resume(note.as_deref(), wanted(), Instant(0)), wanted());
        assert_eq!(trials.note(), None);
    }

    #[test]
    fn what_has_gone_well_for_a_while_or_ended_in_good_order_begins_anew() {
        let mut trials = Trials::default();
        trials.resume(Some("forward\t1"), vec![Trial::Forward], Instant(0));
        assert_eq!(trials.note().as_deref(), Some("forward\t2"));
        assert_eq!(trials.go_well(Instant(29_999)), None);
        assert_eq!(trials.go_well(Instant(30_000)), Some(None));
        assert_eq!(trials.go_well(Instant(90_000)), None, "once");
        let mut trials = Trials::default();
        trials.forgive();
        assert_eq!(trials.resume(Some("forward\t2"), vec![Trial::Forward], Instant(0)), []);
        assert_eq!(trials.note().as_deref(), Some("forward\t1"));
    }

    #[test]
    fn a_file_is_told_of_once_it_has_ended_two_pages() {
        let mut trials = Trials::default();
        assert_eq!(trials.begin(Trial::Import).as_deref(), Some("import\t1"));
        let mut trials = Trials::default();
        assert_eq!(trials.resume(Some("import\t1"), vec![], Instant(0)), []);
        assert_eq!(trials.begin(Trial::Import).as_deref(), Some("import\t2"));
        let mut trials = Trials::default();
        assert_eq!(
            trials.resume(Some("import\t2\nnonsense\nforward\tx"), vec![], Instant(0)),
            [Trial::Import]
        );
        assert_eq!(trials.note(), None, "told once");
        assert_eq!(trials.begin(Trial::Import).as_deref(), Some("import\t1"));
        assert_eq!(trials.end(&Trial::Import), Some(None));
    }
}
