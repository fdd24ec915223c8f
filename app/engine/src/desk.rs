//! [`Desk`]: the wiring. Commands come in from the window, tasks go on beside each other, events go out.
//!
//! Commands are carried out in the order in which they were given. What takes long is a task of its own: a loop for
//! each meter, an export, a forwarder. All of them meet in the log, never in each other's memory.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::future::LocalBoxFuture;
use futures_util::lock::Mutex;
use futures_util::{FutureExt, StreamExt, select_biased};
use metertap_decoder::time::Zone;
use metertap_protocol::{Breakdown, Command, Event, VERSION};
use metertap_readings::archive::Archive;
use metertap_readings::log::journal::LogError;

use super::broker::Forwarding;
use super::bus::Lines;
use super::certainty::Certainty;
use super::daily::EveryDay;
use super::fact::{Fact, Facts};
use super::jobs::Jobs;
use super::meters::Meters;
use super::renewal::Renewal;
use super::source::serial::Adapters;
use super::tabs::{Commands, Tabs, Turn, Words};
use super::upkeep::Upkeep;
use super::watcher::{find_place, who_writes};
use crate::platform::Platform;

/// What all parts of the engine share.
pub(crate) struct Desk<P: Platform> {
    /// What all of it runs on.
    pub(crate) platform: P,
    /// The other tabs of this site.
    pub(crate) tabs: Tabs<P>,
    /// Our place among the tabs, and the way back to a log that was taken away.
    pub(crate) renewal: Renewal<P>,
    /// What is certain of time.
    pub(crate) certainty: Certainty,
    /// What upkeep of the log remembers.
    pub(crate) upkeep: Upkeep,
    /// Where readings go before anyone hears of them.
    pub(crate) log: Log<P>,
    /// The serial ports.
    pub(crate) adapters: Rc<Adapters<P>>,
    /// The lines that several meters are on.
    pub(crate) lines: RefCell<Lines<P>>,
    /// The site's time zone.
    pub(crate) zone: Cell<Zone>,
    /// The table of meters; borrowed for moments only, never across a wait.
    pub(crate) meters: RefCell<Meters>,
    /// Exports, backups, restorings and imports.
    pub(crate) jobs: Jobs,
    /// Whoever makes a log of a file: one at a time.
    pub(crate) intake: Mutex<()>,
    /// The backup of every day.
    pub(crate) daily: EveryDay<P>,
    /// The broker, and who carries readings there.
    pub(crate) forwarding: RefCell<Forwarding<P>>,
    /// Whether a window has said hello.
    greeted: Cell<bool>,
}

/// The engine from its first to its last moment.
pub async fn run<P: Platform>(platform: P, commands: UnboundedReceiver<(Command, Option<P::Handle>)>) {
    let mut commands = Commands::new(commands);
    commands.wait().await;
    let ((tabs, mut words), mut turn) = (Tabs::listen(&platform), Turn::wait(&platform));
    find_place(&platform, &tabs, &mut words, &turn).await;
    let log = loop {
        match look(&platform).await {
            Ok(log) => break log,
            Err(why) => platform.tell(&Event::Broken { why: breakdown(&why) }, None),
        }
        // A turn that is of no use to us is another tab's.
        drop(turn);
        platform.sleep(TRIED_AGAIN).await;
        turn = Turn::wait(&platform);
    };
    let (tell, facts) = unbounded();
    Rc::new(Desk::new(platform, tabs, log, turn, Facts::new(tell))).work(commands, words, facts).await;
}

/// The log of all meters, and what is kept beside it.
pub(crate) type Log<P> = Archive<<P as Platform>::Disk>;

/// Opens the log for reading: another tab may write it.
async fn look<P: Platform>(platform: &P) -> Result<Log<P>, LogError> {
    Archive::look(platform.open(LOG).await?, &platform.zone()).await
}

impl<P: Platform> Desk<P> {
    fn new(platform: P, tabs: Tabs<P>, log: Log<P>, turn: Turn<P>, facts: Facts) -> Self {
        let forwarding = Forwarding::new(platform.clone(), log.clone(), facts);
        Self {
            tabs,
            log,
            certainty: Certainty::default(),
            upkeep: Upkeep::default(),
            renewal: Renewal::queued(turn),
            adapters: Adapters::watch(&platform),
            lines: RefCell::default(),
            zone: Cell::default(),
            meters: RefCell::default(),
            jobs: Jobs::default(),
            intake: Mutex::default(),
            daily: EveryDay::default(),
            forwarding: RefCell::new(forwarding),
            greeted: Cell::default(),
            platform,
        }
    }

    /// Commands are carried out one after the other; facts are taken meanwhile.
    async fn work(
        self: Rc<Self>,
        mut commands: Commands<P>,
        mut words: Words<P>,
        mut facts: UnboundedReceiver<Fact>,
    ) {
        self.platform.spawn(Rc::clone(&self).keep_open().boxed_local());
        let mut busy: Option<LocalBoxFuture<'static, ()>> = None;
        loop {
            if let Some(doing) = &mut busy {
                select_biased! {
                    fact = facts.next() => self.take(fact),
                    () = doing.fuse() => busy = None,
                }
                continue;
            }
            let mut turn = pin!(self.turn_comes().fuse());
            let (mut wish, mut word) = (pin!(commands.next().fuse()), pin!(words.next().fuse()));
            let desk = Rc::clone(&self);
            busy = select_biased! {
                fact = facts.next() => {
                    self.take(fact);
                    None
                }
                turn = turn => Some(async move { desk.take_turn(&turn).await }.boxed_local()),
                command = wish => match command {
                    Some((command, beside)) => Some(async move { desk.obey(command, beside).await }.boxed_local()),
                    None => return,
                },
                word = word => Some(async move { desk.hear(word).await }.boxed_local()),
            };
        }
    }

    async fn obey(self: &Rc<Self>, command: Command, beside: Option<P::Handle>) {
        if self.writes() { self.carry_out(command, beside).await } else { self.watch(command, beside).await }
    }

    fn take(&self, fact: Option<Fact>) {
        match fact {
            Some(Fact::Broker(news)) => {
                self.forwarding.borrow_mut().hear(news);
                self.tell_forwarding();
            }
            None => {}
        }
    }

    pub(crate) async fn carry_out(self: &Rc<Self>, command: Command, beside: Option<P::Handle>) {
        match command {
            Command::Hello { version, zone } => self.greet(version, &zone).await,
            Command::Add { source, search } => self.add(source, search).await,
            Command::Open { name, octets, paced, kept } => self.open_file(name, octets, paced, kept).await,
            Command::Record { meter, on } => self.record(&meter, on.then(|| self.platform.moment())),
            Command::SaveCapture { meter, whole } => self.save_capture(&meter, whole).await,
            Command::Read { meter, on } => self.set_reading(&meter, on).await,
            Command::Rename { meter, name } => self.rename(&meter, name).await,
            Command::Place { meter, place } => self.place(&meter, place).await,
            Command::Schedule { meter, schedule } => self.set_schedule(&meter, schedule).await,
            Command::Ask { meter, spoken } => self.ask(&meter, spoken).await,
            Command::Search { meter, by } => self.search(&meter, by).await,
            Command::Detect { meter } => self.detect(&meter).await,
            Command::Unlock { meter, encryption, authentication } => {
                self.unlock(&meter, &encryption, &authentication).await;
            }
            Command::Retain { meter, retention } => self.retain(&meter, retention).await,
            Command::TrustClock => self.trust_clock().await,
            Command::Room => self.tell_room().await,
            Command::Recompute => {
                let desk = Rc::clone(self);
                self.platform.spawn(async move { desk.recompute().await }.boxed_local());
            }
            Command::Confirm { meter, at } => self.confirm(&meter, at).await,
            Command::Remove { meter } => self.remove(&meter).await,
            Command::Series { id, meter, from, to, columns } => {
                let desk = Rc::clone(self);
                let drawing = async move { desk.draw(id, meter, from, to, columns).await };
                self.platform.spawn(drawing.boxed_local());
            }
            Command::Export { id, meters, from, to, options, into_file } => {
                let handle = beside.filter(|_| into_file);
                self.export(id, meters, (from, to), options, handle);
            }
            Command::BackUp { id, secrets, into_file } => {
                self.back_up(id, secrets, beside.filter(|_| into_file));
            }
            Command::Daily { folder, secrets } => {
                if let Some(handle) = beside {
                    self.begin_daily(folder, secrets, handle).await;
                }
            }
            Command::DailyNow => self.back_up_today(),
            Command::DailyStop => self.stop_daily().await,
            Command::Restore { id, how } => self.restore(id, how, beside),
            Command::Import { id, meter, plan, run } => self.import(id, meter, plan, run, beside),
            Command::UndoImport { log } => self.undo_import(&log).await,
            Command::StopExport { id } => self.jobs.stop(id),
            Command::Forward { broker } => self.forward_to(broker).await,
            Command::Octets { meter } => {
                let known = self.change(&meter, |meter| meter.kept.all()).filter(|_| self.writes());
                let kept = match known {
                    Some(kept) => kept,
                    None => self.log.kept_octets(&meter).await.unwrap_or_default(),
                };
                self.tell(&Event::Octets { meter, kept });
            }
            Command::Inspect { meter, octets } => self.inspect(&meter, &octets),
            Command::Goodbye => {
                self.renewal.leave();
                self.stop_looking();
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
        if !self.writes() {
            self.tabs.wish(&who_writes(), None);
        } else if first {
            self.start_greeted().await;
        } else if let Some(ready) = self.ready() {
            self.tell(&ready);
            self.tell_imports();
            self.tell_daily();
            self.tell_clock_again();
        }
    }

    /// Looks at clocks and days no more: this tab is closed, or another one writes.
    pub(super) fn stop_looking(&self) {
        self.certainty.stop_looking();
        self.daily.stop_looking();
    }

    /// Finds what earlier days, or another tab, have left on the disk, and goes on with it.
    ///
    /// # Errors
    /// Where the log cannot be read. Before a window has said hello, there is nothing to do.
    pub(super) async fn start(self: &Rc<Self>) -> Result<(), LogError> {
        if !self.greeted.get() {
            return Ok(());
        }
        self.find_meters().await?;
        self.go_on_with_time().await?;
        self.find_broker().await;
        if let Some(ready) = self.ready() {
            self.tell(&ready);
        }
        self.tell_imports();
        self.tell_damage();
        self.resume_reading();
        self.forward_all();
        self.go_on_daily().await;
        Ok(())
    }

    /// All that is known, for a window that knows nothing yet; none before there is anything to know.
    pub(crate) fn ready(&self) -> Option<Event> {
        let broker = self.forwarding.borrow().broker();
        let ready = Event::Ready { version: VERSION, meters: self.states(), broker, watching: false };
        self.greeted.get().then_some(ready)
    }

    /// Tells the window, and those of other tabs what concerns them.
    pub(crate) fn tell(&self, event: &Event) {
        self.platform.tell(event, None);
        if self.writes() {
            self.tabs.tell(event);
        }
    }
}

/// Without a log there is nothing to do.
pub(super) const fn breakdown(why: &LogError) -> Breakdown {
    if why.is_newer() { Breakdown::NewerLog } else { Breakdown::NoStorage }
}

/// Milliseconds before it is tried again to open the log.
const TRIED_AGAIN: u64 = 2000;
/// The name of the database.
const LOG: &str = "metertap";
