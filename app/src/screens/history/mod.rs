//! History: what the meters said on days gone by.
//!
//! ```text
//! address ─► View ─► State ─┬─► Range     which time, and what it is compared with
//!                           ├─► Charts    curves, bars, crosshair, strip
//!                           ├─► Summary   what it came to, or what is marked of it
//!                           └─► Periods   a table
//! ```
//!
//! Each part asks the engine for what it shows (`parts/lookup.rs`), and holds no readings of its own.

pub mod charts;
pub mod gestures;
pub mod house;
pub mod overlay;
pub mod pictures;
pub mod range;
pub mod readout;
pub mod records;
pub mod spread;
pub mod state;
pub mod strip;
pub mod summary;
pub mod table;
pub mod view;

use leptos::either::EitherOf4;
use leptos::prelude::*;
use metertap_readings::store::MeterKey;

use self::charts::Charts;
use self::house::House;
use self::range::Range;
use self::records::{Calendar, Records};
use self::spread::Spread;
use self::state::State;
use self::summary::Summary;
use self::table::Periods;
use self::view::View;
use crate::model::{EngineState, Locale, PageModel, PageServices, Screen};
use crate::parts::fetched::Fetched;
use crate::parts::skeleton::Skeleton;

/// The screen, as its address says.
#[component]
pub fn History(
    /// What stands in the address behind the screen's name.
    view: String,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let zone = Locale::of_context().zone;
    let (meter, when, compare) = View::read(&view, zone);
    // Which of them: the one of the address, or the first.
    let found = Memo::new(move |_| {
        model.meters.with(|meters| {
            let first = meters.first()?.key.clone();
            let wanted = meter.clone().unwrap_or(first);
            Some(if meters.iter().any(|meter| meter.key == wanted) { Ok(wanted) } else { Err(wanted) })
        })
    });
    move || match (found.get(), model.engine.get()) {
        (Some(Ok(meter)), _) => EitherOf4::A(view! { <Looked state=State::new(meter, when, compare) /> }),
        (Some(Err(MeterKey(key))), _) => EitherOf4::B(view! {
            <section class="card" data-part="other-log">
                <h1>"History"</h1>
                <p>
                    "This address is of the meter " <code>{key}</code>
                    ", which is not in this browser. Open it where that meter is read, or restore a backup of it."
                </p>
                <p>
                    <a class="button" href=Screen::History(String::new()).hash()>
                        "Look at the meters that are here"
                    </a>
                </p>
            </section>
        }),
        (None, EngineState::Starting) => EitherOf4::C(view! { <Skeleton /> }),
        (None, _) => EitherOf4::D(view! {
            <section class="card" data-part="no-log">
                <h1>"History"</h1>
                <p>"No meter yet. Read one, or import a table of readings, and its days appear here."</p>
                <p class="actions">
                    <a class="button" href=Screen::Connect.hash()>"Connect a meter"</a>
                    <a class="button" href=Screen::Data.hash()>"Import a table"</a>
                </p>
            </section>
        }),
    }
}

#[component]
fn Looked(state: State) -> impl IntoView {
    let is_empty = Memo::new(move |_| state.contents().is_some_and(|contents| contents.span.is_none()));
    view! {
        <div class="history" data-part="history">
            <h1 class="unseen">"History"</h1>
            <MeterChoice state />
            <Show
                when=move || !is_empty.get()
                fallback=|| {
                    view! {
                        <p class="card" data-part="empty-log">
                            "Nothing has been heard of this meter yet. Its history begins with its first reading."
                        </p>
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

/// What is asked seldom: each of it is looked up when it is opened.
#[component]
fn More(state: State) -> impl IntoView {
    let opened = RwSignal::new([false; 5]);
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
        {section(3, "house", "The house: all meters together", |state| view! { <House state /> }.into_any())}
        {section(4, "outlook", "Peaks, and what is expected", |state| view! { <Ahead state /> }.into_any())}
        {section(0, "spread", "How it is spread over days and hours", |state| view! { <Spread state /> }.into_any())}
        {section(1, "records", "Records", |state| view! { <Records state /> }.into_any())}
        {section(2, "completeness", "How complete the record is", |state| view! { <Calendar state /> }.into_any())}
    }
}

/// Peaks and predictions, whose code is fetched when they are first looked at.
#[component]
fn Ahead(state: State) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let services = PageServices::of_context();
    move || {
        let meter = StoredValue::new(model.meter(&state.meter.get())?);
        Some(view! { <Fetched fetch=move || (services.card.outlook)(meter.get_value()) /> })
    }
}

/// Which meter, where there are several.
#[component]
fn MeterChoice(state: State) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let several = Memo::new(move |_| model.meters.with(|meters| meters.len() > 1));
    let choose = move |event| {
        state.marked.set(None);
        state.meter.set(MeterKey(event_target_value(&event)));
    };
    view! {
        <Show when=move || several.get()>
            <label>
                <span class="unseen">"Meter"</span>
                <select data-action="meter" on:change=choose prop:value=move || state.meter.get().0>
                    {move || {
                        let option = |meter: &crate::model::MeterModel| {
                            let key = meter.key.clone();
                            let is_it = state.meter.get_untracked() == key;
                            view! { <option value=key.0 selected=is_it>{meter.title()}</option> }
                        };
                        model.meters.with(|meters| meters.iter().map(option).collect_view())
                    }}
                </select>
            </label>
        </Show>
    }
}
