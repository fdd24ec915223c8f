//! The table of periods.

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span, contract_year, rolling_year};
use metertap_readings::history::flow::Flow;
use metertap_readings::history::question::Question;
use metertap_readings::history::totals::Total;
use metertap_readings::view::figure::symbol;

use super::state::State;
use crate::parts::label::quantity;
use crate::parts::lookup::{follow, totals};
use crate::parts::span_words::{amount, dated, power, short};
use crate::texts::{self, Text};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Rows {
    Hours,
    Days,
    Weeks,
    Months,
    Years,
    /// The last 365 days, the 365 days before, and so on through the log.
    Rolling,
    /// Contract years, which begin in this month on this day.
    Contract(i8, i8),
}

/// A row for each period.
#[component]
pub fn Periods(
    /// The view.
    state: State,
) -> impl IntoView {
    let (rest, chosen) = (state.at_rest(), RwSignal::new(None::<Rows>));
    let rows = Memo::new(move |_| chosen.get().unwrap_or_else(|| Rows::of(rest.span(), rest.zone())));
    let spans = Memo::new(move |_| {
        let held = rest.contents().and_then(|contents| contents.span);
        rows.get().spans(rest.span(), held, rest.zone())
    });
    let ticked = StoredValue::new(0);
    let known = follow(state.meter.into(), move |known| {
        let (spans, tick) = (spans.get(), rest.tick());
        let question = Question::Totals { spans };
        let is_known = known.is_some_and(|known| known.question == question) && ticked.get_value() == tick;
        ticked.set_value(tick);
        (!is_known).then_some(question)
    });
    let flows = Memo::new(move |_| state.contents().map(|contents| contents.flows).unwrap_or_default());
    let has_power = Memo::new(move |_| {
        let known = known.get();
        totals(known.as_ref()).iter().any(|total| total.power.is_some())
    });
    let body = move || {
        let (known, has_power) = (known.get(), has_power.get());
        let (flows, highest) = (flows.get(), highest(totals(known.as_ref())));
        let all = totals(known.as_ref());
        let is_long = is_longer_than_a_day(all);
        let row = |total: &Total| row(state, total, &flows, is_long, (has_power, highest));
        all.iter().map(row).collect_view()
    };
    let notes = move || notes(totals(known.get().as_ref()));
    let head = move || {
        let column = |flow: &Flow| {
            let channel = flow.channel.map(|channel| format!(" {channel}")).unwrap_or_default();
            view! { <th scope="col">{quantity(flow.quantity)}{channel} " " <small>{symbol(flow.unit())}</small></th> }
        };
        flows.with(|flows| flows.iter().map(column).collect_view())
    };
    view! {
        <section class="card periods">
            <div class="row">
                <h3>{texts::history::periods()}</h3>
                <RowChoice rows chosen />
            </div>
            <div class="scrolled" tabindex="0" role="group" aria-label=texts::history::table()>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{texts::history::period()}</th>
                            {head}
                            <Show when=move || has_power.get()>
                                <th scope="col">{texts::history::mean()}</th>
                                <th scope="col">{texts::history::highest()}</th>
                            </Show>
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
            {notes}
        </section>
    }
}

fn is_longer_than_a_day(totals: &[Total]) -> bool {
    let ends = totals.first().zip(totals.last());
    ends.is_some_and(|(first, last)| last.span.to.0 - first.span.from.0 > LONGEST_DAY)
}

/// What must be known to understand the rows.
fn notes(totals: &[Total]) -> impl IntoView + use<> {
    let is_vague = totals.iter().any(|total| total.since.is_some());
    let words = [
        (totals.len() == MOST_ROWS).then(|| texts::history::last_rows(&MOST_ROWS)),
        is_vague.then(|| format!("* {}", texts::history::flowed_before())),
    ];
    words.into_iter().flatten().map(|words| view! { <p class="small">{words}</p> }).collect_view()
}

fn highest(totals: &[Total]) -> Option<Number> {
    let most = totals.iter().filter_map(|total| Some(total.power?.most.value));
    most.reduce(|one, other| if other.compare(one).is_gt() { other } else { one })
}

/// A row. `is_long` is whether the rows cover more than a day; `has_power` is whether they have columns for power;
/// `highest` is the highest power of all rows.
fn row(
    state: State,
    total: &Total,
    flows: &[Flow],
    is_long: bool,
    (has_power, highest): (bool, Option<Number>),
) -> impl IntoView + use<> {
    let (span, mark) = (total.span, state.locale.decimal_mark);
    let cells = flows.iter().map(|flow| {
        let part = total.amount(*flow);
        let digits = part.map_or_else(|| "–".to_owned(), |part| amount(part.total, flow.unit(), mark).digits);
        let about =
            part.and(total.since).map(|_| view! { <span title=texts::history::flowed_before()>" *"</span> });
        view! {
            <td data-quantity=flow.quantity.to_string() data-value=part.map(|part| part.total.to_string())>
                {digits} {about}
            </td>
        }
    });
    let of_power = |value: Option<Number>| {
        value.map_or_else(
            || "–".to_owned(),
            |value| {
                let figure = power(value, mark);
                format!("{} {}", figure.digits, figure.unit)
            },
        )
    };
    let most = total.power.map(|power| power.most.value);
    let powers = has_power.then(|| {
        let is_highest = most.is_some() && most == highest;
        view! {
            <td>{of_power(total.power.map(|power| power.mean))}</td>
            <td class:most=is_highest>{of_power(most)}</td>
        }
    });
    let title = if is_long { dated(span, state.locale) } else { short(span, state.locale) };
    view! {
        <tr data-from=span.from.to_string() class:current=move || state.at_rest().span() == span>
            <th scope="row">
                <button class="quiet" data-action="open-period" on:click=move |_| state.go(span)>
                    {title}
                </button>
            </th>
            {cells.collect_view()}
            {powers}
        </tr>
    }
}

#[component]
fn RowChoice(rows: Memo<Rows>, chosen: RwSignal<Option<Rows>>) -> impl IntoView {
    let begins = RwSignal::new("2026-01-01".to_owned());
    let contract = move || {
        let text = begins.get_untracked();
        let mut parts = text.split('-').skip(1).map(|part| part.parse::<i8>());
        match (parts.next(), parts.next()) {
            (Some(Ok(month)), Some(Ok(day))) => Rows::Contract(month, day),
            _ => Rows::Years,
        }
    };
    let choose = move |event| {
        chosen.set(match event_target_value(&event).as_str() {
            "hours" => Some(Rows::Hours),
            "days" => Some(Rows::Days),
            "weeks" => Some(Rows::Weeks),
            "months" => Some(Rows::Months),
            "years" => Some(Rows::Years),
            "rolling" => Some(Rows::Rolling),
            "contract" => Some(contract()),
            _ => None,
        });
    };
    let is_contract = move || matches!(rows.get(), Rows::Contract(..));
    view! {
        <label>
            <span class="unseen">{texts::history::rows()}</span>
            <select data-action="rows" on:change=choose>
                {OPTIONS
                    .map(|(value, words)| {
                        view! {
                            <option value=value selected=move || rows.get().name() == value>
                                {words()}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
        <Show when=is_contract>
            <label class="row small">
                {texts::history::contract_begins()}
                <input
                    type="date"
                    name="contract"
                    prop:value=begins
                    on:change=move |event| {
                        begins.set(event_target_value(&event));
                        chosen.set(Some(contract()));
                    }
                />
            </label>
        </Show>
    }
}

impl Rows {
    fn of(span: Span, zone: Zone) -> Self {
        match span.period(zone) {
            Some(Period::Day | Period::Week | Period::Month) => Self::Days,
            Some(Period::Year) => Self::Months,
            _ if span.length() <= 2 * DAY => Self::Hours,
            _ if span.length() <= 70 * DAY => Self::Days,
            _ if span.length() <= 1098 * DAY => Self::Months,
            _ => Self::Years,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Years => "years",
            Self::Rolling => "rolling",
            Self::Contract(..) => "contract",
        }
    }

    /// The rows for a span: the periods that overlap it. Two kinds go beyond the span: days show the whole week of a
    /// single day, and years of any kind show the whole log.
    fn spans(self, span: Span, held: Option<Span>, zone: Zone) -> Vec<Span> {
        let period = match self {
            Self::Hours => Period::Hour,
            Self::Days => Period::Day,
            Self::Weeks => Period::Week,
            Self::Months => Period::Month,
            Self::Years => Period::Year,
            Self::Rolling | Self::Contract(..) => {
                let Some(held) = held else { return Vec::new() };
                let year = |moment: Moment| match self {
                    Self::Contract(month, day) => contract_year(moment, (month, day), zone),
                    _ => rolling_year(moment, zone),
                };
                let mut all: Vec<Span> = Vec::new();
                let mut next = year(Moment(held.to.0 - 1));
                while let Some(span) = next
                    && span.to > held.from
                    && all.len() < MOST_ROWS
                {
                    all.push(span);
                    next = year(Moment(span.from.0 - 1));
                }
                all.reverse();
                return all;
            }
        };
        let wide = match (span.period(zone), self) {
            (Some(Period::Day), Self::Days) => Period::Week.around(span.from, zone).unwrap_or(span),
            (_, Self::Years) => held.unwrap_or(span),
            _ => span,
        };
        let mut all = period.within(wide, zone);
        if let Some(more) = all.len().checked_sub(MOST_ROWS) {
            all.drain(..more);
        }
        all
    }
}

/// A day in milliseconds.
const DAY: i64 = 86_400_000;
const OPTIONS: [(&str, Text); 7] = [
    ("hours", texts::history::hours),
    ("days", texts::history::days),
    ("weeks", texts::history::weeks),
    ("months", texts::history::months),
    ("years", texts::history::years_rows),
    ("rolling", texts::history::rolling),
    ("contract", texts::history::contract),
];
/// The longest day in milliseconds: a day in autumn has 25 hours.
const LONGEST_DAY: i64 = 90_000_000;
/// The most rows in the table: a little more than the hours of a month.
const MOST_ROWS: usize = 750;
