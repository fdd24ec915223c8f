//! [`Volumes`]: what is in memory of each meter's log, and who may change it.
//!
//! Each meter has a lock of its own, so that a disk that takes its time over one meter's rows keeps no other meter
//! waiting. Whoever needs all of them, because the disk is another one or days are those of another zone, shuts the gate
//! first: nobody new begins then, and those who have begun are waited for. Whoever holds one meter's lock asks for no
//! second one, so nobody waits for ever.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use futures_util::lock::{Mutex, MutexGuard, OwnedMutexGuard};

use super::Volume;
use crate::store::MeterKey;

/// What is known of all meters' logs.
#[derive(Debug, Default)]
pub(super) struct Volumes {
    gate: Mutex<()>,
    each: RefCell<HashMap<MeterKey, Shared>>,
}

/// Where a meter's volume is; none where it is not known what the disk holds.
type Shared = Arc<Mutex<Option<Volume>>>;

/// The place of one meter's volume. Nobody else reads it from the disk or writes it meanwhile.
pub(super) type One = OwnedMutexGuard<Option<Volume>>;

/// The places of all volumes. Nobody else has any of them meanwhile.
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
    /// Takes out all that are known.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (MeterKey, Volume)> {
        self.each.iter_mut().filter_map(|(meter, one)| Some((meter.clone(), one.take()?)))
    }

    /// Takes out a meter's, if it is known.
    pub(super) fn take_one(&mut self, meter: &MeterKey) -> Option<Volume> {
        self.each.get_mut(meter)?.take()
    }

    /// A meter's is known from now on.
    pub(super) fn put(&mut self, meter: &MeterKey, volume: Volume) {
        if !self.each.contains_key(meter) {
            // The gate is shut: nobody has a place that is not among these.
            let Some(one) = self.volumes.place(meter).try_lock_owned() else { return };
            self.each.insert(meter.clone(), one);
        }
        if let Some(one) = self.each.get_mut(meter) {
            **one = Some(volume);
        }
    }
}
