//! Spans of time and amounts in words.

use metertap_decoder::civil::{Date, DateTime};
use metertap_decoder::number::Number;
use metertap_decoder::reading::Unit;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::view::figure::Figure;

/// A span as a title: `Tuesday 24 November 2026`, `Week 48, 23 – 29 November 2026`, `November 2026`, or its beginning
/// and end.
#[must_use]
pub fn title(span: Span, zone: Zone) -> String {
    let (from, last) = (local(span.from, zone), local(Moment(span.to.0 - 1), zone));
    let (first, end) = (from.date(), last.date());
    match span.period(zone) {
        Some(Period::Day) => format!("{} {}", weekday(first), day_of_year(first)),
        Some(Period::Week) => format!("Week {}, {}", week(first), days(first, end)),
        Some(Period::Month) => format!("{} {}", month(first), first.year()),
        Some(Period::Year) => first.year().to_string(),
        Some(Period::Quarter | Period::Hour) | None => moments(span, zone),
    }
}

/// The same for places with little room, such as a table.
#[must_use]
pub fn short(span: Span, zone: Zone) -> String {
    let (from, last) = (local(span.from, zone), local(Moment(span.to.0 - 1), zone));
    let first = from.date();
    match span.period(zone) {
        Some(Period::Quarter | Period::Hour) => {
            format!("{}–{}", clock(from), clock(local(span.to, zone)))
        }
        Some(Period::Day) => format!("{} {}", letters(weekday(first)), short_day(first)),
        Some(Period::Week) => format!("Week {}, from {}", week(first), short_day(first)),
        Some(Period::Month) => format!("{} {}", letters(month(first)), first.year()),
        Some(Period::Year) => first.year().to_string(),
        None if is_midnight(span.from, zone) && is_midnight(span.to, zone) => {
            let (from, to) = (first, last.date());
            format!("{} {} – {} {}", short_day(from), from.year(), short_day(to), to.year())
        }
        None => moments(span, zone),
    }
}

/// When something happened: the time of day, and the day unless it is clear from the surrounding span.
#[must_use]
pub fn when(moment: Moment, within: Span, zone: Zone) -> String {
    let at = local(moment, zone);
    if within.length() <= 90_000_000 {
        return format!("at {}", clock(at));
    }
    let date = at.date();
    let year = if within.length() > 31_700_000_000 { format!(" {}", date.year()) } else { String::new() };
    format!("on {}{year} at {}", short_day(date), clock(at))
}

/// A number that is shown beside many others: at most three decimal places, and its unit.
#[must_use]
pub fn amount(number: Number, unit: Option<Unit>, decimal_mark: char) -> Figure {
    Figure::new(rounded(number, -3), unit, decimal_mark)
}

/// A power, in whole watts.
#[must_use]
pub fn power(watts: Number, decimal_mark: char) -> Figure {
    Figure::new(rounded(watts, 0), Some(Unit::Watt), decimal_mark)
}

/// The nearest number with at most this many decimal places; halves are rounded away from zero.
#[must_use]
pub fn rounded(number: Number, places: i8) -> Number {
    let Some(power) =
        u32::try_from(i16::from(places) - i16::from(number.scaler)).ok().filter(|power| *power > 0)
    else {
        return number;
    };
    let unit = 10_i128.checked_pow(power).unwrap_or(i128::MAX);
    let half = if number.mantissa < 0 { -(unit / 2) } else { unit / 2 };
    Number::new(number.mantissa.saturating_add(half) / unit, places)
}

/// The beginning and the end, with as many words as necessary.
fn moments(span: Span, zone: Zone) -> String {
    let (from, to) = (local(span.from, zone), local(span.to, zone));
    let with_seconds = span.length() < 600_000;
    let time = |time: DateTime| if with_seconds { seconds(time) } else { clock(time) };
    if from.date() == to.date() {
        return format!("{}, {} – {}", day_of_year(from.date()), time(from), time(to));
    }
    if is_midnight(span.from, zone) && is_midnight(span.to, zone) {
        return days(from.date(), local(Moment(span.to.0 - 1), zone).date());
    }
    let (first, last) = (short_day(from.date()), short_day(to.date()));
    format!("{first} {}, {} – {last} {}, {}", from.date().year(), time(from), to.date().year(), time(to))
}

fn days(first: Date, last: Date) -> String {
    match ((first.year(), first.month()), (last.year(), last.month())) {
        (one, other) if one == other => format!("{} – {}", first.day(), day_of_year(last)),
        ((one, _), (other, _)) if one == other => {
            format!("{} {} – {}", first.day(), month(first), day_of_year(last))
        }
        _ => format!("{} – {}", day_of_year(first), day_of_year(last)),
    }
}

fn day_of_year(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

fn short_day(date: Date) -> String {
    format!("{} {}", date.day(), letters(month(date)))
}

fn clock(time: DateTime) -> String {
    let (hour, minute, _) = time.time().parts();
    format!("{hour:02}:{minute:02}")
}

fn seconds(time: DateTime) -> String {
    let (hour, minute, second) = time.time().parts();
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// The number of the week that begins on this Monday (ISO 8601: the first week has the year's first Thursday).
fn week(monday: Date) -> i64 {
    let thursday = monday.plus_days(3).unwrap_or(monday);
    let first = Date::new(thursday.year(), 1, 1).unwrap_or(thursday);
    (thursday.number() - first.number()) / 7 + 1
}

fn weekday(date: Date) -> &'static str {
    // 1970-01-01 was a Thursday.
    let day = usize::try_from((date.number() + 3).rem_euclid(7)).unwrap_or_default();
    WEEKDAYS.get(day).copied().unwrap_or_default()
}

fn month(date: Date) -> &'static str {
    let month = usize::try_from(date.month() - 1).unwrap_or_default();
    MONTHS.get(month).copied().unwrap_or_default()
}

fn letters(word: &str) -> &str {
    word.get(..3).unwrap_or(word)
}

fn is_midnight(moment: Moment, zone: Zone) -> bool {
    Period::Day.around(moment, zone).is_some_and(|day| day.from == moment)
}

fn local(moment: Moment, zone: Zone) -> DateTime {
    zone.local(moment.0.div_euclid(1000)).unwrap_or_default()
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
