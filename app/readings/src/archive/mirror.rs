//! [`Mirror`]: the records of the log that we write, as this page wants them.
//!
//! A browser may clear its storage under an open page. What a person has said, and what the page itself has to remember,
//! then goes back from here. So it is noted whenever it is tried to be written, whether the disk takes it or not.

use std::collections::BTreeMap;

use crate::files::backup::Setting;
use crate::store::disk::Change;
use crate::store::{Internal, MeterRecord, Name, Record};

/// Records by their names.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    records: BTreeMap<Name, Record>,
    /// Whether this is from a time when another wrote the log, and may be out of date.
    hearsay: bool,
}

impl Mirror {
    /// These are all that the disk has.
    pub(super) fn find(&mut self, records: impl IntoIterator<Item = Record>) {
        self.records = records.into_iter().map(|record| (record.name(), record)).collect();
        self.hearsay = false;
    }

    /// The log is ours to write from now on, and what is known of it is what was found or told before.
    pub(super) const fn is_hearsay(&mut self) {
        self.hearsay = true;
    }

    /// The tab that wrote the log until now had these meters. Of what else was found on the disk some time before, keys
    /// of theirs and what never changes may still be true.
    pub(super) fn hear(&mut self, meters: Vec<MeterRecord>) {
        let keys: Vec<String> = meters.iter().map(|meter| Setting::of_keys(&meter.key)).collect();
        self.records.retain(|name, _| match name {
            Name::Setting(setting) => keys.contains(setting),
            Name::Internal(own) => matches!(own, Internal::Installation | Internal::Confirmed),
            Name::Meter(_) | Name::Cursor(..) | Name::Kept(..) => false,
        });
        let meters = meters.into_iter().map(Record::Meter);
        self.records.extend(meters.map(|record| (record.name(), record)));
    }

    /// Whether there is a record of that name.
    pub(super) fn has(&self, name: &Name) -> bool {
        self.records.contains_key(name)
    }

    /// Takes note of what changes.
    pub(super) fn note(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                // Octets around faults are of the past.
                Change::Add(Record::Kept(..)) | Change::Keep(Record::Kept(..)) => {}
                Change::Add(record) | Change::Keep(record) => {
                    self.records.insert(record.name(), record.clone());
                }
                Change::Drop(name) => drop(self.records.remove(name)),
                Change::DropAll(records) => self.records.retain(|name, _| !records.contains(name)),
                Change::Expect(..) | Change::Rows(..) | Change::DropVersion1(_) => {}
            }
        }
    }

    /// What has to go back where the disk has lost everything; what it says of rows is lost with these.
    fn needed(&self) -> impl Iterator<Item = &Record> {
        self.records.values().filter(|record| match record {
            Record::Internal(own, _) => !is_of_rows(*own),
            Record::Setting(name, _) => !Internal::of(name).is_some_and(is_of_rows),
            Record::Meter(_) | Record::Cursor(_) => true,
            Record::Kept(..) => false,
        })
    }

    /// Holds it against the records that are there. If not one of them is, the answer is what has to go back, and whether
    /// anybody misses it.
    pub(super) fn missing(&self, there: &BTreeMap<Name, Record>) -> Option<(Vec<Record>, bool)> {
        let is_set = |record: &&Record| matches!(record, Record::Meter(_) | Record::Setting(..));
        // Nobody misses the log's own records.
        let is_missed = self.needed().any(|record| is_set(&record));
        let is_own = |record: &&Record| matches!(record, Record::Internal(..));
        let mut asked =
            self.needed().filter(|record| if is_missed { is_set(record) } else { is_own(record) });
        let is_there = |record: &Record| match record {
            // Version 2 had them among the settings.
            Record::Internal(own, _) => {
                there.contains_key(&record.name())
                    || there.contains_key(&Name::Setting(own.as_str().to_owned()))
            }
            _ => there.contains_key(&record.name()),
        };
        let is_any_there = asked.any(is_there);
        (!is_any_there).then(|| (self.needed().cloned().collect(), is_missed))
    }

    /// The log was opened anew, and these records are there by now. Whoever wrote it before knows better.
    pub(super) fn settle(&mut self, there: BTreeMap<Name, Record>) {
        if std::mem::take(&mut self.hearsay) {
            self.records = there;
        }
    }

    /// The meters.
    pub(super) fn meters(&self) -> impl Iterator<Item = &MeterRecord> {
        self.records
            .values()
            .filter_map(|record| if let Record::Meter(meter) = record { Some(meter) } else { None })
    }
}

/// Whether a record says something of rows that are on the disk with it.
const fn is_of_rows(own: Internal) -> bool {
    matches!(own, Internal::Unfinished | Internal::Imports | Internal::DaysZone)
}
