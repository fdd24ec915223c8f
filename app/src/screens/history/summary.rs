//! The totals of the time in view, or of the marked stretch, in words.

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::Span;
use metertap_readings::history::counting::Amount;
use metertap_readings::history::totals::{Peak, Total};
use metertap_readings::view::figure::grouped;

use super::gaps::Gaps;
use super::pictures::{only_total, total};
use super::state::State;
use crate::parts::label::quantity;
use crate::parts::span_words::{amount, power, rounded, title, when};
use crate::texts;

/// Sums, mean and extremes.
#[component]
pub fn Summary(
    /// The view.
    state: State,
) -> impl IntoView {
    let rest = state.at_rest();
    let looked_at = move || rest.marked.get().unwrap_or_else(|| rest.span());
    let now = total(rest, move || Some(looked_at()));
    let then = total(rest, move || {
        rest.compared().map(|compared| {
            // If the time in view has not ended, or the log ends within it, the comparison stops at the same point of
            // the other time.
            let (span, marked) = (rest.span(), rest.marked.get());
            let moved = marked.map(|marked| {
                let by = compared.from.0 - span.from.0;
                Span { from: Moment(marked.from.0 + by), to: Moment(marked.to.0 + by) }
            });
            moved.unwrap_or_else(|| span.so_far(reached(rest), compared, rest.zone()))
        })
    });
    let heading = move || {
        let of = now.get().and_then(|known| only_total(&known).map(|total| total.span));
        let title = title(of.unwrap_or_else(looked_at), state.locale);
        if state.marked.get().is_some() { texts::history::marked(&title) } else { title }
    };
    let facts = move || {
        let known = now.get()?;
        let Some(total) = only_total(&known) else {
            return Some(view! { <p>{texts::history::unreadable()}</p> }.into_any());
        };
        if total.readings == 0 {
            return Some(view! { <p data-empty="true">{texts::history::nothing_then()}</p> }.into_any());
        }
        let then = then.get();
        let past = then.as_ref().and_then(|known| only_total(known)).filter(|past| past.readings > 0);
        Some(facts(state, total, past.filter(|_| rest.compared().is_some())).into_any())
    };
    view! {
        <section class="card summary">
            <h3>{heading}</h3>
            {facts}
            <Gaps state=rest span=Signal::derive(looked_at) />
            <Show when=move || state.marked.get().is_some()>
                <p class="actions">
                    <button
                        data-action="zoom-marked"
                        on:click=move |_| {
                            if let Some(marked) = state.marked.get_untracked() {
                                state.marked.set(None);
                                state.look_at(marked);
                            }
                        }
                    >
                        {texts::history::zoom_in()}
                    </button>
                    <button class="quiet" data-action="unmark" on:click=move |_| state.marked.set(None)>
                        {texts::history::unmark()}
                    </button>
                </p>
            </Show>
        </section>
    }
}

/// How far the time in view has been received: to the start of the quarter-hour in progress, or to the end of the log
/// if that is earlier and in view.
fn reached(state: State) -> Moment {
    let quarter = Moment(state.now.get().0.div_euclid(900_000) * 900_000);
    let held = state.contents().and_then(|contents| contents.span).map(|held| held.to);
    held.filter(|end| *end > state.span().from).map_or(quarter, |end| quarter.min(end))
}

fn facts(state: State, total: &Total, past: Option<&Total>) -> impl IntoView + use<> {
    let mark = state.locale.decimal_mark;
    let amounts = total.amounts.iter().map(|part| {
        let figure = amount(part.total, part.flow.unit(), mark);
        let tariffs = (part.tariffs.len() > 1).then(|| {
            let of_tariff = part.tariffs.iter().map(|of| {
                let figure = amount(of.total, part.flow.unit(), mark);
                texts::history::tariff(&of.tariff, &figure.digits)
            });
            of_tariff.collect::<Vec<_>>().join(", ")
        });
        let against = past.and_then(|past| past.amount(part.flow)).map(|past| against(part, past, mark));
        view! {
            <div>
                <dt>{quantity(part.flow.quantity)}</dt>
                <dd
                    data-quantity=part.flow.quantity.to_string()
                    data-channel=part.flow.channel.map(|channel| channel.to_string())
                    data-value=part.total.to_string()
                    data-unit=part.flow.unit().map(|unit| unit.to_string())
                >
                    {figure.digits}
                    " "
                    <small>{figure.unit}</small>
                    {tariffs.map(|tariffs| view! { <span class="small">{tariffs}</span> })}
                    {against.map(|against| view! { <span class="small">{against}</span> })}
                </dd>
            </div>
        }
    });
    let peak = |fact: &'static str, name: &'static str, peak: Peak| {
        let figure = power(peak.value, mark);
        let at = when(peak.at, total.span, state.locale);
        let at = if peak.within > 0 { texts::history::from_quarter(&at) } else { at };
        view! {
            <div>
                <dt>{name}</dt>
                <dd data-fact=fact data-value=peak.value.to_string() data-at=peak.at.to_string()>
                    {figure.digits} " " <small>{figure.unit} ", " {at}</small>
                </dd>
            </div>
        }
    };
    let power = total.power.map(|figures| {
        let mean = power(figures.mean, mark);
        view! {
            <div>
                <dt>{texts::history::mean()}</dt>
                <dd data-fact="mean" data-value=figures.mean.to_string()>
                    {mean.digits}
                    " "
                    <small>{mean.unit}</small>
                </dd>
            </div>
            {peak("highest", texts::history::highest(), figures.most)}
            {peak("lowest", texts::history::lowest(), figures.least)}
        }
    });
    let since = total.since.map(|since| {
        let when = when(since, total.span, state.locale);
        view! { <p class="small">{texts::history::since(&when)}</p> }
    });
    view! {
        <dl class="facts">{amounts.collect_view()} {power}</dl>
        {since}
    }
}

/// The past amount, and the difference in percent unless the past amount is zero.
fn against(now: &Amount, past: &Amount, mark: char) -> String {
    let scaler = now.total.scaler.min(past.total.scaler);
    let (Some(one), Some(other)) = (now.total.mantissa_at(scaler), past.total.mantissa_at(scaler)) else {
        return String::new();
    };
    let figure = amount(Number::new(other, scaler), now.flow.unit(), mark);
    let then = format!("{} {}", figure.digits, figure.unit);
    match (one - other).checked_mul(100).and_then(|hundredths| hundredths.checked_div(other)) {
        Some(0) => texts::history::as_then(&then),
        Some(more @ 1..) => texts::history::more_than_then(&plain(more), &then),
        Some(less) => texts::history::less_than_then(&plain(-less), &then),
        None => texts::history::then(&then),
    }
}

fn plain(hundredths: i128) -> String {
    grouped(&rounded(Number::whole(hundredths), 0).to_string(), '.')
}
