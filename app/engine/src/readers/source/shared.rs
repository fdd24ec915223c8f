//! [`Seat`]: one of several meters on the same line, as on a wired M-Bus.
//!
//! The seat that holds the lock on the line's source has the floor. A dialogue takes the floor before it sends, and
//! leaves it when it rests. The other seats wait meanwhile. The first seat opens the line, and the last one closes it.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::lock::{Mutex, OwnedMutexGuard};
use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;

use super::{Gone, NotOpen, Source, SourceNews};
use crate::clock::Clock;

/// A line with several meters.
#[derive(Debug)]
pub struct SharedLine<S> {
    /// Locked by the seat that has the floor.
    floor: Arc<Mutex<Floor<S>>>,
    /// How many seats are reading.
    seats: AtomicUsize,
}

#[derive(Debug)]
struct Floor<S> {
    source: S,
    open: bool,
}

/// One meter's place on a line.
#[derive(Debug)]
pub struct Seat<C, S: Source> {
    clock: C,
    line: Arc<SharedLine<S>>,
    /// The lock, while this seat has the floor.
    floor: Option<OwnedMutexGuard<Floor<S>>>,
    /// This meter's speed and parity.
    setting: Line,
    seated: bool,
}

impl<S: Source> SharedLine<S> {
    /// A line that no seat is reading yet.
    #[allow(clippy::arc_with_non_send_sync, reason = "a mutex guard without a lifetime requires an `Arc`")]
    pub fn new(source: S) -> Arc<Self> {
        let floor = Arc::new(Mutex::new(Floor { source, open: false }));
        Arc::new(Self { floor, seats: AtomicUsize::default() })
    }

    /// A seat for one more meter, with its line setting.
    pub fn seat<C: Clock>(self: &Arc<Self>, clock: C, setting: Line) -> Seat<C, S> {
        Seat { clock, line: Arc::clone(self), floor: None, setting, seated: false }
    }
}

impl<C, S: Source> Seat<C, S> {
    async fn hold(&mut self) -> &mut Floor<S> {
        let floor = match self.floor.take() {
            Some(floor) => floor,
            None => Arc::clone(&self.line.floor).lock_owned().await,
        };
        self.floor.insert(floor)
    }
}

impl<C: Clock, S: Source> Source for Seat<C, S> {
    async fn open(&mut self) -> Result<(), NotOpen> {
        let floor = self.hold().await;
        let opened = if floor.open { Ok(()) } else { floor.source.open().await };
        floor.open = opened.is_ok();
        if opened.is_ok() && !self.seated {
            self.seated = true;
            self.line.seats.fetch_add(1, Ordering::Relaxed);
        }
        self.floor = None;
        opened
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews {
        match &mut self.floor {
            Some(floor) => floor.source.read_until(deadline).await,
            None => {
                self.clock.until(deadline).await;
                SourceNews::Nothing
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.hold().await.source.write(bytes).await
    }

    async fn set_line(&mut self, line: Line) -> Result<(), Gone> {
        self.setting = line;
        self.hold().await.source.set_line(line).await
    }

    async fn close(&mut self) {
        if self.seated {
            self.seated = false;
            self.line.seats.fetch_sub(1, Ordering::Relaxed);
        }
        let is_last = self.line.seats.load(Ordering::Relaxed) == 0;
        if is_last {
            self.hold().await;
        }
        // A lost line is closed, so that the next seat opens it again. A line that other seats still use stays open.
        if let Some(floor) = self.floor.as_mut().filter(|floor| is_last || !floor.open) {
            floor.source.close().await;
            floor.open = false;
        }
        self.floor = None;
    }

    /// A seat on a shared line learns of no changes, so only the back-off makes it try again.
    async fn changed(&mut self) {
        pending().await
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn moment(&self) -> Moment {
        self.clock.moment()
    }

    async fn wait_turn(&mut self) {
        self.hold().await;
    }

    async fn take_floor(&mut self) -> Result<(), Gone> {
        let setting = self.setting;
        let floor = self.hold().await;
        if floor.open { floor.source.set_line(setting).await } else { Err(Gone) }
    }

    fn leave_floor(&mut self) {
        self.floor = None;
    }

    fn is_lost(&mut self) -> NotOpen {
        let Some(floor) = &mut self.floor else { return NotOpen::Absent };
        floor.open = false;
        floor.source.is_lost()
    }
}
