//! [`SideWorker`]: a program for one task in a worker of its own, fetched when needed; its memory is freed afterwards.
//! It answers one request at a time. Its first message says that it is listening, and whether the page's policy is in
//! force in it.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt;
use gloo::events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

use super::program::{self, Way};

/// A program in a worker of its own.
#[derive(Debug)]
pub struct SideWorker {
    worker: Worker,
    /// The program's messages; `None` if the program did not load, or broke down.
    answers: UnboundedReceiver<Option<JsValue>>,
    _listeners: [EventListener; 2],
}

/// The program did not load, or broke down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotRunning;

impl SideWorker {
    /// Starts the program with this name. Returns when it is listening. If the page's policy is in force in the
    /// creator, it is in force in the program as well.
    ///
    /// # Errors
    /// If the program does not load, for example because it was never fetched and there is no network. Also if the
    /// page's policy would be in force only in the creator.
    pub async fn start(program: &str) -> Result<Self, NotRunning> {
        if let Ok((worker, true)) = Self::begin(program, Way::Inheriting).await {
            return Ok(worker);
        }
        let (worker, covered) = Self::begin(program, Way::Directly).await?;
        if covered || !program::is_covered().await { Ok(worker) } else { Err(NotRunning) }
    }

    async fn begin(program: &str, way: Way) -> Result<(Self, bool), NotRunning> {
        let mut worker = Self::hear(program::start(program, way).map_err(|_| NotRunning)?);
        let covered = worker.answer().await?.is_truthy();
        Ok((worker, covered))
    }

    pub(super) fn hear(worker: Worker) -> Self {
        let (sender, answers) = unbounded();
        let failed = sender.clone();
        // If the receiver was dropped, nobody is interested any more.
        let heard = EventListener::new(&worker, "message", move |event| {
            let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
            drop(sender.unbounded_send(data));
        });
        let broken = EventListener::new(&worker, "error", move |_| drop(failed.unbounded_send(None)));
        Self { worker, answers, _listeners: [heard, broken] }
    }

    /// Sends a message and waits for the answer.
    ///
    /// # Errors
    /// If the program has broken down.
    pub async fn ask(&mut self, message: &JsValue) -> Result<JsValue, NotRunning> {
        self.worker.post_message(message).map_err(|_| NotRunning)?;
        self.answer().await
    }

    /// Waits for the program's next message.
    ///
    /// # Errors
    /// If the program has broken down.
    pub async fn answer(&mut self) -> Result<JsValue, NotRunning> {
        self.answers.next().await.flatten().ok_or(NotRunning)
    }
}

impl Drop for SideWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
