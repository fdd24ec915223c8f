//! [`Volumes`]: what is in memory of each meter's log, and the locks that protect it.
//!
//! Each meter has a lock of its own, so that a slow access to one meter's rows does not block other meters. Some
//! operations need all locks, because the disk is a different one or the time zone has changed. Such an operation first
//! closes the gate, so that no new operation begins, and then waits for the running ones. A task that holds one meter's
//! lock never asks for a second one, so there is no deadlock.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use futures_util::lock::{Mutex, MutexGuard, OwnedMutexGuard};

use super::Volume;
use crate::store::MeterKey;

#[derive(Debug, Default)]
pub(super) struct Volumes {
    gate: Mutex<()>,
    each: RefCell<HashMap<MeterKey, Shared>>,
}

/// The slot of a meter's volume; `None` while it is not known what the disk holds.
type Shared = Arc<Mutex<Option<Volume>>>;

/// The locked slot of one meter's volume. No other task reads it from the disk or writes it meanwhile.
pub(super) type One = OwnedMutexGuard<Option<Volume>>;

/// The locked slots of all volumes. No other task has any of them meanwhile.
pub(super) struct All<'a> {
    volumes: &'a Volumes,
    each: HashMap<MeterKey, One>,
    _gate: MutexGuard<'a, ()>,
}

impl Volumes {
    /// Waits for a meter's volume.
    pub(super) async fn one(&self, meter: &MeterKey) -> One {
        let place = {
            let _open = self.gate.lock().await;
            self.place(meter)
        };
        place.lock_owned().await
    }

    /// Waits for all volumes.
    pub(super) async fn all(&self) -> All<'_> {
        let gate = self.gate.lock().await;
        let places = self.each.borrow().clone();
        let mut each = HashMap::new();
        for (meter, place) in places {
            each.insert(meter, place.lock_owned().await);
        }
        All { volumes: self, each, _gate: gate }
    }

    fn place(&self, meter: &MeterKey) -> Shared {
        if let Some(place) = self.each.borrow().get(meter) {
            return Arc::clone(place);
        }
        Arc::clone(self.each.borrow_mut().entry(meter.clone()).or_default())
    }
}

impl All<'_> {
    pub(super) fn take(&mut self) -> impl Iterator<Item = (MeterKey, Volume)> {
        self.each.iter_mut().filter_map(|(meter, one)| Some((meter.clone(), one.take()?)))
    }

    pub(super) fn take_one(&mut self, meter: &MeterKey) -> Option<Volume> {
        self.each.get_mut(meter)?.take()
    }

    /// Stores a meter's volume, which is known from now on.
    pub(super) fn put(&mut self, meter: &MeterKey, volume: Volume) {
        if !self.each.contains_key(meter) {
            // The gate is closed, so no other task holds a slot that is not among these.
            let Some(one) = self.volumes.place(meter).try_lock_owned() else { return };
            self.each.insert(meter.clone(), one);
        }
        if let Some(one) = self.each.get_mut(meter) {
            **one = Some(volume);
        }
    }
}
