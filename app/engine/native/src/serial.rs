//! [`Adapters`]: serial adapters with simulated meters behind them, plugged in and out.

use std::cell::{Cell, RefCell};
use std::iter::Peekable;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use metertap_decoder::line::Line;
use metertap_engine::platform::{self, LineError, ReadError};
use metertap_simulator::{Meter, Model};

use crate::bell::Bell;
use crate::timers::Timers;

/// All adapters of a computer. Clones are views of one and the same.
#[derive(Clone)]
pub struct Adapters(Rc<Inner>);

struct Inner {
    timers: Timers,
    all: RefCell<Vec<Adapter>>,
    listeners: RefCell<Vec<std::rc::Weak<dyn Fn()>>>,
}

/// An adapter and the meter behind it. Clones are views of one and the same.
#[derive(Clone)]
pub struct Adapter(Rc<Plug>);

struct Plug {
    adapters: Adapters,
    usb: (Option<u16>, Option<u16>),
    is_in: Cell<bool>,
    is_open: Cell<bool>,
    /// Another program has it.
    is_taken: Cell<bool>,
    is_mute: Cell<bool>,
    line: Cell<Line>,
    telegrams: RefCell<Peekable<Meter>>,
    changed: Bell,
}

impl Adapters {
    pub(crate) fn new(timers: Timers) -> Self {
        Self(Rc::new(Inner { timers, all: RefCell::default(), listeners: RefCell::default() }))
    }

    /// Plugs one in, of the kind with these USB ids, behind which such a meter speaks.
    pub fn plug_in(&self, usb: (u16, u16), model: Model, seed: u64) -> Adapter {
        let seconds = 1_700_000_000 + i64::try_from(self.0.timers.now().0 / 1000).unwrap_or_default();
        let adapter = Adapter(Rc::new(Plug {
            adapters: self.clone(),
            usb: (Some(usb.0), Some(usb.1)),
            is_in: Cell::new(true),
            is_open: Cell::default(),
            is_taken: Cell::default(),
            is_mute: Cell::default(),
            line: Cell::new(model.line()),
            telegrams: RefCell::new(begun(model, seed, seconds)),
            changed: Bell::default(),
        }));
        self.0.all.borrow_mut().push(adapter.clone());
        self.ring();
        adapter
    }

    fn ring(&self) {
        let listeners: Vec<_> = self.0.listeners.borrow().iter().filter_map(std::rc::Weak::upgrade).collect();
        listeners.iter().for_each(|listener| listener());
    }
}

fn begun(model: Model, seed: u64, seconds: i64) -> Peekable<Meter> {
    Meter::new(model, seed, seconds).peekable()
}

impl Adapter {
    /// Pulls it out.
    pub fn pull_out(&self) {
        self.0.is_in.set(false);
        self.0.is_open.set(false);
        self.0.changed.ring();
        self.0.adapters.ring();
    }

    /// Plugs it in again.
    pub fn plug_in(&self) {
        self.0.is_in.set(true);
        self.0.adapters.ring();
    }

    /// Another program has it, or has let go of it.
    pub fn take(&self, taken: bool) {
        self.0.is_taken.set(taken);
        self.0.adapters.ring();
    }

    /// Its meter says nothing any more, or speaks again.
    pub fn mute(&self, mute: bool) {
        self.0.is_mute.set(mute);
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.is_open.get()
    }

    /// The meters behind two adapters change places.
    pub fn swap(&self, other: &Self) {
        self.0.telegrams.swap(&other.0.telegrams);
        self.0.line.swap(&other.0.line);
        self.0.changed.ring();
        other.0.changed.ring();
    }

    fn due(&self) -> Option<u64> {
        self.0.telegrams.borrow_mut().peek().map(|telegram| telegram.due)
    }
}

impl PartialEq for Adapter {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl platform::Serial for Adapters {
    type Port = Adapter;
    type Listening = Rc<dyn Fn()>;

    async fn ports(&self) -> Vec<Adapter> {
        self.0.all.borrow().iter().filter(|adapter| adapter.0.is_in.get()).cloned().collect()
    }

    fn listen(&self, changed: impl Fn() + Clone + 'static) -> Rc<dyn Fn()> {
        let changed: Rc<dyn Fn()> = Rc::new(changed);
        self.0.listeners.borrow_mut().push(Rc::downgrade(&changed));
        changed
    }
}

impl platform::Port for Adapter {
    type Open = OpenAdapter;

    fn usb(&self) -> (Option<u16>, Option<u16>) {
        self.0.usb
    }

    async fn open(&self, line: Line) -> Result<OpenAdapter, String> {
        if self.0.is_taken.get() || !self.0.is_in.get() || self.0.is_open.replace(true) {
            return Err("NetworkError".to_owned());
        }
        Ok(OpenAdapter { adapter: self.clone(), line })
    }
}

/// An adapter that is open. What was said before is gone.
pub struct OpenAdapter {
    adapter: Adapter,
    line: Line,
}

impl platform::OpenPort for OpenAdapter {
    async fn read(&mut self) -> Result<Vec<u8>, ReadError> {
        let plug = &self.adapter.0;
        let timers = plug.adapters.0.timers.clone();
        loop {
            if !plug.is_in.get() || !plug.is_open.get() {
                return Err(ReadError::Gone);
            }
            let changed = plug.changed.next();
            let Some(due) = self.adapter.due() else { return Err(ReadError::Gone) };
            let now = timers.now();
            if due < now.0 {
                // Nobody listened.
                plug.telegrams.borrow_mut().next();
                continue;
            }
            let telegram = pin!(timers.at(metertap_decoder::time::Instant(due)));
            if let Either::Right(_) = select(telegram, changed).await {
                continue;
            }
            let telegram = plug.telegrams.borrow_mut().next();
            let Some(telegram) = telegram else { return Err(ReadError::Gone) };
            if plug.is_mute.get() {
                continue;
            }
            if self.line != plug.line.get() {
                return Err(ReadError::Line(LineError::Framing));
            }
            return Ok(telegram.octets);
        }
    }

    async fn write(&self, _octets: &[u8]) -> Result<(), ReadError> {
        if self.adapter.0.is_in.get() { Ok(()) } else { Err(ReadError::Gone) }
    }

    async fn close(self) {}
}

impl Drop for OpenAdapter {
    fn drop(&mut self) {
        self.adapter.0.is_open.set(false);
    }
}
