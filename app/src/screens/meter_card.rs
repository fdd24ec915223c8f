//! One meter: its state, its power and its curve. The code of the other parts is fetched.

use leptos::ev::SubmitEvent;
use leptos::html::{Article, Input};
use leptos::prelude::*;
use metertap_decoder::reading::{Protocol, Quantity};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::view::newest::Newest;

use super::meter_help::{is_fetched, is_searched, is_unrecognised, wants_key};
use crate::model::{Action, Actions, Condition, MeterModel, PageModel, PageServices, PictureRequest, Screen};
use crate::parts::age::{Age, duration};
use crate::parts::fault_card::{FaultCard, Notice};
use crate::parts::fetched::Fetched;
use crate::parts::fetched_tiles::FetchedTiles;
use crate::parts::from_file::FromFile;
use crate::parts::live_chart::LiveChart;
use crate::parts::main_counter::MainCounter;
use crate::parts::net_power::NetPower;
use crate::parts::once_painted::OncePainted;
use crate::protocol::{Command, SourceState, Trying};
use crate::texts::card;

/// The card of one meter.
#[component]
pub fn MeterCard(
    /// The meter.
    meter: MeterModel,
) -> impl IntoView {
    let now: Signal<Moment> = expect_context::<PageModel>().now.into();
    let (state, newest) = (meter.state, meter.newest);
    let (titled, judged) = (meter.clone(), meter.clone());
    let title = Memo::new(move |_| titled.title());
    let condition = Memo::new(move |_| judged.condition(now.get()));
    let source = Memo::new(move |_| state.with(|state| state.source));
    let trying = Memo::new(move |_| state.with(|state| state.trying));
    let powered = Memo::new(move |_| newest.with(|newest| newest.net_power.is_some() || tells_power(newest)));
    let empty = Memo::new(move |_| newest.with(|newest| newest.values.is_empty()));
    let (shown, detailed) = (meter.clone(), StoredValue::new(meter.clone()));
    let services = PageServices::of_context();
    let article = NodeRef::<Article>::new();
    view! {
        <article
            node_ref=article
            class="card meter"
            aria-label=title
            data-meter=meter.key.0.clone()
            data-state=move || condition.get().as_str()
            data-seq=move || newest.with(|newest| newest.seq.to_string())
        >
            <header class="meter-head">
                <h2>{title}</h2>
                <StateLine condition newest now trying />
                <MeterMenu meter=meter.clone() source article />
            </header>
            <FromFile state />
            <Troubles meter=meter.clone() />
            <Show when=move || !empty.get() fallback=move || view! { <Awaited condition /> }>
                <Readings meter=shown.clone() powered now />
            </Show>
            <OncePainted>
                <Fetched fetch=move || (services.card.details)(detailed.get_value()) />
            </OncePainted>
        </article>
    }
}

#[component]
fn Troubles(meter: MeterModel) -> impl IntoView {
    let services = PageServices::of_context();
    let state = meter.state;
    let octets = Screen::Octets(meter.key.clone()).hash();
    let trouble = Memo::new(move |_| state.with(|state| state.trouble.clone()));
    let is_helped = Memo::new(move |_| {
        state.with(|state| {
            wants_key(state) || is_searched(state) || is_unrecognised(state) || is_fetched(state)
        })
    });
    let meter = StoredValue::new(meter);
    view! {
        <FaultCard trouble octets />
        <Show when=move || is_helped.get()>
            <Fetched fetch=move || (services.card.help)(meter.get_value()) />
        </Show>
    }
}

/// The meter's values: power and curve, then the tiles, then a French meter's contract.
#[component]
fn Readings(meter: MeterModel, powered: Memo<bool>, now: Signal<Moment>) -> impl IntoView {
    let newest = meter.newest;
    // A German meter sends its power only after its PIN was entered. From then on, every telegram contains the power.
    let locked_meter = Memo::new(move |_| {
        !powered.get() && newest.with(|newest| newest.protocol == Some(Protocol::Sml) && newest.seq > 0)
    });
    let is_french = Memo::new(move |_| {
        let protocol = newest.with(|newest| newest.protocol);
        matches!(protocol, Some(Protocol::TicHistoric | Protocol::TicStandard))
    });
    let contracted = StoredValue::new(meter.clone());
    let (glanced, tiled) = (meter.clone(), meter);
    let card = PageServices::of_context().card;
    view! {
        <Show when=move || powered.get() fallback=move || view! { <MainCounter newest=newest.into() /> }>
            <Glance meter=glanced.clone() now />
        </Show>
        <Show when=move || locked_meter.get()>
            <Notice code=Code::MeterLocked />
        </Show>
        <OncePainted>
            <FetchedTiles meter=tiled.clone() fetch=card.tiles />
            <FetchedTiles meter=tiled.clone() fetch=card.ahead />
            <Show when=move || is_french.get()>
                <Fetched fetch=move || (card.contract)(contracted.get_value()) />
            </Show>
        </OncePainted>
    }
}

#[component]
fn Glance(meter: MeterModel, now: Signal<Moment>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let MeterModel { key, state, newest, net, picture, .. } = meter;
    let first = Memo::new(move |_| state.with(|state| state.first));
    let interval = Memo::new(move |_| state.with(|state| state.interval));
    let asked = key.clone();
    let look = UnsyncCallback::new(move |(span, to, columns)| {
        actions.run(Action::Draw(PictureRequest { meter: asked.clone(), span, to, columns }));
    });
    view! {
        <div class="glance">
            <NetPower meter=key net=net.into() newest=newest.into() now />
            <LiveChart picture newest=newest.into() first interval now look />
        </div>
    }
}

#[component]
fn StateLine(
    condition: Memo<Condition>,
    newest: RwSignal<Newest>,
    now: Signal<Moment>,
    trying: Memo<Option<Trying>>,
) -> impl IntoView {
    let received = Memo::new(move |_| newest.with(|newest| newest.received));
    let silence = move || received.get().map(|at| duration(now.get().0 - at.0)).unwrap_or_default();
    let words = move || match condition.get() {
        Condition::Off => card::off().to_owned(),
        Condition::Opening => card::opening().to_owned(),
        Condition::Listening => trying.get().map_or_else(|| card::listening().to_owned(), tried),
        // The age of the last reading says enough.
        Condition::Live => String::new(),
        Condition::Stale => card::silent(&silence()),
        Condition::Unplugged => card::unplugged().to_owned(),
        Condition::Blocked => card::blocked().to_owned(),
        Condition::Done => card::done().to_owned(),
    };
    let said = move || match condition.get() {
        Condition::Live => card::live_age(),
        _ => card::last_reading(),
    };
    let aged = Memo::new(move |_| received.get().filter(|_| condition.get() != Condition::Stale));
    view! {
        <p
            class="state"
            data-condition=move || condition.get().as_str()
            data-trying=move || trying.get().is_some().to_string()
        >
            <span class="lamp" aria-hidden="true"></span>
            {words}
            " "
            <Show when=move || aged.get().is_some()>
                {move || said()[0]}
                <Age at=aged now />
                {move || said()[2]}
            </Show>
        </p>
    }
}

fn tried(trying: Trying) -> String {
    match trying {
        Trying::Listen { line } => card::listens_at(&line),
        Trying::Ask { protocol } => {
            let words = match protocol {
                Protocol::Kmp => card::asks_kamstrup(),
                Protocol::Mbus => card::asks_mbus(),
                Protocol::ModbusEmi => card::asks_portugal(),
                Protocol::Modbus => card::asks_modbus(),
                _ => card::asks_optical(),
            };
            words.to_owned()
        }
    }
}

fn tells_power(newest: &Newest) -> bool {
    newest.values.iter().any(|known| {
        matches!(
            known.measurement.quantity,
            Some(Quantity::ActivePower | Quantity::ActivePowerImport | Quantity::ActivePowerExport)
        )
    })
}

#[component]
fn Awaited(condition: Memo<Condition>) -> impl IntoView {
    let words = move || match condition.get() {
        Condition::Opening => card::port_opening(),
        Condition::Listening | Condition::Live | Condition::Stale => card::awaited(),
        Condition::Off => card::press_read(),
        Condition::Unplugged => card::plug_in(),
        Condition::Blocked => card::close_other(),
        Condition::Done => card::no_telegram(),
    };
    view! { <p class="awaited">{words}</p> }
}

#[component]
fn MeterMenu(meter: MeterModel, source: Memo<SourceState>, article: NodeRef<Article>) -> impl IntoView {
    let services = PageServices::of_context();
    let actions = expect_context::<Actions>();
    let (renaming, set_renaming) = signal(false);
    let field = NodeRef::<Input>::new();
    let key = StoredValue::new(meter.key.clone());
    let name = meter.key.0;
    let reads = move || source.get() != SourceState::Off;
    let read = move |on: bool| actions.send(Command::Read { meter: key.get_value(), on });
    let rename = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get() {
            let name = field.value().trim().to_owned();
            actions.send(Command::Rename { meter: key.get_value(), name });
        }
        set_renaming.set(false);
    };
    view! {
        <div class="menu">
            <Show when=move || source.get() != SourceState::Done>
                <button
                    class:quiet=reads
                    data-action=move || if reads() { "read-off" } else { "read-on" }
                    data-meter=move || key.with_value(|key| key.0.clone())
                    on:click=move |_| read(!reads())
                >
                    {move || if reads() { card::pause() } else { card::read() }}
                </button>
            </Show>
            <button
                class="quiet"
                data-action="fill-screen"
                data-meter=name.clone()
                on:click=move |_| {
                    if let Some(article) = article.get() {
                        (services.fill_screen)(&article);
                    }
                }
            >
                <span class="enter">{card::full_screen()}</span>
                <span class="leave">{card::leave_full_screen()}</span>
            </button>
            <button
                class="quiet"
                data-action="rename"
                data-meter=name.clone()
                aria-expanded=move || renaming.get().to_string()
                on:click=move |_| set_renaming.update(|open| *open = !*open)
            >
                {card::rename()}
            </button>
            <button
                class="quiet"
                data-action="remove"
                data-meter=name.clone()
                on:click=move |_| actions.run(Action::Remove(key.get_value()))
            >
                {card::remove()}
            </button>
        </div>
        <Show when=move || renaming.get()>
            <form class="inline" on:submit=rename>
                <label>
                    {card::name()} " "
                    <input
                        type="text"
                        name="meter-name"
                        maxlength="60"
                        node_ref=field
                        value=meter.state.with_untracked(|state| state.record.name.clone())
                    />
                </label>
                <button type="submit">{card::keep()}</button>
            </form>
        </Show>
    }
}
