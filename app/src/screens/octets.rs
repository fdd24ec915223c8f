//! The octets that were kept of a meter: around a fault, and of the newest telegrams.

use leptos::prelude::*;
use metertap_readings::store::MeterKey;

use super::Screen;
use super::shown::{EngineState, Shown};
use super::wishes::Wishes;
use crate::parts::place::Place;
use crate::protocol::{Command, KeptOctets};

/// Kept octets as hex, the newest first.
#[component]
pub fn Octets(
    /// Of which meter.
    key: MeterKey,
) -> impl IntoView {
    let shown = expect_context::<Shown>();
    let wishes = expect_context::<Wishes>();
    let asked = key.clone();
    let ask = move || wishes.command.run(Command::Octets { meter: asked.clone() });
    let again = ask.clone();
    let ready = Memo::new(move |_| shown.engine.get() == EngineState::Ready);
    Effect::new(move |_| {
        if ready.get() {
            ask();
        }
    });
    let kept = move || {
        let meter = shown.meters.with(|all| all.iter().find(|meter| meter.key == key).cloned());
        let mut kept = meter.and_then(|meter| meter.octets.get()).unwrap_or_default();
        kept.reverse();
        kept
    };
    view! {
        <h1>"Octets"</h1>
        <p>
            "What the line delivered, newest first. " <a href=Screen::Live.hash()>"Back to the meter"</a>
        </p>
        <p>
            <button data-action="octets" on:click=move |_| again()>
                "Look again"
            </button>
        </p>
        {move || kept().into_iter().map(|kept| view! { <Kept kept /> }).collect_view()}
    }
}

/// One run of octets.
#[component]
fn Kept(kept: KeptOctets) -> impl IntoView {
    let wishes = expect_context::<Wishes>();
    let place = Place::here();
    let copied = RwSignal::new(false);
    let hex = StoredValue::new(plain(&kept.octets));
    view! {
        <section class="card" data-kept=kept.code.clone().unwrap_or_else(|| "reading".to_owned())>
            <h2>
                {(place.date_time)(kept.at)} ", "
                {kept.code.clone().unwrap_or_else(|| "a good telegram".to_owned())}
            </h2>
            <p class="small">{kept.octets.len()} " octets"</p>
            <pre class="hex" tabindex="0" aria-label="Octets as hex and text">{dump(&kept.octets)}</pre>
            <button data-action="copy-octets" on:click=move |_| wishes.copy.run((hex.get_value(), copied))>
                {move || if copied.get() { "Copied" } else { "Copy as hex" }}
            </button>
        </section>
    }
}

/// Nothing but hex, as the decode example reads it.
fn plain(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Offset, octets and printable text, sixteen a line.
fn dump(octets: &[u8]) -> String {
    let mut text = String::new();
    for (line, octets) in octets.chunks(COLUMNS).enumerate() {
        let hex: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let printed: String = octets
            .iter()
            .map(|octet| if octet.is_ascii_graphic() || *octet == b' ' { char::from(*octet) } else { '·' })
            .collect();
        text.push_str(&format!("{:04x}  {:<47}  {printed}\n", line * COLUMNS, hex.join(" ")));
    }
    text
}

const COLUMNS: usize = 16;
