//! The fields of a layer: one of them in detail, and all of them as a table.

use leptos::prelude::*;

use super::octet_grid::{spaced, stage};
use crate::protocol::{Field, Layer};
use crate::texts::{self, fault_words};

/// The selected field: its name, its meaning, its bytes, and what is wrong with it.
#[component]
pub fn FieldNote(
    /// The bytes and their fields.
    layer: StoredValue<Layer>,
    /// The index of the selected field.
    pointed: RwSignal<Option<usize>>,
) -> impl IntoView {
    let note = move || {
        let place = pointed.get()?;
        layer.with_value(|layer| {
            let field = layer.fields.get(place)?;
            let octets = layer.octets.get(field.at..field.at + field.length).unwrap_or_default();
            Some(view! {
                <h3>{field.name.clone()}</h3>
                <p class="says">{field.value.clone()}</p>
                {wrong(field)}
                <p class="small">
                    {range(field)} ", " {stage(field.stage)} <br />
                    <code>{shortened(octets)}</code>
                </p>
            })
        })
    };
    view! {
        <div class="note" role="status">
            {move || {
                note().map_or_else(
                    || view! { <p class="quiet">{texts::inspector::point()}</p> }.into_any(),
                    IntoAny::into_any,
                )
            }}
        </div>
    }
}

/// All fields. An outer field comes before the fields inside it.
#[component]
pub fn FieldTable(
    /// The bytes and their fields.
    layer: StoredValue<Layer>,
) -> impl IntoView {
    let row = |layer: &Layer, place: usize, field: &Field| {
        let octets = layer.octets.get(field.at..field.at + field.length).unwrap_or_default();
        let is_outer = layer.fields.get(place + 1).is_some_and(|next| next.depth > field.depth);
        let octets = if is_outer { bytes(field.length) } else { shortened(octets) };
        view! {
            <tr
                data-field=place
                data-stage=field.stage.as_str()
                data-depth=field.depth.min(DEEPEST)
                data-fault=field.fault.as_ref().map(|(code, _)| code.to_string())
            >
                <td class="offset">{format!("{:04x}", field.at)}</td>
                <th scope="row">{field.name.clone()}</th>
                <td class="says">{field.value.clone()} {wrong(field)}</td>
                <td class="hex-part">{octets}</td>
            </tr>
        }
    };
    let rows = layer.with_value(|layer| {
        let fields = layer.fields.iter().enumerate();
        fields.map(|(place, field)| row(layer, place, field)).collect_view()
    });
    view! {
        <table class="anatomy">
            <thead>
                <tr>
                    <th scope="col">{texts::inspector::at()}</th>
                    <th scope="col">{texts::inspector::field()}</th>
                    <th scope="col">{texts::inspector::says()}</th>
                    <th scope="col">{texts::inspector::bytes_title()}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The fields as text, one per line: position, name, meaning, bytes, error.
#[must_use]
pub fn as_text(layers: &[Layer]) -> String {
    let mut text = String::new();
    for layer in layers {
        text.push_str(&layer.title);
        text.push('\n');
        for (place, field) in layer.fields.iter().enumerate() {
            let octets = layer.octets.get(field.at..field.at + field.length).unwrap_or_default();
            let is_outer = layer.fields.get(place + 1).is_some_and(|next| next.depth > field.depth);
            let indent = "  ".repeat(field.depth.into());
            let value = field.value.as_deref().unwrap_or_default();
            let octets = if is_outer { String::new() } else { spaced(octets) };
            let fault = field.fault.as_ref().map_or("", |(_, detail)| detail);
            text.push_str(&format!("{:04x}\t{indent}{}\t{value}\t{octets}\t{fault}\n", field.at, field.name));
        }
    }
    text
}

fn wrong(field: &Field) -> Option<impl IntoView + use<>> {
    field.fault.as_ref().map(|(code, detail)| {
        view! { <span class="wrong">{fault_words(code).title} ": " {detail.clone()}</span> }
    })
}

fn range(field: &Field) -> String {
    match field.length {
        1 => texts::inspector::byte_at(&field.at),
        length => texts::inspector::bytes_at(&field.at, &(field.at + length - 1)),
    }
}

/// A number of bytes in words.
#[must_use]
pub fn bytes(count: usize) -> String {
    texts::inspector::bytes(u64::try_from(count).unwrap_or_default())
}

/// The first bytes as hex, up to a line.
fn shortened(octets: &[u8]) -> String {
    match octets.get(..LINE) {
        Some(first) if octets.len() > LINE => spaced(first) + " …",
        _ => spaced(octets),
    }
}

/// The bytes in a line of a table.
const LINE: usize = 12;
/// Fields deeper than this are indented no further.
const DEEPEST: u8 = 8;
