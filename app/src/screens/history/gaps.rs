//! The stretches without readings in the time in view, in words.

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::completeness::gaps_seen;
use metertap_readings::history::question::{Answer, Question};
use metertap_readings::history::totals::Total;

use super::pictures::only_total;
use super::state::State;
use crate::parts::label::quantity;
use crate::parts::lookup::follow;
use crate::parts::span_words::{amount, date_and_time};
use crate::texts;

/// A sentence for each of the longest gaps, and what was counted in a gap that stands alone.
#[component]
pub fn Gaps(
    /// The view, at rest.
    state: State,
    /// The time whose gaps are named.
    #[prop(into)]
    span: Signal<Span>,
) -> impl IntoView {
    let looked = StoredValue::new(0);
    let known = follow(state.meter.into(), move |known| {
        let Span { from, to } = span.get();
        // For longer times, the calendar of days shows the gaps.
        if to.0 - from.0 > LONGEST {
            return None;
        }
        // Whole days, so that a view that follows the clock does not ask with every step.
        let day = |moment| Period::Day.around(moment, state.zone());
        let (first, last) = (day(from)?, day(Moment(to.0 - 1))?);
        let around = Span { from: Moment(first.from.0 - AROUND), to: Moment(last.to.0 + AROUND) };
        let question = Question::Completeness { span: around };
        let quarter = state.now.get().0.div_euclid(QUARTER);
        let is_known = known.is_some_and(|known| known.question == question) && looked.get_value() == quarter;
        looked.set_value(quarter);
        (!is_known).then_some(question)
    });
    let gaps = Memo::new(move |_| {
        let (known, span) = (known.get(), span.get());
        let Some((Question::Completeness { span: asked }, Answer::Completeness(days))) =
            known.as_ref().map(|known| (&known.question, &known.answer)).filter(|_| span.length() <= LONGEST)
        else {
            return Vec::new();
        };
        // A gap that reaches to an end of the time that was asked for may begin earlier or end later.
        let is_whole = |gap: &Span| gap.from > asked.from && gap.to < asked.to;
        gaps_seen(days, span, MOST).into_iter().filter(is_whole).collect()
    });
    // What was counted is known when the quarter-hour of the next reading is over.
    let only_gap = Memo::new(move |_| {
        let is_over = |gap: &Span| gap.to.0 + QUARTER <= state.now.get().0;
        gaps.with(|gaps| if let [gap] = gaps.as_slice() { Some(*gap) } else { None }).filter(is_over)
    });
    // The first reading after the gap includes what flowed during the gap.
    let counted = follow(state.meter.into(), move |known| {
        let gap = only_gap.get()?;
        let question = Question::Selection { span: Span { to: Moment(gap.to.0 + QUARTER), ..gap } };
        (!known.is_some_and(|known| known.question == question)).then_some(question)
    });
    let counted = move || {
        let (gap, known) = (only_gap.get()?, counted.get()?);
        let total = only_total(&known).filter(|total| total.span.from == gap.from)?;
        let until = date_and_time(total.span.to, state.locale);
        Some(texts::history::counted_until(&until, &amounts(total, state.locale.decimal_mark)?))
    };
    let sentence = move |gap: Span| {
        let moment = |moment| date_and_time(moment, state.locale);
        let words = texts::history::nothing_between(&moment(gap.from), &moment(gap.to));
        view! { <p class="small" data-gap=format!("{}/{}", gap.from, gap.to)>{words}</p> }
    };
    view! {
        {move || gaps.get().into_iter().map(sentence).collect_view()}
        {move || counted().map(|words| view! { <p class="small">{words}</p> })}
    }
}

/// The amounts of a total in words; `None` if it has none.
fn amounts(total: &Total, mark: char) -> Option<String> {
    let words = total.amounts.iter().map(|part| {
        let figure = amount(part.total, part.flow.unit(), mark);
        format!("{} {} {}", quantity(part.flow.quantity), figure.digits, figure.unit)
    });
    let words = words.collect::<Vec<_>>().join(", ");
    (!words.is_empty()).then_some(words)
}

/// The longest time whose gaps are named, in milliseconds: a month.
const LONGEST: i64 = 32 * 86_400_000;
/// How far gaps are followed before and after the time whose gaps are named, in milliseconds.
const AROUND: i64 = 31 * 86_400_000;
/// A quarter of an hour in milliseconds.
const QUARTER: i64 = 900_000;
const MOST: usize = 3;
