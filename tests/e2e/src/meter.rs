//! [`Player`]: makes a meter send on a line in real time, and records what it sent and when.
//!
//! The meter sends any sequence of [`Telegram`]s, either of a simulator or captured ones. A telegram carries the values
//! that the test expects from it, and [`SentTelegram`] returns them.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use metertap_simulator::{Meter, Model, Truth};

use crate::pty::{Pty, Sent};
use crate::{now, wait_for};

/// A telegram to send.
#[derive(Clone, Debug)]
pub struct Telegram<T> {
    /// When to send it, in milliseconds after the meter starts. If that time has passed, it is sent at once.
    pub due: u64,
    /// Its bytes.
    pub octets: Vec<u8>,
    /// Its values.
    pub truth: T,
}

/// A telegram that was sent.
#[derive(Clone, Debug)]
pub struct SentTelegram<T> {
    /// Its values.
    pub truth: T,
    /// The number of its bytes.
    pub octets: usize,
    /// When its last byte was written to the line, in milliseconds since 1970.
    pub at: f64,
    /// Whether all of it arrived unchanged.
    pub heard: bool,
}

/// A fault on the line.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// These bytes are sent before the next telegram.
    Noise(Vec<u8>),
    /// The second half of the next telegram is not sent.
    CutInHalf,
    /// A bit in the middle of the next telegram is flipped.
    FlippedBit,
}

/// A meter that sends until its telegrams end. Dropping it ends the meter and its line.
#[derive(Debug)]
pub struct Player<T> {
    orders: Option<Sender<Order>>,
    spoken: Arc<Mutex<Vec<SentTelegram<T>>>>,
    thread: Option<JoinHandle<Option<Pty>>>,
    line: Option<Pty>,
}

#[derive(Debug)]
enum Order {
    Suffer(Mishap),
    Unplug(Sender<Pty>),
    Plug(Pty),
}

impl Player<Truth> {
    /// A simulated meter that sends at its own pace.
    #[must_use]
    pub fn simulate(pty: Pty, model: Model, seed: u64, start_unix_seconds: i64) -> Self {
        let meter = Meter::new(model, seed, start_unix_seconds);
        Self::play(
            pty,
            meter.map(|telegram| Telegram {
                due: telegram.due,
                octets: telegram.bytes,
                truth: telegram.truth,
            }),
        )
    }
}

impl<T: Clone + Send + 'static> Player<T> {
    /// Starts sending.
    #[must_use]
    pub fn play(pty: Pty, telegrams: impl Iterator<Item = Telegram<T>> + Send + 'static) -> Self {
        let (orders, receiver) = channel();
        let spoken = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::clone(&spoken);
        let thread = thread::spawn(move || speak(Some(pty), telegrams, &receiver, &memory));
        Self { orders: Some(orders), spoken, thread: Some(thread), line: None }
    }

    /// All telegrams sent so far.
    #[must_use]
    pub fn spoken(&self) -> Vec<SentTelegram<T>> {
        self.memory().clone()
    }

    /// Whether that many telegrams have been sent, received or not.
    #[must_use]
    pub fn has_said(&self, count: usize) -> bool {
        self.memory().len() >= count
    }

    /// The number of telegrams that have arrived so far.
    #[must_use]
    pub fn heard(&self) -> usize {
        self.memory().iter().filter(|spoken| spoken.heard).count()
    }

    /// Waits until `more` further telegrams have arrived, and returns the last of them.
    ///
    /// # Panics
    /// If they do not arrive within `patience`.
    pub fn wait_heard(&self, more: usize, patience: Duration) -> SentTelegram<T> {
        let already = self.heard();
        let last = wait_for(patience, || {
            self.memory().iter().filter(|spoken| spoken.heard).nth(already + more - 1).cloned()
        });
        last.unwrap_or_else(|| panic!("fewer than {more} telegrams arrived within {patience:?}"))
    }

    /// Applies a fault to the next telegram.
    pub fn suffer(&self, mishap: Mishap) {
        self.order(Order::Suffer(mishap));
    }

    /// Takes the line away. The meter keeps sending, but nothing arrives.
    ///
    /// # Panics
    /// If the meter has no line.
    #[must_use]
    pub fn unplug(&self) -> Pty {
        let (sender, pty) = channel();
        self.order(Order::Unplug(sender));
        pty.recv().expect("a line is plugged in")
    }

    /// Gives the meter a line again.
    pub fn plug(&self, pty: Pty) {
        self.order(Order::Plug(pty));
    }

    /// Stops the meter after its current telegram, and returns all telegrams sent. The line stays plugged in.
    ///
    /// # Panics
    /// If sending failed.
    pub fn stop(&mut self) -> Vec<SentTelegram<T>> {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A line that ends loses the bytes that were not yet read, so the line is kept.
            self.line = thread.join().expect("the meter spoke without failing");
        }
        self.spoken()
    }

    /// Waits until the meter has sent all its telegrams.
    ///
    /// # Panics
    /// If it has not within `patience`.
    pub fn wait_ended(&self, patience: Duration) {
        let ended =
            wait_for(patience, || self.thread.as_ref().is_none_or(JoinHandle::is_finished).then_some(()));
        ended.unwrap_or_else(|| panic!("the meter still sends after {patience:?}"));
    }

    fn memory(&self) -> MutexGuard<'_, Vec<SentTelegram<T>>> {
        self.spoken.lock().expect("the meter spoke without failing")
    }

    fn order(&self, order: Order) {
        let orders = self.orders.as_ref().expect("the meter was not stopped");
        orders.send(order).expect("the meter speaks");
    }
}

fn speak<T>(
    mut pty: Option<Pty>,
    telegrams: impl Iterator<Item = Telegram<T>>,
    orders: &Receiver<Order>,
    memory: &Mutex<Vec<SentTelegram<T>>>,
) -> Option<Pty> {
    let began = Instant::now();
    for telegram in telegrams {
        let due = began + Duration::from_millis(telegram.due);
        let mut mishaps = Vec::new();
        loop {
            match orders.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(Order::Suffer(mishap)) => mishaps.push(mishap),
                Ok(Order::Unplug(sender)) => drop(pty.take().map(|pty| sender.send(pty))),
                Ok(Order::Plug(new)) => pty = Some(new),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return pty,
            }
        }
        let (octets, whole) = suffered(&telegram.octets, &mishaps);
        let nobody = Sent { at: now(), lost: octets.len() };
        let sent = pty.as_ref().map_or(nobody, |pty| pty.send(&octets));
        let heard = whole && sent.lost == 0;
        let spoken =
            SentTelegram { truth: telegram.truth, octets: telegram.octets.len(), at: sent.at, heard };
        memory.lock().expect("the test has not failed").push(spoken);
    }
    pty
}

/// The rest of a telegram after these faults, and whether it is complete.
fn suffered(telegram: &[u8], mishaps: &[Mishap]) -> (Vec<u8>, bool) {
    let (mut octets, mut whole, mut noise) = (telegram.to_vec(), true, Vec::new());
    for mishap in mishaps {
        match mishap {
            Mishap::Noise(more) => noise.extend(more),
            Mishap::CutInHalf => octets.truncate(telegram.len() / 2),
            Mishap::FlippedBit => octets[telegram.len() / 2] ^= 0x04,
        }
        whole &= matches!(mishap, Mishap::Noise(_));
    }
    noise.extend(octets);
    (noise, whole)
}
