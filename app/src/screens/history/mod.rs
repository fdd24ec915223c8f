//! History: the meters' past values.
//!
//! ```text
//! address ─► View ─► State ─┬─► Range     the time in view, and the time of the comparison
//!                           ├─► Charts    curves, bars, crosshair, strip
//!                           ├─► Summary   the totals of the time in view, or of the marked stretch
//!                           └─► Periods   a table
//! ```
//!
//! Each part asks the engine for what it shows (`parts/lookup.rs`), and holds no readings of its own.

pub mod bar_panel;
pub mod charts;
pub mod correcting;
pub mod corrections;
pub mod curve_panel;
pub mod gaps;
pub mod gestures;
pub mod house;
pub mod members;
pub mod overlay;
pub mod pictures;
pub mod range;
pub mod readout;
pub mod records;
pub mod save;
pub mod series;
pub mod spread;
pub mod state;
pub mod strip;
pub mod summary;
pub mod table;
pub mod typing;
pub mod view;
pub mod years;

use leptos::either::EitherOf4;
use leptos::prelude::*;
use metertap_readings::store::MeterKey;

use self::charts::Charts;
use self::corrections::Corrections;
use self::house::House;
use self::members::Stated;
use self::range::Range;
use self::records::{Calendar, Records};
use self::spread::Spread;
use self::state::State;
use self::summary::Summary;
use self::table::Periods;
use self::typing::TypePosition;
use self::view::View;
use crate::model::{EngineState, Locale, PageModel, PageServices, Screen};
use crate::parts::fetched::Fetched;
use crate::parts::skeleton::Skeleton;
use crate::texts;

/// The screen for an address.
#[component]
pub fn History(
    /// The part of the address after the screen's name.
    view: String,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let zone = Locale::of_context().zone;
    let asked = View::read(&view, zone);
    let meter = asked.meter.clone();
    // The meter in the address, or else the first one. The choice stays when a new meter is sorted before it.
    let found = Memo::new(move |before: Option<&Option<Result<MeterKey, MeterKey>>>| {
        let before = before.and_then(|found| found.as_ref()?.as_ref().ok());
        model.meters.with(|meters| {
            let is_here = |key: &MeterKey| meters.iter().any(|meter| meter.key == *key);
            let first = meters.first()?.key.clone();
            let wanted =
                meter.clone().or_else(|| before.filter(|key| is_here(key)).cloned()).unwrap_or(first);
            Some(if is_here(&wanted) { Ok(wanted) } else { Err(wanted) })
        })
    });
    // A memo, so that the view is not rebuilt when the engine's state is set to the same value again.
    let is_starting = Memo::new(move |_| matches!(model.engine.get(), EngineState::Starting));
    move || match (found.get(), is_starting.get()) {
        (Some(Ok(meter)), _) => EitherOf4::A(view! { <Looked state=State::new(meter, asked.clone()) /> }),
        (Some(Err(MeterKey(key))), _) => EitherOf4::B({
            let [before, _, after] = texts::history::not_here();
            view! {
                <section class="card" data-part="other-log">
                    <h1>{texts::frame::history()}</h1>
                    <p>
                        {before} <code>{key}</code> {after}
                    </p>
                    <p>
                        <a class="button" href=Screen::History(String::new()).hash()>
                            {texts::history::look_at_here()}
                        </a>
                    </p>
                </section>
            }
        }),
        (None, true) => EitherOf4::C(view! { <Skeleton /> }),
        (None, false) => EitherOf4::D(view! {
            <section class="card" data-part="no-log">
                <h1>{texts::frame::history()}</h1>
                <p>
                    {texts::history::none()}
                </p>
                <p class="actions">
                    <a class="button" href=Screen::Connect.hash()>{texts::history::connect_meter()}</a>
                    <a class="button" href=Screen::Data.hash()>{texts::history::import_table()}</a>
                </p>
                <TypePosition meter=Signal::stored(None) typed=Signal::stored(Vec::new()) />
            </section>
        }),
    }
}

#[component]
fn Looked(state: State) -> impl IntoView {
    let is_empty = Memo::new(move |_| state.contents().is_some_and(|contents| contents.span.is_none()));
    view! {
        <div class="history" data-part="history">
            <h1 class="unseen">{texts::frame::history()}</h1>
            <MeterChoice state />
            <Show
                when=move || !is_empty.get()
                fallback=move || {
                    view! {
                        <section class="card" data-part="empty-log">
                            <p>{texts::history::empty()}</p>
                            <TypePosition
                                meter=Signal::derive(move || Some(state.meter.get()))
                                typed=Signal::stored(Vec::new())
                            />
                        </section>
                    }
                }
            >
                <Range state />
                <Charts state />
                <Summary state />
                <Periods state />
                <More state />
            </Show>
        </div>
    }
}

/// Parts that are rarely needed. The data of each part is fetched when it is opened.
#[component]
fn More(state: State) -> impl IntoView {
    let opened = RwSignal::new([false; 6]);
    let section =
        move |place: usize, name: &'static str, words: &'static str, inside: fn(State) -> AnyView| {
            let is_open = move || opened.with(|opened| opened.get(place).copied().unwrap_or_default());
            let open = move |_| {
                opened.update(|opened| opened.get_mut(place).into_iter().for_each(|opened| *opened = true));
            };
            view! {
                <details class="card" data-part=name>
                    <summary on:click=open>{words}</summary>
                    <Show when=is_open>{move || inside(state)}</Show>
                </details>
            }
        };
    view! {
        {section(3, "house", texts::history::house(), |state| view! { <House state /> }.into_any())}
        {section(4, "outlook", texts::history::outlook(), |state| view! { <Ahead state /> }.into_any())}
        {section(0, "spread", texts::history::spread(), |state| view! { <Spread state /> }.into_any())}
        {section(1, "records", texts::history::records(), |state| view! { <Records state /> }.into_any())}
        {section(5, "correct", texts::history::correct(), |state| view! { <Corrections state /> }.into_any())}
        {section(2, "completeness", texts::history::completeness(), |state| view! { <Calendar state /> }.into_any())}
    }
}

#[component]
fn Ahead(state: State) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let services = PageServices::of_context();
    move || {
        let meter = StoredValue::new(model.meter(&state.meter.get())?);
        Some(view! { <Fetched fetch=move || (services.card.outlook)(meter.get_value()) /> })
    }
}

#[component]
fn MeterChoice(state: State) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let stated = Stated::of(model);
    // A meter that was replaced is part of its successor's history.
    let shown = Memo::new(move |_| {
        let (keys, looked_at) = (model.meters.with(|meters| keys(meters)), state.meter.get());
        let is_shown =
            |key: &MeterKey| *key == looked_at || stated.with(|stated| stated.successor(key).is_none());
        keys.into_iter().filter(is_shown).collect::<Vec<_>>()
    });
    let several = Memo::new(move |_| shown.with(|shown| shown.len() > 1));
    let choose = move |event| {
        state.marked.set(None);
        state.meter.set(MeterKey(event_target_value(&event)));
    };
    view! {
        <Show when=move || several.get()>
            <label>
                <span class="unseen">{texts::history::meter()}</span>
                <select data-action="meter" on:change=choose prop:value=move || state.meter.get().0>
                    {move || {
                        let option = |meter: &crate::model::MeterModel| {
                            let key = meter.key.clone();
                            let is_it = state.meter.get_untracked() == key;
                            view! { <option value=key.0 selected=is_it>{meter.title()}</option> }
                        };
                        let is_shown = |meter: &&crate::model::MeterModel| {
                            shown.with(|shown| shown.contains(&meter.key))
                        };
                        model.meters.with(|meters| meters.iter().filter(is_shown).map(option).collect_view())
                    }}
                </select>
            </label>
        </Show>
    }
}

fn keys(meters: &[crate::model::MeterModel]) -> Vec<MeterKey> {
    meters.iter().map(|meter| meter.key.clone()).collect()
}
