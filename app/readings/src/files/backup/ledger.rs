//! [`Ledger`]: which logs count, and which were begun and do not. Whoever begins a log says so here first; what a meter or
//! an import is in by then is nobody's to remove, whatever the list says.

use super::{Arriving, Cursor};
use crate::files::import::Import;
use crate::store::{MeterKey, MeterRecord};

/// The log's own books.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Logs that were begun and never finished, and those that have gone and still have rows.
    pub unfinished: Vec<MeterKey>,
    /// What was imported.
    pub imports: Vec<Import>,
}

/// What logs come with that were made beside those that are here, and are complete.
#[derive(Debug, Default)]
pub struct Finished {
    /// Meters that are new.
    pub meters: Vec<MeterRecord>,
    /// Settings of a backup.
    pub settings: Arriving,
    /// How far readers have come.
    pub cursors: Vec<Cursor>,
    /// Imports that are new.
    pub imports: Vec<Import>,
    /// Logs of imports that go, because others come in their place.
    pub forgotten: Vec<MeterKey>,
    /// Meters that go, with everything that is theirs.
    pub gone: Vec<MeterKey>,
}

impl Ledger {
    /// The logs that no meter has.
    pub fn logs(&self) -> impl Iterator<Item = &MeterKey> {
        self.unfinished.iter().chain(self.imports.iter().map(|import| &import.log))
    }

    /// The name of the log for a meter's next import, which no meter has a name like.
    #[must_use]
    pub fn next_import(&self, meter: &MeterKey) -> MeterKey {
        let mut names = (1_u64..).map(|number| MeterKey(format!("{}+{number}", meter.0)));
        // There are more numbers than logs.
        names.find(|name| self.logs().all(|log| log != name)).unwrap_or_else(|| meter.clone())
    }

    /// A log is begun: it goes should it never be finished.
    pub fn begin(&mut self, log: &MeterKey) {
        if !self.unfinished.contains(log) {
            self.unfinished.push(log.clone());
        }
    }

    /// The logs of these meters and imports count from now on, those of the meters that go do not. An import counts where
    /// its meter is among those here, `meters`, or comes with it: it may have been removed meanwhile.
    pub fn finish(&mut self, finished: &Finished, meters: &[MeterKey]) {
        let is_new = |key: &MeterKey| finished.meters.iter().any(|meter| meter.key == *key);
        let has_meter = |import: &&Import| is_new(&import.meter) || meters.contains(&import.meter);
        let imports: Vec<Import> = finished.imports.iter().filter(has_meter).cloned().collect();
        self.unfinished.retain(|log| !is_new(log) && imports.iter().all(|import| import.log != *log));
        let gone = finished.gone.iter().flat_map(|meter| Import::logs(meter, &self.imports));
        gone.collect::<Vec<_>>().iter().for_each(|log| self.begin(log));
        finished.forgotten.iter().for_each(|log| self.forget(log));
        self.imports.retain(|import| !finished.gone.contains(&import.meter));
        self.imports.extend(imports);
    }

    /// An import counts no more.
    pub fn forget(&mut self, log: &MeterKey) {
        self.imports.retain(|import| import.log != *log);
        self.begin(log);
    }

    /// The logs that may be removed, where these meters are here.
    #[must_use]
    pub fn leftovers(&self, meters: &[MeterKey]) -> Vec<MeterKey> {
        let lives =
            |log: &MeterKey| meters.contains(log) || self.imports.iter().any(|import| import.log == *log);
        self.unfinished.iter().filter(|log| !lives(log)).cloned().collect()
    }

    /// These logs have no rows any more, or are none to be removed.
    pub fn settle(&mut self, logs: &[MeterKey]) {
        self.unfinished.retain(|log| !logs.contains(log));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Moment;

    fn key(name: &str) -> MeterKey {
        MeterKey(name.into())
    }

    fn import(log: &str, meter: &str) -> Import {
        let span = (Moment(0), Moment(1));
        Import {
            log: key(log),
            meter: key(meter),
            file: "a.csv".into(),
            at: Moment(0),
            readings: 1,
            span,
            heard: false,
            typed: false,
        }
    }

    #[test]
    fn what_was_begun_goes_unless_it_was_finished() {
        let mut ledger = Ledger::default();
        ["a+1", "a+2", "a+1"].iter().for_each(|log| ledger.begin(&key(log)));
        let imports = vec![import("a+1", "a"), import("b+1", "b")];
        ledger.finish(&Finished { imports, ..Finished::default() }, &[key("a")]);
        assert_eq!(ledger.imports, [import("a+1", "a")], "the other's meter is gone");
        assert_eq!(ledger.leftovers(&[key("a")]), [key("a+2")]);
        ledger.settle(&[key("a+2")]);
        assert_eq!(ledger.unfinished, []);
        ledger.forget(&key("a+1"));
        assert_eq!((ledger.leftovers(&[key("a")]), ledger.imports), (vec![key("a+1")], vec![]));
    }

    #[test]
    fn a_meter_that_goes_leaves_its_logs_behind_and_others_theirs_alone() {
        let imports = vec![import("a+1", "a"), import("b+1", "b")];
        let mut ledger = Ledger { imports, ..Ledger::default() };
        ledger.finish(&Finished { gone: vec![key("a")], ..Finished::default() }, &[key("a"), key("b")]);
        assert_eq!(ledger.leftovers(&[key("b")]), [key("a+1"), key("a")]);
        assert_eq!(ledger.imports, [import("b+1", "b")]);
    }

    #[test]
    fn the_next_import_has_a_name_that_no_log_has_nor_had_a_moment_ago() {
        let ledger =
            Ledger { unfinished: vec![key("a+2")], imports: vec![import("a+1", "a"), import("a+4", "a")] };
        assert_eq!(ledger.next_import(&key("a")), key("a+3"));
        assert_eq!(ledger.next_import(&key("c")), key("c+1"));
    }

    /// As an earlier version let a file write the list.
    #[test]
    fn what_a_meter_or_an_import_is_in_is_no_leftover_though_it_is_on_the_list() {
        let unfinished = ["a", "a+1", "gone"].map(key).to_vec();
        let ledger = Ledger { unfinished, imports: vec![import("a+1", "a")] };
        assert_eq!(ledger.leftovers(&[key("a")]), [key("gone")]);
    }
}
