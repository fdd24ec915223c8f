//! The time of a row, in any of the ways that programs write it.

use jiff::civil::{Date, DateTime, Time};
use metertap_decoder::time::Zone;

use crate::entry::Moment;

/// The moment that a cell, or two, says. Without an offset it is of the zone; an autumn hour that comes twice is the
/// first one, unless that is not behind the moment `before`, or is before it where several rows may have one time.
///
/// Understood are ISO 8601, `31.12.2026 23:45`, `31-12-2026`, `31/12/2026`, `202612312345`, and seconds or milliseconds
/// since 1970. A day without a time of day begins at midnight, and ends at 24:00.
pub(super) fn moment(text: &str, zone: Zone, before: Option<Moment>, several: bool) -> Option<Moment> {
    let text = text.trim();
    if text.bytes().all(|octet| octet.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return match text.len() {
            8 | 12 | 14 => of(packed(text)?, zone, before, several),
            // 2001 to 2286.
            10 => Some(Moment(number * 1000)),
            13 => Some(Moment(number)),
            _ => None,
        };
    }
    if text.len() > 16
        && let Ok(moment) = text.parse()
    {
        return Some(moment);
    }
    let (day, clock) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    of(local(date(day)?, clock.trim())?, zone, before, several)
}

fn of(local: DateTime, zone: Zone, before: Option<Moment>, several: bool) -> Option<Moment> {
    let ambiguous = zone.rules().to_ambiguous_timestamp(local);
    let moment = |timestamp: jiff::Timestamp| Moment(timestamp.as_millisecond());
    let earlier = moment(ambiguous.earlier().ok()?);
    // In spring, an hour that there is not is the one behind it.
    let is_behind = |before: Moment| earlier > before || several && earlier == before;
    if !ambiguous.is_ambiguous() || before.is_none_or(is_behind) && !is_gap(&ambiguous) {
        return Some(earlier);
    }
    Some(moment(ambiguous.later().ok()?))
}

fn is_gap(ambiguous: &jiff::tz::AmbiguousTimestamp) -> bool {
    matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. })
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split(['-', '.', '/']);
    let [one, month, other] = [parts.next()?, parts.next()?, parts.next()?];
    let (year, day) = if one.len() == 4 { (one, other) } else { (other, one) };
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `20261231`, with hours and minutes, and with seconds.
fn packed(text: &str) -> Option<DateTime> {
    let part = |place: std::ops::Range<usize>| text.get(place).and_then(|part| part.parse().ok());
    let date = Date::new(text.get(..4)?.parse().ok()?, part(4..6)?, part(6..8)?).ok()?;
    let clock = [8..10, 10..12, 12..14].map(|place| part(place).unwrap_or(0));
    let [hour, minute, second] = clock;
    Time::new(hour, minute, second, 0).ok().map(|time| DateTime::from_parts(date, time))
}

/// A day and a time of day; 24:00 is the end of the day.
fn local(date: Date, clock: &str) -> Option<DateTime> {
    match clock {
        "24:00" | "24:00:00" => Some(date.tomorrow().ok()?.at(0, 0, 0, 0)),
        _ => Some(DateTime::from_parts(date, time(clock)?)),
    }
}

fn time(text: &str) -> Option<Time> {
    if text.is_empty() {
        return Some(Time::midnight());
    }
    // In Denmark some write 23.45.
    let mut parts = text.split(if text.contains(':') { ':' } else { '.' });
    let [hour, minute, second] = [parts.next()?, parts.next()?, parts.next().unwrap_or("0")];
    if parts.next().is_some() {
        return None;
    }
    // Tenths of a second and less are of no meter.
    let second = second.split('.').next()?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        moment(text, Zone::default(), None, false).map(|moment| moment.to_string())
    }

    #[test]
    fn all_ways_of_one_moment() {
        for text in [
            "2026-11-21T02:30:00+01:00",
            "2026-11-21 02:30:00+01:00",
            "2026-11-21T01:30:00Z",
            "2026-11-21 02:30",
            "2026-11-21T02:30:00",
            "21.11.2026 02:30",
            "21-11-2026 02:30:00",
            "21/11/2026 2:30",
            "2026-11-21 02.30",
            "202611210230",
            "20261121023000",
            "1795224600",
            "1795224600000",
        ] {
            assert_eq!(read(text).as_deref(), Some("2026-11-21T01:30:00.000Z"), "{text}");
        }
        assert_eq!(read("2026-07-01").as_deref(), Some("2026-06-30T22:00:00.000Z"));
        assert_eq!(read("20260701").as_deref(), Some("2026-06-30T22:00:00.000Z"));
        assert_eq!(read("31.12.2026 24:00").as_deref(), Some("2026-12-31T23:00:00.000Z"));
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "32.12.2026 00:00",
            "2026-11-21 25:00",
            "2026-11-21 24:01",
            "1",
            "1:2:3:4",
            "20261301",
            "202611212530",
            "571313100000000001",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    /// 2026-10-25: 02:00 to 03:00 comes twice, at 00:00 and at 01:00 UTC; 2026-03-29: it does not come.
    #[test]
    fn an_hour_that_comes_twice_is_told_apart_by_order() {
        let mut before = None;
        let mut read = |text| {
            before = moment(text, Zone::default(), before, false);
            before.unwrap().to_string()
        };
        assert_eq!(read("2026-10-25 02:00"), "2026-10-25T00:00:00.000Z");
        assert_eq!(read("2026-10-25 02:45"), "2026-10-25T00:45:00.000Z");
        assert_eq!(read("2026-10-25 02:00"), "2026-10-25T01:00:00.000Z");
        assert_eq!(read("2026-10-25 02:15"), "2026-10-25T01:15:00.000Z");
        assert_eq!(read("2026-10-25 03:00"), "2026-10-25T02:00:00.000Z");
        assert_eq!(read("2026-03-29 02:30"), "2026-03-29T01:30:00.000Z");
    }
}
