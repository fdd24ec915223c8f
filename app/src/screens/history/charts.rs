//! The charts: curves and bars over one axis of time, with one crosshair, and a strip of the whole log below.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use metertap_readings::history::question::{Answer, Question};
use metertap_readings::store::MeterKey;
use metertap_readings::view::arrange::arranged;
use metertap_readings::view::chart::Margin;

use super::bar_panel::BarPanel;
use super::curve_panel::CurvePanel;
use super::gestures::Gestures;
use super::overlay::Overlay;
use super::pictures::{bars, grouped};
use super::readout::Readout;
use super::series::{Follow, Series, Shown, key_of, main_curve, name};
use super::state::State;
use super::strip::Strip;
use super::view::When;
use crate::model::{MeterModel, PageModel};
use crate::parts::chart_canvas::Pointed;
use crate::parts::lookup::follow;
use crate::texts;

/// All charts of a view.
#[component]
pub fn Charts(
    /// The view.
    state: State,
) -> impl IntoView {
    let gestures = Gestures::new(state);
    let contents = Memo::new(move |_| state.contents());
    let main = Memo::new(move |_| contents.with(|contents| contents.as_ref().and_then(main_curve)));
    let flows = Memo::new(move |_| {
        contents
            .with(|contents| contents.as_ref().map(|contents| grouped(&contents.flows)).unwrap_or_default())
    });
    let model = expect_context::<PageModel>();
    let (added, shown) = (state.added, Shown::nothing(state));
    // Another meter has other curves.
    Effect::new(move |before: Option<_>| {
        let meter = state.meter.get();
        if before.is_some_and(|before| before != meter) {
            added.set(Vec::new());
            state.off.set(Vec::new());
        }
        meter
    });
    let series = Memo::new(move |_| {
        let main = main.get().map(|curve| Series { meter: state.meter.get(), curve });
        model.meters.track();
        let is_here = |series: &Series| model.meter(&series.meter).is_some() && Some(series) != main.as_ref();
        let added: Vec<_> = added.get().into_iter().filter(is_here).collect();
        main.into_iter().chain(added).collect::<Vec<_>>()
    });
    let panels = Memo::new(move |_| {
        let series = series.get();
        let units: Vec<_> = series.iter().map(|series| series.curve.unit()).collect();
        let of_places = |places: Vec<usize>| {
            places.into_iter().filter_map(|place| series.get(place).cloned()).collect::<Vec<_>>()
        };
        arranged(&units).into_iter().map(of_places).collect::<Vec<_>>()
    });
    keep_margin(state, panels);
    let bars_now = bars(state, move || Some(state.span()));
    let bars_then = bars(state, move || state.compared());
    let touched = UnsyncCallback::new(move |(what, event): (Pointed, PointerEvent)| {
        gestures.point(what, &event);
    });
    let panel = move |place: usize| {
        let series =
            Signal::derive(move || panels.with(|panels| panels.get(place).cloned().unwrap_or_default()));
        view! { <CurvePanel state series shown added touched /> }
    };
    view! {
        <section
            class="card charts"
            role="group"
            aria-label=texts::history::charts()
            tabindex="0"
            on:keydown=move |event| gestures.press(&event)
        >
            <Readout state shown bars=bars_now />
            <For each=move || series.get() key=key_of let:series>
                <Follow state series shown />
            </For>
            <div
                class="panels"
                on:wheel=move |event| gestures.turn(&event)
                on:dblclick=move |_| state.jump(When::All)
            >
                <For each=move || 0..panels.with(Vec::len) key=|place| *place children=panel />
                <For each=move || flows.get() key=Clone::clone let:group>
                    <BarPanel state flows=group now=bars_now then=bars_then touched />
                </For>
                <Overlay state />
            </div>
            <Missing state />
            <MoreCurves state series added />
            <Strip state main />
        </section>
    }
}

/// Gives all charts room for an axis on the right as soon as one of them has such an axis.
fn keep_margin(state: State, panels: Memo<Vec<Vec<Series>>>) {
    Effect::new(move |_| {
        let has_two = |series: &Vec<Series>| {
            let mut units = series.iter().map(|series| series.curve.unit());
            units.next().is_some_and(|first| units.any(|unit| unit != first))
        };
        let has_axis = panels.with(|panels| panels.iter().any(has_two));
        state.margin.set(if has_axis { Margin::Axis } else { Margin::None });
    });
}

/// Names the meters whose curves the address lists, but which this browser does not have.
#[component]
fn Missing(state: State) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let missing = Memo::new(move |_| {
        model.meters.track();
        let mut missing: Vec<String> = Vec::new();
        for series in state.added.get() {
            if model.meter(&series.meter).is_none() && !missing.contains(&series.meter.0) {
                missing.push(series.meter.0);
            }
        }
        missing
    });
    move || {
        let missing = missing.get();
        (!missing.is_empty()).then(|| {
            let [before, _, after] = texts::history::missing_meters();
            view! {
                <p class="small" role="status" data-part="missing-meters">
                    {before} <code>{missing.join(", ")}</code> {after}
                </p>
            }
        })
    }
}

#[component]
fn MoreCurves(state: State, series: Memo<Vec<Series>>, added: RwSignal<Vec<Series>>) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let chosen = RwSignal::new(None::<MeterKey>);
    let meter = Memo::new(move |_| chosen.get().unwrap_or_else(|| state.meter.get()));
    let known = follow(meter.into(), move |known| known.is_none().then_some(Question::Contents));
    let others = Memo::new(move |_| {
        let curves = match known.get().map(|known| known.answer.clone()) {
            Some(Answer::Contents(contents)) => contents.curves,
            _ => Vec::new(),
        };
        let (meter, shown) = (meter.get(), series.get());
        let others = curves.into_iter().map(|curve| Series { meter: meter.clone(), curve });
        others.filter(|series| !shown.contains(series)).collect::<Vec<_>>()
    });
    let add = move |event| {
        let wanted = event_target_value(&event);
        let found =
            others.with_untracked(|others| others.iter().find(|other| name(other.curve) == wanted).cloned());
        added.update(|added| added.extend(found));
    };
    let several = Memo::new(move |_| model.meters.with(|meters| meters.len() > 1));
    let meters = move || {
        let option = |meter: &MeterModel| {
            let is_it = *state.meter.read() == meter.key;
            view! { <option value=meter.key.0.clone() selected=is_it>{meter.title()}</option> }
        };
        model.meters.with(|meters| meters.iter().map(option).collect_view())
    };
    view! {
        <div class="row small" data-part="more-curves">
            <Show when=move || several.get()>
                <label>
                    {texts::history::curves_of()} " "
                    <select
                        data-action="curves-of"
                        on:change=move |event| chosen.set(Some(MeterKey(event_target_value(&event))))
                    >
                        {meters}
                    </select>
                </label>
            </Show>
            <label>
                {texts::history::add_curve()} " "
                <select data-action="add-curve" on:change=add>
                    <option value="">"–"</option>
                    {move || {
                        let option = |other: &Series| {
                            let name = name(other.curve);
                            view! { <option value=name.clone()>{name.clone()}</option> }
                        };
                        others.with(|others| others.iter().map(option).collect_view())
                    }}
                </select>
            </label>
        </div>
    }
}
