//! What is done when the browser takes the database away: somebody clears the site's data, the disk fails, or a newer
//! version of the page wants it.
//!
//! Whoever writes the log opens it anew, which puts back what is still in memory, and tells what is gone; meters are read on
//! meanwhile, and what they say waits. A tab that cannot open it reads no more and gives its turn to another, for a turn
//! without a log is of no use to anyone. Sooner or later it opens, and the tab queues up like a new one.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, join, select};
use futures_util::lock::Mutex;
use metertap_decoder::time::Instant;
use metertap_protocol::Event;
use metertap_readings::archive::Lost;
use metertap_readings::entry::Moment;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{DiskError, MeterKey};

use super::bell::Bell;
use super::desk::{Desk, breakdown};
use super::tabs::{Anew, Turn};
use super::trouble::cleared;
use super::watcher::who_writes;
use crate::platform::Platform;

/// Our place among the tabs, and what waits for the log.
pub(crate) struct Renewal<P: Platform> {
    /// Our turn to write, or our place in the queue; none as long as we could not make use of it.
    turn: RefCell<Option<Turn<P>>>,
    /// Turns that the browser has forgotten. They last all the same among the tabs of that time, until those have queued
    /// up anew.
    forgotten: RefCell<Vec<Turn<P>>>,
    /// Whether the log is ours to write.
    writes: Cell<bool>,
    /// Whether the browser is being asked about our turn, because another tab writes too.
    finds_out: Cell<bool>,
    /// Whether the browser may have forgotten our place in the queue: it cleared something, and was not asked since.
    may_be_forgotten: Cell<bool>,
    /// Held by whoever finds out what is in the log, or what is gone from it.
    alone: Mutex<()>,
    /// Rings when any of this has changed.
    settled: Bell,
    /// Whether the page has said goodbye: what is cleared from then on stays so.
    left: Cell<bool>,
}

impl<P: Platform> Renewal<P> {
    /// With this place in the queue.
    pub(crate) fn queued(turn: Turn<P>) -> Self {
        Self {
            turn: RefCell::new(Some(turn)),
            forgotten: RefCell::default(),
            writes: Cell::default(),
            finds_out: Cell::default(),
            may_be_forgotten: Cell::default(),
            alone: Mutex::default(),
            settled: Bell::default(),
            left: Cell::default(),
        }
    }

    /// The page is being closed.
    pub(super) fn leave(&self) {
        self.left.set(true);
    }

    fn has_place(&self) -> bool {
        self.turn.borrow().is_some()
    }
}

impl<P: Platform> Desk<P> {
    /// Whether our turn to write has come.
    pub(crate) fn writes(&self) -> bool {
        self.renewal.writes.get()
    }

    /// Waits for our turn to write, where it has not come yet and there is a log to be written.
    pub(crate) async fn turn_comes(&self) -> Turn<P> {
        loop {
            let settled = self.renewal.settled.next();
            let is_of_use = !self.writes() && self.log.why_closed().is_none();
            let turn = self.renewal.turn.borrow().clone().filter(|_| is_of_use);
            let Some(turn) = turn else {
                settled.await;
                continue;
            };
            if let Either::Left(_) = select(pin!(turn.comes()), settled).await {
                return turn;
            }
        }
    }

    /// From now on the log is ours to write, and the meters are ours to read, if the turn that came is still ours.
    pub(crate) async fn take_turn(self: &Rc<Self>, turn: &Turn<P>) {
        if self.renewal.may_be_forgotten.get() {
            // It may be the turn of a queue that is forgotten. Where nothing says so, it is taken.
            self.try_queue_anew().await;
        }
        let _alone = self.renewal.alone.lock().await;
        if !self.renewal.turn.borrow().as_ref().is_some_and(|ours| ours.is(turn)) {
            return;
        }
        if let Err(why) = self.begin_to_write().await {
            self.log.close();
            self.step_back(&why).await;
        }
    }

    /// Begins with what is in the log that we write, now that a window has said hello.
    pub(super) async fn start_greeted(self: &Rc<Self>) {
        let _alone = self.renewal.alone.lock().await;
        if let Err(why) = self.start().await {
            self.log.close();
            self.step_back(&why).await;
        }
    }

    async fn begin_to_write(self: &Rc<Self>) -> Result<(), LogError> {
        self.log.write(&self.platform.zone()).await?;
        let mut lost = Lost::default();
        self.say_what_was_told();
        self.log.renew(&mut lost).await?;
        self.renewal.writes.set(true);
        self.start().await?;
        self.tell_lost(&lost);
        Ok(())
    }

    /// Has the log open for as long as this tab lives.
    pub(crate) async fn keep_open(self: Rc<Self>) {
        loop {
            self.log.connection().over().await;
            if self.renewal.left.get() {
                return;
            }
            self.renewal.may_be_forgotten.set(true);
            let (since, mut lost) = (self.platform.now(), Lost::default());
            loop {
                let has_place = self.renewal.has_place();
                self.platform.sleep(if has_place { SOON } else { TRIED_AGAIN }).await;
                let renewed = self.renew(has_place, since, &mut lost).await;
                self.renewal.settled.ring();
                if renewed.is_ok() {
                    break;
                }
            }
            self.queue_anew().await;
        }
    }

    /// Another tab writes while we do: the browser has forgotten one of the two turns.
    pub(super) async fn hear_writer(&self) {
        if !self.renewal.finds_out.replace(true) {
            self.queue_anew().await;
            // The last words of a writer whose turn is ours now are heard too.
            self.platform.sleep(DOUBTED_APART).await;
            self.renewal.finds_out.set(false);
        }
    }

    /// Queues up anew where the browser has forgotten our turn, or our place, along with all that it cleared.
    async fn queue_anew(&self) {
        if !self.writes() {
            // Who writes goes first.
            self.platform.sleep(WRITER_FIRST).await;
        }
        for _ in 0..TRIES {
            if self.try_queue_anew().await {
                return;
            }
            self.platform.sleep(TRIED_AGAIN).await;
        }
    }

    /// The same once; `false` where the browser does not say what it knows of our turn.
    async fn try_queue_anew(&self) -> bool {
        let _alone = self.renewal.alone.lock().await;
        let Some(old) = self.renewal.turn.borrow().clone() else { return true };
        let turn = match old.wait_anew(&self.platform).await {
            Anew::Queued(turn) => turn,
            Anew::NeedNot => {
                self.renewal.may_be_forgotten.set(false);
                return true;
            }
            Anew::NoAnswer => return false,
        };
        self.renewal.may_be_forgotten.set(false);
        self.renewal.turn.replace(Some(turn.clone()));
        if self.writes() {
            if turn.comes_within(&self.platform, OURS).await {
                self.renewal.forgotten.borrow_mut().push(old);
            } else {
                // Somebody has opened a tab meanwhile, who writes now.
                self.stop_writing().await;
                self.tabs.wish(&who_writes(), None);
            }
        }
        self.renewal.settled.ring();
        true
    }

    /// Opens the log anew. If that has failed for too long, another tab may try.
    async fn renew(
        self: &Rc<Self>,
        has_place: bool,
        since: Instant,
        lost: &mut Lost,
    ) -> Result<(), LogError> {
        let _alone = self.renewal.alone.lock().await;
        let renewed = match self.log.why_closed() {
            // Our place was given up meanwhile: not so soon.
            _ if has_place != self.renewal.has_place() => return Err(DiskError::Closed.into()),
            // It would wait until the newer version is done with it.
            Some(why @ DiskError::Newer) if has_place => Err(why.into()),
            _ if self.writes() => self.log.renew(lost).await,
            _ => self.log.reopen().await,
        };
        match &renewed {
            Ok(()) if self.writes() => self.go_on(lost).await,
            Ok(()) if has_place => {}
            Ok(()) => {
                // Whatever cleared the log may have cleared the queue that we left.
                self.renewal.turn.replace(Some(Turn::wait_afresh(&self.platform).await));
                self.tabs.wish(&who_writes(), None);
            }
            Err(why) if why.is_newer() || self.platform.now() >= since.after(GIVEN_UP) => {
                self.step_back(why).await;
            }
            Err(_) => {}
        }
        renewed
    }

    /// The log that we write is there again.
    async fn go_on(self: &Rc<Self>, lost: &Lost) {
        if lost.cleared {
            let keys: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
            for key in &keys {
                // A meter without its first reading shows none.
                let first = self.first_of(key).await.ok().flatten();
                self.change(key, |meter| meter.state.first = first);
                self.show(key);
            }
            self.tell_imports();
            self.keep_folder().await;
            self.tell_room().await;
        }
        self.forward_more();
        self.tell_lost(lost);
    }

    /// Waits until the log that was found closed is there again; `false` where it is not ours to write any more.
    pub(super) async fn is_renewed(&self) -> bool {
        self.log.close();
        loop {
            let settled = self.renewal.settled.next();
            if !self.writes() || self.log.why_closed().is_none() {
                return self.writes();
            }
            settled.await;
        }
    }

    /// Reads and forwards no more, and gives our turn to another tab.
    async fn step_back(&self, why: &LogError) {
        let Some(turn) = self.renewal.turn.borrow_mut().take() else { return };
        self.stop_writing().await;
        self.tell(&Event::Broken { why: breakdown(why) });
        drop(turn);
    }

    async fn stop_writing(&self) {
        if self.renewal.writes.replace(false) {
            self.stop_looking();
            // What waits for the log hears that it need not.
            self.renewal.settled.ring();
            let ended = join(self.stop_all_readings(), self.stop_all_forwarding());
            // A port that does not close is no reason to keep the turn.
            select(pin!(ended), pin!(self.platform.sleep(CLOSING))).await;
        }
        self.renewal.forgotten.borrow_mut().clear();
    }

    /// Has the log know what the tab that wrote it has told.
    fn say_what_was_told(&self) {
        let meters = self.meters.borrow();
        let told = meters.values().map(|meter| &meter.state);
        self.log.hear(told.map(|state| (&state.record, state.first, state.newest.as_slice())));
    }

    fn tell_lost(&self, lost: &Lost) {
        if lost.cleared {
            let readings = lost.readings.iter().filter(|(_, gone)| gone.readings > 0);
            let readings = readings.map(|(key, gone)| format!("{}: {gone}", self.name_of(key)));
            let imports = lost.imports.iter().map(|import| {
                let (from, to) = import.span;
                format!("{}: {} readings from {from} to {to}", import.file, import.readings)
            });
            let gone: Vec<String> = readings.chain(imports).collect();
            self.tell(&Event::Notice { meter: None, trouble: cleared(&gone, self.platform.moment()) });
        }
    }

    async fn first_of(&self, key: &MeterKey) -> Result<Option<Moment>, LogError> {
        let Some((first, _)) = self.log.span(key).await? else { return Ok(None) };
        Ok(self.log.range(key, first..=first, 1).await?.first().map(|entry| entry.received))
    }
}

/// Milliseconds for which a log is waited for by whoever has the turn to write it.
const GIVEN_UP: u64 = 3000;
/// Milliseconds before it is tried to open it, at first and once our turn was given up.
const SOON: u64 = 50;
const TRIED_AGAIN: u64 = 2000;
/// Milliseconds that a tab that watches lets pass before it queues up anew, and within which a turn comes that is ours.
const WRITER_FIRST: u64 = GIVEN_UP + OURS + 1000;
const OURS: u64 = 1000;
/// Milliseconds until another tab that writes is noticed again.
const DOUBTED_APART: u64 = 30_000;
/// How often the browser is asked what it knows of our turn.
const TRIES: u32 = 5;
/// Milliseconds that ports and brokers may take to be let go of.
const CLOSING: u64 = 1000;
