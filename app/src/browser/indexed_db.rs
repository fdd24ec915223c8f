//! IndexedDB: a database, its upgrades, and transactions that report whether they were kept.
//!
//! A transaction commits by itself as soon as it has no pending requests. So between its first request and
//! [`Transaction::commit`], wait only for its own requests.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_channel::oneshot::{self, Receiver, Sender};
use futures_util::FutureExt;
use futures_util::future::{Either, Shared, select};
use gloo::events::EventListener;
use idb::event::VersionChangeEvent;
use idb::{DatabaseEvent, Factory, KeyRange, ObjectStore, Query};
use js_sys::{Array, JsString};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    DomException, IdbDatabase, IdbTransaction, IdbTransactionDurability, IdbTransactionMode,
    IdbTransactionOptions, IdbVersionChangeEvent,
};

/// A database. Clones share one connection to it. The connection ends when the browser takes the database away, or when
/// another program wants to delete or upgrade it. From then on everything fails until the database is opened again.
#[derive(Clone, Debug)]
pub struct Database {
    name: Rc<str>,
    version: u32,
    upgrade: Upgrade,
    link: Rc<RefCell<Result<Link, DatabaseError>>>,
    /// Requests to open the database that are not answered yet.
    opening: Rc<RefCell<Vec<Opening>>>,
}

type Opening = Receiver<Result<Open, DatabaseError>>;

/// Upgrades a database; called with the version found, which is 0 for a new database.
pub type Upgrade = fn(&idb::Database, u32) -> Result<(), idb::Error>;

/// Why an operation on the database failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DatabaseError {
    /// The browser provides no storage at all.
    Unavailable,
    /// The connection has ended. An operation in progress may or may not have been done, and all data may be gone.
    Closed,
    /// No room is left.
    Full,
    /// A newer version of this program has upgraded the database, or is about to.
    Newer,
    /// The key of a new record is already taken.
    Taken,
    /// Any other error, in the browser's words.
    Failed(String),
}

/// One connection to a database. Clones wait for the same end.
#[derive(Clone, Debug)]
pub struct Connection(Shared<Receiver<()>>);

/// The most requests to open a database that wait for an answer at the same time.
const REQUESTS: usize = 20;

/// What exists as long as a connection lasts.
#[derive(Debug)]
struct Link {
    database: Open,
    connection: Connection,
    /// Dropping this sender completes every [`Connection::over`] that is being awaited.
    _over: Sender<()>,
    _heard: [EventListener; 2],
}

/// A browser's database, closed when this is dropped: an open database would block upgrades and deletion.
#[derive(Debug)]
struct Open(IdbDatabase);

impl Database {
    /// Opens a database, upgrading it to `version` first.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`] if the browser has no storage for this page, [`DatabaseError::Newer`] if the
    /// database already has a later version, [`DatabaseError::Closed`] if the browser has not finished taking the
    /// database away, or the error of the upgrade.
    pub async fn open(name: &str, version: u32, upgrade: Upgrade) -> Result<Self, DatabaseError> {
        let link = Rc::new(RefCell::new(Err(DatabaseError::Closed)));
        let database = Self { name: name.into(), version, upgrade, link, opening: Rc::default() };
        database.reopen().await?;
        Ok(database)
    }

    /// Opens the database again for all clones. If it was deleted, this creates a new one.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub async fn reopen(&self) -> Result<(), DatabaseError> {
        // While Chromium clears storage it loses requests, so each attempt makes another request. A busy browser is
        // slow to answer, so the answers to earlier requests count too.
        if self.opening.borrow().len() < REQUESTS {
            let (done, opened) = oneshot::channel();
            let opening = open(Rc::clone(&self.name), self.version, self.upgrade);
            // If nothing waits for it any longer, the opened database is closed.
            spawn_local(async { drop(done.send(opening.await)) });
            self.opening.borrow_mut().push(opened);
        }
        let database = poll_fn(|context| self.first_opened(context)).await?;
        self.opening.borrow_mut().clear();
        let (over, ended) = oneshot::channel();
        let heard = [self.ends_with(&database, "close"), self.ends_with(&database, "versionchange")];
        let link = Link { database, connection: Connection(ended.shared()), _over: over, _heard: heard };
        drop(self.link.replace(Ok(link)));
        Ok(())
    }

    fn first_opened(&self, context: &mut Context<'_>) -> Poll<Result<Open, DatabaseError>> {
        let mut opening = self.opening.borrow_mut();
        for place in 0..opening.len() {
            if let Poll::Ready(opened) = opening[place].poll_unpin(context) {
                drop(opening.swap_remove(place));
                return Poll::Ready(opened.unwrap_or(Err(DatabaseError::Closed)));
            }
        }
        Poll::Pending
    }

    /// Deletes a database with everything in it.
    ///
    /// # Errors
    /// If the browser has no storage for this page, or does not delete the database.
    pub async fn delete(name: &str) -> Result<(), DatabaseError> {
        let factory = Factory::new().map_err(|_| DatabaseError::Unavailable)?;
        factory.delete(name)?.await.map_err(DatabaseError::from)
    }

    /// The current connection, or one that is over if there is none.
    #[must_use]
    pub fn connection(&self) -> Connection {
        match &*self.link.borrow() {
            Ok(link) => link.connection.clone(),
            Err(_) => Connection(oneshot::channel().1.shared()),
        }
    }

    /// Why the connection has ended; `None` while it has not.
    #[must_use]
    pub fn why_closed(&self) -> Option<DatabaseError> {
        self.link.borrow().as_ref().err().cloned()
    }

    /// Ends the connection, because it has turned out not to work.
    pub fn close(&self) {
        end(&self.link, DatabaseError::Closed);
    }

    /// Begins a transaction that reads these object stores.
    ///
    /// # Errors
    /// If the connection has ended.
    pub fn read(&self, stores: &[&str]) -> Result<Transaction, DatabaseError> {
        self.begin(stores, IdbTransactionMode::Readonly)
    }

    /// Begins a transaction that may write these object stores.
    ///
    /// # Errors
    /// If the connection has ended.
    pub fn write(&self, stores: &[&str]) -> Result<Transaction, DatabaseError> {
        self.begin(stores, IdbTransactionMode::Readwrite)
    }

    fn begin(&self, stores: &[&str], mode: IdbTransactionMode) -> Result<Transaction, DatabaseError> {
        let stores: Vec<JsString> = stores.iter().copied().map(JsString::from).collect();
        // Relaxed durability: kept once the operating system has it, so a crash of the page or the browser loses
        // nothing. Strict durability would save the last few readings from a power cut, but flush the disk at every
        // reading.
        let options = IdbTransactionOptions::new();
        options.set_durability(IdbTransactionDurability::Relaxed);
        let begun = match &*self.link.borrow() {
            Ok(link) => {
                link.database.0.transaction_with_str_sequence_and_mode_and_options(&stores, mode, &options)
            }
            Err(why) => return Err(why.clone()),
        };
        let transaction = begun.map_err(|error| {
            let error = idb::Error::TransactionOpenFailed(error);
            // The browser may be about to report the same in an event.
            if name(&error).as_deref() == Some("InvalidStateError") {
                self.close();
            }
            DatabaseError::from(error)
        })?;
        Ok(Transaction { transaction, database: self.clone(), connection: self.connection() })
    }

    fn ends_with(&self, database: &Open, event: &'static str) -> EventListener {
        let (link, version) = (Rc::downgrade(&self.link), f64::from(self.version));
        EventListener::new(&database.0, event, move |event| {
            let wanted =
                event.dyn_ref::<IdbVersionChangeEvent>().and_then(IdbVersionChangeEvent::new_version);
            let is_newer = wanted.is_some_and(|wanted| wanted > version);
            if let Some(link) = link.upgrade() {
                end(&link, if is_newer { DatabaseError::Newer } else { DatabaseError::Closed });
            }
        })
    }
}

fn end(link: &RefCell<Result<Link, DatabaseError>>, why: DatabaseError) {
    if link.borrow().is_ok() {
        // The caller may be a listener that the link owns, so the link is dropped only when nothing is borrowed.
        drop(link.replace(Err(why)));
    }
}

impl Connection {
    /// Waits until the connection has ended.
    pub async fn over(&self) {
        // Nothing is ever sent: dropping the sender ends the connection.
        let _ = self.0.clone().await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close();
    }
}

async fn open(name: Rc<str>, version: u32, upgrade: Upgrade) -> Result<Open, DatabaseError> {
    let factory = Factory::new().map_err(|_| DatabaseError::Unavailable)?;
    let mut request = factory.open(&name, Some(version)).map_err(|_| DatabaseError::Unavailable)?;
    let failed = Rc::new(RefCell::new(None));
    let failure = Rc::clone(&failed);
    request.on_upgrade_needed(move |event| *failure.borrow_mut() = upgraded(&event, upgrade).err());
    let database = Open(request.await.map_err(not_opened)?.into());
    match failed.take() {
        Some(error) => Err(error.into()),
        None => Ok(database),
    }
}

/// Operations that happen together or not at all.
#[derive(Debug)]
pub struct Transaction {
    transaction: IdbTransaction,
    database: Database,
    connection: Connection,
}

impl Transaction {
    /// One of the transaction's object stores.
    ///
    /// # Errors
    /// If the transaction was not begun with this store, or has ended.
    pub fn store(&self, name: &str) -> Result<ObjectStore, DatabaseError> {
        let store = self.transaction.object_store(name);
        store.map(ObjectStore::from).map_err(|error| idb::Error::ObjectStoreNotFound(error).into())
    }

    /// Waits until everything requested of this transaction is kept. The requests need not be awaited one by one: if
    /// any of them fails, nothing is kept, and the error is returned.
    ///
    /// # Errors
    /// If nothing was kept, for example because storage is full ([`DatabaseError::Full`]). After
    /// [`DatabaseError::Closed`], it is unknown whether anything was kept.
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
        // There are no more requests, so the browser need not wait until we have seen each result. A transaction that
        // has already ended refuses this call, and reports its end in its events.
        #[expect(deprecated, reason = "by web-sys only: Indexed Database API 3.0, 4.10, has it")]
        let _ = self.transaction.commit();
        // If a database is taken away during a transaction, Chromium sometimes fires no event at all.
        match select(wait, pin!(self.connection.over())).await {
            Either::Left((Ok(()), _)) => Ok(()),
            Either::Left((Err(_), _)) => {
                // Nothing here aborts a transaction: an abort without a reason means that the browser has taken the
                // database away.
                let why = self.transaction.error().map(idb::Error::DomException);
                let why = why.map_or(DatabaseError::Closed, DatabaseError::from);
                if why == DatabaseError::Closed {
                    self.database.close();
                }
                Err(why)
            }
            Either::Right(_) => Err(DatabaseError::Closed),
        }
    }
}

impl From<idb::Error> for DatabaseError {
    fn from(error: idb::Error) -> Self {
        match name(&error).as_deref() {
            Some("QuotaExceededError") => Self::Full,
            Some("VersionError") => Self::Newer,
            Some("ConstraintError") => Self::Taken,
            // Nothing here aborts a transaction, or uses one that has ended: these errors mean that the browser has
            // taken the database away. Chromium then reports a write in progress as an unknown error, just as it
            // reports a failing disk.
            Some("InvalidStateError" | "TransactionInactiveError" | "AbortError" | "UnknownError") => {
                Self::Closed
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str("the browser gives no storage"),
            Self::Closed => f.write_str("the browser has closed the database"),
            Self::Full => f.write_str("the browser's storage is full"),
            Self::Newer => f.write_str("a newer version of this page has written it"),
            Self::Taken => f.write_str("something else is there already"),
            Self::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for DatabaseError {}

/// Builds a key of several parts.
pub fn key(parts: impl IntoIterator<Item = JsValue>) -> JsValue {
    parts.into_iter().collect::<Array>().into()
}

/// A query for all keys from the first to the last, both included.
///
/// # Errors
/// If `first` comes after `last`, or either is not a valid key.
pub fn between(first: &JsValue, last: &JsValue) -> Result<Query, DatabaseError> {
    Ok(Query::KeyRange(KeyRange::bound(first, last, None, None)?))
}

/// A query for all keys that begin with this part. An array sorts after every number and text, so an empty array ends
/// the range.
///
/// # Errors
/// If the part is not a valid key.
pub fn beginning_with(part: &JsValue) -> Result<Query, DatabaseError> {
    between(&key([part.clone()]), &key([part.clone(), Array::new().into()]))
}

fn not_opened(error: idb::Error) -> DatabaseError {
    match name(&error).as_deref() {
        // Indexed Database API 3.0, 4.3, step 5 of opening.
        Some("VersionError") => DatabaseError::Newer,
        // Chromium reports this while it takes a database away.
        Some("AbortError") => DatabaseError::Closed,
        _ => DatabaseError::Unavailable,
    }
}

/// The name of an error, such as `QuotaExceededError`; `None` for an error that the browser did not report.
fn name(error: &idb::Error) -> Option<String> {
    use idb::Error;
    match error {
        Error::DomException(error) => Some(error.name()),
        Error::TransactionOpenFailed(thrown)
        | Error::ObjectStoreNotFound(thrown)
        | Error::IndexedDbOpenFailed(thrown)
        | Error::IndexedDbDeleteFailed(thrown)
        | Error::AddFailed(thrown)
        | Error::UpdateFailed(thrown)
        | Error::DeleteFailed(thrown)
        | Error::GetFailed(thrown)
        | Error::GetAllFailed(thrown)
        | Error::GetAllKeysFailed(thrown)
        | Error::OpenCursorFailed(thrown) => thrown.dyn_ref().map(DomException::name),
        _ => None,
    }
}

fn upgraded(event: &VersionChangeEvent, upgrade: Upgrade) -> Result<(), idb::Error> {
    upgrade(&event.database()?, event.old_version()?)
}
