//! [`Router`]: hands commands and facts to the components, each in the order of arrival. Only the router knows all
//! components. Nothing in the router waits: work that takes time belongs to a [`Hand`], which sends the router each
//! step to run.

mod commands;
mod errand;
mod facts;
mod fetching;
mod finding;
mod forwarding;
mod hand;
mod holding;
mod jobs;
mod meters;
mod noticing;
mod readings;
mod renewal;
mod restoring;
mod starting;
mod stating;
mod watching;

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender};
use futures_util::future::LocalBoxFuture;
use futures_util::lock::Mutex;
use futures_util::{FutureExt, StreamExt, select_biased};
use metertap_protocol::{Breakdown, Command, Event, VERSION};
use metertap_readings::archive::Archive;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::MeterKey;

pub use self::errand::Errand;
use crate::broker::{ForwardWork, Forwarding};
use crate::fact::{Fact, Facts};
use crate::jobs::{AheadWork, FileWork, JobParts, Jobs, LogWork, OctetWork};
use crate::log::{HeldWork, Log};
use crate::meters::Meters;
use crate::notices::{NoticeWork, Notices};
use crate::part::{self, Part};
use crate::platform::{Channel, Platform};
use crate::protocols::{ProtocolWork, Protocols};
use crate::readers::{Readers, SourceWork};
use crate::role::Role;
use crate::screen::Screen;
use crate::trials::Trials;

struct Router<P: Platform> {
    platform: P,
    facts: Facts<P>,
    hand: Hand<P>,
    meters: Meters,
    readers: Readers<P>,
    log: Log<P>,
    broker: Forwarding<P>,
    jobs: Jobs<P>,
    notices: Notices<P>,
    role: Role<P>,
    screen: Screen<P>,
    trials: Trials,
    /// Work that waits until the current work is done.
    queue: VecDeque<Work<P>>,
}

/// Carries out commands that take time. All clones share one router and one log.
struct Hand<P: Platform> {
    platform: P,
    log: Archive<P::Disk>,
    protocols: Protocols,
    errands: Part<Errand<P>>,
    /// Held by the code that finds out what is in the log, or what was lost from it.
    alone: Arc<Mutex<()>>,
    steps: UnboundedSender<Step<P>>,
}

/// A closure that the router runs. It does not wait for anything.
type Step<P> = Box<dyn FnOnce(&mut Router<P>)>;

/// Work that is done one item after the other.
enum Work<P: Platform> {
    /// A command from our window, or from a window of another tab.
    Command(Command, Option<P::Handle>),
    /// The part of a command that takes time.
    Rest(Rest),
}

type Rest = LocalBoxFuture<'static, ()>;

/// Commands, each with the object that was sent beside it.
type Commands<P> = UnboundedReceiver<(Command, Option<<P as Platform>::Handle>)>;

/// The parts: code that is fetched when it is first used.
pub struct Parts<P: Platform> {
    /// Commands that take time and are rarely used.
    pub errands: Part<Errand<P>>,
    /// Exports, backups, restores and imports.
    pub files: Part<FileWork<P>>,
    /// Charts, answers about history, typed positions, and recomputed totals.
    pub log: Part<LogWork<P>>,
    /// How much is stored for each meter.
    pub held: Part<HeldWork<P>>,
    /// Watching meters and making notices.
    pub notices: Part<NoticeWork<P>>,
    /// Peaks and predictions.
    pub ahead: Part<AheadWork<P>>,
    /// Forwarding to the broker.
    pub forward: Part<ForwardWork<P>>,
    /// Recordings, and telegrams taken apart.
    pub octets: Part<OctetWork<P>>,
    /// All protocols but P1.
    pub protocols: Part<ProtocolWork>,
    /// Simulated meters, bridges and recordings.
    pub sources: Part<SourceWork<P>>,
}

impl<P: Platform> Parts<P> {
    /// Parts whose code is linked from the start.
    #[must_use]
    pub fn here() -> Self {
        Self {
            errands: part::Work::here,
            files: part::Work::here,
            log: part::Work::here,
            held: part::Work::here,
            notices: part::Work::here,
            ahead: part::Work::here,
            forward: part::Work::here,
            octets: part::Work::here,
            protocols: part::Work::here,
            sources: part::Work::here,
        }
    }
}

/// Runs the engine until `commands` ends. The first command starts it.
pub async fn run<P: Platform>(platform: P, parts: Parts<P>, mut commands: Commands<P>) {
    let Some((command, beside)) = commands.next().await else { return };
    let (facts, mut news) = Facts::new();
    let Channel { say, mut heard } = platform.channel(&format!("metertap-{VERSION}"));
    let messages = facts.clone();
    platform.spawn(Box::pin(async move {
        while let Some(message) = heard.next().await {
            messages.tell(Fact::Message(message));
        }
    }));
    let mut role = Role::new(platform.clone(), facts.clone(), say.clone());
    role.find_place(&mut news).await;
    let archive = loop {
        match look(&platform).await {
            Ok(archive) => break archive,
            Err(why) => platform.tell(&Event::Broken { why: breakdown(&why) }, None),
        }
        // Another tab may be able to use the turn that we cannot use.
        drop(role.leave_queue());
        platform.sleep(TRIED_AGAIN).await;
        role.queue_up();
    };
    let protocols = Protocols(parts.protocols);
    let (hand, steps) = Hand::new(platform.clone(), archive.clone(), protocols, parts.errands);
    let Parts { files, log, ahead, octets, .. } = parts;
    let jobs = JobParts { files, log, ahead, octets };
    let router = Router {
        meters: Meters::default(),
        readers: Readers::new(platform.clone(), facts.clone(), protocols, parts.sources),
        log: Log::new(platform.clone(), archive.clone(), facts.clone(), parts.held),
        broker: Forwarding::new(platform.clone(), archive.clone(), facts.clone(), parts.forward),
        notices: Notices::new(platform.clone(), archive.clone(), facts.clone(), parts.notices),
        jobs: Jobs::new(platform.clone(), archive, facts.clone(), jobs),
        screen: Screen::new(platform.clone(), say),
        trials: Trials::default(),
        queue: VecDeque::from([Work::Command(command, beside)]),
        role,
        hand,
        facts,
        platform,
    };
    router.work(commands, news, steps).await;
}

/// Opens the log for reading, since another tab may write it.
async fn look<P: Platform>(platform: &P) -> Result<Archive<P::Disk>, LogError> {
    Archive::look(platform.open(LOG).await?, platform.zone_of_house()).await
}

impl<P: Platform> Router<P> {
    /// Carries out commands one after the other, and takes facts and steps meanwhile.
    async fn work(
        mut self,
        mut commands: Commands<P>,
        mut facts: UnboundedReceiver<Fact<P>>,
        mut steps: UnboundedReceiver<Step<P>>,
    ) {
        self.platform.spawn(self.hand.clone().keep_open().boxed_local());
        self.role.tell_minutes();
        let mut under_way = None;
        loop {
            self.look_for_turn();
            while under_way.is_none()
                && let Some(work) = self.queue.pop_front()
            {
                under_way = match work {
                    Work::Command(command, beside) => self.run_command(command, beside),
                    Work::Rest(rest) => Some(rest),
                };
            }
            let is_idle = under_way.is_none();
            let mut end = pin!(end(&mut under_way).fuse());
            let mut command = pin!(next::<P>(&mut commands, is_idle).fuse());
            select_biased! {
                fact = facts.next() => fact.into_iter().for_each(|fact| self.take(fact)),
                step = steps.next() => step.into_iter().for_each(|step| step(&mut self)),
                () = end => {}
                command = command => match command {
                    Some((command, beside)) => self.queue.push_back(Work::Command(command, beside)),
                    None => return,
                },
            }
        }
    }

    /// Queues work after all that is queued already.
    fn then(&mut self, rest: impl Future<Output = ()> + 'static) {
        self.queue.push_back(Work::Rest(rest.boxed_local()));
    }

    /// Takes our turn to write, if it has come and the log is open.
    fn look_for_turn(&mut self) {
        if self.log.archive().why_closed().is_none()
            && let Some(turn) = self.role.turn_to_take()
        {
            let taking = self.hand.clone().take_turn(turn);
            self.queue.push_front(Work::Rest(taking.boxed_local()));
        }
    }

    /// Tells our window, and the windows of other tabs if any tab watches.
    fn tell(&self, event: &Event) {
        self.screen.tell(event);
        if self.role.is_watched() {
            self.screen.tell_others(event);
        }
    }

    fn show(&self, key: &MeterKey) {
        if let Some(meter) = self.meters.get(key) {
            self.tell(&Event::Meter { state: meter.state.clone() });
        }
    }

    fn random(&self) -> impl FnMut() -> u64 + use<P> {
        let platform = self.platform.clone();
        move || platform.random()
    }
}

async fn end(under_way: &mut Option<Rest>) {
    match under_way {
        Some(rest) => rest.await,
        None => std::future::pending().await,
    }
    *under_way = None;
}

/// The next command, once no work is under way.
async fn next<P: Platform>(
    commands: &mut Commands<P>,
    is_idle: bool,
) -> Option<(Command, Option<P::Handle>)> {
    if is_idle { commands.next().await } else { std::future::pending().await }
}

const fn breakdown(why: &LogError) -> Breakdown {
    if why.is_newer() { Breakdown::NewerLog } else { Breakdown::NoStorage }
}

/// Milliseconds before another attempt to open the log.
const TRIED_AGAIN: u64 = 2000;
const LOG: &str = "metertap";
