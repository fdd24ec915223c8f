//! [`PageModel`]: all that the screens show, as signals. The window writes them; screens only read.

use std::collections::BTreeMap;

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::files::import::Import as Imported;
use metertap_readings::log::journal::held::Held;
use metertap_readings::store::MeterKey;

use super::environment::{Page, PortSearch, ReplayChoice, Space};
use super::files::{DailyBackup, Export, Import, Notice, Restore};
use super::meter::MeterModel;
use crate::protocol::{Breakdown, Broker, ForwardState, HeldStep, Layer, Trouble};

/// All that the screens show. Signals are for eyes: no reading travels through one to the log or the broker.
#[derive(Clone, Copy, Debug)]
pub struct PageModel {
    /// Whether the engine is up.
    pub engine: RwSignal<EngineState>,
    /// Whether another tab reads the meters, and this one shows what that tells.
    pub watching: RwSignal<bool>,
    /// What a person should know of the log, until they have seen it.
    pub notices: RwSignal<Vec<Notice>>,
    /// How many notices go on, and what was noticed, as the engine writes it; none before it has said so.
    pub noticed: RwSignal<Option<(u32, Vec<u8>)>>,
    /// What the log holds of each meter, once asked for.
    pub held: RwSignal<BTreeMap<MeterKey, Held>>,
    /// Steps of counters that are held back, once asked for.
    pub steps: RwSignal<Vec<HeldStep>>,
    /// How computing totals anew goes, once begun: at its end, how many quarters of an hour count otherwise.
    pub recomputed: RwSignal<Option<Option<u64>>>,
    /// Why the computer's clock is not believed; none where it is.
    pub clock: RwSignal<Option<Trouble>>,
    /// All meters, in the order of their keys.
    pub meters: RwSignal<Vec<MeterModel>>,
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
    /// Why the last action was refused.
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

impl PageModel {
    /// Nothing yet.
    #[must_use]
    pub fn new(page: Page, now: Moment) -> Self {
        Self {
            engine: RwSignal::new(EngineState::Starting),
            watching: RwSignal::new(false),
            notices: RwSignal::default(),
            noticed: RwSignal::default(),
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
    pub fn meter(&self, key: &MeterKey) -> Option<MeterModel> {
        self.meters.with_untracked(|meters| meters.iter().find(|meter| meter.key == *key).cloned())
    }
}
