//! [`Series`]: a curve of any meter. Several curves can share a chart.

use std::sync::Arc;

use leptos::prelude::*;
use metertap_decoder::reading::Quantity;
use metertap_readings::history::question::{Contents, Curve};
use metertap_readings::store::MeterKey;
use metertap_readings::view::chart::Hue;

use super::pictures::curve;
use super::state::State;
pub use super::view::Series;
use crate::model::{MeterModel, PageModel};
use crate::parts::label::quantity;
use crate::parts::lookup::{Answered, Known};
use crate::texts;

/// A curve with its answers.
#[derive(Clone)]
pub struct Source {
    /// The curve.
    pub series: Series,
    /// The answer for the view's time.
    now: Answered,
    /// The answer for the time of the comparison.
    then: Answered,
    /// How often the meter sends, in milliseconds.
    interval: Signal<Option<u32>>,
}

/// All curves that are shown, in the order in which they were added, and which of them are switched off.
#[derive(Clone, Copy)]
pub struct Shown {
    /// The curves with their answers.
    pub sources: RwSignal<Vec<Source>>,
    /// The curves that are switched off.
    pub off: RwSignal<Vec<Series>>,
}

/// A key that identifies the curve.
pub fn key_of(series: &Series) -> String {
    format!("{} {}", series.meter.0, name(series.curve))
}

/// The title of a curve, followed by its meter's title unless that is the meter in view.
pub fn title_of(series: &Series, model: PageModel, looked_at: &MeterKey) -> String {
    let meter = model.meter(&series.meter).filter(|_| series.meter != *looked_at);
    meter.map_or_else(|| name(series.curve), |meter| format!("{}, {}", name(series.curve), meter.title()))
}

impl Source {
    /// The answer for the view's time.
    pub fn now(&self) -> Option<Arc<Known>> {
        self.now.get()
    }

    /// The answer for the time of the comparison.
    pub fn then(&self) -> Option<Arc<Known>> {
        self.then.get()
    }

    /// How often the meter sends, in milliseconds.
    pub fn interval(&self) -> Option<u32> {
        self.interval.get()
    }
}

impl Shown {
    /// No curves yet.
    pub fn nothing(state: State) -> Self {
        Self { sources: RwSignal::new(Vec::new()), off: state.off }
    }

    /// Whether a curve is switched on.
    pub fn is_on(self, series: &Series) -> bool {
        self.off.with(|off| !off.contains(series))
    }

    /// Switches a curve on or off.
    pub fn switch(self, series: &Series) {
        self.off.update(|off| {
            let before = off.len();
            off.retain(|other| other != series);
            if off.len() == before {
                off.push(series.clone());
            }
        });
    }

    /// The colour of a curve, by its index among all curves.
    pub fn hue(self, series: &Series) -> Hue {
        let place = self.sources.with(|sources| sources.iter().position(|source| source.series == *series));
        HUES.get(place.unwrap_or_default() % HUES.len()).copied().unwrap_or(Hue::Ink)
    }
}

/// Keeps the answers of a curve up to date, as long as it is shown. It renders nothing.
#[component]
pub fn Follow(
    /// The view.
    state: State,
    /// The curve.
    series: Series,
    /// Receives the answers.
    shown: Shown,
) -> impl IntoView {
    let of_meter = state.of_meter(series.meter.clone());
    let source = Source {
        now: curve(of_meter, series.curve, move || Some(state.span())),
        then: curve(of_meter, series.curve, move || state.compared()),
        interval: interval(of_meter),
        series: series.clone(),
    };
    shown.sources.update(|sources| sources.push(source));
    on_cleanup(move || {
        // The whole screen may be gone by now.
        shown.sources.try_update(|sources| sources.retain(|source| source.series != series));
    });
}

/// The curve that is shown first for a log; `None` if the log has neither power nor flow.
pub fn main_curve(contents: &Contents) -> Option<Curve> {
    let of =
        |quantity: Quantity| contents.curves.iter().find(|curve| curve.quantity() == Some(quantity)).copied();
    let power = contents.curves.iter().find(|curve| **curve == Curve::NetPower).copied();
    power.or_else(|| of(Quantity::HeatPower)).or_else(|| of(Quantity::VolumeFlow))
}

/// The name of a curve.
pub fn name(curve: Curve) -> String {
    match curve {
        Curve::NetPower => texts::history::grid_power().to_owned(),
        Curve::Register { register, quantity: what, phase, channel, .. } => {
            let phase = phase.map(|phase| format!(" {}", phase.as_str().to_uppercase())).unwrap_or_default();
            let title = format!("{}{phase}", quantity(what));
            let title =
                channel.map_or_else(|| title.clone(), |channel| texts::details::of_channel(&title, &channel));
            format!("{title} ({register})")
        }
    }
}

/// A colour's name in the DOM.
pub const fn word(hue: Hue) -> &'static str {
    match hue {
        Hue::Ink => "ink",
        Hue::Quiet => "quiet",
        Hue::Import => "import",
        Hue::Export => "export",
        Hue::Gas => "gas",
        Hue::Water => "water",
        Hue::Heat => "heat",
    }
}

fn interval(state: State) -> Signal<Option<u32>> {
    let model = expect_context::<PageModel>();
    let of_meter = Memo::new(move |_| {
        let key = state.meter.get();
        let is_it = |meter: &&MeterModel| meter.key == key;
        model.meters.with(|meters| meters.iter().find(is_it)?.state.with(|state| state.interval))
    });
    of_meter.into()
}

/// These colours can be distinguished on the light and on the dark background. Further curves reuse them.
const HUES: [Hue; 6] = [Hue::Ink, Hue::Export, Hue::Import, Hue::Water, Hue::Heat, Hue::Gas];
