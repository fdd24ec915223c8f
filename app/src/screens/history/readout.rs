//! The values at the crosshair: all charts at once, in one line that does not cover them.

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::view::figure::{grouped, symbol};

use super::pictures::picture;
use super::series::{Shown, Source, title_of};
use super::state::{State, whole};
use crate::model::PageModel;
use crate::parts::label::quantity;
use crate::parts::lookup::{Answered, totals};
use crate::parts::span_words::{amount, short, when};
use crate::texts;

/// The line with the values at the crosshair.
#[component]
pub fn Readout(
    /// The view.
    state: State,
    /// The curves that are shown.
    shown: Shown,
    /// The answer for the bars.
    bars: Answered,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let values = move || {
        let span = state.span();
        let at = state.cursor.get().filter(|at| span.contains(*at))?;
        let sources = shown.sources.get().into_iter().filter(|source| shown.is_on(&source.series));
        let curves = sources.filter_map(|source| {
            let (low, high) = value(&source, at)?;
            let curve = source.series.curve;
            let said = range(low, high, symbol(curve.unit()), state.locale.decimal_mark);
            Some((title_of(&source.series, model, &state.meter.get()), said))
        });
        let curves = curves.collect::<Vec<_>>();
        let is_alone = curves.len() == 1;
        let curves = curves.into_iter();
        let curves = curves.map(|(title, said)| if is_alone { said } else { format!("{title}: {said}") });
        let bars = bars.get();
        let total = totals(bars.as_ref()).iter().find(|total| total.span.contains(at));
        let counted = total.filter(|total| !total.amounts.is_empty()).map(|total| {
            let amounts = total.amounts.iter().map(|part| {
                let figure = amount(part.total, part.flow.unit(), state.locale.decimal_mark);
                format!("{} {} {}", quantity(part.flow.quantity), figure.digits, figure.unit)
            });
            let amounts = amounts.collect::<Vec<_>>().join(", ");
            format!("{}: {amounts}", short(total.span, state.locale))
        });
        let said = curves.chain(counted).collect::<Vec<_>>();
        let said = if said.is_empty() { texts::history::nothing().to_owned() } else { said.join(" · ") };
        Some(format!("{} · {said}", when(Moment(at.0), span, state.locale)))
    };
    view! {
        <p class="readout small" role="status" data-cursor=move || state.cursor.get().map(|at| at.to_string())>
            {move || values().unwrap_or_else(|| hint(state).to_owned())}
        </p>
    }
}

fn hint(state: State) -> &'static str {
    if state.marking.get() { texts::history::how_to_mark() } else { texts::history::how_to_read() }
}

/// The lowest and the highest value of the column at a moment.
fn value(source: &Source, at: Moment) -> Option<(f64, f64)> {
    let (picture, _) = picture(source.now()?.as_ref(), None)?;
    let share = (at.0 - picture.from.0) as f64 / (picture.to.0 - picture.from.0).max(1) as f64;
    let place = usize::try_from(whole(share * picture.columns.len() as f64 - 0.5)).ok()?;
    *picture.columns.get(place)?
}

fn range(low: f64, high: f64, unit: &str, decimal_mark: char) -> String {
    let text = |value: f64| {
        let plain = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") };
        grouped(&plain, decimal_mark)
    };
    let (low, high) = (text(low), text(high));
    if low == high { format!("{low} {unit}") } else { format!("{low} – {high} {unit}") }
}
