//! The settings of a line, entered by hand: baud rate, bits, protocol.

use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use metertap_decoder::line::Line;
use metertap_decoder::stack::Stack;
use metertap_readings::store::LineSettings;

use super::label::protocol;
use super::whole_number::whole_number;
use crate::texts;

/// The form; calls `keep` with what the user has set.
#[component]
pub fn LineForm(
    /// The current settings.
    spoken: LineSettings,
    /// Called to keep the settings.
    keep: UnsyncCallback<LineSettings>,
    /// The label of the button.
    label: &'static str,
    /// Whether the form is disabled.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    let (baud, frame) = (NodeRef::<Input>::new(), NodeRef::<Select>::new());
    let (kind, asked) = (NodeRef::<Select>::new(), NodeRef::<Input>::new());
    let line = spoken.line.unwrap_or(Line::HAN);
    let (now, is_asked) = (spoken.protocol, spoken.asked);
    let chosen = line.to_string();
    let chosen = chosen.split_once(' ').map_or("8N1", |(_, frame)| frame).to_owned();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = |field: Option<String>| field.unwrap_or_default();
        let baud = text(whole_number(baud).map(|baud| baud.to_string()));
        let frame = text(frame.get().map(|field| field.value()));
        let kind = text(kind.get().map(|field| field.value()));
        let asked = asked.get().is_some_and(|field| field.checked());
        if let Some(set) = settings(&spoken, (&baud, &frame), &kind, asked) {
            keep.run(set);
        }
    };
    let frames = FRAMES.map(|name| view! { <option value=name selected=name == chosen>{name}</option> });
    let kinds = Stack::ALL.iter().map(|stack| {
        let known = stack.protocol();
        view! { <option value=known.as_str() selected=now == Some(known)>{protocol(known)}</option> }
    });
    view! {
        <form class="settings" data-form="line" on:submit=submit>
            <label>
                {texts::ask::baud()}
                <input
                    type="number"
                    name="baud"
                    min=LEAST_BAUD.to_string()
                    max=MOST_BAUD.to_string()
                    required
                    inputmode="numeric"
                    node_ref=baud
                    value=line.baud.to_string()
                />
            </label>
            <label>
                {texts::ask::frame()}
                <select name="frame" node_ref=frame>
                    {frames.collect_view()}
                </select>
            </label>
            <label>
                {texts::ask::protocol()}
                <select name="protocol" node_ref=kind>
                    {kinds.collect_view()}
                </select>
            </label>
            <label class="switch">
                <input type="checkbox" name="asked" node_ref=asked checked=is_asked />
                {texts::ask::must_be_asked()}
            </label>
            <p class="actions">
                <button type="submit" data-action="set-line" disabled=disabled>
                    {label}
                </button>
            </p>
            <p class="small">{texts::ask::kept_with_port()}</p>
        </form>
    }
}

/// Reads the settings that were entered; `None` if they are not possible. Other settings, such as an address, are kept
/// only if the protocol has not changed.
fn settings(
    before: &LineSettings,
    (baud, frame): (&str, &str),
    kind: &str,
    asked: bool,
) -> Option<LineSettings> {
    let line: Line = format!("{} {frame}", baud.trim()).parse().ok()?;
    let stack = Stack::ALL.iter().find(|stack| stack.protocol().as_str() == kind)?;
    let protocol = Some(stack.protocol());
    let kept = if before.protocol == protocol { before.clone() } else { LineSettings::default() };
    let asked = asked && stack.question().is_some();
    let is_possible = (LEAST_BAUD..=MOST_BAUD).contains(&line.baud);
    is_possible.then_some(LineSettings { line: Some(line), protocol, asked, by_hand: true, ..kept })
}

/// Data bits, parity and stop bits that Web Serial supports.
const FRAMES: [&str; 12] =
    ["8N1", "8E1", "8O1", "7N1", "7E1", "7O1", "8N2", "8E2", "8O2", "7N2", "7E2", "7O2"];
const LEAST_BAUD: u32 = 50;
const MOST_BAUD: u32 = 1_000_000;
