//! A workbook that is made in a worker of its own, and the program of that worker. The program is fetched when a user
//! first wants a workbook.
//!
//! The bytes of a table are sent in pieces, and each piece gets an empty answer. The current time ends the table, and
//! is answered with the workbook. If the table does not fit, the answer is the word `too-large`.

use futures_channel::mpsc::unbounded;
use futures_util::StreamExt;
use js_sys::Uint8Array;
use metertap_engine::platform::{Sheet, SheetError};
use metertap_readings::entry::Moment;
use metertap_workbook::Book;
use wasm_bindgen::JsValue;

use crate::browser::program;
use crate::browser::side_worker::{NotRunning, SideWorker};
use crate::browser::worker_port::WorkerPort;

/// A workbook that another worker is making.
#[derive(Debug)]
pub struct Workbook(SideWorker);

impl Workbook {
    /// Starts the program, which is fetched if it was never used before.
    pub(super) async fn begin() -> Result<Self, SheetError> {
        Ok(Self(SideWorker::start(WORKBOOK).await.map_err(|NotRunning| SheetError::NotLoaded)?))
    }

    async fn ask(&mut self, message: &JsValue) -> Result<JsValue, SheetError> {
        let answer = self.0.ask(message).await.map_err(|NotRunning| SheetError::NotLoaded)?;
        if answer == TOO_LARGE { Err(SheetError::TooLarge) } else { Ok(answer) }
    }
}

impl Sheet for Workbook {
    async fn push(&mut self, octets: &[u8]) -> Result<(), SheetError> {
        self.ask(&Uint8Array::from(octets).into()).await.map(drop)
    }

    async fn finish(&mut self, Moment(now): Moment) -> Result<Vec<u8>, SheetError> {
        Ok(Uint8Array::new(&self.ask(&(now as f64).into()).await?).to_vec())
    }
}

/// Runs the program that makes a workbook.
pub async fn run() {
    let (sender, mut heard) = unbounded();
    // The receiver lives as long as the worker.
    let Some(port) = WorkerPort::listen(move |message| drop(sender.unbounded_send(message))) else { return };
    port.say(&program::is_covered().await.into());
    let mut book = Book::default();
    while let Some(message) = heard.next().await {
        let answer = match message.as_f64() {
            Some(now) => {
                let saved = std::mem::take(&mut book).finish(Moment(now as i64));
                saved.map(|octets| Uint8Array::from(octets.as_slice()).into())
            }
            None => book.push(&Uint8Array::new(&message).to_vec()).map(|()| JsValue::UNDEFINED),
        };
        port.say(&answer.unwrap_or_else(|_| TOO_LARGE.into()));
    }
}

const WORKBOOK: &str = "workbook";
const TOO_LARGE: &str = "too-large";
