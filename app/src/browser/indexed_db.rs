//! IndexedDB: a database, its upgrades, and transactions that tell whether they were kept.
//!
//! A transaction commits by itself as soon as it has nothing left to do: between its first request and
//! [`Transaction::commit`], wait for its own requests only.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use futures_channel::oneshot;
use gloo::events::EventListener;
use idb::event::VersionChangeEvent;
use idb::{DatabaseEvent, Factory, KeyRange, ObjectStore, Query};
use js_sys::{Array, JsString};
use wasm_bindgen::JsValue;
use web_sys::{
    IdbDatabase, IdbTransaction, IdbTransactionDurability, IdbTransactionMode, IdbTransactionOptions,
};

/// An open database. It closes by itself when another version of the program wants to upgrade it.
#[derive(Clone, Debug)]
pub struct Database {
    database: Rc<RefCell<Option<IdbDatabase>>>,
}

/// Brings a database up to date; it is told the version found, 0 of a new one.
pub type Upgrade = fn(&idb::Database, u32) -> Result<(), idb::Error>;

/// Why the database could not do it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DatabaseError {
    /// The browser gives no storage at all, or has taken it away.
    Unavailable,
    /// No room is left.
    Full,
    /// A newer version of this program has written it.
    Newer,
    /// Anything else, in the browser's words.
    Failed(String),
}

impl Database {
    /// Opens a database, bringing it up to `version` first.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`] where the browser has no storage for this page, [`DatabaseError::Newer`] where the
    /// database is of a later version already.
    pub async fn open(name: &str, version: u32, upgrade: Upgrade) -> Result<Self, DatabaseError> {
        let factory = Factory::new().map_err(|_| DatabaseError::Unavailable)?;
        let mut request = factory.open(name, Some(version)).map_err(|_| DatabaseError::Unavailable)?;
        let failed = Rc::new(RefCell::new(None));
        let failure = Rc::clone(&failed);
        request.on_upgrade_needed(move |event| *failure.borrow_mut() = upgraded(&event, upgrade).err());
        let database: IdbDatabase = request.await.map_err(not_opened)?.into();
        if let Some(error) = failed.take() {
            return Err(error.into());
        }
        Ok(Self::letting_go(database))
    }

    /// Deletes a database with all that is in it.
    ///
    /// # Errors
    /// Where the browser has no storage for this page.
    pub async fn delete(name: &str) -> Result<(), DatabaseError> {
        let factory = Factory::new().map_err(|_| DatabaseError::Unavailable)?;
        factory.delete(name)?.await.map_err(DatabaseError::from)
    }

    /// A transaction that reads these object stores.
    ///
    /// # Errors
    /// Where the database was closed.
    pub fn read(&self, stores: &[&str]) -> Result<Transaction, DatabaseError> {
        self.begin(stores, IdbTransactionMode::Readonly)
    }

    /// A transaction that may write these object stores.
    ///
    /// # Errors
    /// Where the database was closed.
    pub fn write(&self, stores: &[&str]) -> Result<Transaction, DatabaseError> {
        self.begin(stores, IdbTransactionMode::Readwrite)
    }

    fn begin(&self, stores: &[&str], mode: IdbTransactionMode) -> Result<Transaction, DatabaseError> {
        let database = self.database.borrow();
        let database = database.as_ref().ok_or(DatabaseError::Unavailable)?;
        let stores: Vec<JsString> = stores.iter().copied().map(JsString::from).collect();
        // Relaxed: kept once the operating system has it, so that a crash of page or browser loses nothing. Strict
        // would flush the disk at every reading, a telegram a second for years, to save the last few from a power cut.
        let options = IdbTransactionOptions::new();
        options.set_durability(IdbTransactionDurability::Relaxed);
        database
            .transaction_with_str_sequence_and_mode_and_options(&stores, mode, &options)
            .map(|transaction| Transaction { transaction })
            .map_err(|error| idb::Error::TransactionOpenFailed(error).into())
    }

    fn letting_go(database: IdbDatabase) -> Self {
        let shared: Rc<RefCell<Option<IdbDatabase>>> = Rc::new(RefCell::new(None));
        let weak = Rc::downgrade(&shared);
        let mut listening = idb::Database::from(database.clone());
        listening.on_version_change(move |_| {
            let database = weak.upgrade().and_then(|shared| shared.borrow_mut().take());
            if let Some(database) = database {
                database.close();
            }
        });
        // The listener belongs to the database as long as that is open.
        listening.forget_callbacks();
        *shared.borrow_mut() = Some(database);
        Self { database: shared }
    }
}

/// What is done together or not at all.
#[derive(Debug)]
pub struct Transaction {
    transaction: IdbTransaction,
}

impl Transaction {
    /// One of its object stores.
    ///
    /// # Errors
    /// Where the transaction was not begun with that store, or is over.
    pub fn store(&self, name: &str) -> Result<ObjectStore, DatabaseError> {
        let store = self.transaction.object_store(name);
        store.map(ObjectStore::from).map_err(|error| idb::Error::ObjectStoreNotFound(error).into())
    }

    /// Waits until everything asked of this transaction is kept. What was asked need not be waited for one by one: if
    /// any of it fails, nothing is kept, and here is why.
    ///
    /// # Errors
    /// Where nothing of it was: [`DatabaseError::Full`] above all.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        let (done, wait) = oneshot::channel();
        let done = Rc::new(Cell::new(Some(done)));
        let aborted = Rc::clone(&done);
        let _listeners = [
            EventListener::once(&self.transaction, "complete", move |_| {
                let _ = done.take().map(|done| done.send(()));
            }),
            EventListener::once(&self.transaction, "abort", move |_| drop(aborted.take())),
        ];
        // Nothing more will be asked, so the browser need not wait until we have heard each answer. One that is over by
        // itself refuses, and says so in its events.
        #[expect(deprecated, reason = "by web-sys only: Indexed Database API 3.0, 4.10, has it")]
        let _ = self.transaction.commit();
        wait.await.map_err(|_| match self.transaction.error() {
            Some(error) => idb::Error::DomException(error).into(),
            // Nobody aborts a transaction here: the browser has taken the database away.
            None => DatabaseError::Unavailable,
        })
    }
}

impl From<idb::Error> for DatabaseError {
    fn from(error: idb::Error) -> Self {
        let text = error.to_string();
        if text.contains("QuotaExceededError") { Self::Full } else { Self::Failed(text) }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str("the browser gives no storage"),
            Self::Full => f.write_str("the browser's storage is full"),
            Self::Newer => f.write_str("a newer version of this page has written it"),
            Self::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for DatabaseError {}

/// A key of several parts.
pub fn key(parts: impl IntoIterator<Item = JsValue>) -> JsValue {
    parts.into_iter().collect::<Array>().into()
}

/// All keys from the first to the last, both included.
///
/// # Errors
/// Where the first lies behind the last, or one is no key.
pub fn between(first: &JsValue, last: &JsValue) -> Result<Query, DatabaseError> {
    Ok(Query::KeyRange(KeyRange::bound(first, last, None, None)?))
}

/// All keys that begin with this part: an array sorts behind every number and text.
///
/// # Errors
/// Where the part is no key.
pub fn beginning_with(part: &JsValue) -> Result<Query, DatabaseError> {
    between(&key([part.clone()]), &key([part.clone(), Array::new().into()]))
}

fn not_opened(error: idb::Error) -> DatabaseError {
    // The name that the specification gives it, Indexed Database API 3.0, 4.3, step 5 of opening.
    if error.to_string().contains("VersionError") { DatabaseError::Newer } else { DatabaseError::Unavailable }
}

fn upgraded(event: &VersionChangeEvent, upgrade: Upgrade) -> Result<(), idb::Error> {
    upgrade(&event.database()?, event.old_version()?)
}
