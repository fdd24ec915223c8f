//! [`LockKeeper`]: a worker that holds a lock among all who come from now on.
//!
//! Chromium keeps a site's locks with its storage. Where all of that is cleared, whoever was there before goes on with
//! locks that nobody sees who comes after, and both hold the same one. A worker that is started afterwards is among those
//! who come after.

use std::pin::pin;

use futures_util::future::{Either, select};
use js_sys::Array;

use super::clock::sleep;
use super::program;
use super::side_worker::SideWorker;

/// A lock that is waited for, or ours, until this is dropped.
#[derive(Debug)]
pub struct LockKeeper(SideWorker);

/// What became of queueing up.
#[derive(Debug)]
pub enum Queued {
    /// The lock is waited for.
    Anew(LockKeeper),
    /// Who comes now still sees the lock that we hold: nothing was forgotten.
    Seen,
    /// The browser started no such worker, has no locks for it, or is busy.
    NoAnswer,
}

impl LockKeeper {
    /// Queues up for the lock, unless who comes now still sees the lock `seen`, which we hold. From then on it holds the
    /// lock `mark`, by which the same can be asked again.
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

    /// Waits until the lock is ours. A worker that breaks down has none, and waits for ever.
    pub async fn comes(&mut self) {
        while !self.0.answer().await.is_ok_and(|said| said == HELD) {}
    }
}

const SCRIPT: &str = "onmessage = async ({ data: [lock, seen, mark] }) => {
    // Over plain http there are none.
    if (!navigator.locks) return postMessage('none');
    const { held } = await navigator.locks.query();
    if (held.some(({ name }) => name === seen)) return postMessage('seen');
    const hold = (name, then) => navigator.locks.request(name, () => { then(); return new Promise(() => {}); });
    hold(mark, () => {
        postMessage('queued');
        hold(lock, () => postMessage('held'));
    });
};";
/// Milliseconds for the browser to say what it knows of locks.
const PATIENCE: u64 = 3000;
const QUEUED: &str = "queued";
const SEEN: &str = "seen";
const HELD: &str = "held";
