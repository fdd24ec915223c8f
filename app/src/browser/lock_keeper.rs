//! [`LockKeeper`]: a worker that requests a lock as a newcomer would.
//!
//! Chromium keeps a site's locks with its storage. If the storage is cleared, existing pages and workers keep their
//! locks. Newcomers do not see these locks, so a newcomer can get a lock that is already held. A worker started after
//! the clearing is a newcomer.

use std::pin::pin;

use futures_util::future::{Either, select};
use js_sys::Array;

use super::clock::sleep;
use super::program;
use super::side_worker::SideWorker;

/// A lock that is requested or held until this is dropped.
#[derive(Debug)]
pub struct LockKeeper(SideWorker);

/// The result of queueing for the lock.
#[derive(Debug)]
pub enum Queued {
    /// The lock is requested.
    Anew(LockKeeper),
    /// Newcomers still see the lock that we hold: the browser has forgotten nothing.
    Seen,
    /// The browser did not start the worker, has no locks for it, or is busy.
    NoAnswer,
}

impl LockKeeper {
    /// Queues for the lock, unless newcomers still see the lock `seen`, which we hold. From then on, the worker holds
    /// the lock `mark`, which the next call can pass as `seen`.
    pub async fn queue(lock: &str, seen: &str, mark: &str) -> Queued {
        let Ok(worker) = program::start_script(SCRIPT) else { return Queued::NoAnswer };
        let mut worker = SideWorker::hear(worker);
        let names = Array::of3(&lock.into(), &seen.into(), &mark.into());
        let said = match select(pin!(worker.ask(&names)), pin!(sleep(PATIENCE))).await {
            Either::Left((answer, _)) => answer.ok().and_then(|said| said.as_string()),
            Either::Right(_) => None,
        };
        match said.as_deref() {
            Some(QUEUED) => Queued::Anew(Self(worker)),
            Some(SEEN) => Queued::Seen,
            _ => Queued::NoAnswer,
        }
    }

    /// Waits until the lock is ours. If the worker breaks down, it has no lock, and this waits forever.
    pub async fn comes(&mut self) {
        while !self.0.answer().await.is_ok_and(|said| said == HELD) {}
    }
}

const SCRIPT: &str = "onmessage = async ({ data: [lock, seen, mark] }) => {
    // Over plain http there are no locks.
    if (!navigator.locks) return postMessage('none');
    const { held } = await navigator.locks.query();
    if (held.some(({ name }) => name === seen)) return postMessage('seen');
    const hold = (name, then) => navigator.locks.request(name, () => { then(); return new Promise(() => {}); });
    hold(mark, () => {
        postMessage('queued');
        hold(lock, () => postMessage('held'));
    });
};";
/// How long the browser may take to answer about its locks, in milliseconds.
const PATIENCE: u64 = 3000;
const QUEUED: &str = "queued";
const SEEN: &str = "seen";
const HELD: &str = "held";
