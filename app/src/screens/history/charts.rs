//! The charts: curves and bars over one axis of time, with one crosshair, and the whole record below as a strip.

use std::sync::Arc;

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use metertap_decoder::reading::Quantity;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::flow::Flow;
use metertap_readings::history::question::{Contents, Curve};
use metertap_readings::view::chart::Axis;
use metertap_readings::view::figure::symbol;

use super::gestures::Gestures;
use super::overlay::Overlay;
use super::pictures::{axis, bars, bars_of, curve, grouped, layer, picture};
use super::readout::Readout;
use super::state::State;
use super::strip::Strip;
use super::view::When;
use crate::model::{Action, Actions, Drawing, PageModel, SavedPicture};
use crate::parts::chart_canvas::{ChartCanvas, Pointed};
use crate::parts::label::quantity;
use crate::parts::lookup::{Answered, Known, totals};

/// All charts of a view.
#[component]
pub fn Charts(
    /// What is looked at.
    state: State,
) -> impl IntoView {
    let gestures = Gestures::new(state);
    let contents = Memo::new(move |_| state.contents());
    let main = Memo::new(move |_| contents.with(|contents| contents.as_ref().and_then(main_curve)));
    let flows = Memo::new(move |_| {
        contents
            .with(|contents| contents.as_ref().map(|contents| grouped(&contents.flows)).unwrap_or_default())
    });
    let more = RwSignal::new(Vec::<Curve>::new());
    // What the crosshair reads of the first curve.
    let read = RwSignal::new(None);
    // Another meter has other curves.
    Effect::new(move |before: Option<_>| {
        let meter = state.meter.get();
        if before.is_some_and(|before| before != meter) {
            more.set(Vec::new());
        }
        meter
    });
    let bars_now = bars(state, move || Some(state.span()));
    let bars_then = bars(state, move || state.compared());
    let touched = move |(what, event): (Pointed, PointerEvent)| gestures.point(what, &event);
    let curves = move || {
        let main = main.get().into_iter();
        main.chain(more.get()).collect::<Vec<_>>()
    };
    view! {
        <section
            class="card charts"
            role="group"
            aria-label="Charts. Arrow keys move the crosshair, with Shift they mark; plus and minus zoom; Page Up and Page Down go back and forth."
            tabindex="0"
            on:keydown=move |event| gestures.press(&event)
        >
            <Readout state curve=main read bars=bars_now />
            <div
                class="panels"
                on:wheel=move |event| gestures.turn(&event)
                on:dblclick=move |_| state.when.set(When::All)
            >
                <For each=curves key=|curve| CurveKey::of(*curve) let:curve>
                    <CurvePanel state curve touched more read=(main.get_untracked() == Some(curve)).then_some(read) />
                </For>
                <For each=move || flows.get() key=Clone::clone let:group>
                    <BarPanel state flows=group now=bars_now then=bars_then touched />
                </For>
                <Overlay state />
            </div>
            <MoreCurves contents more main />
            <Strip state main />
        </section>
    }
}

/// What a log shows first.
fn main_curve(contents: &Contents) -> Option<Curve> {
    let of =
        |quantity: Quantity| contents.curves.iter().find(|curve| curve.quantity() == Some(quantity)).copied();
    let power = contents.curves.iter().find(|curve| **curve == Curve::NetPower).copied();
    power.or_else(|| of(Quantity::HeatPower)).or_else(|| of(Quantity::VolumeFlow))
}

/// What a curve is called.
fn name(curve: Curve) -> String {
    match curve {
        Curve::NetPower => "Grid power".to_owned(),
        Curve::Register { register, quantity: what, phase, channel, .. } => {
            let phase = phase.map(|phase| format!(" {}", phase.as_str().to_uppercase())).unwrap_or_default();
            let channel = channel.map(|channel| format!(", channel {channel}")).unwrap_or_default();
            format!("{}{phase}{channel} ({register})", quantity(what))
        }
    }
}

/// What is told apart by.
#[derive(Clone, Eq, Hash, PartialEq)]
struct CurveKey(String);

impl CurveKey {
    fn of(curve: Curve) -> Self {
        Self(name(curve))
    }
}

#[component]
fn CurvePanel(
    state: State,
    curve: Curve,
    touched: impl Fn((Pointed, PointerEvent)) + Copy + 'static,
    more: RwSignal<Vec<Curve>>,
    read: Option<RwSignal<Option<Arc<Known>>>>,
) -> impl IntoView {
    let now = self::curve(state, curve, move || Some(state.span()));
    let then = self::curve(state, curve, move || state.compared());
    if let Some(read) = read {
        Effect::new(move |_| read.set(now.get()));
    }
    let interval = interval(state);
    let is_power = curve == Curve::NetPower;
    let drawing = Signal::derive(move || {
        let span = state.span();
        let moved = state.compared().map(|compared| (compared, span));
        let quiet =
            moved.and_then(|moved| layer(then.get()?.as_ref(), interval.get(), Some(moved), is_power));
        let loud = now.get().and_then(|known| layer(&known, interval.get(), None, is_power));
        let layers = quiet.into_iter().chain(loud).collect();
        Some(Drawing { from: span.from, to: span.to, layers, axis: axis(curve), now: None })
    });
    let words = Signal::derive(move || {
        let seen = now.get().and_then(|known| extremes(&known, state.span()));
        match seen {
            Some((low, high)) => {
                let unit = symbol(curve.unit());
                format!("{}: between {low:.0} and {high:.0} {unit}", name(curve))
            }
            None => format!("{}: nothing was heard", name(curve)),
        }
    });
    let is_added = move || more.with(|more| more.contains(&curve));
    view! {
        <figure class="panel" data-curve=name(curve)>
            <figcaption class="small">
                {name(curve)} " " <Show when=is_added>
                    <button
                        class="quiet"
                        data-action="remove-curve"
                        on:click=move |_| more.update(|more| more.retain(|other| *other != curve))
                    >
                        "Remove"
                    </button>
                </Show>
                <Save state drawing what="curve" />
            </figcaption>
            <ChartCanvas drawing words width=state.width pointed=UnsyncCallback::new(touched) />
        </figure>
    }
}

#[component]
fn BarPanel(
    state: State,
    flows: Vec<Flow>,
    now: Answered,
    then: Answered,
    touched: impl Fn((Pointed, PointerEvent)) + Copy + 'static,
) -> impl IntoView {
    let unit = symbol(flows.first().and_then(|flow| flow.unit()));
    let what = flow_words(&flows);
    let drawn = flows.clone();
    let drawing = Signal::derive(move || {
        let span = state.span();
        let (now, then) = (now.get(), then.get().filter(|_| state.compared().is_some()));
        let layer = bars_of(&drawn, totals(now.as_ref()), totals(then.as_ref()));
        Some(Drawing {
            from: span.from,
            to: span.to,
            layers: vec![layer],
            axis: Axis::counted(unit),
            now: None,
        })
    });
    let titled = what.clone();
    let title = move || format!("{titled} per {}", period_word(Period::of_bars(state.span().length())));
    let words = Signal::derive(title.clone());
    view! {
        <figure class="panel bars" data-flow=what>
            <figcaption class="small">{title} " " <Save state drawing what="bars" /></figcaption>
            <ChartCanvas drawing words width=state.width pointed=UnsyncCallback::new(touched) />
        </figure>
    }
}

/// What flows, as a title.
fn flow_words(flows: &[Flow]) -> String {
    let Some(first) = flows.first() else { return String::new() };
    let name = match first.quantity {
        Quantity::ActiveEnergyImport | Quantity::ActiveEnergyExport => "Energy",
        other => quantity(other),
    };
    first.channel.map_or_else(|| name.to_owned(), |channel| format!("{name} (channel {channel})"))
}

/// The word for a period.
pub const fn period_word(period: Period) -> &'static str {
    match period {
        Period::Quarter => "quarter of an hour",
        Period::Hour => "hour",
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::Year => "year",
    }
}

/// Lowest and highest value of what is seen of a curve.
fn extremes(known: &Known, span: Span) -> Option<(f64, f64)> {
    let (picture, _) = picture(known, None)?;
    let width = (picture.to.0 - picture.from.0) as f64 / picture.columns.len().max(1) as f64;
    let seen = |index: usize| {
        let at = Moment(picture.from.0 + super::state::whole((index as f64 + 0.5) * width));
        span.contains(at)
    };
    let columns = picture.columns.iter().enumerate().filter(|(index, _)| seen(*index));
    columns.filter_map(|(_, column)| *column).reduce(|(low, high), (l, h)| (low.min(l), high.max(h)))
}

/// Saves a chart as it is seen.
#[component]
fn Save(state: State, drawing: Signal<Option<Drawing>>, what: &'static str) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let save = move |as_svg: bool| {
        if let Some(drawing) = drawing.get_untracked() {
            let day = super::view::date(drawing.from, state.zone());
            actions.run(Action::SavePicture(SavedPicture {
                drawing,
                name: format!("metertap-{day}-{what}"),
                as_svg,
            }));
        }
    };
    view! {
        <span class="saves">
            <button class="quiet" data-action="save-png" on:click=move |_| save(false)>
                "PNG"
            </button>
            <button class="quiet" data-action="save-svg" on:click=move |_| save(true)>
                "SVG"
            </button>
        </span>
    }
}

/// Curves that can be added.
#[component]
fn MoreCurves(
    contents: Memo<Option<Contents>>,
    more: RwSignal<Vec<Curve>>,
    main: Memo<Option<Curve>>,
) -> impl IntoView {
    let others = Memo::new(move |_| {
        let shown = main.get().into_iter().chain(more.get()).collect::<Vec<_>>();
        let curves = contents.get().map(|contents| contents.curves).unwrap_or_default();
        curves.into_iter().filter(|curve| !shown.contains(curve)).collect::<Vec<_>>()
    });
    let add = move |event| {
        let chosen = event_target_value(&event);
        let curve = others.with(|others| others.iter().find(|curve| name(**curve) == chosen).copied());
        more.update(|more| more.extend(curve));
    };
    view! {
        <Show when=move || others.with(|others| !others.is_empty())>
            <label class="row small">
                "Add a curve"
                <select data-action="add-curve" on:change=add>
                    <option value="">"–"</option>
                    {move || {
                        let option = |curve: &Curve| view! { <option value=name(*curve)>{name(*curve)}</option> };
                        others.with(|others| others.iter().map(option).collect_view())
                    }}
                </select>
            </label>
        </Show>
    }
}

/// How often the meter speaks, in milliseconds.
fn interval(state: State) -> Signal<Option<u32>> {
    let model = expect_context::<PageModel>();
    let of_meter = Memo::new(move |_| {
        let key = state.meter.get();
        model.meters.with(|meters| {
            let meter = meters.iter().find(|meter| meter.key == key)?;
            meter.state.with(|state| state.interval)
        })
    });
    of_meter.into()
}
