//! [`Adapters`]: serial adapters with simulated meters. They can be plugged in and unplugged.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::iter::{self, Peekable};
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use metertap_decoder::line::Line;
use metertap_engine::platform::{self, LineError, ReadError};
use metertap_simulator::{Asked, Meter, Model, Telegram, Truth, heard};

use crate::bell::Bell;
use crate::timers::Timers;

/// All adapters of a computer. Clones share them.
#[derive(Clone)]
pub struct Adapters(Rc<Inner>);

struct Inner {
    timers: Timers,
    all: RefCell<Vec<Adapter>>,
    listeners: RefCell<Vec<std::rc::Weak<dyn Fn()>>>,
    /// The true values of the telegrams that meters sent unasked. `None` until a test asks for them.
    said: RefCell<Option<Vec<Truth>>>,
}

/// An adapter with its meter. Clones share it.
#[derive(Clone)]
pub struct Adapter(Rc<Plug>);

struct Plug {
    adapters: Adapters,
    usb: (Option<u16>, Option<u16>),
    is_in: Cell<bool>,
    is_open: Cell<bool>,
    /// Another program has the port open.
    is_taken: Cell<bool>,
    is_mute: Cell<bool>,
    /// The driver does not answer when the port is opened.
    is_stuck: Cell<bool>,
    /// The next telegram is sent twice.
    stutters: Cell<bool>,
    line: Cell<Line>,
    telegrams: RefCell<Peekable<Telegrams>>,
    /// Meters that must be polled, and the milliseconds on the clock when they were plugged in.
    asked: RefCell<Option<(Asked, u64)>>,
    answers: RefCell<VecDeque<(u64, Line, Vec<u8>)>>,
    changed: Bell,
}

/// The telegrams that meters send unasked, in order.
type Telegrams = Box<dyn Iterator<Item = Telegram>>;

impl Adapters {
    pub(crate) fn new(timers: Timers) -> Self {
        let (all, listeners, said) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self(Rc::new(Inner { timers, all, listeners, said }))
    }

    /// Takes the true values of the telegrams that meters have sent unasked since the last call. The first call begins
    /// the recording and returns nothing. A telegram sent while its port was closed is included once the port is read
    /// again.
    #[must_use]
    pub fn take_sent(&self) -> Vec<Truth> {
        self.0.said.replace(Some(Vec::new())).unwrap_or_default()
    }

    /// Plugs in an adapter with these USB IDs and a meter that sends unasked.
    pub fn plug_in(&self, usb: (u16, u16), model: Model, seed: u64) -> Adapter {
        self.plug_in_several(usb, &[(model, seed)])
    }

    /// As [`Self::plug_in`], with several meters on one line, as through a splitter. All meters use the line settings
    /// of the first.
    pub fn plug_in_several(&self, usb: (u16, u16), meters: &[(Model, u64)]) -> Adapter {
        let line = meters.first().map_or(Line::P1, |(model, _)| model.line());
        let began = |(model, seed): &(Model, u64)| Meter::new(*model, *seed, self.now().1).peekable();
        let mut meters: Vec<_> = meters.iter().map(began).collect();
        let merged = iter::from_fn(move || {
            let due = |meter: &mut Peekable<Meter>| meter.peek().map_or(u64::MAX, |telegram| telegram.due);
            let dues = meters.iter_mut().map(due).enumerate();
            let (next, _) = dues.min_by_key(|(_, due)| *due)?;
            meters.get_mut(next)?.next()
        });
        self.plug(usb, line, Box::new(merged), None)
    }

    /// As [`Self::plug_in`], with meters that must be polled.
    pub fn plug_in_asked(&self, usb: (u16, u16), meters: impl FnOnce(i64) -> Option<Asked>) -> Adapter {
        let (now, seconds) = self.now();
        let asked = meters(seconds).map(|asked| (asked, now));
        self.plug(usb, Line::P1, Box::new(iter::empty()), asked)
    }

    fn plug(
        &self,
        usb: (u16, u16),
        line: Line,
        telegrams: Telegrams,
        asked: Option<(Asked, u64)>,
    ) -> Adapter {
        let adapter = Adapter(Rc::new(Plug {
            adapters: self.clone(),
            usb: (Some(usb.0), Some(usb.1)),
            is_in: Cell::new(true),
            is_open: Cell::default(),
            is_taken: Cell::default(),
            is_mute: Cell::default(),
            is_stuck: Cell::default(),
            stutters: Cell::default(),
            line: Cell::new(line),
            telegrams: RefCell::new(telegrams.peekable()),
            asked: RefCell::new(asked),
            answers: RefCell::default(),
            changed: Bell::default(),
        }));
        self.0.all.borrow_mut().push(adapter.clone());
        self.ring();
        adapter
    }

    /// The clock in milliseconds, and the time in seconds since 1970.
    fn now(&self) -> (u64, i64) {
        let now = self.0.timers.now().0;
        (now, 1_700_000_000 + i64::try_from(now / 1000).unwrap_or_default())
    }

    fn ring(&self) {
        let listeners: Vec<_> = self.0.listeners.borrow().iter().filter_map(std::rc::Weak::upgrade).collect();
        listeners.iter().for_each(|listener| listener());
    }
}

impl Adapter {
    /// Unplugs the adapter.
    pub fn pull_out(&self) {
        self.0.is_in.set(false);
        self.0.is_open.set(false);
        self.0.changed.ring();
        self.0.adapters.ring();
    }

    /// Plugs the adapter in again.
    pub fn plug_in(&self) {
        self.0.is_in.set(true);
        self.0.adapters.ring();
    }

    /// Lets another program open the port, or close it.
    pub fn take(&self, taken: bool) {
        self.0.is_taken.set(taken);
        self.0.adapters.ring();
    }

    /// Silences the meter, or lets it send again.
    pub fn mute(&self, mute: bool) {
        self.0.is_mute.set(mute);
    }

    /// Makes the driver answer no more when the port is opened, or makes it answer again.
    pub fn stick(&self, stuck: bool) {
        self.0.is_stuck.set(stuck);
        self.0.changed.ring();
    }

    /// Makes the meter send its next telegram twice, which no real meter does.
    pub fn stutter(&self) {
        self.0.stutters.set(true);
    }

    /// Whether the port is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.is_open.get()
    }

    /// Swaps the meters of two adapters. Both meters must send unasked.
    pub fn swap(&self, other: &Self) {
        self.0.telegrams.swap(&other.0.telegrams);
        self.0.line.swap(&other.0.line);
        self.0.changed.ring();
        other.0.changed.ring();
    }

    fn due(&self) -> Option<u64> {
        let said = self.0.telegrams.borrow_mut().peek().map(|telegram| telegram.due);
        let answered = self.0.answers.borrow().front().map(|(at, ..)| *at);
        said.into_iter().chain(answered).min()
    }

    /// The next bytes, and the line settings with which they are sent.
    fn next(&self) -> Option<(Line, Vec<u8>)> {
        let answered = self.0.answers.borrow_mut().pop_front();
        if let Some((_, line, bytes)) = answered {
            return Some((line, bytes));
        }
        let Telegram { mut bytes, truth, .. } = self.0.telegrams.borrow_mut().next()?;
        if !self.0.is_mute.get()
            && let Some(said) = &mut *self.0.adapters.0.said.borrow_mut()
        {
            said.push(truth);
        }
        if self.0.stutters.take() {
            bytes.extend(bytes.clone());
        }
        Some((self.0.line.get(), bytes))
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
        while self.0.is_stuck.get() {
            self.0.changed.next().await;
        }
        if self.0.is_taken.get() || !self.0.is_in.get() || self.0.is_open.replace(true) {
            return Err("NetworkError".to_owned());
        }
        Ok(OpenAdapter { adapter: self.clone(), line })
    }
}

/// An open adapter. Bytes that were sent before it was opened are lost.
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
            let Some(due) = self.adapter.due() else {
                if plug.asked.borrow().is_none() {
                    return Err(ReadError::Gone);
                }
                changed.await;
                continue;
            };
            if due < timers.now().0 {
                // The port was not listening at that time.
                self.adapter.next();
                continue;
            }
            let comes = pin!(timers.at(metertap_decoder::time::Instant(due)));
            if let Either::Right(_) = select(comes, changed).await {
                continue;
            }
            let Some((line, bytes)) = self.adapter.next() else { return Err(ReadError::Gone) };
            if plug.is_mute.get() {
                continue;
            }
            if plug.asked.borrow().is_some() {
                return Ok(heard(&bytes, line, self.line));
            }
            if self.line != line {
                return Err(ReadError::Line(LineError::Framing));
            }
            return Ok(bytes);
        }
    }

    async fn write(&self, bytes: &[u8]) -> Result<(), ReadError> {
        let plug = &self.adapter.0;
        if !plug.is_in.get() {
            return Err(ReadError::Gone);
        }
        let timers = &plug.adapters.0.timers;
        timers.at(timers.now().after(self.line.milliseconds(bytes.len()))).await;
        if let Some((asked, since)) = &mut *plug.asked.borrow_mut() {
            let answers = asked.hear(timers.now().0 - *since, self.line, bytes).into_iter();
            // An answer can be read when its last byte has arrived.
            let ends = |at: u64, line: Line, count| *since + at + line.milliseconds(count);
            let answers =
                answers.map(|said| (ends(said.at, said.line, said.bytes.len()), said.line, said.bytes));
            plug.answers.borrow_mut().extend(answers);
        }
        plug.changed.ring();
        Ok(())
    }

    async fn close(self) {}
}

impl Drop for OpenAdapter {
    fn drop(&mut self) {
        self.adapter.0.is_open.set(false);
    }
}
