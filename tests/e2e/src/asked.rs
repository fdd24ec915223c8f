//! [`Answerer`]: a meter that answers when it is asked, on a line in real time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use metertap_simulator::{Asked, Said, Truth};

use crate::pty::Pty;

/// A meter that waits to be asked. Dropping it ends it and its line.
#[derive(Debug)]
pub struct Answerer {
    said: Arc<Mutex<Vec<Truth>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Answerer {
    /// Begins to wait.
    #[must_use]
    pub fn wait(pty: Pty, meter: Asked) -> Self {
        let (said, over) = (Arc::default(), Arc::default());
        let (memory, end) = (Arc::clone(&said), Arc::clone(&over));
        let thread = thread::spawn(move || answer(pty, meter, &memory, &end));
        Self { said, over, thread: Some(thread) }
    }

    /// What its answers with values said so far.
    ///
    /// # Panics
    /// Answering failed.
    #[must_use]
    pub fn said(&self) -> Vec<Truth> {
        self.said.lock().expect("the meter answered without failing").clone()
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !thread::panicking() {
                ended.expect("the meter answered without failing");
            }
        }
    }
}

fn answer(mut pty: Pty, mut meter: Asked, memory: &Mutex<Vec<Truth>>, over: &AtomicBool) {
    let began = Instant::now();
    let now = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut due: Vec<Said> = Vec::new();
    while !over.load(Ordering::Relaxed) {
        if let Some((octets, line)) = pty.listen(TICK) {
            // What was written at once takes its time on a real line.
            let left = now() + line.milliseconds(octets.len());
            due.extend(meter.hear(left, line, &octets));
            due.sort_by_key(|said| said.at);
        }
        let is_due = due.first().is_some_and(|said| said.at <= now());
        if is_due {
            let said = due.remove(0);
            pty.set_line(said.line);
            pty.send(&said.octets);
            memory.lock().expect("the test has not failed").extend(said.truth);
        }
    }
}

/// How long the line is listened to at a time.
const TICK: Duration = Duration::from_millis(2);
