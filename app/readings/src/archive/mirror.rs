//! [`Mirror`]: the log's records as this page wants them, while this page writes the log.
//!
//! A browser may clear its storage under an open page. The mirror then restores what the user has entered and what the
//! page itself has to remember. So it notes changes whether the disk accepts them or not. Additions and removals of
//! meters are noted only once the disk has accepted them.

use std::collections::BTreeMap;

use crate::files::backup::Setting;
use crate::store::disk::Change;
use crate::store::{Internal, MeterRecord, Name, Record};

#[derive(Debug, Default)]
pub(super) struct Mirror {
    records: BTreeMap<Name, Record>,
    /// Whether the records are from a time when another tab wrote the log, and may be out of date.
    may_be_outdated: bool,
}

impl Mirror {
    /// Replaces the mirror's records by these, which are all that the disk has.
    pub(super) fn find(&mut self, records: impl IntoIterator<Item = Record>) {
        self.records = records.into_iter().map(|record| (record.name(), record)).collect();
        self.may_be_outdated = false;
    }

    /// Marks what is known so far as possibly out of date, because from now on this page writes the log.
    pub(super) const fn mark_outdated(&mut self) {
        self.may_be_outdated = true;
    }

    /// Takes over the meters of the tab that wrote the log until now. Of the other records found on the disk earlier,
    /// the mirror keeps only those that are probably still true: these meters' decryption keys, the installation and
    /// the confirmations.
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

    pub(super) fn has(&self, name: &Name) -> bool {
        self.records.contains_key(name)
    }

    pub(super) fn note(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                // Bytes around faults are not restored.
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

    /// What has to be restored if the disk has lost everything. Records about rows are not restored, because the rows
    /// are lost too.
    fn needed(&self) -> impl Iterator<Item = &Record> {
        self.records.values().filter(|record| match record {
            Record::Internal(own, _) => !is_of_rows(*own),
            Record::Setting(name, _) => !Internal::of(name).is_some_and(is_of_rows),
            Record::Meter(_) | Record::Cursor(_) => true,
            Record::Kept(..) => false,
        })
    }

    /// Compares the mirror with the records on the disk. Returns the records to restore, and whether users would miss
    /// any of them. `None` if the disk still has one of the mirror's meters or settings. If the mirror has neither,
    /// one of the log's own records is enough.
    pub(super) fn missing(&self, there: &BTreeMap<Name, Record>) -> Option<(Vec<Record>, bool)> {
        let is_set = |record: &&Record| matches!(record, Record::Meter(_) | Record::Setting(..));
        // Users do not miss the log's own records.
        let is_missed = self.needed().any(|record| is_set(&record));
        let is_own = |record: &&Record| matches!(record, Record::Internal(..));
        let mut asked =
            self.needed().filter(|record| if is_missed { is_set(record) } else { is_own(record) });
        let is_there = |record: &Record| match record {
            // Version 2 kept the log's own records among the settings.
            Record::Internal(own, _) => {
                there.contains_key(&record.name())
                    || there.contains_key(&Name::Setting(own.as_str().to_owned()))
            }
            _ => there.contains_key(&record.name()),
        };
        let is_any_there = asked.any(is_there);
        (!is_any_there).then(|| (self.needed().cloned().collect(), is_missed))
    }

    /// Updates the mirror after the log was reopened, from the records now on the disk. They replace what the mirror
    /// holds if another tab wrote the log before.
    pub(super) fn settle(&mut self, there: BTreeMap<Name, Record>) {
        if std::mem::take(&mut self.may_be_outdated) {
            self.records = there;
        }
    }

    pub(super) fn meters(&self) -> impl Iterator<Item = &MeterRecord> {
        self.records
            .values()
            .filter_map(|record| if let Record::Meter(meter) = record { Some(meter) } else { None })
    }
}

/// Whether a record describes rows that are on the disk beside it.
const fn is_of_rows(own: Internal) -> bool {
    matches!(own, Internal::Unfinished | Internal::Imports | Internal::DaysZone)
}
