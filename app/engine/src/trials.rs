//! [`Trials`]: work on outside data, which may crash the page.
//!
//! A broker or a bridge that crashes the page would crash it again at each start. So a note is written to the disk
//! before such work begins, and removed once the work has gone well for a while. If the page crashed during the same
//! work at [`MOST`] starts in a row, the next start switches that work off until the user wants it. An import never
//! starts by itself: its crashes are only reported.

use std::collections::BTreeMap;

use metertap_decoder::time::Instant;
use metertap_readings::store::MeterKey;

/// A piece of work that may crash the page.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Trial {
    /// Forwarding to the broker.
    Forward,
    /// Reading from a bridge.
    Bridge(MeterKey),
    /// Importing a file, or restoring a backup.
    Import,
}

/// The work on trial. Each piece has the number of starts in a row at which it has not yet gone well.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    begun: BTreeMap<Trial, u32>,
    /// When the work that starts by itself was started.
    since: Option<Instant>,
    /// The page was closed properly before this start.
    forgiven: bool,
}

impl Trials {
    /// The page was closed properly: no work has crashed it.
    pub(crate) const fn closed_properly(&mut self) {
        self.forgiven = true;
    }

    /// Counts the work that is about to start by itself. `kept` is the note of the last start. Returns the work that
    /// must not start.
    pub(crate) fn resume(&mut self, kept: Option<&str>, wanted: Vec<Trial>, now: Instant) -> Vec<Trial> {
        let before = if std::mem::take(&mut self.forgiven) { BTreeMap::new() } else { read(kept) };
        let ended = |trial: &Trial| before.get(trial).copied().unwrap_or_default();
        let is_held = |trial: &Trial| ended(trial) >= MOST;
        // An import is never started by itself. Its count is kept for the next import.
        let import = before.get_key_value(&Trial::Import).filter(|(trial, _)| !is_held(trial));
        self.begun = import.map(|(trial, count)| (trial.clone(), *count)).into_iter().collect();
        let held: Vec<Trial> =
            wanted.iter().chain(&[Trial::Import]).filter(|trial| is_held(trial)).cloned().collect();
        let tried = wanted.into_iter().filter(|trial| !held.contains(trial));
        self.begun.extend(tried.map(|trial| (trial.clone(), ended(&trial) + 1)).collect::<Vec<_>>());
        self.since = Some(now);
        held
    }

    /// Counts work that is about to begin. Returns the note to write.
    pub(crate) fn begin(&mut self, trial: Trial) -> Option<String> {
        *self.begun.entry(trial).or_default() += 1;
        self.note()
    }

    /// Work has ended well. Returns the note to write, if the note has changed.
    pub(crate) fn end(&mut self, trial: &Trial) -> Option<Option<String>> {
        self.begun.remove(trial).map(|_| self.note())
    }

    /// If the work that started by itself has run for long enough, counts it as gone well. Returns the note to write,
    /// if the note has changed.
    pub(crate) fn succeed(&mut self, now: Instant) -> Option<Option<String>> {
        self.since.take_if(|since| now >= since.after(LONG_ENOUGH))?;
        let count = self.begun.len();
        self.begun.retain(|trial, _| *trial == Trial::Import);
        (self.begun.len() < count).then(|| self.note())
    }

    /// The note's text; `None` if nothing is being tried.
    pub(crate) fn note(&self) -> Option<String> {
        let lines = self.begun.iter().map(|(trial, count)| match trial {
            Trial::Forward => format!("forward\t{count}"),
            Trial::Import => format!("import\t{count}"),
            Trial::Bridge(meter) => format!("bridge {}\t{count}", meter.0),
        });
        Some(lines.collect::<Vec<_>>().join("\n")).filter(|note| !note.is_empty())
    }
}

/// Parses a note. Ignores lines that make no sense.
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

/// The number of starts in a row that may end in a crash.
const MOST: u32 = 2;
/// Milliseconds after which the work counts as gone well: a message that crashes the page arrives sooner.
const LONG_ENOUGH: u64 = 30_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crashed_two_starts_is_held_back_at_the_third_and_its_count_is_cleared() {
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
    fn a_good_run_or_a_normal_end_resets_the_count() {
        let mut trials = Trials::default();
        trials.resume(Some("forward\t1"), vec![Trial::Forward], Instant(0));
        assert_eq!(trials.note().as_deref(), Some("forward\t2"));
        assert_eq!(trials.succeed(Instant(29_999)), None);
        assert_eq!(trials.succeed(Instant(30_000)), Some(None));
        assert_eq!(trials.succeed(Instant(90_000)), None, "once");
        let mut trials = Trials::default();
        trials.closed_properly();
        assert_eq!(trials.resume(Some("forward\t2"), vec![Trial::Forward], Instant(0)), []);
        assert_eq!(trials.note().as_deref(), Some("forward\t1"));
    }

    #[test]
    fn a_file_that_crashed_two_pages_is_reported() {
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
        assert_eq!(trials.note(), None, "reported once");
        assert_eq!(trials.begin(Trial::Import).as_deref(), Some("import\t1"));
        assert_eq!(trials.end(&Trial::Import), Some(None));
    }
}
