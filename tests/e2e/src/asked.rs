//! [`Answerer`]: a meter that answers when it is asked, on a line in real time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use metertap_decoder::line::Line;
use metertap_simulator::{Asked, Said, Truth};

use crate::pty::Pty;

/// A meter that waits to be asked. Dropping it ends it and its line.
#[derive(Debug)]
pub struct Answerer {
    said: Arc<Mutex<Vec<Truth>>>,
    changed: Arc<Mutex<Vec<Changeover>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A line that was set anew behind something said.
#[derive(Clone, Copy, Debug)]
pub struct Changeover {
    /// As it was.
    pub from: Line,
    /// As it is.
    pub to: Line,
    /// From when the last octet said had left, on a real line, until the port was open anew.
    pub took: Duration,
}

impl Answerer {
    /// Begins to wait.
    #[must_use]
    pub fn wait(pty: Pty, meter: Asked) -> Self {
        let (said, changed, over) = (Arc::default(), Arc::default(), Arc::default());
        let (memory, changes, end) = (Arc::clone(&said), Arc::clone(&changed), Arc::clone(&over));
        let thread = thread::spawn(move || answer(pty, meter, &memory, &changes, &end));
        Self { said, changed, over, thread: Some(thread) }
    }

    /// Each time that its line was set to another speed behind something said.
    ///
    /// # Panics
    /// Answering failed.
    #[must_use]
    pub fn changeovers(&self) -> Vec<Changeover> {
        self.changed.lock().expect("the meter answered without failing").clone()
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

fn answer(
    mut pty: Pty,
    mut meter: Asked,
    memory: &Mutex<Vec<Truth>>,
    changes: &Mutex<Vec<Changeover>>,
    over: &AtomicBool,
) {
    let began = Instant::now();
    let now = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut due: Vec<Said> = Vec::new();
    let mut last: Option<(Line, u64)> = None;
    while !over.load(Ordering::Relaxed) {
        if let Some((octets, line)) = pty.listen(TICK) {
            // What was written at once takes its time on a real line.
            let left = now() + line.milliseconds(octets.len());
            last = Some((line, left));
            due.extend(meter.hear(left, line, &octets));
            due.sort_by_key(|said| said.at);
        }
        if let (Some((from, left)), Some(to)) = (last, pty.setting())
            && from.baud != to.baud
        {
            let took = Duration::from_millis(now().saturating_sub(left));
            changes.lock().expect("the test has not failed").push(Changeover { from, to, took });
            last = None;
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
