//! [`Written`]: the time of a row, in any of the ways in which programs write it.
//!
//! It understands ISO 8601, `31.12.2026 23:45`, `31-12-26`, `12/31/2026 11:45 PM`, `202612312345`, the first time in
//! `A to B`, and seconds, milliseconds, microseconds or nanoseconds since 1970. A date without a time of day means
//! midnight. 24:00 is the end of a day.

use metertap_decoder::civil::{Date, DateTime, Time};
use metertap_decoder::time::{Occurrence, Zone};
use serde::{Deserialize, Serialize};

use crate::entry::Moment;

/// What a date such as 01/02/03 begins with. A date of eight digits, or one that begins with a year of four digits, is
/// unambiguous.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dates {
    /// The day, as in nearly all countries.
    DayFirst,
    /// The month, as in the United States.
    MonthFirst,
    /// A year of two digits.
    YearFirst,
}

/// How the times of a table are written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Times {
    /// What dates begin with; `None` if the user has to be asked.
    pub dates: Option<Dates>,
    /// The length in minutes of a part of the day, if times of day are numbers of such parts. If the parts are hours,
    /// `3` and `3:00` are the end of the day's third hour. No number occurs twice, even on a day of 25 hours.
    pub parts: Option<u16>,
    /// Whether times without an offset are UTC.
    pub utc: bool,
}

/// A time as it is written, before its zone is applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Written {
    /// With an offset in seconds, or counted since 1970.
    Moment(Moment, i32),
    /// As the clock on the wall shows it.
    Local(DateTime),
    /// This many minutes after the beginning of a day.
    Part(Date, i64),
}

impl Written {
    /// Reads the time in a cell, or in a cell with the day and one with the time of day.
    pub(super) fn read(day: &str, clock: Option<&str>, times: Times) -> Option<Self> {
        let (day, clock) = (day.trim(), clock.map(str::trim));
        if let Some(minutes) = times.parts {
            let (day, clock) =
                clock.map_or_else(|| day.split_once(['T', ' ']), |clock| Some((day, clock)))?;
            let date = date(day, times.dates)?;
            let number: i64 =
                clock.trim().split_once(':').map_or(clock.trim(), |(hour, _)| hour).parse().ok()?;
            return (0..=MOST_PARTS)
                .contains(&number)
                .then_some(Self::Part(date, number * i64::from(minutes)));
        }
        if let Some(clock) = clock.filter(|clock| !clock.is_empty()) {
            // Only the part before the space is the day: some programs write midnight after every day.
            let day = day.split_once(['T', ' ']).map_or(day, |(day, _)| day);
            return Self::of(&format!("{day} {clock}"), times.dates);
        }
        Self::of(day, times.dates)
    }

    /// Whether a cell holds a time, in any order of its date.
    pub(super) fn is_in(text: &str) -> bool {
        let text = text.trim();
        // Most cells hold no time, so they are ruled out quickly.
        let may_be = text.len() >= 6 && text.starts_with(|letter: char| letter.is_ascii_digit());
        may_be && ORDERS.iter().any(|dates| Self::of(text, Some(*dates)).is_some())
    }

    fn of(text: &str, dates: Option<Dates>) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit()) {
            return counted(text);
        }
        if let Some((from, to)) = BETWEEN.iter().find_map(|between| text.split_once(between)) {
            Self::of(to.trim(), dates).or_else(|| Some(Self::Local(Date::MIN.at(time(to.trim())?))))?;
            return Self::of(from.trim(), dates);
        }
        let text = text.replace(". ", ".");
        let (day, clock) = text.split_once(['T', ' ']).unwrap_or((&text, ""));
        let (clock, offset) = offset(clock.trim());
        let local = local(date(day.trim_end_matches(','), dates)?, clock)?;
        let Some(seconds) = offset else { return Some(Self::Local(local)) };
        if let Ok(moment) = text.parse() {
            return Some(Self::Moment(moment, seconds));
        }
        Some(Self::Moment(Moment((local.seconds() - i64::from(seconds)) * 1000), seconds))
    }

    /// Returns the moment. `before` is the moment of the previous row, see [`in_zone`].
    pub(super) fn moment(self, zone: Zone, times: Times, before: Option<Moment>) -> Option<Moment> {
        let zone = if times.utc { Zone::UTC } else { zone };
        match self {
            Self::Moment(moment, _) => Some(moment),
            Self::Local(local) => Some(in_zone(local, zone, before)),
            Self::Part(date, minutes) => {
                let begin = in_zone(date.at(Time::MIDNIGHT), zone, None);
                let end = in_zone(date.plus_days(1)?.at(Time::MIDNIGHT), zone, None);
                let moment = Moment(begin.0 + minutes * 60_000);
                (moment <= end).then_some(moment)
            }
        }
    }

    /// Whether the zone's clocks skip this time, as they skip an hour in spring.
    pub(super) fn is_passed_over(self, zone: Zone, times: Times) -> bool {
        match self {
            Self::Local(local) if !times.utc => matches!(zone.occurrence(local), Occurrence::Never { .. }),
            _ => false,
        }
    }

    /// The time as a wall clock would show it, without applying a zone.
    pub(super) fn wall(self) -> Option<DateTime> {
        match self {
            Self::Moment(moment, offset) => {
                DateTime::from_seconds(moment.0.div_euclid(1000).checked_add(offset.into())?)
            }
            Self::Local(local) => Some(local),
            Self::Part(date, minutes) => {
                DateTime::from_seconds(date.at(Time::MIDNIGHT).seconds() + minutes * 60)
            }
        }
    }
}

/// The moment of a local time. A time that occurs twice is the first one, or the second one if the first is not after
/// `before`. A time in the hour that is skipped in spring counts as an hour later.
fn in_zone(local: DateTime, zone: Zone, before: Option<Moment>) -> Moment {
    let first = Moment(zone.unix(local) * 1000);
    match zone.occurrence(local) {
        Occurrence::Twice { after, .. } if before.is_some_and(|before| first <= before) => {
            Moment((local.seconds() - i64::from(after)) * 1000)
        }
        _ => first,
    }
}

/// A day and a time without separators, or seconds, milliseconds, microseconds or nanoseconds since 1970.
fn counted(text: &str) -> Option<Written> {
    let number = || text.parse::<i64>().ok();
    let moment = match text.len() {
        8 | 12 | 14 => return packed(text).map(Written::Local),
        // 2001 to 2286.
        10 => number()?.checked_mul(1000)?,
        13 => number()?,
        16 => number()? / 1000,
        19 => number()? / 1_000_000,
        _ => return None,
    };
    Some(Written::Moment(Moment(moment), 0))
}

fn date(text: &str, dates: Option<Dates>) -> Option<Date> {
    if text.len() == 8 && text.bytes().all(|octet| octet.is_ascii_digit()) {
        return packed(text).map(DateTime::date);
    }
    let mut parts = text.trim_end_matches('.').split(['-', '.', '/']);
    let [one, two, three] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match dates {
        _ if one.len() == 4 => (one, two, three),
        Some(Dates::DayFirst) => (three, two, one),
        Some(Dates::MonthFirst) => (three, one, two),
        Some(Dates::YearFirst) if three.len() < 4 => (one, two, three),
        Some(Dates::YearFirst) | None => return None,
    };
    let number = |part: &str| part.parse::<i8>().ok().filter(|_| part.len() <= 2);
    let year = match year.len() {
        4 => year.parse().ok().filter(|year| YEARS.contains(year))?,
        2 => 2000 + i16::from(number(year)?),
        _ => return None,
    };
    let month = number(month).or_else(|| name_of_month(month))?;
    Date::new(year, month, number(day)?)
}

fn name_of_month(text: &str) -> Option<i8> {
    let text = text.to_lowercase();
    let place = MONTHS.iter().position(|names| names.iter().any(|name| text.starts_with(name)))?;
    i8::try_from(place + 1).ok()
}

/// Parses `20261231`, `202612312345` or `20261231234500`.
fn packed(text: &str) -> Option<DateTime> {
    let part = |place: std::ops::Range<usize>| text.get(place).and_then(|part| part.parse().ok());
    let year = text.get(..4)?.parse().ok().filter(|year| YEARS.contains(year))?;
    let date = Date::new(year, part(4..6)?, part(6..8)?)?;
    let clock = [8..10, 10..12, 12..14].map(|place| part(place).unwrap_or(0));
    let [hour, minute, second] = clock;
    Some(date.at(Time::new(hour, minute, second)?))
}

/// A day and a time of day; 24:00 is the end of the day.
fn local(date: Date, clock: &str) -> Option<DateTime> {
    match clock {
        "24:00" | "24:00:00" => Some(date.plus_days(1)?.at(Time::MIDNIGHT)),
        _ => Some(date.at(time(clock)?)),
    }
}

/// Splits a time of day from the offset after it. The offset is in seconds.
fn offset(clock: &str) -> (&str, Option<i32>) {
    for utc in ["Z", "UTC", "GMT"] {
        if let Some(clock) = clock.strip_suffix(utc) {
            return (clock.trim_end(), Some(0));
        }
    }
    let of = |place: usize| {
        let (clock, offset) = clock.split_at_checked(place)?;
        let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
        let (hours, minutes) = digits.split_at_checked(2)?;
        let minutes: i32 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
        let hours: i32 = hours.parse().ok()?;
        if !(0..24).contains(&hours) || !(0..60).contains(&minutes) {
            return None;
        }
        let seconds = (hours * 60 + minutes) * 60;
        Some((clock.trim_end(), Some(if offset.starts_with('-') { -seconds } else { seconds })))
    };
    clock.find(['+', '-']).and_then(of).unwrap_or((clock, None))
}

fn time(text: &str) -> Option<Time> {
    if text.is_empty() {
        return Some(Time::MIDNIGHT);
    }
    let text = text.to_ascii_lowercase();
    let afternoon = text.strip_suffix("pm").or_else(|| text.strip_suffix("p.m."));
    let morning = text.strip_suffix("am").or_else(|| text.strip_suffix("a.m."));
    let text = afternoon.or(morning).unwrap_or(&text).trim();
    // In Denmark and Finland some write 23.45, in France 23h45.
    let mark = [':', 'h', '.'].into_iter().find(|mark| text.contains(*mark)).unwrap_or(':');
    let mut parts = text.split(mark);
    let [hour, minute, second] = [parts.next()?, parts.next()?, parts.next().unwrap_or("0")];
    if parts.next().is_some() {
        return None;
    }
    let hour: i8 = hour.parse().ok()?;
    let hour = match (afternoon, morning) {
        (None, None) => hour,
        _ if !(1..=12).contains(&hour) => return None,
        (Some(_), _) => hour % 12 + 12,
        (None, Some(_)) => hour % 12,
    };
    // Fractions of a second do not matter for meters.
    let second = second.split(['.', ',']).next()?;
    Time::new(hour, minute.parse().ok()?, second.parse().ok()?)
}

const ORDERS: [Dates; 3] = [Dates::DayFirst, Dates::MonthFirst, Dates::YearFirst];
/// What stands between the beginning and the end of a span.
const BETWEEN: [&str; 3] = [" to ", " - ", " – "];
/// No meter's table has dates of other years.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2099;
/// The most parts of a day: the quarters of a day of 25 hours.
const MOST_PARTS: i64 = 100;
/// The beginnings of the names of months, in the languages of the portals.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "tam", "sty"],
    &["feb", "fév", "fev", "hel", "lut"],
    &["mar", "mär", "mrt", "maa"],
    &["apr", "abr", "avr", "huh", "kwi"],
    &["may", "mai", "mei", "maj", "mag", "tou"],
    &["jun", "juin", "giu", "kes", "cze"],
    &["jul", "juil", "lug", "hei", "lip"],
    &["aug", "ago", "aoû", "elo", "sie"],
    &["sep", "set", "syy", "wrz"],
    &["oct", "okt", "out", "ott", "lok", "paź"],
    &["nov", "lis"],
    &["dec", "dez", "des", "dic", "déc", "jou", "gru"],
];

#[cfg(test)]
mod tests;
