//! The crosshair and what is marked.

use leptos::prelude::*;

use super::gestures::place;
use super::state::State;

/// The crosshair and what is marked, over all charts.
#[component]
pub fn Overlay(
    /// What is looked at.
    state: State,
) -> impl IntoView {
    let cross = move || place(state.cursor.get()?, state.span(), state.width.get());
    let marked = move || {
        let (marked, span, width) = (state.marked.get()?, state.span(), state.width.get());
        if !marked.meets(span) {
            return None;
        }
        let left = place(marked.from.max(span.from), span, width)?;
        let right = place(marked.to.min(span.to), span, width)?;
        Some((left, (right - left).max(1.0)))
    };
    let pixels = |length: Option<f64>| length.map(|length| format!("{length:.1}px"));
    view! {
        <div
            class="cross"
            aria-hidden="true"
            hidden=move || cross().is_none()
            style:left=move || pixels(cross())
        ></div>
        <div
            class="marked"
            aria-hidden="true"
            hidden=move || marked().is_none()
            style:left=move || pixels(marked().map(|(left, _)| left))
            style:width=move || pixels(marked().map(|(_, width)| width))
        ></div>
    }
}
