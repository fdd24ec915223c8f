//! The log's own records, which are nobody's to set: they lie in an object store of their own, and their names are this
//! program's. So no name that comes from outside, out of a file above all, can ever be one of theirs.
//!
//! Version 2 had them among the settings. What it left there counts until it is written anew: no change of a disk that
//! may be full is needed for it.

use metertap_readings::files::backup::Ledger;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::Log;
use super::objects::{INTERNAL, SETTINGS, SettingRow, json, put, row_from};
use crate::browser::indexed_db::{DatabaseError, Transaction};

impl Log {
    /// A record of the log's or the installation's own, as JSON text.
    ///
    /// # Errors
    /// Where the browser has taken the storage away.
    pub async fn internal(&self, name: &'static str) -> Result<Option<String>, DatabaseError> {
        internal(&self.database.read(&STORES)?, name).await
    }

    /// Writes one; `None` removes it.
    ///
    /// # Errors
    /// Where the browser's storage is full, or gone.
    pub async fn set_internal(&self, name: &'static str, value: Option<&str>) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&STORES)?;
        set_internal(&transaction, name, value)?;
        transaction.commit().await
    }

    /// Changes which logs count.
    pub(super) async fn change_ledger(&self, change: impl FnOnce(&mut Ledger)) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&STORES)?;
        let before = ledger(&transaction).await?;
        let mut after = before.clone();
        change(&mut after);
        keep_ledger(&transaction, &before, &after)?;
        transaction.commit().await?;
        *self.ledger.borrow_mut() = after;
        Ok(())
    }

    /// Finds which logs count.
    pub(super) async fn find_ledger(&self) -> Result<(), DatabaseError> {
        let found = ledger(&self.database.read(&STORES)?).await?;
        *self.ledger.borrow_mut() = found;
        Ok(())
    }
}

/// A record, within a transaction of [`STORES`].
pub(super) async fn internal(
    transaction: &Transaction,
    name: &'static str,
) -> Result<Option<String>, DatabaseError> {
    for store in STORES {
        if let Some(row) = transaction.store(store)?.get(JsValue::from_str(name))?.await? {
            return Ok(Some(row_from::<SettingRow>(row)?.value));
        }
    }
    Ok(None)
}

/// Writes a record, likewise; a full disk takes its removal.
pub(super) fn set_internal(
    transaction: &Transaction,
    name: &'static str,
    value: Option<&str>,
) -> Result<(), DatabaseError> {
    let (own, old) = (transaction.store(INTERNAL)?, transaction.store(SETTINGS)?);
    old.delete(JsValue::from_str(name))?;
    match value {
        Some(value) => put(&own, &SettingRow { name: name.to_owned(), value: value.to_owned() }),
        None => own.delete(JsValue::from_str(name)).map(drop).map_err(DatabaseError::from),
    }
}

/// Which logs count, likewise.
pub(super) async fn ledger(transaction: &Transaction) -> Result<Ledger, DatabaseError> {
    Ok(Ledger {
        unfinished: list(transaction, UNFINISHED).await?,
        imports: list(transaction, IMPORTS).await?,
    })
}

/// Writes what has changed of it, likewise.
pub(super) fn keep_ledger(
    transaction: &Transaction,
    before: &Ledger,
    after: &Ledger,
) -> Result<(), DatabaseError> {
    keep_list(transaction, UNFINISHED, &before.unfinished, &after.unfinished)?;
    keep_list(transaction, IMPORTS, &before.imports, &after.imports)
}

async fn list<T: DeserializeOwned>(
    transaction: &Transaction,
    name: &'static str,
) -> Result<Vec<T>, DatabaseError> {
    let text = internal(transaction, name).await?.unwrap_or_default();
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// An empty list is deleted, which a full disk takes as well. A list that has not changed is not touched.
fn keep_list<T: PartialEq + Serialize>(
    transaction: &Transaction,
    name: &'static str,
    before: &[T],
    after: &[T],
) -> Result<(), DatabaseError> {
    match after {
        _ if before == after => Ok(()),
        [] => set_internal(transaction, name, None),
        after => set_internal(transaction, name, Some(&json(&after)?)),
    }
}

/// Where a record may lie, the first first.
pub(super) const STORES: [&str; 2] = [INTERNAL, SETTINGS];

const IMPORTS: &str = "imports";
const UNFINISHED: &str = "unfinished";
