//! The bytes of a layer as hex and text, each in the colour of its stage.

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use metertap_decoder::anatomy::Stage;
use metertap_decoder::hex;

use crate::model::PageServices;
use crate::protocol::{Field, Layer};
use crate::texts;

/// The bytes in rows of sixteen, or of eight if there is little room. Arrow keys go from one innermost field to the
/// next.
#[component]
pub fn OctetGrid(
    /// The bytes and their fields.
    layer: StoredValue<Layer>,
    /// The index of the selected field.
    pointed: RwSignal<Option<usize>>,
) -> impl IntoView {
    let leaves = StoredValue::new(layer.with_value(|layer| layer.leaves().collect::<Vec<_>>()));
    let grid = NodeRef::<Div>::new();
    let services = PageServices::of_context();
    let go = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowRight" => Step::Fields(1),
            "ArrowLeft" => Step::Fields(-1),
            "ArrowDown" => Step::Rows(1),
            "ArrowUp" => Step::Rows(-1),
            "Home" => Step::To(0),
            "End" => Step::To(usize::MAX),
            _ => return,
        };
        event.prevent_default();
        let at = pointed.get_untracked();
        let next = layer.with_value(|layer| leaves.with_value(|leaves| step.from(layer, leaves, at)));
        pointed.set(next);
        if let (Some(grid), Some(next)) = (grid.get_untracked(), next) {
            (services.scroll_to)(&grid, FIELD, &next.to_string());
        }
    };
    let rows = layer.with_value(|layer| {
        leaves.with_value(|leaves| {
            let rows = (0..layer.octets.len()).step_by(ROW);
            let row =
                |from| view! { <div>{half(layer, leaves, from)} {half(layer, leaves, from + HALF)}</div> };
            rows.map(row).collect_view()
        })
    });
    view! {
        <div
            class="octets"
            node_ref=grid
            tabindex="0"
            role="group"
            aria-label=texts::inspector::grid()
            on:keydown=go
        >
            {rows}
        </div>
    }
}

/// The stages with their colours, as a legend.
#[component]
pub fn Legend() -> impl IntoView {
    let entry = |one: Stage| {
        view! {
            <li>
                <span class="sample" data-stage=one.as_str() aria-hidden="true">
                    "7e"
                </span>
                " "
                {stage(one)}
            </li>
        }
    };
    view! { <ul class="legend">{STAGES.map(entry).collect_view()}</ul> }
}

/// A stage in words.
#[must_use]
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Framing => texts::inspector::framing(),
        Stage::Checksum => texts::inspector::checksum(),
        Stage::Cipher => texts::inspector::cipher(),
        Stage::Structure => texts::inspector::structure(),
        Stage::Name => texts::inspector::name(),
        Stage::Value => texts::inspector::value(),
        Stage::Unknown => texts::inspector::unknown(),
    }
}

const STAGES: [Stage; 7] = [
    Stage::Framing,
    Stage::Checksum,
    Stage::Cipher,
    Stage::Structure,
    Stage::Name,
    Stage::Value,
    Stage::Unknown,
];

/// Bytes as hex, separated by spaces.
#[must_use]
pub fn spaced(octets: &[u8]) -> String {
    let mut text = String::with_capacity(3 * octets.len());
    for octet in octets {
        if !text.is_empty() {
            text.push(' ');
        }
        text.extend(hex::digits(*octet).map(char::from));
    }
    text
}

fn half(layer: &Layer, leaves: &[usize], from: usize) -> Option<impl IntoView + use<>> {
    let to = layer.octets.len().min(from + HALF);
    (from < to).then(|| {
        view! {
            <span class="offset">{format!("{from:04x}")}</span>
            <span class="hex-part">{runs(layer, leaves, (from, to), spaced, " ")}</span>
            <span class="text-part" aria-hidden="true">
                {runs(layer, leaves, (from, to), text, "")}
            </span>
        }
    })
}

fn runs(
    layer: &Layer,
    leaves: &[usize],
    (from, to): (usize, usize),
    write: fn(&[u8]) -> String,
    between: &'static str,
) -> impl IntoView + use<> {
    let field = |leaf: usize| layer.fields.get(leaf);
    let first =
        leaves.partition_point(|leaf| field(*leaf).is_some_and(|field| field.at + field.length <= from));
    let within = leaves
        .iter()
        .skip(first)
        .map_while(|leaf| Some((*leaf, field(*leaf).filter(|field| field.at < to)?)));
    let run = |(leaf, field): (usize, &Field)| {
        let octets = layer.octets.get(field.at.max(from)..(field.at + field.length).min(to));
        let fault = field.fault.as_ref().map(|(code, _)| code.to_string());
        view! {
            <span data-field=leaf data-stage=field.stage.as_str() data-fault=fault>
                {write(octets.unwrap_or_default())}
            </span>
            {between}
        }
    };
    within.map(run).collect_view()
}

fn text(octets: &[u8]) -> String {
    octets
        .iter()
        .map(|octet| if octet.is_ascii_graphic() || *octet == b' ' { char::from(*octet) } else { '·' })
        .collect()
}

#[derive(Clone, Copy)]
enum Step {
    /// This many fields forward.
    Fields(isize),
    /// This many rows down. If that stays within the same field, the step goes to the neighbouring field.
    Rows(isize),
    /// To the field that contains this byte, or to the last field.
    To(usize),
}

impl Step {
    fn from(self, layer: &Layer, leaves: &[usize], at: Option<usize>) -> Option<usize> {
        let field = |leaf: &usize| layer.fields.get(*leaf);
        let with = |octet: usize| {
            leaves.partition_point(|leaf| field(leaf).is_some_and(|field| field.at + field.length <= octet))
        };
        let here = at.and_then(|at| leaves.iter().position(|leaf| *leaf >= at));
        let there = match (self, here) {
            (Self::To(octet), _) => with(octet),
            (_, None) => 0,
            (Self::Fields(step), Some(here)) => here.saturating_add_signed(step),
            (Self::Rows(step), Some(here)) => {
                let begin = leaves.get(here).and_then(field).map_or(0, |field| field.at);
                let octet = begin.saturating_add_signed(step.saturating_mul(ROW.cast_signed()));
                match with(octet) {
                    same if same == here => here.saturating_add_signed(step),
                    other => other,
                }
            }
        };
        leaves.get(there.min(leaves.len().saturating_sub(1))).copied()
    }
}

/// The attribute with a field's index.
pub const FIELD: &str = "data-field";

/// The bytes in a row, and in half a row.
const ROW: usize = 16;
const HALF: usize = 8;
