//! [`PageModel`]: everything that the screens show, as signals.

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

/// Everything that the screens show. Signals are only for display: no reading goes through one to the log or the
/// broker.
#[derive(Clone, Copy, Debug)]
pub struct PageModel {
    /// Whether the engine is running.
    pub engine: RwSignal<EngineState>,
    /// Whether another tab reads the meters, and this one shows what that tab sends.
    pub watching: RwSignal<bool>,
    /// What a user should know about the log, until the user dismisses it.
    pub notices: RwSignal<Vec<Notice>>,
    /// The number of open notices, and the board of notices as an encoded message; `None` until the engine has sent
    /// them.
    pub noticed: RwSignal<Option<(u32, Vec<u8>)>>,
    /// What the log holds of each meter; empty until that is asked for.
    pub held: RwSignal<BTreeMap<MeterKey, Held>>,
    /// The counter steps that are held back; empty until they are asked for.
    pub steps: RwSignal<Vec<HeldStep>>,
    /// `None` before totals are recomputed, and `Some(None)` while they are. Afterwards, the number of quarter-hours
    /// that changed.
    pub recomputed: RwSignal<Option<Option<u64>>>,
    /// Why the computer's clock is not trusted; `None` if it is.
    pub clock: RwSignal<Option<Trouble>>,
    /// All meters, in the order of their keys.
    pub meters: RwSignal<Vec<MeterModel>>,
    /// The computer's clock, to the second.
    pub now: RwSignal<Moment>,
    /// The broker that readings are forwarded to, without its password.
    pub broker: RwSignal<Option<Broker>>,
    /// The state of forwarding.
    pub forward: RwSignal<ForwardState>,
    /// The export in progress, or the last one.
    pub export: RwSignal<Option<Export>>,
    /// The fields of the bytes inspected last, and their meter.
    pub anatomy: RwSignal<Option<(MeterKey, Vec<Layer>)>>,
    /// The state of the backup that was chosen last.
    pub restore: RwSignal<Option<Restore>>,
    /// The preview or the result of the file that was chosen for import.
    pub import: RwSignal<Option<Import>>,
    /// The daily backup.
    pub daily: RwSignal<DailyBackup>,
    /// The imports so far.
    pub imports: RwSignal<Vec<Imported>>,
    /// Why the last action was refused.
    pub refused: RwSignal<Option<Trouble>>,
    /// The result of the last attempt to choose a port.
    pub port: RwSignal<PortSearch>,
    /// How to open the next recording.
    pub replay: RwSignal<ReplayChoice>,
    /// The disk space of this site.
    pub space: RwSignal<Option<Space>>,
    /// Whether a newer build waits.
    pub update: RwSignal<bool>,
    /// Whether the browser offers to install the page.
    pub install: RwSignal<bool>,
    /// How the page was loaded, and what the browser can do.
    pub page: Page,
}

/// Whether the engine is running.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EngineState {
    /// It is being loaded.
    Starting,
    /// It is running.
    Ready,
    /// It cannot work.
    Broken(Breakdown),
    /// Its program did not load, or has crashed.
    Missing,
}

impl PageModel {
    /// An empty model.
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

    /// The meter with this key.
    #[must_use]
    pub fn meter(&self, key: &MeterKey) -> Option<MeterModel> {
        self.meters.with_untracked(|meters| meters.iter().find(|meter| meter.key == *key).cloned())
    }
}
