//! [`World`]: a computer with its clock, disk, ports and network, and the tabs of its browser.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_executor::{LocalPool, LocalSpawner};
use metertap_decoder::time::{Instant, Zone};
use metertap_engine::clock::UnknownZone;
use metertap_readings::entry::Moment;

use crate::channels::Channels;
use crate::disks::Disks;
use crate::files::Handle;
use crate::locks::Locks;
use crate::serial::Adapters;
use crate::sockets::Brokers;
use crate::timers::Timers;

/// A computer. Clones share it.
#[derive(Clone)]
pub struct World(Rc<Inner>);

pub(crate) struct Inner {
    pub(crate) timers: Timers,
    pool: RefCell<LocalPool>,
    pub(crate) spawner: LocalSpawner,
    /// The wall clock when [`World::now`] was zero, in milliseconds since 1970.
    began: Cell<i64>,
    pub(crate) zone: RefCell<Result<Zone, UnknownZone>>,
    random: Cell<u64>,
    pub(crate) locks: RefCell<Locks>,
    pub(crate) channels: Channels,
    pub(crate) adapters: Adapters,
    pub(crate) brokers: Brokers,
    pub(crate) disks: Disks,
    pub(crate) remembered_folder: RefCell<Option<Handle>>,
}

impl Default for World {
    fn default() -> Self {
        let pool = LocalPool::new();
        let (spawner, timers) = (pool.spawner(), Timers::default());
        Self(Rc::new(Inner {
            spawner,
            pool: RefCell::new(pool),
            began: Cell::new(BEGAN),
            zone: RefCell::new(zone("Europe/Oslo")),
            random: Cell::new(SEED),
            locks: RefCell::default(),
            channels: Channels::default(),
            adapters: Adapters::new(timers.clone()),
            brokers: Brokers::new(timers.clone()),
            disks: Disks::new(timers.clone()),
            remembered_folder: RefCell::default(),
            timers,
        }))
    }
}

impl World {
    /// Lets that many milliseconds pass. The tasks due in that time run in order.
    pub fn run(&self, milliseconds: u64) {
        let until = self.now().after(milliseconds);
        loop {
            self.0.pool.borrow_mut().run_until_stalled();
            if !self.0.timers.go_on(until) {
                break;
            }
        }
        self.0.pool.borrow_mut().run_until_stalled();
    }

    /// Lets time pass until `is_so` returns `true`, for at most that many milliseconds. Returns the last result of
    /// `is_so`.
    pub fn run_until(&self, milliseconds: u64, is_so: impl Fn() -> bool) -> bool {
        let until = self.now().after(milliseconds);
        loop {
            self.0.pool.borrow_mut().run_until_stalled();
            if is_so() {
                return true;
            }
            if !self.0.timers.go_on(until) {
                self.0.pool.borrow_mut().run_until_stalled();
                return is_so();
            }
        }
    }

    /// The present moment of the clock for deadlines.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.0.timers.now()
    }

    /// The present moment of the wall clock.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment(self.0.began.get().saturating_add_unsigned(self.now().0))
    }

    /// Sets the wall clock. It runs on from there.
    pub fn set_clock(&self, moment: Moment) {
        self.0.began.set(moment.0.saturating_sub_unsigned(self.now().0));
    }

    /// Moves the computer to that time zone.
    pub fn move_to(&self, name: &str) {
        *self.0.zone.borrow_mut() = zone(name);
    }

    /// The number of timers that are set.
    #[must_use]
    pub fn timers(&self) -> usize {
        self.0.timers.count()
    }

    /// The serial adapters.
    #[must_use]
    pub fn adapters(&self) -> &Adapters {
        &self.0.adapters
    }

    /// The brokers of the house.
    #[must_use]
    pub fn brokers(&self) -> &Brokers {
        &self.0.brokers
    }

    /// The locks of the browser.
    #[must_use]
    pub fn locks(&self) -> Locks {
        self.0.locks.borrow().clone()
    }

    /// The disks of the browser.
    #[must_use]
    pub fn disks(&self) -> &Disks {
        &self.0.disks
    }

    /// The number of messages that tabs have sent each other.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.0.channels.messages()
    }

    /// Makes the browser forget all locks, as Chromium does when it clears a site's storage. Open tabs go on with the
    /// old locks, which tabs opened later do not see.
    pub fn forget_locks(&self) {
        self.0.locks.replace(Locks::default());
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// The next number of a fixed pseudo-random sequence (xorshift64).
    pub(crate) fn random(&self) -> u64 {
        let mut number = self.0.random.get();
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        self.0.random.set(number);
        number
    }
}

fn zone(name: &str) -> Result<Zone, UnknownZone> {
    Zone::named(name).ok_or_else(|| UnknownZone(name.to_owned()))
}

/// 2023-11-14T22:13:20Z.
const BEGAN: i64 = 1_700_000_000_000;
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
