//! Spans of time and amounts in words.

use metertap_decoder::civil::{Date, DateTime};
use metertap_decoder::number::Number;
use metertap_decoder::reading::Unit;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::view::figure::Figure;

use crate::model::{DateForm, Locale};
use crate::texts;

/// A span as a title: `Tuesday 24 November 2026`, `Week 48, 23–29 November 2026`, `November 2026`, or its beginning and
/// end.
#[must_use]
pub fn title(span: Span, locale: Locale) -> String {
    let whole = |form| (locale.date)(form, span.from, last(span));
    match span.period(locale.zone) {
        Some(Period::Day) => whole(DateForm::LongDay),
        Some(Period::Week) => texts::time::week(&week(span, locale.zone), &whole(DateForm::Days)),
        Some(Period::Month) => whole(DateForm::Month),
        Some(Period::Year) => year(span, locale.zone),
        None if is_days(span, locale.zone) => whole(DateForm::Days),
        Some(Period::Quarter | Period::Hour) | None => moments(span, locale),
    }
}

/// A span as a short title, for places with little room, such as a table.
#[must_use]
pub fn short(span: Span, locale: Locale) -> String {
    let whole = |form| (locale.date)(form, span.from, last(span));
    match span.period(locale.zone) {
        Some(Period::Quarter | Period::Hour) => time_of_day(span, locale),
        Some(Period::Day) => whole(DateForm::ShortDay),
        Some(Period::Week) => {
            let from = (locale.date)(DateForm::DayOfMonth, span.from, span.from);
            texts::time::week_from(&week(span, locale.zone), &from)
        }
        Some(Period::Month) => whole(DateForm::ShortMonth),
        Some(Period::Year) => year(span, locale.zone),
        None if is_days(span, locale.zone) => whole(DateForm::ShortDate),
        None => moments(span, locale),
    }
}

/// A span as a short title with its day, for a list of several days: `Tue, 24 Nov, 10:00–11:00`.
#[must_use]
pub fn dated(span: Span, locale: Locale) -> String {
    match span.period(locale.zone) {
        Some(Period::Quarter | Period::Hour) => {
            let day = (locale.date)(DateForm::ShortDay, span.from, span.from);
            format!("{day}, {}", time_of_day(span, locale))
        }
        _ => short(span, locale),
    }
}

/// The date and time of a moment. The date is left out if `within` is at most a day and contains the moment.
/// The year is left out if `within` is at most a year and the moment is in it or near it.
#[must_use]
pub fn when(moment: Moment, within: Span, locale: Locale) -> String {
    let is_near = within.from.0.abs_diff(moment.0) <= HALF_A_YEAR;
    let form = match within.length() {
        length if length <= LONGEST_DAY && within.contains(moment) => DateForm::Time,
        length if length <= LONGEST_YEAR && (within.contains(moment) || is_near) => DateForm::DayAndTime,
        _ => DateForm::DateAndTime,
    };
    (locale.date)(form, moment, moment)
}

/// The first day of a span with its year, for places with little room.
#[must_use]
pub fn short_date(span: Span, locale: Locale) -> String {
    (locale.date)(DateForm::ShortDate, span.from, span.from)
}

/// A day, its month and year, and the time of day.
#[must_use]
pub fn date_and_time(moment: Moment, locale: Locale) -> String {
    (locale.date)(DateForm::DateAndTime, moment, moment)
}

/// A part of a day: `06:00–07:15`.
#[must_use]
pub fn time_of_day(span: Span, locale: Locale) -> String {
    // Not as one range: for a span that ends at midnight, a range would also name the next day.
    let time = |moment| (locale.date)(DateForm::Time, moment, moment);
    format!("{}–{}", time(span.from), time(span.to))
}

/// Formats a number that is shown beside many others: rounded to three decimal places, with its unit.
#[must_use]
pub fn amount(number: Number, unit: Option<Unit>, decimal_mark: char) -> Figure {
    Figure::new(rounded(number, -3), unit, decimal_mark)
}

/// Formats a power in whole watts.
#[must_use]
pub fn power(watts: Number, decimal_mark: char) -> Figure {
    Figure::new(rounded(watts, 0), Some(Unit::Watt), decimal_mark)
}

/// Rounds a number to a multiple of 10^`exponent`: -3 leaves at most three decimal places. Halves are rounded away from
/// zero.
#[must_use]
pub fn rounded(number: Number, exponent: i8) -> Number {
    let Some(power) =
        u32::try_from(i16::from(exponent) - i16::from(number.scaler)).ok().filter(|power| *power > 0)
    else {
        return number;
    };
    let unit = 10_i128.checked_pow(power).unwrap_or(i128::MAX);
    let half = if number.mantissa < 0 { -(unit / 2) } else { unit / 2 };
    Number::new(number.mantissa.saturating_add(half) / unit, exponent)
}

/// The beginning and the end, with seconds if they are close to each other.
fn moments(span: Span, locale: Locale) -> String {
    let is_short = span.length() < 600_000;
    let form = if is_short { DateForm::DateAndSeconds } else { DateForm::DateAndTime };
    (locale.date)(form, span.from, span.to)
}

const fn last(span: Span) -> Moment {
    Moment(span.to.0.saturating_sub(1))
}

fn year(span: Span, zone: Zone) -> String {
    local(span.from, zone).date().year().to_string()
}

/// The number of the week that begins with this Monday (ISO 8601: the first week has the year's first Thursday).
fn week(span: Span, zone: Zone) -> i64 {
    let monday = local(span.from, zone).date();
    let thursday = monday.plus_days(3).unwrap_or(monday);
    let first = Date::new(thursday.year(), 1, 1).unwrap_or(thursday);
    (thursday.number() - first.number()) / 7 + 1
}

fn is_days(span: Span, zone: Zone) -> bool {
    is_midnight(span.from, zone) && is_midnight(span.to, zone)
}

fn is_midnight(moment: Moment, zone: Zone) -> bool {
    Period::Day.around(moment, zone).is_some_and(|day| day.from == moment)
}

fn local(moment: Moment, zone: Zone) -> DateTime {
    zone.local(moment.0.div_euclid(1000)).unwrap_or_default()
}

/// The longest day and the longest year in milliseconds: a day in autumn has 25 hours.
const LONGEST_DAY: i64 = 90_000_000;
const LONGEST_YEAR: i64 = 31_700_000_000;
/// Half a year in milliseconds.
const HALF_A_YEAR: u64 = 15_800_000_000;
