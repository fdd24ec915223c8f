//! The log's own records. Version 2 kept them among the settings. Such a record moves only when it is next written, so
//! that opening the log needs no write to a disk that may be full.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Archive, setting};
use crate::files::backup::Ledger;
use crate::log::journal::LogError;
use crate::store::disk::{Change, Disk};
use crate::store::{DiskError, Internal, Name, Record, Records};

impl<D: Disk> Archive<D> {
    /// Returns one of the log's own records, as JSON text; `None` if there is none.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn internal(&self, name: Internal) -> Result<Option<String>, LogError> {
        Ok(own(&self.own_records().await?, name))
    }

    /// Writes one of the log's own records. `None` removes it, which works on a full disk as well.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn set_internal(&self, name: Internal, value: Option<&str>) -> Result<(), LogError> {
        self.keep(set_internal(name, value)).await
    }

    /// Reads all records that are needed in memory.
    pub(super) async fn find_records(&self) -> Result<(), DiskError> {
        let mut all = self.own_records().await?;
        for records in [Records::Meters, Records::Cursors] {
            all.extend(self.0.disk.records(&records).await?);
        }
        *self.0.ledger.borrow_mut() = ledger(&all);
        self.0.mirror.borrow_mut().find(all);
        self.apply_statements();
        Ok(())
    }

    pub(super) async fn change_ledger(&self, change: impl FnOnce(&mut Ledger)) -> Result<(), LogError> {
        let _alone = self.0.alone.lock().await;
        let records = self.own_records().await?;
        let mut after = ledger(&records);
        change(&mut after);
        self.commit_as_read(keep_ledger(&records, &after)?).await?;
        *self.0.ledger.borrow_mut() = after;
        self.apply_statements();
        Ok(())
    }

    /// Commits changes that are based on records read earlier. If another tab has changed them meanwhile, all records
    /// are read again and the error is returned: nothing is blindly retried.
    pub(super) async fn commit_as_read(&self, changes: Vec<Change>) -> Result<(), DiskError> {
        let made = self.0.disk.commit(changes).await;
        if made == Err(DiskError::Taken) {
            self.find_records().await?;
        }
        made
    }

    pub(super) async fn find_ledger(&self) -> Result<(), DiskError> {
        *self.0.ledger.borrow_mut() = ledger(&self.own_records().await?);
        self.apply_statements();
        Ok(())
    }

    /// Reads all records that may include the log's own.
    pub(super) async fn own_records(&self) -> Result<Vec<Record>, DiskError> {
        let mut records = self.0.disk.records(&Records::Internal).await?;
        records.extend(self.0.disk.records(&Records::Settings).await?);
        Ok(records)
    }
}

pub(super) fn own(records: &[Record], name: Internal) -> Option<String> {
    let own = records.iter().find_map(|record| match record {
        Record::Internal(of, value) if *of == name => Some(value.clone()),
        _ => None,
    });
    own.or_else(|| setting(records, name.as_str()))
}

/// The changes that set one of the log's own records to this value; `None` removes it.
pub(super) fn set_internal(name: Internal, value: Option<&str>) -> Vec<Change> {
    let own = match value {
        Some(value) => Change::Keep(Record::Internal(name, value.to_owned())),
        None => Change::Drop(Name::Internal(name)),
    };
    vec![Change::Drop(Name::Setting(name.as_str().to_owned())), own]
}

pub(super) fn ledger(records: &[Record]) -> Ledger {
    Ledger { unfinished: list(records, Internal::Unfinished), imports: list(records, Internal::Imports) }
}

/// The changes that make the disk hold this ledger. A list that has not changed is not written, and a list that another
/// tab has changed since `records` were read is not overwritten.
pub(super) fn keep_ledger(records: &[Record], after: &Ledger) -> Result<Vec<Change>, LogError> {
    let before = ledger(records);
    let unfinished = keep_list(records, Internal::Unfinished, &before.unfinished, &after.unfinished)?;
    let imports = keep_list(records, Internal::Imports, &before.imports, &after.imports)?;
    Ok([unfinished, imports].concat())
}

/// Reads a list. A list that does not parse is empty.
fn list<T: DeserializeOwned>(records: &[Record], name: Internal) -> Vec<T> {
    serde_json::from_str(&own(records, name).unwrap_or_default()).unwrap_or_default()
}

/// The changes that store a list. An empty list is deleted, which works on a full disk as well.
fn keep_list<T: PartialEq + Serialize>(
    records: &[Record],
    name: Internal,
    before: &[T],
    after: &[T],
) -> Result<Vec<Change>, LogError> {
    if before == after {
        return Ok(Vec::new());
    }
    let text = if after.is_empty() { None } else { Some(json(&after)?) };
    let found = records.iter().find(|record| record.name() == Name::Internal(name));
    let expected = Change::Expect(Name::Internal(name), found.cloned());
    Ok([vec![expected], set_internal(name, text.as_deref())].concat())
}

pub(super) fn json(value: &impl Serialize) -> Result<String, LogError> {
    serde_json::to_string(value).map_err(|error| LogError::Disk(DiskError::Failed(error.to_string())))
}
