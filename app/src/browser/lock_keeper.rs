//! [`LockKeeper`]: a worker that holds a lock among all who come from now on.
//!
//! Chromium keeps a site's locks with its storage. Where all of that is cleared, whoever was there before goes on with
//! locks that nobody sees who comes after, and both hold the same one. A worker that is started afterwards is among those
//! who come after.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt;
use gloo::events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

use super::program;

/// A lock that is waited for, or ours, until this is dropped.
#[derive(Debug)]
pub struct LockKeeper {
    worker: Worker,
    /// `None` for a worker that broke down.
    answers: UnboundedReceiver<Option<JsValue>>,
    _listeners: [EventListener; 2],
}

impl LockKeeper {
    /// Queues up for the lock, unless who comes now still sees the lock `seen`, which we hold: then nothing was forgotten.
    /// From then on it holds the lock `mark`, by which the same can be asked again.
    ///
    /// `None` also where the browser starts no such worker.
    pub async fn queue(lock: &str, seen: &str, mark: &str) -> Option<Self> {
        let worker = program::start_script(SCRIPT).ok()?;
        let (sender, answers) = unbounded();
        let failed = sender.clone();
        // Whoever has dropped the receiver is not interested any more.
        let heard = EventListener::new(&worker, "message", move |event| {
            let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
            drop(sender.unbounded_send(data));
        });
        let broken = EventListener::new(&worker, "error", move |_| drop(failed.unbounded_send(None)));
        let mut keeper = Self { worker, answers, _listeners: [heard, broken] };
        let names = Array::of3(&lock.into(), &seen.into(), &mark.into());
        keeper.worker.post_message(&names).ok()?;
        (keeper.answer().await? == QUEUED).then_some(keeper)
    }

    /// Waits until the lock is ours. A worker that breaks down has none, and waits for ever.
    pub async fn comes(&mut self) {
        while self.answer().await.as_deref() != Some(HELD) {}
    }

    async fn answer(&mut self) -> Option<String> {
        self.answers.next().await.flatten()?.as_string()
    }
}

impl Drop for LockKeeper {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

const SCRIPT: &str = "onmessage = async ({ data: [lock, seen, mark] }) => {
    const { held } = await navigator.locks.query();
    if (held.some(({ name }) => name === seen)) return postMessage('seen');
    const hold = (name, then) => navigator.locks.request(name, () => { then(); return new Promise(() => {}); });
    hold(mark, () => {
        postMessage('queued');
        hold(lock, () => postMessage('held'));
    });
};";
const QUEUED: &str = "queued";
const HELD: &str = "held";
