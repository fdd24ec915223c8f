//! [`Router`]: hands commands and facts to the components, each in the order in which it came. It alone knows all of them,
//! and nothing here waits: what takes long is a [`Hand`]'s, which comes back for each step.

mod commands;
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

/// All components.
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
    /// What is to be done behind what is under way.
    queue: VecDeque<Work<P>>,
}

/// What carries out commands. Clones are of one and the same.
struct Hand<P: Platform> {
    platform: P,
    log: Archive<P::Disk>,
    protocols: Protocols,
    /// Held by whoever finds out what is in the log, or what is gone from it.
    alone: Arc<Mutex<()>>,
    steps: UnboundedSender<Step<P>>,
}

/// Something that the router does in a moment.
type Step<P> = Box<dyn FnOnce(&mut Router<P>)>;

/// What is done one after the other.
enum Work<P: Platform> {
    /// A command of our window, or of another one.
    Command(Command, Option<P::Handle>),
    /// The rest of it.
    Rest(Rest),
}

/// Something that takes more than a moment.
type Rest = LocalBoxFuture<'static, ()>;

/// What was given, with what was sent beside it.
type Commands<P> = UnboundedReceiver<(Command, Option<<P as Platform>::Handle>)>;

/// What is fetched when it is first used.
pub struct Parts<P: Platform> {
    /// Exports, backups and imports.
    pub files: Part<FileWork<P>>,
    /// Pictures, and totals that are computed anew.
    pub log: Part<LogWork<P>>,
    /// How much is held of each meter.
    pub held: Part<HeldWork<P>>,
    /// What is watched.
    pub notices: Part<NoticeWork<P>>,
    /// Peaks and predictions.
    pub ahead: Part<AheadWork<P>>,
    /// The way to the broker.
    pub forward: Part<ForwardWork<P>>,
    /// Recordings, and telegrams taken apart.
    pub octets: Part<OctetWork<P>>,
    /// All protocols but P1.
    pub protocols: Part<ProtocolWork>,
    /// Simulated meters, bridges and recordings.
    pub sources: Part<SourceWork<P>>,
}

impl<P: Platform> Parts<P> {
    /// All of them are there from the beginning.
    #[must_use]
    pub fn here() -> Self {
        Self {
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

/// The engine from its first to its last moment.
pub async fn run<P: Platform>(platform: P, parts: Parts<P>, mut commands: Commands<P>) {
    let Some((command, beside)) = commands.next().await else { return };
    let (facts, mut news) = Facts::new();
    let Channel { say, mut heard } = platform.channel(&format!("metertap-{VERSION}"));
    let words = facts.clone();
    platform.spawn(Box::pin(async move {
        while let Some(word) = heard.next().await {
            words.tell(Fact::Word(word));
        }
    }));
    let mut role = Role::new(platform.clone(), facts.clone(), say.clone());
    role.find_place(&mut news).await;
    let archive = loop {
        match look(&platform).await {
            Ok(archive) => break archive,
            Err(why) => platform.tell(&Event::Broken { why: breakdown(&why) }, None),
        }
        // A turn that is of no use to us is another tab's.
        drop(role.leave_queue());
        platform.sleep(TRIED_AGAIN).await;
        role.queue_up();
    };
    let protocols = Protocols(parts.protocols);
    let (hand, steps) = Hand::new(platform.clone(), archive.clone(), protocols);
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

/// Opens the log for reading: another tab may write it.
async fn look<P: Platform>(platform: &P) -> Result<Archive<P::Disk>, LogError> {
    Archive::look(platform.open(LOG).await?, platform.zone_of_house()).await
}

impl<P: Platform> Router<P> {
    /// Commands are carried out one after the other; facts are taken meanwhile.
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
                    Work::Command(command, beside) => self.obey(command, beside),
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

    /// Something is done when all is done that was to be done before.
    fn then(&mut self, rest: impl Future<Output = ()> + 'static) {
        self.queue.push_back(Work::Rest(rest.boxed_local()));
    }

    /// Our turn to write is taken when it has come, and there is a log to be written.
    fn look_for_turn(&mut self) {
        if self.log.archive().why_closed().is_none()
            && let Some(turn) = self.role.turn_to_take()
        {
            let taking = self.hand.clone().take_turn(turn);
            self.queue.push_front(Work::Rest(taking.boxed_local()));
        }
    }

    /// Tells our window, and those of other tabs while there are any.
    fn tell(&self, event: &Event) {
        self.screen.tell(event);
        if self.role.is_watched() {
            self.screen.tell_others(event);
        }
    }

    /// Tells how a meter is now.
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

/// The end of what is under way.
async fn end(under_way: &mut Option<Rest>) {
    match under_way {
        Some(rest) => rest.await,
        None => std::future::pending().await,
    }
    *under_way = None;
}

/// The next command, once nothing else is to be done.
async fn next<P: Platform>(
    commands: &mut Commands<P>,
    is_idle: bool,
) -> Option<(Command, Option<P::Handle>)> {
    if is_idle { commands.next().await } else { std::future::pending().await }
}

/// Without a log there is nothing to do.
const fn breakdown(why: &LogError) -> Breakdown {
    if why.is_newer() { Breakdown::NewerLog } else { Breakdown::NoStorage }
}

/// Milliseconds before it is tried again to open the log.
const TRIED_AGAIN: u64 = 2000;
/// The name of the database.
const LOG: &str = "metertap";
