//! [`Desk`]: the wiring. Commands come in from the window, tasks go on beside each other, events go out.
//!
//! Commands are carried out in the order in which they were given. What takes long is a [`Task`] of its own: a loop for
//! each meter, an export, a forwarder. All of them meet in the log, never in each other's memory.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use metertap_decoder::time::Zone;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::bell::Bell;
use super::bus::Lines;
use super::forwarder::Forwarding;
use super::log::Log;
use super::meters::Meters;
use super::source::serial::Adapters;
use super::task::Task;
use super::window::{Commands, Window};
use crate::browser::clock::sleep;
use crate::browser::web_lock;
use crate::protocol::{Breakdown, Command, Event, VERSION};

/// What all parts of the engine share.
pub(crate) struct Desk {
    window: Window,
    /// Where readings go before anyone hears of them.
    pub(crate) log: Log,
    /// Rings whenever a reading was appended to the log.
    pub(crate) grown: Bell,
    /// The serial ports.
    pub(crate) adapters: Rc<Adapters>,
    /// The lines that several meters are on.
    pub(crate) lines: RefCell<Lines>,
    /// The site's time zone.
    pub(crate) zone: Cell<Zone>,
    /// The table of meters; borrowed for moments only, never across a wait.
    pub(crate) meters: RefCell<Meters>,
    /// The exports that go on.
    pub(crate) exports: RefCell<HashMap<u32, Task>>,
    /// The broker, and who carries readings there.
    pub(crate) forwarding: RefCell<Forwarding>,
    /// Whether a window has said hello.
    greeted: Cell<bool>,
}

/// The engine from its first to its last moment.
pub async fn run() {
    let Some((window, commands)) = Window::listen() else { return };
    window.tell(&Event::Awake);
    be_the_only_one(&window).await;
    match Log::open(LOG).await {
        Ok(log) => Rc::new(Desk::new(window, log)).work(commands).await,
        Err(_) => window.tell(&Event::Broken { why: Breakdown::NoStorage }),
    }
}

impl Desk {
    fn new(window: Window, log: Log) -> Self {
        Self {
            window,
            log,
            grown: Bell::default(),
            adapters: Adapters::watch(),
            lines: RefCell::default(),
            zone: Cell::default(),
            meters: RefCell::default(),
            exports: RefCell::default(),
            forwarding: RefCell::default(),
            greeted: Cell::default(),
        }
    }

    async fn work(self: Rc<Self>, mut commands: Commands) {
        while let Some((command, beside)) = commands.next().await {
            self.carry_out(command, beside).await;
        }
    }

    async fn carry_out(self: &Rc<Self>, command: Command, beside: JsValue) {
        match command {
            Command::Hello { version, zone } => self.greet(version, &zone).await,
            Command::Add { source, search } => self.add(source, search).await,
            Command::Open { name, octets } => self.open_file(name, octets).await,
            Command::Read { meter, on } => self.set_reading(&meter, on).await,
            Command::Rename { meter, name } => self.rename(&meter, name).await,
            Command::Place { meter, place } => self.place(&meter, place).await,
            Command::Schedule { meter, schedule } => self.set_schedule(&meter, schedule).await,
            Command::Search { meter, by } => self.search(&meter, by).await,
            Command::Detect { meter } => self.detect(&meter).await,
            Command::Unlock { meter, encryption, authentication } => {
                self.unlock(&meter, &encryption, &authentication).await;
            }
            Command::Remove { meter } => self.remove(&meter).await,
            Command::Series { id, meter, from, to, columns } => {
                let desk = Rc::clone(self);
                spawn_local(async move { desk.draw(id, meter, from, to, columns).await });
            }
            Command::Export { id, meters, from, to, options, into_file } => {
                let handle = into_file.then_some(beside);
                self.export(id, meters, (from, to), options, handle);
            }
            Command::BackUp { id, secrets, into_file } => {
                self.back_up(id, secrets, into_file.then_some(beside));
            }
            Command::Restore { id, how } => self.restore(id, how, &beside),
            Command::StopExport { id } => drop(self.exports.borrow_mut().remove(&id)),
            Command::Forward { broker } => self.forward_to(broker).await,
            Command::Octets { meter } => {
                let kept = match self.change(&meter, |meter| meter.kept.all()) {
                    Some(kept) => kept,
                    None => self.log.kept_octets(&meter).await.unwrap_or_default(),
                };
                self.tell(&Event::Octets { meter, kept });
            }
            Command::Goodbye => {
                self.stop_all_forwarding().await;
                self.stop_all_readings().await;
            }
        }
    }

    /// The first hello starts everything; a later one, of a window that was reloaded, is answered all the same.
    async fn greet(self: &Rc<Self>, version: u32, zone: &str) {
        if version != VERSION {
            return self.tell(&Event::Broken { why: Breakdown::OtherBuild });
        }
        self.zone.set(Zone::named(zone).unwrap_or_default());
        let first = !self.greeted.replace(true);
        if first && self.find_meters().await.is_err() {
            return self.tell(&Event::Broken { why: Breakdown::NoStorage });
        }
        let broker = self.find_broker().await;
        self.tell(&Event::Ready { version: VERSION, meters: self.states(), broker });
        if first {
            self.resume_reading();
            self.forward_all().await;
        }
    }

    /// Tells the window.
    pub(crate) fn tell(&self, event: &Event) {
        self.window.tell(event);
    }

    /// Tells the window and sends something beside it that only browsers can carry.
    pub(crate) fn tell_with(&self, event: &Event, beside: &JsValue) {
        self.window.tell_with(event, beside);
    }
}

/// Two engines would fight for ports and numbers. A page that is reloaded meets the engine of its former self for a
/// moment; one that waits longer meets another tab, says so, and takes over when that is closed.
async fn be_the_only_one(window: &Window) {
    let alone = std::pin::pin!(web_lock::hold(LOCK));
    let patience = std::pin::pin!(sleep(RELOAD));
    if let futures_util::future::Either::Right(((), alone)) =
        futures_util::future::select(alone, patience).await
    {
        window.tell(&Event::Broken { why: Breakdown::OtherTab });
        // A browser without locks has no Web Serial either, and the number of an entry is drawn in a transaction.
        let _ = alone.await;
    }
}

/// The name of the database.
const LOG: &str = "metertap";

const LOCK: &str = "metertap-engine";

/// Milliseconds that the engine of a page that was reloaded may take to end.
const RELOAD: u64 = 1500;
