//! Answers at a glance: today and this month compared with the day and the month before, and today's highest power.

use std::fmt::Display;

use leptos::prelude::*;
use metertap_decoder::reading::Quantity;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::counting::Amount;
use metertap_readings::history::flow::Flow;
use metertap_readings::history::question::Question;
use metertap_readings::history::totals::Total;
use metertap_readings::store::MeterKey;

use super::phases::Phases;
use crate::model::{Locale, PageModel, Screen};
use crate::parts::label::quantity;
use crate::parts::lookup::{follow, totals};
use crate::parts::span_words::{amount, power, when};
use crate::texts;

/// The tiles of a meter, for the values that it sends.
#[component]
pub fn Tiles(
    /// The meter.
    meter: MeterKey,
) -> impl IntoView {
    let (model, locale) = (expect_context::<PageModel>(), Locale::of_context());
    let now = model.now;
    let zone = locale.zone;
    let day = Memo::new(move |_| Period::Day.around(now.get(), zone));
    let month = Memo::new(move |_| Period::Month.around(now.get(), zone));
    let newest = model.meter(&meter).map(|meter| meter.newest);
    let quarter = Memo::new(move |_| {
        let newest = newest.and_then(|newest| newest.with(|newest| newest.received));
        reached(now.get(), newest)
    });
    let key = Signal::stored(meter.clone());
    // Current values are asked for every ten seconds, and those for comparison every quarter-hour.
    let going = StoredValue::new(0);
    let goes_on = follow(key, move |known| {
        let question = Question::totals_so_far(vec![day.get()?, month.get()?], now.get());
        let tick = now.get().0 / 10_000;
        let is_known = known.is_some_and(|known| known.question == question) && going.get_value() == tick;
        going.set_value(tick);
        (!is_known).then_some(question)
    });
    let gone_by = follow(key, move |known| {
        let (day, month, now) = (day.get()?, month.get()?, quarter.get());
        let until = |span: Span| Span { to: now.max(span.from), ..span };
        let before = |span: Span| span.so_far(now, span.before(zone), zone);
        let spans = vec![until(day), before(day), until(month), before(month)];
        let question = Question::Totals { spans };
        (!known.is_some_and(|known| known.question == question)).then_some(question)
    });
    let tiles = move || {
        let (goes_on, gone_by) = (goes_on.get(), gone_by.get());
        let [today, this_month] = totals(goes_on.as_ref()) else { return None };
        let (of_day, of_month) = match totals(gone_by.as_ref()) {
            [day, yesterday, month, last] => (Some((day, yesterday)), Some((month, last))),
            _ => (None, None),
        };
        let mut all = Vec::new();
        for part in today.amounts.iter().filter(|part| is_worth(part, this_month)) {
            let (title, mark) = today_of(part.flow);
            all.push(tile(title, mark, part, compared(part.flow, of_day, &YESTERDAY), locale));
        }
        for part in this_month.amounts.iter().filter(|part| part.flow == IMPORT) {
            let title = texts::tiles::this_month().to_owned();
            let than = compared(part.flow, of_month, &LAST_MONTH);
            all.push(tile(title, "this-month".to_owned(), part, than, locale));
        }
        let highest = today.power.map(|figures| {
            let figure = power(figures.most.value, locale.decimal_mark);
            let at = when(figures.most.at, today.span, locale);
            view! {
                <div class="tile" data-tile="highest" data-value=figures.most.value.to_string()>
                    <h3>{texts::tiles::highest()}</h3>
                    <p class="figure">
                        {figure.digits} " " <small>{figure.unit}</small>
                    </p>
                    <p class="small">{at}</p>
                </div>
            }
        });
        Some(view! {
            {all}
            {highest}
        })
    };
    let phases = model.meter(&meter).map(|meter| view! { <Phases meter /> });
    let history = Screen::History(meter.0).hash();
    view! {
        <div class="tiles" data-part="tiles">
            {tiles} {phases}
        </div>
        <p>
            <a class="button" data-action="open-history" href=history>
                {texts::tiles::history()}
            </a>
        </p>
    }
}

/// How far a comparison goes: to the start of the quarter-hour in progress, but at most to the end of the quarter-hour
/// of the newest reading.
fn reached(now: Moment, newest: Option<Moment>) -> Moment {
    let begin = |moment: Moment| moment.0.div_euclid(QUARTER) * QUARTER;
    Moment(newest.map_or(begin(now), |newest| begin(now).min(begin(newest) + QUARTER)))
}

/// The title of a flow today, and the word for its tile in the DOM.
fn today_of(flow: Flow) -> (String, String) {
    match flow {
        IMPORT => (texts::tiles::today().to_owned(), "today".to_owned()),
        flow => (texts::tiles::today_of(&named(flow)), format!("{}-today", flow.quantity)),
    }
}

/// Whether a flow has a tile. Import always has one. Any other flow has one if the month's total is above zero, so a
/// house without solar panels has no tile for export.
fn is_worth(part: &Amount, this_month: &Total) -> bool {
    part.flow == IMPORT || this_month.amount(part.flow).is_some_and(|month| month.total.mantissa > 0)
}

fn tile(title: String, mark: String, part: &Amount, than: Option<String>, locale: Locale) -> AnyView {
    let figure = amount(part.total, part.flow.unit(), locale.decimal_mark);
    view! {
        <div
            class="tile"
            data-tile=mark
            data-quantity=part.flow.quantity.to_string()
            data-value=part.total.to_string()
        >
            <h3>{title}</h3>
            <p class="figure">
                {figure.digits} " " <small>{figure.unit}</small>
            </p>
            <p class="small">{than}</p>
        </div>
    }
    .into_any()
}

fn named(flow: Flow) -> String {
    let name = match flow.quantity {
        Quantity::ActiveEnergyExport => texts::tiles::fed_in(),
        other => quantity(other),
    };
    flow.channel
        .filter(|channel| *channel > 1)
        .map_or_else(|| name.to_owned(), |channel| format!("{name} {channel}"))
}

/// The difference in percent from the same part of the earlier day or month; `None` if either amount is unknown, or the
/// earlier one is zero.
fn compared(flow: Flow, both: Option<(&Total, &Total)>, than: &Comparison) -> Option<String> {
    let (now, before) = both?;
    let (now, before) = (now.amount(flow)?.total, before.amount(flow)?.total);
    let scaler = now.scaler.min(before.scaler);
    let (now, before) = (now.mantissa_at(scaler)?, before.mantissa_at(scaler)?);
    let hundredths = (now - before).checked_mul(100)?.checked_div(before)?;
    Some(match hundredths {
        0 => (than.same)().to_owned(),
        1.. => (than.more)(&hundredths),
        _ => (than.less)(&-hundredths),
    })
}

struct Comparison {
    same: fn() -> &'static str,
    more: fn(&dyn Display) -> String,
    less: fn(&dyn Display) -> String,
}

const YESTERDAY: Comparison = Comparison {
    same: texts::tiles::as_yesterday,
    more: texts::tiles::more_than_yesterday,
    less: texts::tiles::less_than_yesterday,
};
const LAST_MONTH: Comparison = Comparison {
    same: texts::tiles::as_last_month,
    more: texts::tiles::more_than_last_month,
    less: texts::tiles::less_than_last_month,
};
const IMPORT: Flow = Flow::of_meter(Quantity::ActiveEnergyImport);
/// A quarter-hour in milliseconds.
const QUARTER: i64 = 900_000;
