//! [`Shown`]: all that the screens show, as signals. The window writes them; screens only read.

use std::collections::BTreeMap;

use leptos::prelude::*;
use metertap_readings::backup::daily::Daily;
use metertap_readings::entry::Moment;
use metertap_readings::import::{Import as Imported, Sight};
use metertap_readings::interval::stale;
use metertap_readings::log::retention::Held;
use metertap_readings::newest::Newest;
use metertap_readings::store::{MeterKey, SourceRecord};
use metertap_simulator::Model;

use super::port_kind::PORT_KINDS;
use crate::parts::live_chart::Picture;
use crate::protocol::{
    BackupContents, Breakdown, Broker, ExportEnd, ForwardState, HeldStep, ImportReport, Intake, KeptOctets,
    Layer, MeterState, SourceState, Trouble,
};

/// All that the screens show. Signals are for eyes: no reading travels through one to the log or the broker.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Whether the engine is up.
    pub engine: RwSignal<EngineState>,
    /// Whether another tab reads the meters, and this one shows what that tells.
    pub watching: RwSignal<bool>,
    /// What a person should know of the log, until they have seen it.
    pub notices: RwSignal<Vec<Notice>>,
    /// What the log holds of each meter, once asked for.
    pub held: RwSignal<BTreeMap<MeterKey, Held>>,
    /// Steps of counters that are held back, once asked for.
    pub steps: RwSignal<Vec<HeldStep>>,
    /// How computing totals anew goes, once begun: at its end, how many quarters of an hour count otherwise.
    pub recomputed: RwSignal<Option<Option<u64>>>,
    /// Why the computer's clock is not believed; none where it is.
    pub clock: RwSignal<Option<Trouble>>,
    /// All meters, in the order of their keys.
    pub meters: RwSignal<Vec<Meter>>,
    /// The computer's clock, to the second.
    pub now: RwSignal<Moment>,
    /// The broker that readings go to, without its password.
    pub broker: RwSignal<Option<Broker>>,
    /// How forwarding goes.
    pub forward: RwSignal<ForwardState>,
    /// The export that is under way, or the last one.
    pub export: RwSignal<Option<Export>>,
    /// The octets that were taken apart last, and of which meter they are.
    pub anatomy: RwSignal<Option<(MeterKey, Vec<Layer>)>>,
    /// What has come of the backup that was chosen last.
    pub restore: RwSignal<Option<Restore>>,
    /// What would become, or has become, of the file that was chosen for import.
    pub import: RwSignal<Option<Import>>,
    /// The backup of every day.
    pub daily: RwSignal<DailyBackup>,
    /// What was imported.
    pub imports: RwSignal<Vec<Imported>>,
    /// Why the last wish was refused.
    pub refused: RwSignal<Option<Trouble>>,
    /// What came of the last look for a port.
    pub port: RwSignal<PortSearch>,
    /// How the next recording is to be opened.
    pub replay: RwSignal<ReplayChoice>,
    /// Disk space of this site.
    pub space: RwSignal<Option<Space>>,
    /// Whether a newer build waits.
    pub update: RwSignal<bool>,
    /// Whether the browser offers to install the page.
    pub install: RwSignal<bool>,
    /// Which way the page was loaded and what the browser can do.
    pub page: Page,
}

/// Whether the engine is up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EngineState {
    /// It is being loaded.
    Starting,
    /// It is up.
    Ready,
    /// It cannot work.
    Broken(Breakdown),
    /// Its program did not load.
    Missing,
}

/// A meter, as signals.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Its name in the log.
    pub key: MeterKey,
    /// What the engine says of it.
    pub state: RwSignal<MeterState>,
    /// The newest value of each of its registers.
    pub newest: RwSignal<Newest>,
    /// The newest answer to the chart's question.
    pub picture: RwSignal<Option<Picture>>,
    /// The octets that were kept of it, once asked for.
    pub octets: RwSignal<Option<Vec<KeptOctets>>>,
}

/// Something that a person should know of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Whose readings; none for all of them.
    pub meter: Option<MeterKey>,
    /// What.
    pub trouble: Trouble,
}

/// How an export goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// Its number.
    pub id: u32,
    /// Whether it is a backup.
    pub backup: bool,
    /// Entries written; octets of a backup.
    pub done: u64,
    /// Entries or octets in all.
    pub of: u64,
    /// How it ended.
    pub end: Option<ExportEnd>,
}

/// The backup of every day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DailyBackup {
    /// What is remembered of it; none where nobody has wished it.
    pub daily: Option<Daily>,
    /// Whether one is being written.
    pub writing: bool,
    /// Why the last one failed.
    pub trouble: Option<Trouble>,
}

/// A file that is taken in: how far it was read, and what has come of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenIn<Seen, Done> {
    /// Its number; answers that are about another file are not for it.
    pub id: u32,
    /// Octets read.
    pub done: u64,
    /// Octets in all.
    pub of: u64,
    /// What has come of it.
    pub state: Intake<Seen, Done>,
}

/// A backup that is restored.
pub type Restore = TakenIn<BackupContents, u64>;

/// A file that is imported.
pub type Import = TakenIn<(Sight, ImportReport), ImportReport>;

impl<Seen, Done> TakenIn<Seen, Done> {
    /// The file of that number is being read from now on.
    #[must_use]
    pub const fn new(id: u32) -> Self {
        Self { id, done: 0, of: 0, state: Intake::Reading }
    }

    /// Takes in what the engine said of the file of that number.
    pub fn hear(taken: &mut Option<Self>, heard: Self) {
        if taken.as_ref().is_some_and(|taken| taken.id == heard.id) {
            *taken = Some(heard);
        }
    }

    /// Where it was another tab's engine that read it, and that is gone, nothing more is heard of it.
    pub fn lose(taken: &mut Option<Self>, trouble: &Trouble) {
        if let Some(Self { state, .. }) = taken
            && matches!(state, Intake::Reading)
        {
            *state = Intake::Refused(trouble.clone());
        }
    }
}

/// What came of the last look for a port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PortSearch {
    /// Nothing yet, or a port was picked.
    Quiet,
    /// The chooser is open.
    Open,
    /// The person closed it.
    Cancelled,
    /// Serial ports are forbidden here.
    Forbidden,
    /// The browser would not open the chooser.
    Failed,
}

/// How a recording is opened: unless changed, at once and for a first look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReplayChoice {
    /// At the pace at which it was made.
    pub paced: bool,
    /// With readings that are still there when the page is opened again.
    pub kept: bool,
}

/// Disk space in octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Space {
    /// Taken by this site.
    pub used: u64,
    /// What this site may take in all.
    pub quota: u64,
    /// Whether the browser has promised not to clear it unasked.
    pub persistent: bool,
}

/// What does not change while the page is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Page {
    /// Whether it came over https.
    pub https: bool,
    /// Whether it can read serial ports.
    pub serial: Serial,
    /// Whether it can write into a folder of the person's.
    pub folders: bool,
}

/// Whether the page can read serial ports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Serial {
    /// It can.
    Yes,
    /// Not a page that came over plain http from another machine.
    Insecure,
    /// Not in this browser.
    Missing,
}

impl Shown {
    /// Nothing yet.
    #[must_use]
    pub fn new(page: Page, now: Moment) -> Self {
        Self {
            engine: RwSignal::new(EngineState::Starting),
            watching: RwSignal::new(false),
            notices: RwSignal::default(),
            held: RwSignal::default(),
            steps: RwSignal::default(),
            recomputed: RwSignal::default(),
            clock: RwSignal::default(),
            meters: RwSignal::default(),
            now: RwSignal::new(now),
            broker: RwSignal::default(),
            forward: RwSignal::default(),
            export: RwSignal::default(),
            anatomy: RwSignal::default(),
            restore: RwSignal::default(),
            import: RwSignal::default(),
            daily: RwSignal::default(),
            imports: RwSignal::default(),
            refused: RwSignal::default(),
            port: RwSignal::new(PortSearch::Quiet),
            replay: RwSignal::default(),
            space: RwSignal::default(),
            update: RwSignal::new(false),
            install: RwSignal::new(false),
            page,
        }
    }

    /// The meter of that key.
    #[must_use]
    pub fn meter(&self, key: &MeterKey) -> Option<Meter> {
        self.meters.with_untracked(|meters| meters.iter().find(|meter| meter.key == *key).cloned())
    }
}

impl Meter {
    /// The meter's state in one word of the page's marks; silence of three intervals is `stale`.
    #[must_use]
    pub fn condition(&self, now: Moment) -> Condition {
        self.state.with(|state| {
            let received = self.newest.with(|newest| newest.received);
            let interval = state.interval.unwrap_or(USUAL_INTERVAL);
            let silent = received.is_none_or(|received| stale(received, interval, now));
            match state.source {
                SourceState::Off => Condition::Off,
                SourceState::Opening => Condition::Opening,
                SourceState::Listening => Condition::Listening,
                SourceState::Live if silent => Condition::Stale,
                SourceState::Live => Condition::Live,
                SourceState::Unplugged => Condition::Unplugged,
                SourceState::Blocked => Condition::Blocked,
                SourceState::Done => Condition::Done,
            }
        })
    }

    /// What to call it: the person's name for it, what its telegrams say it is, or where they come from.
    #[must_use]
    pub fn title(&self) -> String {
        self.state.with(|state| {
            if !state.record.name.is_empty() {
                return state.record.name.clone();
            }
            match &state.record.source {
                SourceRecord::Simulated { model, .. } => {
                    let model =
                        Model::named(model).map_or_else(|| model.clone(), |model| model.title().to_owned());
                    format!("Simulated {model}")
                }
                SourceRecord::File { name, .. } => name.clone(),
                SourceRecord::Serial { spoken, .. } | SourceRecord::Bridge { spoken, .. } => {
                    self.model().unwrap_or_else(|| {
                        let known = PORT_KINDS.iter().find(|kind| kind.spoken() == *spoken);
                        let known = known.filter(|_| spoken.line.is_some());
                        let title = known.and_then(|kind| kind.title.split(',').next()).map(str::to_owned);
                        title
                            .or_else(|| spoken.line.map(|line| line.to_string()))
                            .unwrap_or_else(|| "A meter".to_owned())
                    })
                }
            }
        })
    }

    /// Maker and model, as far as the meter has said them.
    fn model(&self) -> Option<String> {
        self.newest.with(|newest| match (&newest.maker, &newest.model) {
            (Some(maker), Some(model)) => Some(format!("{maker} {model}")),
            (maker, model) => model.clone().or_else(|| maker.clone()),
        })
    }
}

/// What a meter's card says of it as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Condition {
    /// Not being read.
    Off,
    /// The port is being opened.
    Opening,
    /// Nothing decoded yet.
    Listening,
    /// Readings come.
    Live,
    /// Readings came, and do not any more.
    Stale,
    /// The adapter is gone.
    Unplugged,
    /// The port will not open.
    Blocked,
    /// A file that was read.
    Done,
}

impl Condition {
    /// The word in the page's marks.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Opening => "opening",
            Self::Listening => "listening",
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Unplugged => "unplugged",
            Self::Blocked => "blocked",
            Self::Done => "done",
        }
    }
}

/// Milliseconds between readings while nobody has measured it: the slowest that meters push.
const USUAL_INTERVAL: u32 = 10_000;
