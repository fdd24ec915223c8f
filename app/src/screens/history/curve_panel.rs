//! A chart of curves: of one meter or several, with at most two axes, and a legend that switches curves on and off.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::Span;
use metertap_readings::history::csv::{CurveColumns, of_curves};
use metertap_readings::history::question::Curve;
use metertap_readings::view::chart::{Across, Hue, Margin, Right};
use metertap_readings::view::figure::symbol;

use super::pictures::{axis, layer, picture};
use super::save::Save;
use super::series::{Series, Shown, Source, key_of, name, title_of, word};
use super::state::{State, whole};
use crate::model::{Drawing, DrawnLayer, PageModel};
use crate::parts::chart_canvas::{ChartCanvas, Pointed};
use crate::parts::lookup::Known;
use crate::parts::span_words::title;
use crate::texts;

/// A chart of one or more curves.
#[component]
pub fn CurvePanel(
    /// The view.
    state: State,
    /// The curves in this chart.
    series: Signal<Vec<Series>>,
    /// The curves of all charts.
    shown: Shown,
    /// Curves that the user has added and can remove.
    added: RwSignal<Vec<Series>>,
    /// Receives what a pointer does on the chart.
    touched: UnsyncCallback<(Pointed, PointerEvent)>,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let sources = move || {
        let wanted = series.get();
        let is_one = |source: &&Source| wanted.contains(&source.series) && shown.is_on(&source.series);
        shown.sources.with(|sources| sources.iter().filter(is_one).cloned().collect::<Vec<_>>())
    };
    let drawing = Signal::derive(move || drawing(state, &sources(), shown));
    let words = Signal::derive(move || {
        let said = sources().into_iter().map(|source| {
            let title = title_of(&source.series, model, &state.meter.get());
            match source.now().and_then(|known| extremes(&known, state.at_rest().span())) {
                Some((low, high)) => {
                    let unit = symbol(source.series.curve.unit());
                    texts::history::curve_between(&title, &format!("{low:.0}"), &format!("{high:.0}"), &unit)
                }
                None => texts::history::curve_empty(&title),
            }
        });
        said.collect::<Vec<_>>().join("; ")
    });
    let table = UnsyncCallback::new(move |()| Some(untrack(move || table(state, &sources(), model))));
    let legend = Signal::derive(move || {
        let compared = state.compared().map(|span| (Hue::Quiet, title(span, state.locale)));
        let entry =
            |source: Source| (shown.hue(&source.series), title_of(&source.series, model, &state.meter.get()));
        sources().into_iter().map(entry).chain(compared).collect::<Vec<_>>()
    });
    let unnamed = Signal::stored(String::new());
    let called = move || series.get().first().map(|series| name(series.curve)).unwrap_or_default();
    view! {
        <figure class="panel" data-curve=called>
            <figcaption class="small">
                <span class="series">
                    <For each=move || series.get() key=key_of let:series>
                        <Entry state series shown added />
                    </For>
                </span>
                <Save state drawing table words=unnamed legend what="curve" />
            </figcaption>
            <ChartCanvas drawing words width=state.width pointed=touched />
        </figure>
    }
}

#[component]
fn Entry(state: State, series: Series, shown: Shown, added: RwSignal<Vec<Series>>) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let series = StoredValue::new(series);
    let title = move || series.with_value(|series| title_of(series, model, &state.meter.get()));
    let hue = move || series.with_value(|series| word(shown.hue(series)));
    let is_on = move || series.with_value(|series| shown.is_on(series));
    let is_added = move || series.with_value(|series| added.with(|added| added.contains(series)));
    let is_alone = move || shown.sources.with(|sources| sources.len() < 2);
    let remove = move |_| {
        series.with_value(|series| added.update(|added| added.retain(|other| other != series)));
    };
    view! {
        <span class="entry">
            <button
                class="quiet"
                data-action="switch-curve"
                disabled=is_alone
                aria-pressed=move || is_on().to_string()
                on:click=move |_| series.with_value(|series| shown.switch(series))
            >
                <span class="swatch" data-hue=hue aria-hidden="true"></span>
                {title}
            </button>
            <Show when=is_added>
                <button class="quiet" data-action="remove-curve" aria-label=move || texts::history::remove_curve(&title()) on:click=remove>
                    "×"
                </button>
            </Show>
        </span>
    }
}

/// The drawing of these curves. The axis on the left has the first curve's unit.
fn drawing(state: State, sources: &[Source], shown: Shown) -> Option<Drawing> {
    let span = state.span();
    let left = sources.first()?.series.curve;
    let on_right = |curve: Curve| curve.unit() != left.unit();
    let second = sources.iter().map(|source| source.series.curve).find(|curve| on_right(*curve));
    let moved = state.compared().map(|compared| (compared, span));
    let mut layers = Vec::new();
    for source in sources {
        let Series { curve, .. } = source.series;
        let (interval, is_power) = (source.interval(), curve == Curve::NetPower && sources.len() == 1);
        let quiet = moved.and_then(|moved| layer(source.then()?.as_ref(), interval, Some(moved), is_power));
        let loud = source.now().and_then(|known| layer(&known, interval, None, is_power));
        let hue = shown.hue(&source.series);
        layers.extend(quiet.into_iter().chain(loud).map(|layer| placed(layer, hue, on_right(curve))));
    }
    let right = match second {
        Some(curve) => Right::Axis(axis(curve)),
        None if state.margin.get() == Margin::Axis => Right::Room,
        None => Right::Nothing,
    };
    let Span { from, to } = span;
    Some(Drawing { from, to, layers, axis: axis(left), right, across: Across::Time, now: None })
}

fn table(state: State, sources: &[Source], model: PageModel) -> String {
    let curves: Vec<_> = sources
        .iter()
        .filter_map(|source| {
            let (picture, _) = picture(source.now()?.as_ref(), None)?;
            let unit = symbol(source.series.curve.unit());
            Some((title_of(&source.series, model, &state.meter.get()), unit, picture))
        })
        .collect();
    let columns: Vec<_> = curves
        .iter()
        .map(|(name, unit, picture)| CurveColumns {
            name,
            unit,
            span: Span { from: picture.from, to: picture.to },
            columns: &picture.columns,
        })
        .collect();
    of_curves(&columns, state.span(), state.zone())
}

/// A curve in its own colour, on the axis of its unit. A curve for comparison stays in its quiet colour.
fn placed(layer: DrawnLayer, hue: Hue, on_right: bool) -> DrawnLayer {
    match layer {
        DrawnLayer::Curve { picture, gap, hue: plain, tinted, .. } => {
            let hue = if plain == Hue::Quiet { plain } else { hue };
            DrawnLayer::Curve { picture, gap, hue, tinted, on_right }
        }
        other => other,
    }
}

/// The lowest and the highest value of a curve in the visible span.
fn extremes(known: &Known, span: Span) -> Option<(f64, f64)> {
    let (picture, _) = picture(known, None)?;
    let width = (picture.to.0 - picture.from.0) as f64 / picture.columns.len().max(1) as f64;
    let seen = |index: usize| {
        let at = Moment(picture.from.0 + whole((index as f64 + 0.5) * width));
        span.contains(at)
    };
    let columns = picture.columns.iter().enumerate().filter(|(index, _)| seen(*index));
    columns.filter_map(|(_, column)| *column).reduce(|(low, high), (l, h)| (low.min(l), high.max(h)))
}
