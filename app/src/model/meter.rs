//! [`MeterModel`]: a meter as signals.

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_readings::entry::Moment;
use metertap_readings::store::{MeterKey, SourceRecord};
use metertap_readings::view::interval::stale;
use metertap_readings::view::newest::Newest;
use metertap_simulator::Model;

use super::picture::Picture;
use super::port_kinds::PORT_KINDS;
use crate::protocol::{KeptOctets, MeterState, SourceState};
use crate::texts;

/// A meter, as signals.
#[derive(Clone, Debug)]
pub struct MeterModel {
    /// Its key in the log.
    pub key: MeterKey,
    /// Its state, as the engine reports it.
    pub state: RwSignal<MeterState>,
    /// The newest value of each of its registers. Subscribers are notified of a change only after [`Self::net`] is
    /// painted.
    pub newest: RwSignal<Newest>,
    /// Net power in watts, import positive: what is painted first.
    pub net: RwSignal<Option<Number>>,
    /// Whether `newest` has changed without subscribers having been notified.
    pub untold: StoredValue<bool>,
    /// The curve that the engine has last returned for the chart.
    pub picture: RwSignal<Option<Picture>>,
    /// The bytes that are kept of it; `None` until they are asked for.
    pub octets: RwSignal<Option<Vec<KeptOctets>>>,
}

impl MeterModel {
    /// The meter's state in one word for the DOM; a silence of three intervals is `stale`.
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

    /// Its title: the user's name for it. Without such a name, the title is the simulated model, the file's name, or
    /// the maker and model in the telegrams of a line. If the telegrams have neither, it is the kind of port.
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
                    texts::card::simulated(&model)
                }
                SourceRecord::File { name, .. } => name.clone(),
                SourceRecord::Serial { spoken, .. } | SourceRecord::Bridge { spoken, .. } => {
                    self.model().unwrap_or_else(|| {
                        let known = PORT_KINDS.iter().find(|kind| kind.spoken() == *spoken);
                        let known = known.filter(|_| spoken.line.is_some());
                        let title =
                            known.and_then(|kind| (kind.title)().split(',').next()).map(str::to_owned);
                        title
                            .or_else(|| spoken.line.map(|line| line.to_string()))
                            .unwrap_or_else(|| texts::card::a_meter().to_owned())
                    })
                }
            }
        })
    }

    /// Maker and model, as far as the meter has sent them.
    fn model(&self) -> Option<String> {
        self.newest.with(|newest| match (&newest.maker, &newest.model) {
            (Some(maker), Some(model)) => Some(format!("{maker} {model}")),
            (maker, model) => model.clone().or_else(|| maker.clone()),
        })
    }
}

/// The condition of a meter as its card shows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Condition {
    /// It is not being read.
    Off,
    /// The port is being opened.
    Opening,
    /// Nothing was decoded yet.
    Listening,
    /// Readings arrive.
    Live,
    /// Readings have stopped arriving.
    Stale,
    /// The adapter is gone.
    Unplugged,
    /// The port cannot be opened.
    Blocked,
    /// A file that was read to its end.
    Done,
}

impl Condition {
    /// The word in the DOM.
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

/// Assumed milliseconds between readings until the interval is known. Most meters push at least this often.
const USUAL_INTERVAL: u32 = 10_000;
