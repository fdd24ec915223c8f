//! A database that the browser closes, and a lock that is released.

use std::future::{pending, ready};

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use idb::ObjectStoreParams;
use js_sys::{Function, Reflect};
use metertap_app::browser::clock::sleep;
use metertap_app::browser::indexed_db::{Database, DatabaseError};
use metertap_app::browser::web_lock::{LockError, hold};
use metertap_app::worker::disk::IndexedDisk;
use metertap_readings::store::disk::{Change, Disk, RowChange, Shelf};
use metertap_readings::store::{DiskError, MeterKey};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

async fn opened(name: &str) -> Database {
    let upgrade = |database: &idb::Database, _| {
        database.create_object_store("rows", ObjectStoreParams::new()).map(drop)
    };
    Database::open(name, 1, upgrade).await.unwrap()
}

async fn put(database: &Database) -> Result<(), DatabaseError> {
    let transaction = database.write(&["rows"])?;
    transaction.store("rows")?.put(&"row".into(), Some(&JsValue::from(1)))?;
    transaction.commit().await
}

async fn rows(database: &Database) -> usize {
    let transaction = database.read(&["rows"]).unwrap();
    transaction.store("rows").unwrap().get_all(None, None).unwrap().await.unwrap().len()
}

#[wasm_bindgen_test]
async fn a_deleted_database_is_reported_to_all_users_and_reopens() {
    let database = opened("taken-deleted").await;
    let (clone, connection) = (database.clone(), database.connection());
    put(&database).await.unwrap();
    Database::delete("taken-deleted").await.unwrap();
    connection.over().await;
    assert_eq!(clone.why_closed(), Some(DatabaseError::Closed));
    assert_eq!(put(&clone).await, Err(DatabaseError::Closed));

    database.reopen().await.unwrap();
    assert_eq!(clone.why_closed(), None);
    assert_eq!(rows(&clone).await, 0);
    put(&clone).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_database_upgraded_by_a_later_version_is_reported_as_newer() {
    let database = opened("taken-newer").await;
    let later = Database::open("taken-newer", 2, |_, _| Ok(())).await.unwrap();
    assert_eq!(put(&database).await, Err(DatabaseError::Newer));
    assert_eq!(database.reopen().await, Err(DatabaseError::Newer));
    // A closed connection does not block others.
    drop(later);
    Database::delete("taken-newer").await.unwrap();
    database.reopen().await.unwrap();
    put(&database).await.unwrap();
}

#[wasm_bindgen_test]
async fn work_on_the_logs_disk_ends_with_the_connection_that_it_began_on() {
    let disk = IndexedDisk::open("taken-work").await.unwrap();
    let connection = disk.connection();
    assert_eq!(connection.check(), Ok(()));
    let mut work = Box::pin(connection.unbroken(pending::<Result<(), DiskError>>()));
    assert!(futures_util::poll!(work.as_mut()).is_pending());
    Database::delete("taken-work").await.unwrap();
    assert_eq!(work.await, Err(DiskError::Closed));
    assert_eq!(disk.why_closed(), Some(DiskError::Closed));
    disk.reopen().await.unwrap();
    let late = connection.unbroken(ready(Ok::<_, DiskError>(7)));
    assert_eq!(late.await, Err(DiskError::Closed), "no work continues on another connection");
}

/// Another connection keeps a transaction going, so that the browser never answers ours.
#[wasm_bindgen_test]
async fn unanswered_work_times_out_and_the_disk_reopens() {
    let disk = IndexedDisk::open("taken-silent").await.unwrap();
    let store = Shelf::Tail.as_str();
    let other = Database::open("taken-silent", 3, |_, _| Ok(())).await.unwrap();
    let change = Change::Rows(MeterKey("m".to_owned()), vec![RowChange::Put(Shelf::Tail, 1, vec![1])]);
    let kept_going = async {
        let transaction = other.write(&[store]).unwrap();
        loop {
            let _ = transaction.store(store).unwrap().get_all(None, Some(1)).unwrap().await;
        }
    };
    match select(Box::pin(kept_going), disk.commit(vec![change.clone()]).boxed_local()).await {
        Either::Left(((), _)) => unreachable!("it never ends"),
        Either::Right((done, _)) => assert_eq!(done, Err(DiskError::Closed)),
    }
    assert_eq!(disk.why_closed(), Some(DiskError::Closed));
    disk.reopen().await.unwrap();
    disk.commit(vec![change]).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_lock_is_released_and_a_cancelled_request_does_not_get_it() {
    let first = hold("taken").await.unwrap();
    let mut second = Box::pin(hold("taken"));
    let mut third = Box::pin(hold("taken"));
    for waiting in [&mut second, &mut third] {
        let patience = Box::pin(sleep(20));
        let other = select(waiting, patience).await;
        assert!(matches!(other, Either::Right(_)), "only one may hold the lock");
    }
    drop(second);
    drop(first);
    let _third = third.await.unwrap();
}

/// The browser refuses locks to a document that is being left and to a page of an opaque origin:
/// <https://w3c.github.io/web-locks/#api-lock-manager-request>.
#[wasm_bindgen_test]
async fn a_refused_lock_is_an_error_at_once() {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap();
    let locks = Reflect::get(&navigator, &"locks".into()).unwrap().unchecked_into::<js_sys::Object>();
    let refuses = Function::new_no_args("return Promise.reject(new DOMException('no', 'InvalidStateError'))");
    assert!(Reflect::set(&locks, &"request".into(), &refuses).unwrap());
    let answer = select(Box::pin(hold("refused")), Box::pin(sleep(1_000))).await;
    assert!(Reflect::delete_property(&locks, &"request".into()).unwrap());
    assert!(matches!(answer, Either::Left((Err(LockError::Refused), _))), "a refusal must end the wait");
}
