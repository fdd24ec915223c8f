//! The highest and lowest values of a meter, and how complete its log is.

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::completeness::{Completeness, longest_gaps};
use metertap_readings::history::flow::Flow;
use metertap_readings::history::question::{Answer, Question};
use metertap_readings::history::records::{DayAmount, Records as Answered};

use super::state::State;
use crate::parts::label::quantity;
use crate::parts::lookup::follow;
use crate::parts::span_words::{amount, date_and_time, power, short, short_date, time_of_day, when};
use crate::texts;

/// The highest and the lowest values ever, and what the house takes at night.
#[component]
pub fn Records(
    /// The view.
    state: State,
) -> impl IntoView {
    let known = follow(state.meter.into(), move |known| known.is_none().then_some(Question::Records));
    let facts = move || match known.get().map(|known| known.answer.clone()) {
        Some(Answer::Records(records)) => Some(facts(state, &records).into_any()),
        Some(_) => Some(view! { <p>{texts::history::unreadable()}</p> }.into_any()),
        None => None,
    };
    view! { {facts} }
}

fn facts(state: State, records: &Answered) -> impl IntoView + use<> {
    let mark = state.locale.decimal_mark;
    let ever = Span { from: Moment(0), to: Moment(i64::MAX) };
    let peaks = records.power.map(|figures| {
        let peak =
            |record: &'static str, name: &'static str, peak: metertap_readings::history::totals::Peak| {
                let figure = power(peak.value, mark);
                let to = state.now.get_untracked();
                let at = when(peak.at, Span { to, ..ever }, state.locale);
                view! {
                    <div>
                        <dt>{name}</dt>
                        <dd data-record=record data-value=peak.value.to_string()>
                            {figure.digits} " " <small>{figure.unit} ", " {at}</small>
                        </dd>
                    </div>
                }
            };
        view! {
            {peak("highest-power", texts::history::highest_power(), figures.most)}
            {peak("lowest-power", texts::history::lowest_power(), figures.least)}
        }
    });
    let base = records.base_load.map(|base| {
        let figure = power(base.watts, mark);
        let nights = texts::history::median_nights(base.nights.into());
        view! {
            <div>
                <dt>{texts::history::at_night()}</dt>
                <dd data-record="base-load" data-value=base.watts.to_string()>
                    {figure.digits} " " <small>{figure.unit} ", " {nights}</small>
                </dd>
            </div>
        }
    });
    let button = move |span: Span, flow: Flow, total: Number, words: String| {
        let figure = amount(total, flow.unit(), mark);
        view! {
            <button class="quiet" on:click=move |_| state.go(span)>
                {words} ": " {figure.digits} " " {figure.unit}
            </button>
        }
    };
    let days = records.days.iter().map(|record| {
        let day = |DayAmount { day, total }: DayAmount| {
            button(day, record.flow, total, short_date(day, state.locale))
        };
        let name = quantity(record.flow.quantity);
        // A minimum of zero is not shown: every house has days without export.
        let least = (record.least.total.mantissa != 0).then(|| {
            view! {
                <div>
                    <dt>{texts::history::least_on_day(&name)}</dt>
                    <dd>{day(record.least)}</dd>
                </div>
            }
        });
        view! {
            <div>
                <dt>{texts::history::most_on_day(&name)}</dt>
                <dd>{day(record.most)}</dd>
            </div>
            {least}
        }
    });
    let hours = records.hours.iter().map(|record| {
        let words = date_and_time(record.hour.from, state.locale);
        view! {
            <div>
                <dt>{texts::history::most_in_hour(&quantity(record.flow.quantity))}</dt>
                <dd data-record="highest-hour" data-value=record.total.to_string()>
                    {button(record.hour, record.flow, record.total, words)}
                </dd>
            </div>
        }
    });
    view! { <dl class="facts records">{peaks} {base} {days.collect_view()} {hours.collect_view()}</dl> }
}

/// How much of each day was received in the months up to the time in view, as a calendar.
#[component]
pub fn Calendar(
    /// The view.
    state: State,
) -> impl IntoView {
    let span = Memo::new(move |_| {
        let months = Period::Month.last(MONTHS, Moment(state.span().to.0 - 1), state.zone());
        Some(Span { from: months.first()?.from, to: months.last()?.to })
    });
    let known = follow(state.meter.into(), move |known| {
        let question = Question::Completeness { span: span.get()? };
        (!known.is_some_and(|known| known.question == question)).then_some(question)
    });
    let days = Memo::new(move |_| match known.get().as_ref().map(|known| &known.answer) {
        Some(Answer::Completeness(days)) => days.clone(),
        _ => Vec::new(),
    });
    let months = move || {
        let days = days.get();
        let zone = state.zone();
        let of_month = |day: &Completeness| Period::Month.around(day.span.from, zone);
        let months = days.chunk_by(|one, next| of_month(one) == of_month(next));
        let month = |days: &[Completeness]| {
            let first = days.first().and_then(of_month);
            view! {
                <div class="month">
                    <h4>{first.map(|month| short(month, state.locale))}</h4>
                    <div class="days">{days.iter().map(|day| cell(state, day)).collect_view()}</div>
                </div>
            }
        };
        months.map(month).collect_view()
    };
    view! {
        <p class="small">{texts::history::calendar()}</p>
        <div class="calendar">{months}</div>
        {move || gaps(state, &days.get())}
    }
}

/// The longest gaps in words, because the squares of the calendar have no tooltips on a touch screen.
fn gaps(state: State, days: &[Completeness]) -> impl IntoView + use<> {
    let gap = |gap: Span| {
        let moment = |moment| date_and_time(moment, state.locale);
        let words = texts::history::nothing_between(&moment(gap.from), &moment(gap.to));
        view! {
            <li>
                <button class="quiet" data-action="open-gap" on:click=move |_| state.go(around(gap, state))>
                    {words}
                </button>
            </li>
        }
    };
    let all = longest_gaps(days, MOST_GAPS);
    (!all.is_empty()).then(|| {
        view! {
            <ul class="gaps" data-part="gaps">{all.into_iter().map(gap).collect_view()}</ul>
        }
    })
}

/// The whole days that a gap touches.
fn around(gap: Span, state: State) -> Span {
    let day = |moment| Period::Day.around(moment, state.zone());
    let (first, last) = (day(gap.from), day(Moment(gap.to.0 - 1)));
    Span { from: first.map_or(gap.from, |day| day.from), to: last.map_or(gap.to, |day| day.to) }
}

fn cell(state: State, day: &Completeness) -> impl IntoView + use<> {
    let span = day.span;
    let percent = (day.of > 0).then(|| day.heard * 100 / day.of);
    let mut gaps =
        day.gaps.iter().take(FEW).map(|gap| time_of_day(*gap, state.locale)).collect::<Vec<_>>().join(", ");
    if day.gaps.len() > FEW {
        gaps.push_str(", …");
    }
    let titled = short(span, state.locale);
    let words = match percent {
        None => texts::history::not_read(&titled),
        Some(_) if day.gaps.is_empty() => texts::history::complete(&titled),
        Some(percent) => texts::history::missing(&titled, &percent, &gaps),
    };
    let level = percent.map_or(0, |percent| if day.gaps.is_empty() { 4 } else { 1 + percent / 34 });
    view! {
        <button
            class="day"
            data-level=level.to_string()
            data-heard=day.heard.to_string()
            title=words.clone()
            aria-label=words
            on:click=move |_| state.go(span)
        ></button>
    }
}

const MONTHS: usize = 12;
/// How many gaps are listed below the calendar.
const MOST_GAPS: usize = 10;
/// How many gaps of a day are listed.
const FEW: usize = 4;
