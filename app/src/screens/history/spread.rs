//! How a flow is distributed: by day and hour, and over a typical weekday.

use std::sync::Arc;

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::flow::Flow;
use metertap_readings::history::profile::{Profile, Spread as Tenths};
use metertap_readings::history::question::{Answer, Question};
use metertap_readings::view::chart::{Across, Axis, Cell, Hue};

use super::pictures::{drawing, hue};
use super::save::Save;
use super::state::State;
use super::years::Years;
use crate::model::{DateForm, Drawing, DrawnLayer, Picture};
use crate::parts::chart_canvas::ChartCanvas;
use crate::parts::label::quantity;
use crate::parts::lookup::follow;
use crate::texts;

/// A map of days and hours, the hours sorted by their flow, a typical day, and the years.
#[component]
pub fn Spread(
    /// The view.
    state: State,
) -> impl IntoView {
    let flows = Memo::new(move |_| state.contents().map(|contents| contents.flows).unwrap_or_default());
    let chosen = RwSignal::new(None::<Flow>);
    let flow = Memo::new(move |_| {
        let known = chosen.get().filter(|chosen| flows.with(|flows| flows.contains(chosen)));
        known.or_else(|| flows.with(|flows| flows.first().copied()))
    });
    let day = Memo::new(move |_| whole_days(state));
    let known = follow(state.meter.into(), move |known| {
        let question = Question::Profile { flow: flow.get()?, span: day.get() };
        (!known.is_some_and(|known| known.question == question)).then_some(question)
    });
    let profile = Signal::derive(move || match known.get().map(|known| known.answer.clone()) {
        Some(Answer::Profile(profile)) => Some(profile),
        _ => None,
    });
    let map = Signal::derive(move || {
        let (profile, flow, span) = (profile.get()?, flow.get()?, day.get());
        let layers = vec![DrawnLayer::Cells(cells(&profile, hue(flow)))];
        Some(drawing(span, layers, Axis::HOURS))
    });
    let weekday = RwSignal::new(0_usize);
    let duration = Signal::derive(move || duration(&profile.get()?, axis(flow.get()?)));
    let typical = Signal::derive(move || typical(state, &profile.get()?, weekday.get(), axis(flow.get()?)));
    let choose = move |event| {
        let wanted = event_target_value(&event);
        chosen.set(flows.with(|flows| flows.iter().find(|flow| key(**flow) == wanted).copied()));
    };
    let untouched = UnsyncCallback::new(|_| ());
    let words = Signal::stored(texts::history::day_by_hour_words().to_owned());
    let typical_words = Signal::stored(texts::history::typical().to_owned());
    let duration_words = Signal::stored(texts::history::duration().to_owned());
    view! {
        <label>
            <span class="unseen">{texts::history::of_what()}</span>
            <select data-action="spread-flow" on:change=choose>
                {move || {
                    let option = |flow: &Flow| view! { <option value=key(*flow)>{quantity(flow.quantity)}</option> };
                    flows.with(|flows| flows.iter().map(option).collect_view())
                }}
            </select>
        </label>
        <figure class="panel" data-chart="map">
            <figcaption class="small">{texts::history::day_by_hour()}</figcaption>
            <ChartCanvas drawing=map words width=state.width pointed=untouched />
        </figure>
        <figure class="panel bars" data-chart="duration">
            <figcaption class="small">
                {texts::history::duration()} <Save state drawing=duration words=duration_words legend=Signal::stored(Vec::new()) what="duration" />
            </figcaption>
            <ChartCanvas drawing=duration words=duration_words width=state.width pointed=untouched />
        </figure>
        <figure class="panel bars" data-chart="typical">
            <figcaption class="small">{texts::history::typical()}</figcaption>
            <ChartCanvas drawing=typical words=typical_words width=state.width pointed=untouched />
        </figure>
        <div class="spans" role="group" aria-label=texts::history::weekday()>
            {(0..7).map(|place| view! { <Weekday state place weekday /> }).collect_view()}
        </div>
        <Years state flow />
    }
}

#[component]
fn Weekday(state: State, place: usize, weekday: RwSignal<usize>) -> impl IntoView {
    // 2026-01-05 is a Monday.
    let noon = Moment((20_458 + i64::try_from(place).unwrap_or_default()) * 86_400_000 + 43_200_000);
    view! {
        <button
            class="quiet"
            aria-pressed=move || (weekday.get() == place).to_string()
            on:click=move |_| weekday.set(place)
        >
            {(state.locale.date)(DateForm::Weekday, noon, noon)}
        </button>
    }
}

/// The whole days that contain the time in view.
fn whole_days(state: State) -> Span {
    let (span, zone) = (state.span(), state.zone());
    let day = |moment: Moment| Period::Day.around(moment, zone);
    let (first, last) = (day(span.from), day(Moment(span.to.0 - 1)));
    Span { from: first.map_or(span.from, |day| day.from), to: last.map_or(span.to, |day| day.to) }
}

fn cells(profile: &Profile, hue: Hue) -> Arc<[Cell]> {
    let all = || profile.days.iter().flat_map(|(_, hours)| hours.iter().flatten().copied());
    let most = all().fold(0.0, f64::max);
    let cell = |day: Span, hour: usize, value: f64| {
        let low = hour as f64;
        let share = if most > 0.0 { value / most } else { 0.0 };
        Cell { from: day.from, to: day.to, low, high: low + 1.0, share, hue }
    };
    let of_day = |(day, hours): &(Span, Vec<Option<f64>>)| {
        let day = *day;
        let known = hours.iter().enumerate().filter_map(move |(hour, value)| Some((hour, (*value)?)));
        known.map(move |(hour, value)| cell(day, hour, value)).collect::<Vec<_>>()
    };
    profile.days.iter().flat_map(of_day).collect()
}

/// Draws all hours sorted by their flow, the largest first.
fn duration(profile: &Profile, axis: Axis) -> Option<Drawing> {
    let (from, to) = (Moment(0), Moment(WHOLE));
    let columns: Arc<[_]> = profile.duration.iter().map(|mean| Some((*mean, *mean))).collect();
    if columns.is_empty() {
        return None;
    }
    let picture = Picture { from, to, columns };
    let curve = DrawnLayer::Curve { picture, gap: 0, hue: Hue::Ink, tinted: false, on_right: false };
    Some(Drawing { across: Across::Share, ..drawing(Span { from, to }, vec![curve], axis) })
}

/// Draws the typical course of a weekday. Its axis is a day in January, which has 24 hours.
fn typical(state: State, profile: &Profile, weekday: usize, axis: Axis) -> Option<Drawing> {
    let day = super::view::moment("2026-01-05", state.zone())?;
    let Span { from, to } = Period::Day.around(day, state.zone())?;
    let hours = profile.week.get(weekday)?;
    let curve = |of: fn(&Tenths) -> (f64, f64), hue: Hue| DrawnLayer::Curve {
        picture: Picture { from, to, columns: hours.iter().map(|hour| hour.as_ref().map(of)).collect() },
        gap: 0,
        hue,
        tinted: false,
        on_right: false,
    };
    let band = hours.iter().enumerate().filter_map(|(hour, spread)| {
        let spread = (*spread)?;
        let begins = from.0 + i64::try_from(hour).ok()? * 3_600_000;
        let (from, to) = (Moment(begins), Moment(begins + 3_600_000));
        Some(Cell { from, to, low: spread.low, high: spread.high, share: 0.2, hue: Hue::Quiet })
    });
    let layers =
        vec![DrawnLayer::Cells(band.collect()), curve(|spread| (spread.median, spread.median), Hue::Ink)];
    Some(drawing(Span { from, to }, layers, axis))
}

/// The axis of an hour's mean.
fn axis(flow: Flow) -> Axis {
    match flow.unit() {
        Some(metertap_decoder::reading::Unit::CubicMetre) => Axis::counted("m³/h"),
        _ => Axis::counted("kW"),
    }
}

fn key(flow: Flow) -> String {
    format!("{}-{}", flow.quantity, flow.channel.unwrap_or_default())
}

/// The length of the axis from 0 to 100 %. Any multiple of 100 would do.
const WHOLE: i64 = 1_000_000;
