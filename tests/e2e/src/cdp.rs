//! [`Wire`]: the Chrome DevTools Protocol over a pipe.
//!
//! With `--remote-debugging-pipe`, the browser reads commands from file descriptor 3 and writes answers and events to
//! descriptor 4. Each message is a JSON object followed by a zero byte. When our end closes, for whatever reason, the
//! browser ends. No test leaves a browser behind.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The connection to a browser.
#[derive(Debug)]
pub struct Wire {
    commands: ChildStdin,
    messages: Receiver<Value>,
    events: Vec<Value>,
    last: u64,
}

impl Wire {
    /// Connects over the pipes that the browser has as descriptors 3 and 4.
    #[must_use]
    pub fn new(commands: ChildStdin, answers: ChildStdout) -> Self {
        let (sender, messages) = channel();
        thread::spawn(move || {
            for message in BufReader::new(answers).split(0) {
                let message = message.ok().and_then(|message| serde_json::from_slice(&message).ok());
                // The browser has ended, or the receiver was dropped.
                let Some(message) = message else { break };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self { commands, messages, events: Vec::new(), last: 0 }
    }

    /// Sends a command and waits for its answer. An empty session addresses the browser itself.
    ///
    /// # Errors
    /// The browser's error message, or that the browser has ended.
    pub fn call(&mut self, session: &str, method: &str, params: Value) -> Result<Value, String> {
        let (id, began) = (self.send(session, method, params)?, Instant::now());
        loop {
            // Events do not make the wait longer.
            let left = ANSWER.saturating_sub(began.elapsed());
            let message = self.messages.recv_timeout(left).map_err(|why| match why {
                RecvTimeoutError::Timeout => format!("{method}: no answer within {ANSWER:?}"),
                RecvTimeoutError::Disconnected => format!("{method}: the browser has ended"),
            })?;
            if message["method"] == "Page.javascriptDialogOpening" {
                // A page with an open dialog waits for us while we wait for the page. The answer is always yes.
                self.send(session, "Page.handleJavaScriptDialog", json!({ "accept": true }))?;
            } else if message["id"] != id {
                self.events.push(message);
            } else if let Some(error) = message.get("error") {
                return Err(format!("{method}: {error}"));
            } else {
                return Ok(message["result"].clone());
            }
        }
    }

    /// Sends a command without waiting for its answer.
    ///
    /// # Errors
    /// If the browser has ended.
    pub fn send(&mut self, session: &str, method: &str, params: Value) -> Result<u64, String> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = json!(session);
        }
        let octets = format!("{message}\0");
        self.commands.write_all(octets.as_bytes()).map_err(|error| format!("{method}: {error}"))?;
        Ok(self.last)
    }

    /// The events since the last call.
    pub fn events(&mut self) -> Vec<Value> {
        self.events.extend(self.messages.try_iter());
        std::mem::take(&mut self.events)
    }
}

/// The timeout for an answer. A machine with two cores and five browsers needs a while to start one.
const ANSWER: Duration = Duration::from_secs(60);
