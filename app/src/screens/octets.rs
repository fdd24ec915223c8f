//! The inspector: the bytes that are kept of a meter, field by field, coloured by stage.

use leptos::html::Section;
use leptos::prelude::*;
use metertap_decoder::hex;
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;

use crate::model::{Action, Actions, EngineState, Locale, PageModel, PageServices, Screen};
use crate::parts::fields::{FieldNote, FieldTable, as_text, bytes};
use crate::parts::octet_grid::{FIELD, Legend, OctetGrid};
use crate::protocol::{Command, KeptOctets, Layer};
use crate::texts::{self, fault_words};

/// The kept telegrams and faults, the newest first, and the fields of the selected one.
#[component]
pub fn Octets(
    /// The meter.
    key: MeterKey,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let key = StoredValue::new(key);
    let ask = move || actions.send(Command::Octets { meter: key.get_value() });
    let ready = Memo::new(move |_| model.engine.get() == EngineState::Ready);
    Effect::new(move |_| {
        if ready.get() {
            ask();
        }
    });
    let kept = Memo::new(move |_| {
        let meter = model.meters.with(|all| all.iter().find(|meter| meter.key == key.get_value()).cloned());
        let mut kept = meter.and_then(|meter| meter.octets.get()).unwrap_or_default();
        kept.reverse();
        kept
    });
    let chosen = RwSignal::new(None::<KeptOctets>);
    Effect::new(move |_| {
        kept.with(|kept| {
            let is_there =
                chosen.with_untracked(|chosen| chosen.as_ref().is_some_and(|chosen| kept.contains(chosen)));
            if !is_there {
                chosen.set(kept.first().cloned());
            }
        });
    });
    Effect::new(move |_| {
        if let Some(KeptOctets { octets, .. }) = chosen.get() {
            actions.send(Command::Inspect { meter: key.get_value(), octets });
        }
    });
    let layers = Memo::new(move |_| {
        let chosen = chosen.get()?;
        let is_of_it = |(meter, layers): &&(MeterKey, Vec<Layer>)| {
            *meter == key.get_value() && layers.first().is_some_and(|line| line.octets == chosen.octets)
        };
        model.anatomy.with(|anatomy| anatomy.as_ref().filter(is_of_it).map(|(_, layers)| layers.clone()))
    });
    // Asks again for what could not be fetched the first time, for example without a network.
    let look_again = move |_| {
        ask();
        chosen.notify();
    };
    let [before, back, after] = texts::inspector::what();
    view! {
        <h1>{texts::inspector::title()}</h1>
        <p>
            {before} <a href=Screen::Live.hash()>{back}</a> {after}
        </p>
        <section class="card" aria-label=texts::inspector::kept()>
            <ol class="kept">
                {move || kept.get().into_iter().map(|kept| view! { <Kept kept chosen /> }).collect_view()}
            </ol>
            <button data-action="octets" on:click=look_again>
                {texts::inspector::look_again()}
            </button>
        </section>
        {move || chosen.get().map(|chosen| view! { <Chosen chosen layers /> })}
        {move || {
            let layers = layers.get().into_iter().flatten();
            layers.map(|layer| view! { <LayerCard layer /> }).collect_view()
        }}
    }
}

#[component]
fn Kept(kept: KeptOctets, chosen: RwSignal<Option<KeptOctets>>) -> impl IntoView {
    let locale = Locale::of_context();
    let mark = kept.code.as_ref().map_or("reading", Code::as_str).to_owned();
    let label =
        texts::inspector::entry(&(locale.date_time)(kept.at), &what(&kept), &bytes(kept.octets.len()));
    let own = StoredValue::new(kept);
    let is_chosen = move || chosen.with(|chosen| own.with_value(|own| chosen.as_ref() == Some(own)));
    view! {
        <li>
            <button
                class="quiet"
                data-kept=mark
                aria-pressed=move || is_chosen().to_string()
                on:click=move |_| chosen.set(Some(own.get_value()))
            >
                {label}
            </button>
        </li>
    }
}

/// What is known of the bytes as a whole, and buttons to copy them.
#[component]
fn Chosen(chosen: KeptOctets, layers: Memo<Option<Vec<Layer>>>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let (hex_copied, fields_copied) = (RwSignal::new(false), RwSignal::new(false));
    let title = what(&chosen);
    let octets = StoredValue::new(hex::lower(&chosen.octets));
    let copy_fields = move |_| {
        let text = layers.with_untracked(|layers| as_text(layers.as_deref().unwrap_or_default()));
        actions.run(Action::Copy(text, fields_copied));
    };
    let said =
        |copied: RwSignal<bool>, words| move || if copied.get() { texts::inspector::copied() } else { words };
    view! {
        <section class="card">
            <h2>{title}</h2>
            {chosen.code.map(|code| view! { <p>{fault_words(&code).means} " " {fault_words(&code).todo}</p> })}
            <Legend />
            <p>
                <button
                    data-action="copy-octets"
                    on:click=move |_| actions.run(Action::Copy(octets.get_value(), hex_copied))
                >
                    {said(hex_copied, texts::inspector::copy_hex())}
                </button>
                " "
                <button data-action="copy-fields" on:click=copy_fields>
                    {said(fields_copied, texts::inspector::copy_fields())}
                </button>
            </p>
        </section>
    }
}

/// A layer: its bytes, the selected field, and all fields. The card's listeners serve all of them.
#[component]
fn LayerCard(layer: Layer) -> impl IntoView {
    let (title, name) = (layer.title.clone(), layer.title.clone());
    let count = layer.octets.len();
    let layer = StoredValue::new(layer);
    // A field with a fault is selected first.
    let fault = layer.with_value(|layer| layer.fields.iter().position(|field| field.fault.is_some()));
    let pointed = RwSignal::new(fault);
    let held = RwSignal::new(fault.is_some());
    let card = NodeRef::<Section>::new();
    let services = PageServices::of_context();
    let field = move |event: &leptos::ev::Event| (services.attribute_of)(event, FIELD)?.parse::<usize>().ok();
    let hover = move |event: leptos::ev::PointerEvent| {
        if let Some(place) = field(&event).filter(|_| !held.get_untracked()) {
            pointed.set(Some(place));
        }
    };
    // A click keeps a field selected, so that moving to its note selects no other field. A second click releases it.
    let hold = move |event: leptos::ev::MouseEvent| {
        if let Some(place) = field(&event) {
            held.set(!held.get_untracked() || pointed.get_untracked() != Some(place));
            pointed.set(Some(place));
        }
    };
    Effect::new(move |_| {
        let (Some(card), place) = (card.get(), pointed.get()) else { return };
        let lit = layer.with_value(|layer| place.map(|place| within(layer, place)));
        let is_lit = |value: &str| {
            let place = value.parse::<usize>();
            place.is_ok_and(|place| lit.as_ref().is_some_and(|lit| lit.contains(&place)))
        };
        (services.highlight)(&card, FIELD, "lit", &is_lit);
    });
    view! {
        <section class="card layer" node_ref=card on:pointerover=hover on:click=hold data-layer=name>
            <h2>{title} <span class="small">" " {bytes(count)}</span></h2>
            <div class="apart">
                <OctetGrid layer pointed />
                <FieldNote layer pointed />
            </div>
            <details open>
                <summary>{texts::inspector::all_fields()}</summary>
                <FieldTable layer />
            </details>
        </section>
    }
}

/// The indices of a field and of all fields within it.
fn within(layer: &Layer, place: usize) -> std::ops::Range<usize> {
    let depth = layer.fields.get(place).map_or(0, |field| field.depth);
    let behind = layer.fields.iter().skip(place + 1).take_while(|field| field.depth > depth).count();
    place..place + 1 + behind
}

fn what(kept: &KeptOctets) -> String {
    match (&kept.code, kept.values) {
        (Some(code), _) => fault_words(code).title.to_owned(),
        (None, Some(values)) => texts::inspector::values(u64::try_from(values).unwrap_or_default()),
        (None, None) => texts::inspector::good().to_owned(),
    }
}
