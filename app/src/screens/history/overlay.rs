//! What lies over the charts: the crosshair and stretches of time.

use leptos::prelude::*;
use metertap_readings::history::calendar::Span;
use metertap_readings::stated::CorrectionKind;

use super::gestures::{place, room};
use super::members::Stated;
use super::state::State;
use crate::model::PageModel;

/// The crosshair, the marked stretch, and the stretches that statistics leave out.
#[component]
pub fn Overlay(
    /// The view.
    state: State,
) -> impl IntoView {
    let room = move || room(state.width.get(), state.margin.get());
    let cross = move || place(state.cursor.get()?, state.span(), room());
    let covered = move |stretch: Span| {
        let (span, room) = (state.span(), room());
        if !stretch.meets(span) {
            return None;
        }
        let left = place(stretch.from.max(span.from), span, room)?;
        let right = place(stretch.to.min(span.to), span, room)?;
        Some((left, (right - left).max(1.0)))
    };
    let marked = move || covered(state.marked.get()?);
    let stated = Stated::of(expect_context::<PageModel>());
    let left_out = move || {
        let corrections = stated.with(|stated| stated.corrections(&state.meter.get()));
        let stretches = corrections.into_iter().filter_map(|(_, correction)| match correction.what {
            CorrectionKind::LeftOut { until, .. } => covered(Span { from: correction.from, to: until }),
            _ => None,
        });
        let stretch = |(left, width): (f64, f64)| {
            let (left, width) = (format!("{left:.1}px"), format!("{width:.1}px"));
            view! { <div class="left-out" aria-hidden="true" style:left=left style:width=width></div> }
        };
        stretches.map(stretch).collect_view()
    };
    let pixels = |length: Option<f64>| length.map(|length| format!("{length:.1}px"));
    view! {
        {left_out}
        <div
            class="cross"
            aria-hidden="true"
            hidden=move || cross().is_none()
            style:transform=move || cross().map(|left| format!("translateX({left:.1}px)"))
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
