//! [`Ledger`]: which logs count, and which were begun but do not count. A log is registered here before it is begun. A
//! log of a meter or of an import that counts is never removed, even if it is listed as unfinished.

use super::{Arriving, Cursor};
use crate::files::import::Import;
use crate::store::{MeterKey, MeterRecord};

/// The logs beside the meters' own: those that count, and those that may be removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Logs that were begun and never finished, and replaced logs that still have rows.
    pub unfinished: Vec<MeterKey>,
    /// The imports that count.
    pub imports: Vec<Import>,
}

/// What takes effect once the new logs are complete.
#[derive(Debug, Default)]
pub struct Finished {
    /// Meters that are new.
    pub meters: Vec<MeterRecord>,
    /// Settings of a backup.
    pub settings: Arriving,
    /// The cursors of readers.
    pub cursors: Vec<Cursor>,
    /// Imports that are new.
    pub imports: Vec<Import>,
    /// Logs of imports that are removed because others replace them.
    pub forgotten: Vec<MeterKey>,
    /// Meters that are removed, with everything that belongs to them.
    pub gone: Vec<MeterKey>,
}

impl Ledger {
    /// The logs that are not a meter's own.
    pub fn logs(&self) -> impl Iterator<Item = &MeterKey> {
        self.unfinished.iter().chain(self.imports.iter().map(|import| &import.log))
    }

    /// Returns an unused name for the log of this meter's next import. No meter can have such a name.
    #[must_use]
    pub fn next_import(&self, meter: &MeterKey) -> MeterKey {
        let mut names = (1_u64..).map(|number| MeterKey(format!("{}+{number}", meter.0)));
        // There are more numbers than logs, so a name is always found.
        names.find(|name| self.logs().all(|log| log != name)).unwrap_or_else(|| meter.clone())
    }

    /// Registers a begun log, which is removed if it is never finished.
    pub fn begin(&mut self, log: &MeterKey) {
        if !self.unfinished.contains(log) {
            self.unfinished.push(log.clone());
        }
    }

    /// Makes the new logs count, and those of removed meters stop counting. `meters` are the meters that are here. An
    /// import counts only if its meter is here or is new: a meter may have been removed meanwhile.
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

    /// Makes an import stop counting, and registers its log for removal.
    pub fn forget(&mut self, log: &MeterKey) {
        self.imports.retain(|import| import.log != *log);
        self.begin(log);
    }

    /// The logs that may be removed, given the meters that are here.
    #[must_use]
    pub fn leftovers(&self, meters: &[MeterKey]) -> Vec<MeterKey> {
        let lives =
            |log: &MeterKey| meters.contains(log) || self.imports.iter().any(|import| import.log == *log);
        self.unfinished.iter().filter(|log| !lives(log)).cloned().collect()
    }

    /// Removes these logs from the list of unfinished ones: they no longer have rows, or must not be removed.
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
            stated: Vec::new(),
        }
    }

    #[test]
    fn logs_that_were_begun_and_not_finished_are_leftovers() {
        let mut ledger = Ledger::default();
        ["a+1", "a+2", "a+1"].iter().for_each(|log| ledger.begin(&key(log)));
        let imports = vec![import("a+1", "a"), import("b+1", "b")];
        ledger.finish(&Finished { imports, ..Finished::default() }, &[key("a")]);
        assert_eq!(ledger.imports, [import("a+1", "a")], "the meter of the other import is gone");
        assert_eq!(ledger.leftovers(&[key("a")]), [key("a+2")]);
        ledger.settle(&[key("a+2")]);
        assert_eq!(ledger.unfinished, []);
        ledger.forget(&key("a+1"));
        assert_eq!((ledger.leftovers(&[key("a")]), ledger.imports), (vec![key("a+1")], vec![]));
    }

    #[test]
    fn the_logs_of_a_removed_meter_become_leftovers() {
        let imports = vec![import("a+1", "a"), import("b+1", "b")];
        let mut ledger = Ledger { imports, ..Ledger::default() };
        ledger.finish(&Finished { gone: vec![key("a")], ..Finished::default() }, &[key("a"), key("b")]);
        assert_eq!(ledger.leftovers(&[key("b")]), [key("a+1"), key("a")]);
        assert_eq!(ledger.imports, [import("b+1", "b")]);
    }

    #[test]
    fn the_next_import_gets_an_unused_name() {
        let ledger =
            Ledger { unfinished: vec![key("a+2")], imports: vec![import("a+1", "a"), import("a+4", "a")] };
        assert_eq!(ledger.next_import(&key("a")), key("a+3"));
        assert_eq!(ledger.next_import(&key("c")), key("c+1"));
    }

    /// An earlier version let a file write a list of unfinished logs that names logs in use.
    #[test]
    fn a_log_in_use_is_not_a_leftover() {
        let unfinished = ["a", "a+1", "gone"].map(key).to_vec();
        let ledger = Ledger { unfinished, imports: vec![import("a+1", "a")] };
        assert_eq!(ledger.leftovers(&[key("a")]), [key("gone")]);
    }
}
