//! [`Answerer`]: a meter that answers questions, on a line in real time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use metertap_decoder::line::Line;
use metertap_simulator::{Asked, Said, Truth};

use crate::pty::Pty;

/// A meter that answers questions. Dropping it ends the meter and its line.
#[derive(Debug)]
pub struct Answerer {
    said: Arc<Mutex<Vec<Truth>>>,
    changed: Arc<Mutex<Vec<Changeover>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A change of baud rate after the page sent something.
#[derive(Clone, Copy, Debug)]
pub struct Changeover {
    /// The settings before.
    pub from: Line,
    /// The settings after.
    pub to: Line,
    /// The time from the end of the page's last byte, at the speed of a real line, until the port had the new settings.
    pub took: Duration,
}

impl Answerer {
    /// Starts waiting for questions.
    #[must_use]
    pub fn wait(pty: Pty, meter: Asked) -> Self {
        let (said, changed, over) = (Arc::default(), Arc::default(), Arc::default());
        let (memory, changes, end) = (Arc::clone(&said), Arc::clone(&changed), Arc::clone(&over));
        let thread = thread::spawn(move || answer(pty, meter, &memory, &changes, &end));
        Self { said, changed, over, thread: Some(thread) }
    }

    /// All changes of the baud rate after the page sent something.
    ///
    /// # Panics
    /// If the meter failed.
    #[must_use]
    pub fn changeovers(&self) -> Vec<Changeover> {
        self.changed.lock().expect("the meter answered without failing").clone()
    }

    /// The contents of all answers with values so far.
    ///
    /// # Panics
    /// If the meter failed.
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
            // The bytes were written at once. On a real line they take time.
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
            pty.send(&said.bytes);
            memory.lock().expect("the test has not failed").extend(said.truth);
        }
    }
}

/// The time between two looks at the line.
const TICK: Duration = Duration::from_millis(2);
