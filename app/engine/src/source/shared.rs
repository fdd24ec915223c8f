//! [`Seat`]: one of several meters on the same line, as on a wired M-Bus.
//!
//! Whoever holds the line's source has the floor. A conversation takes the floor before its first word and leaves it when
//! it rests; meanwhile the others wait. The line is opened by the first of them and closed behind the last.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;

use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;

use super::{Gone, Heard, NotOpen, Source};
use crate::bell::Bell;
use crate::clock::Clock;

/// A line that several meters are on.
#[derive(Debug)]
pub struct SharedLine<S> {
    /// Its source, while nobody has the floor.
    free: RefCell<Option<Held<S>>>,
    freed: Bell,
    /// How many are reading.
    seats: Cell<usize>,
}

/// The source, and whether it is open.
#[derive(Debug)]
struct Held<S> {
    source: S,
    open: bool,
}

/// A meter on a line.
#[derive(Debug)]
pub struct Seat<C, S: Source> {
    clock: C,
    line: Rc<SharedLine<S>>,
    /// While this one has the floor.
    held: Option<Held<S>>,
    /// Speed and parity of this meter.
    setting: Line,
    seated: bool,
}

impl<S: Source> SharedLine<S> {
    /// A line that nobody is reading yet.
    pub fn new(source: S) -> Rc<Self> {
        let free = RefCell::new(Some(Held { source, open: false }));
        Rc::new(Self { free, freed: Bell::default(), seats: Cell::new(0) })
    }

    /// A place for one more meter, which speaks at that setting.
    pub fn seat<C: Clock>(self: &Rc<Self>, clock: C, setting: Line) -> Seat<C, S> {
        Seat { clock, line: Rc::clone(self), held: None, setting, seated: false }
    }
}

impl<C, S: Source> Seat<C, S> {
    async fn hold(&mut self) -> &mut Held<S> {
        let held = match self.held.take() {
            Some(held) => held,
            None => loop {
                let freed = self.line.freed.next();
                let free = self.line.free.borrow_mut().take();
                match free {
                    Some(held) => break held,
                    None => freed.await,
                }
            },
        };
        self.held.insert(held)
    }

    fn give_back(&mut self) {
        if let Some(held) = self.held.take() {
            *self.line.free.borrow_mut() = Some(held);
            self.line.freed.ring();
        }
    }
}

impl<C: Clock, S: Source> Source for Seat<C, S> {
    async fn open(&mut self) -> Result<(), NotOpen> {
        let held = self.hold().await;
        let opened = if held.open { Ok(()) } else { held.source.open().await };
        held.open = opened.is_ok();
        if opened.is_ok() && !self.seated {
            self.seated = true;
            self.line.seats.set(self.line.seats.get() + 1);
        }
        self.give_back();
        opened
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> Heard {
        match &mut self.held {
            Some(held) => held.source.read_until(deadline).await,
            None => {
                self.clock.until(deadline).await;
                Heard::Nothing
            }
        }
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), Gone> {
        self.hold().await.source.write(octets).await
    }

    async fn set_line(&mut self, line: Line) -> Result<(), Gone> {
        self.setting = line;
        self.hold().await.source.set_line(line).await
    }

    async fn close(&mut self) {
        if self.seated {
            self.seated = false;
            self.line.seats.set(self.line.seats.get() - 1);
        }
        let is_last = self.line.seats.get() == 0;
        if is_last {
            self.hold().await;
        }
        // Whoever comes back opens a line anew that was lost. Where others speak on it, it is theirs to close.
        if let Some(held) = self.held.as_mut().filter(|held| is_last || !held.open) {
            held.source.close().await;
            held.open = false;
        }
        self.give_back();
    }

    /// Who shares a line tries it again by the clock.
    async fn changed(&self) {
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
        let held = self.hold().await;
        if held.open { held.source.set_line(setting).await } else { Err(Gone) }
    }

    fn leave_floor(&mut self) {
        self.give_back();
    }

    fn is_lost(&mut self) {
        if let Some(held) = &mut self.held {
            held.open = false;
        }
    }
}

impl<C, S: Source> Drop for Seat<C, S> {
    fn drop(&mut self) {
        self.give_back();
    }
}
