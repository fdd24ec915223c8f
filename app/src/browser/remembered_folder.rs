//! Remembers a folder across restarts: its handle is stored in a database of its own. Handles are neither bytes nor
//! JSON, so no other store of this site takes them.

use idb::ObjectStoreParams;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::FileSystemDirectoryHandle;

use super::indexed_db::{Database, DatabaseError};

/// Remembers this folder in place of any other.
///
/// # Errors
/// If the browser provides no storage, has no room, or cannot store handles.
pub async fn remember(folder: &FileSystemDirectoryHandle) -> Result<(), DatabaseError> {
    let transaction = open().await?.write(&[STORE])?;
    transaction.store(STORE)?.put(folder, Some(&KEY.into()))?;
    transaction.commit().await
}

/// Finds the folder that is remembered; `None` if there is none.
///
/// # Errors
/// If the browser provides no storage, or has taken it away.
pub async fn find() -> Result<Option<FileSystemDirectoryHandle>, DatabaseError> {
    let transaction = open().await?.read(&[STORE])?;
    let found = transaction.store(STORE)?.get(JsValue::from_str(KEY))?.await?;
    Ok(found.and_then(|folder| folder.dyn_into().ok()))
}

/// Forgets the folder.
///
/// # Errors
/// If the browser provides no storage, or has taken it away.
pub async fn forget() -> Result<(), DatabaseError> {
    let transaction = open().await?.write(&[STORE])?;
    transaction.store(STORE)?.delete(JsValue::from_str(KEY))?;
    transaction.commit().await
}

async fn open() -> Result<Database, DatabaseError> {
    Database::open(DATABASE, 1, |database, _| {
        database.create_object_store(STORE, ObjectStoreParams::new()).map(drop)
    })
    .await
}

const DATABASE: &str = "metertap-folder";
const STORE: &str = "handles";
const KEY: &str = "folder";
