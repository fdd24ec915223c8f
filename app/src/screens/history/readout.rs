//! What the crosshair reads: all charts at once, in one line that stays out of their way.

use std::sync::Arc;

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::history::question::Curve;
use metertap_readings::view::figure::{grouped, symbol};

use super::pictures::picture;
use super::state::{State, whole};
use crate::parts::label::quantity;
use crate::parts::lookup::{Answered, Known, totals};
use crate::parts::span_words::{amount, short, when};

/// The line that says what is under the crosshair.
#[component]
pub fn Readout(
    /// What is looked at.
    state: State,
    /// The first curve.
    curve: Memo<Option<Curve>>,
    /// What is known of it.
    read: RwSignal<Option<Arc<Known>>>,
    /// What is counted.
    bars: Answered,
) -> impl IntoView {
    let values = move || {
        let (at, span) = (state.cursor.get()?, state.span());
        let curve = curve.get().and_then(|curve| {
            let known = read.get()?;
            let (picture, _) = picture(&known, None)?;
            let share = (at.0 - picture.from.0) as f64 / (picture.to.0 - picture.from.0).max(1) as f64;
            let place = usize::try_from(whole(share * picture.columns.len() as f64 - 0.5)).ok()?;
            let (low, high) = (*picture.columns.get(place)?)?;
            Some(range(low, high, symbol(curve.unit()), state.locale.decimal_mark))
        });
        let bars = bars.get();
        let total = totals(bars.as_ref()).iter().find(|total| total.span.contains(at));
        let counted = total.filter(|total| !total.amounts.is_empty()).map(|total| {
            let amounts = total.amounts.iter().map(|part| {
                let figure = amount(part.total, part.flow.unit(), state.locale.decimal_mark);
                format!("{} {} {}", quantity(part.flow.quantity).to_lowercase(), figure.digits, figure.unit)
            });
            let amounts = amounts.collect::<Vec<_>>().join(", ");
            format!("{}: {amounts}", short(total.span, state.zone()))
        });
        let said = curve.into_iter().chain(counted).collect::<Vec<_>>();
        let said = if said.is_empty() { "nothing was heard".to_owned() } else { said.join(" · ") };
        Some(format!("{} · {said}", when(Moment(at.0), span, state.zone())))
    };
    view! {
        <p class="readout small" role="status" data-cursor=move || state.cursor.get().map(|at| at.to_string())>
            {move || values().unwrap_or_else(|| "Point at a chart to read it; drag to move, turn the wheel to zoom.".to_owned())}
        </p>
    }
}

/// Lowest and highest value of a column.
fn range(low: f64, high: f64, unit: &str, decimal_mark: char) -> String {
    let text = |value: f64| {
        let plain = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") };
        grouped(&plain, decimal_mark)
    };
    let (low, high) = (text(low), text(high));
    if low == high { format!("{low} {unit}") } else { format!("{low} – {high} {unit}") }
}
