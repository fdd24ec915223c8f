//! [`Period`] and [`Span`]: stretches of time as users ask for them, by the house's clocks.

use metertap_decoder::civil::{Date, DateTime};
use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use crate::entry::Moment;
use crate::log::calendar::{Day, Quarter};

/// A period of the calendar.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// A quarter of an hour.
    Quarter,
    /// An hour of the clock.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

/// A span of time. Its end is not part of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Span {
    /// Its first moment.
    pub from: Moment,
    /// The first moment after it.
    pub to: Moment,
}

impl Span {
    /// Its length in milliseconds.
    #[must_use]
    pub fn length(self) -> i64 {
        self.to.0.saturating_sub(self.from.0)
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub fn contains(self, moment: Moment) -> bool {
        self.from <= moment && moment < self.to
    }

    /// Whether the two have a moment in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// The calendar period that exactly equals the span; `None` if there is none.
    #[must_use]
    pub fn period(self, zone: Zone) -> Option<Period> {
        Period::ALL.into_iter().rev().find(|period| period.around(self.from, zone) == Some(self))
    }

    /// The span of the same kind right before it: the month before a month, the three days before three days. For any
    /// other span, the same length of time before it.
    #[must_use]
    pub fn before(self, zone: Zone) -> Self {
        let last = Moment(self.from.0.saturating_sub(1));
        let calendar = self.period(zone).and_then(|period| period.around(last, zone));
        calendar.unwrap_or_else(|| {
            let days = whole_days(self, zone).and_then(|days| shifted(self, -days, 0, zone));
            days.unwrap_or(Self { from: Moment(self.from.0.saturating_sub(self.length())), to: self.from })
        })
    }

    /// The span of the same kind right after it.
    #[must_use]
    pub fn after(self, zone: Zone) -> Self {
        let calendar = self.period(zone).and_then(|period| period.around(self.to, zone));
        calendar.unwrap_or_else(|| {
            let days = whole_days(self, zone).and_then(|days| shifted(self, days, 0, zone));
            days.unwrap_or(Self { from: self.to, to: Moment(self.to.0.saturating_add(self.length())) })
        })
    }

    /// The same span a year earlier. For a week, it is the week 52 weeks earlier, so that each weekday is compared with
    /// the same weekday.
    #[must_use]
    pub fn year_before(self, zone: Zone) -> Self {
        let shifted = match self.period(zone) {
            Some(Period::Week) => shifted(self, -364, 0, zone),
            _ => shifted(self, 0, -12, zone),
        };
        shifted.unwrap_or(self)
    }

    /// The part of `other` that corresponds to the part of this span before `now`, by the clock: for today until now,
    /// it is yesterday until the same time of day.
    #[must_use]
    pub fn so_far(self, now: Moment, other: Self, zone: Zone) -> Self {
        if now >= self.to {
            return other;
        }
        let date = |moment: Moment| Some(local(moment, zone)?.date().number());
        let end = || {
            let days = date(now)?.saturating_sub(date(self.from)?).saturating_add(date(other.from)?);
            let clock = Date::from_number(days)?.at(local(now, zone)?.time());
            Some(Moment(zone.unix(clock).saturating_mul(1000).saturating_add(now.0.rem_euclid(1000))))
        };
        Self { to: end().unwrap_or(other.to).clamp(other.from, other.to), ..other }
    }
}

impl Period {
    /// The period that a moment lies in; `None` beyond the calendar.
    #[must_use]
    pub fn around(self, moment: Moment, zone: Zone) -> Option<Span> {
        let quarter = Quarter::of(moment);
        match self {
            Self::Quarter => Some(Span { from: quarter.start(), to: Quarter(quarter.0 + 1).start() }),
            Self::Hour => {
                let first = quarter.start_of_hour(zone);
                let behind = (quarter.0 + 1..).map(Quarter).find(|next| next.start_of_hour(zone) != first)?;
                Some(Span { from: first.start(), to: behind.start() })
            }
            Self::Day | Self::Week | Self::Month | Self::Year => {
                let date = Date::from_number(Day::of(quarter, zone).0)?;
                let (first, behind) = self.dates(date)?;
                Some(Span { from: midnight(first, zone)?, to: midnight(behind, zone)? })
            }
        }
    }

    /// The periods that overlap a span, the earliest first; empty if there are more than a chart or a table can show.
    #[must_use]
    pub fn within(self, span: Span, zone: Zone) -> Vec<Span> {
        let mut all = Vec::new();
        // Counting days up to the year 9999 takes seconds.
        let most = i64::try_from(MOST_PERIODS).unwrap_or_default();
        if span.length() / self.longest() > most {
            return all;
        }
        let mut next = self.around(span.from, zone);
        while let Some(period) = next
            && period.from < span.to
        {
            if all.len() == MOST_PERIODS {
                return Vec::new();
            }
            all.push(period);
            next = self.around(period.to, zone).filter(|next| next.from > period.from);
        }
        all
    }

    /// The `count` periods up to and including the one that a moment lies in, the earliest first.
    #[must_use]
    pub fn last(self, count: usize, moment: Moment, zone: Zone) -> Vec<Span> {
        let mut all = Vec::new();
        let mut next = self.around(moment, zone);
        while let Some(period) = next
            && all.len() < count.min(MOST_PERIODS)
        {
            all.push(period);
            next = self.around(Moment(period.from.0.saturating_sub(1)), zone);
        }
        all.reverse();
        all
    }

    /// The period of the bars in a chart of this length: at most about a hundred bars, and at least a handful if the
    /// chart is longer than an hour.
    #[must_use]
    pub fn of_bars(milliseconds: i64) -> Self {
        let bounds = [HOUR * 12, DAY * 4, DAY * 70, DAY * 183, DAY * 2196];
        let bars = Self::ALL.into_iter().zip(bounds).find(|(_, longest)| milliseconds <= *longest);
        bars.map_or(Self::Year, |(period, _)| period)
    }

    /// All periods, the shortest first.
    pub const ALL: [Self; 6] = [Self::Quarter, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// Milliseconds that no such period exceeds.
    const fn longest(self) -> i64 {
        match self {
            Self::Quarter => Quarter::MILLISECONDS,
            Self::Hour => 2 * HOUR,
            Self::Day => 2 * DAY,
            Self::Week => 8 * DAY,
            Self::Month => 32 * DAY,
            Self::Year => 367 * DAY,
        }
    }

    /// The first day of the period around a date, and the first day of the next period.
    fn dates(self, date: Date) -> Option<(Date, Date)> {
        match self {
            Self::Quarter | Self::Hour | Self::Day => Some((date, date.plus_days(1)?)),
            Self::Week => {
                // 1970-01-01 was a Thursday.
                let monday = date.plus_days(-(date.number() + 3).rem_euclid(7))?;
                Some((monday, monday.plus_days(7)?))
            }
            Self::Month => Some((date.first_of_month(), date.first_of_month().plus_months(1)?)),
            Self::Year => {
                let first = Date::new(date.year(), 1, 1)?;
                Some((first, first.plus_months(12)?))
            }
        }
    }
}

/// The 365 days that end with the day of this moment.
#[must_use]
pub fn rolling_year(moment: Moment, zone: Zone) -> Option<Span> {
    let day = Period::Day.around(moment, zone)?;
    let first = Date::from_number(Day::of(Quarter::of(moment), zone).0)?.plus_days(-364)?;
    Some(Span { from: midnight(first, zone)?, to: day.to })
}

/// The contract year that a moment lies in, if contract years begin on this day of this month. A contract year that
/// begins on 29 February begins on the 28th in other years.
#[must_use]
pub fn contract_year(moment: Moment, (month, day): (i8, i8), zone: Zone) -> Option<Span> {
    let today = Date::from_number(Day::of(Quarter::of(moment), zone).0)?;
    let begins = |year: i16| {
        let first = Date::new(year, month, 1)?;
        (1..=day).rev().find_map(|day| Date::new(first.year(), month, day))
    };
    let this = begins(today.year())?;
    let (first, behind) = match this <= today {
        true => (this, begins(today.year().checked_add(1)?)?),
        false => (begins(today.year().checked_sub(1)?)?, this),
    };
    Some(Span { from: midnight(first, zone)?, to: midnight(behind, zone)? })
}

fn midnight(date: Date, zone: Zone) -> Option<Moment> {
    Day(date.number()).start(zone)
}

fn local(moment: Moment, zone: Zone) -> Option<DateTime> {
    zone.local(moment.0.div_euclid(1000))
}

/// How many days a span has, if it goes from midnight to midnight; `None` otherwise.
fn whole_days(span: Span, zone: Zone) -> Option<i64> {
    let day = |moment: Moment| {
        let day = Day::of(Quarter::of(moment), zone);
        (day.start(zone) == Some(moment)).then_some(day.0)
    };
    Some(day(span.to)?.saturating_sub(day(span.from)?)).filter(|days| *days > 0)
}

/// A span this many days and months later, at the same time of day.
fn shifted(span: Span, days: i64, months: i64, zone: Zone) -> Option<Span> {
    let shifted = |moment: Moment| {
        let local = local(moment, zone)?;
        let date = local.date().plus_months(months)?.plus_days(days)?;
        let unix = zone.unix(date.at(local.time()));
        Some(Moment(unix.saturating_mul(1000).saturating_add(moment.0.rem_euclid(1000))))
    };
    let (from, to) = (shifted(span.from)?, shifted(span.to)?);
    (from < to).then_some(Span { from, to })
}

/// Milliseconds.
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// The most periods in one answer: more than fit on any screen, and enough for thirteen months of hours.
pub const MOST_PERIODS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{DateTime as Civil, date};
    use jiff::{ToSpan, Zoned};

    const ZONES: [&str; 4] = ["Europe/Oslo", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Beirut"];

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn oslo() -> Zone {
        zone("Europe/Oslo")
    }

    /// The moment at which clocks in this zone show this time, computed by another calendar.
    fn at(text: &str, zone: &str) -> Moment {
        Moment(text.parse::<Civil>().unwrap().in_tz(zone).unwrap().timestamp().as_millisecond())
    }

    fn span(from: &str, to: &str) -> Span {
        Span { from: at(from, "Europe/Oslo"), to: at(to, "Europe/Oslo") }
    }

    fn moment(zoned: &Zoned) -> Moment {
        Moment(zoned.timestamp().as_millisecond())
    }

    #[test]
    fn periods_equal_those_of_another_calendar() {
        for name in ZONES {
            let mut day = date(2026, 1, 1);
            while day < date(2027, 2, 1) {
                let noon = moment(&day.at(12, 30, 0, 0).in_tz(name).unwrap());
                let midnight = |date: jiff::civil::Date| moment(&date.in_tz(name).unwrap());
                let around = |period: Period| period.around(noon, zone(name)).unwrap();
                let expect = |from, to| Span { from: midnight(from), to: midnight(to) };
                assert_eq!(around(Period::Day), expect(day, day.tomorrow().unwrap()), "{name} {day}");
                let monday = day - i64::from(day.weekday().to_monday_zero_offset()).days();
                assert_eq!(around(Period::Week), expect(monday, monday + 7.days()), "{name} {day}");
                let first = day.first_of_month();
                assert_eq!(around(Period::Month), expect(first, first + 1.month()), "{name} {day}");
                let first = day.first_of_year();
                assert_eq!(around(Period::Year), expect(first, first + 1.year()), "{name} {day}");
                day = day.tomorrow().unwrap();
            }
        }
    }

    /// Directive 2000/84/EC: summer time of 2026 begins on 29 March and ends on 25 October.
    #[test]
    fn days_on_which_clocks_change_have_23_and_25_hours() {
        for (day, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)] {
            let day = Period::Day.around(at(&format!("{day}T12:00"), "Europe/Oslo"), oslo()).unwrap();
            let all = Period::Hour.within(day, oslo());
            assert_eq!((all.len(), day.length()), (hours, hours as i64 * 3_600_000));
            assert_eq!((all[0].from, all.last().unwrap().to), (day.from, day.to));
            assert!(all.windows(2).all(|pair| pair[0].to == pair[1].from));
            assert_eq!(Period::Quarter.within(day, oslo()).len(), hours * 4);
        }
    }

    #[test]
    fn a_span_knows_what_it_is_and_its_neighbours() {
        let zone = oslo();
        let march = span("2026-03-01T00:00", "2026-04-01T00:00");
        assert_eq!(march.period(zone), Some(Period::Month));
        assert_eq!(march.before(zone), span("2026-02-01T00:00", "2026-03-01T00:00"));
        assert_eq!(march.after(zone), span("2026-04-01T00:00", "2026-05-01T00:00"));
        assert_eq!(march.year_before(zone), span("2025-03-01T00:00", "2025-04-01T00:00"));
        let week = span("2026-03-23T00:00", "2026-03-30T00:00");
        assert_eq!(week.period(zone), Some(Period::Week));
        assert_eq!(week.before(zone), span("2026-03-16T00:00", "2026-03-23T00:00"));
        assert_eq!(week.year_before(zone), span("2025-03-24T00:00", "2025-03-31T00:00"));
        // Three days across the change of clocks, and some hours.
        let days = span("2026-03-28T00:00", "2026-03-31T00:00");
        assert_eq!(
            (days.period(zone), days.before(zone)),
            (None, span("2026-03-25T00:00", "2026-03-28T00:00"))
        );
        let hours = span("2026-03-28T06:00", "2026-03-28T09:30");
        assert_eq!(hours.before(zone), span("2026-03-28T02:30", "2026-03-28T06:00"));
        assert_eq!(hours.year_before(zone), span("2025-03-28T06:00", "2025-03-28T09:30"));
        let leap = span("2028-02-29T00:00", "2028-03-01T00:00");
        assert_eq!(leap.year_before(zone), span("2027-02-28T00:00", "2027-03-01T00:00"));
    }

    #[test]
    fn yesterday_is_cut_at_the_same_time_of_day() {
        let zone = oslo();
        let today = span("2026-03-29T00:00", "2026-03-30T00:00");
        let yesterday = today.before(zone);
        let now = at("2026-03-29T13:45:30", "Europe/Oslo");
        assert_eq!(today.so_far(now, yesterday, zone).to, at("2026-03-28T13:45:30", "Europe/Oslo"));
        assert_eq!(today.so_far(today.to, yesterday, zone), yesterday);
        let march = span("2026-03-01T00:00", "2026-04-01T00:00");
        let so_far = march.so_far(at("2026-03-31T10:00", "Europe/Oslo"), march.before(zone), zone);
        assert_eq!(so_far, march.before(zone), "February has no 31st");
    }

    #[test]
    fn rolling_years_end_today_and_contract_years_begin_on_their_day() {
        let zone = oslo();
        let now = at("2026-11-29T15:00", "Europe/Oslo");
        assert_eq!(rolling_year(now, zone), Some(span("2025-11-30T00:00", "2026-11-30T00:00")));
        let year = contract_year(now, (4, 1), zone);
        assert_eq!(year, Some(span("2026-04-01T00:00", "2027-04-01T00:00")));
        let year = contract_year(now, (12, 15), zone);
        assert_eq!(year, Some(span("2025-12-15T00:00", "2026-12-15T00:00")));
        let year = contract_year(at("2027-02-28T00:00", "Europe/Oslo"), (2, 29), zone);
        assert_eq!(year, Some(span("2027-02-28T00:00", "2028-02-29T00:00")));
        assert_eq!(contract_year(now, (13, 1), zone), None);
    }

    #[test]
    fn huge_spans_have_a_bounded_number_of_periods() {
        let all = Span { from: Moment(i64::MIN), to: Moment(i64::MAX) };
        for period in Period::ALL {
            assert!(period.within(all, oslo()).len() <= MOST_PERIODS, "{period:?}");
            assert!(period.last(12, Moment(i64::MAX), oslo()).len() <= 12);
        }
        assert_eq!(
            Period::Month.last(3, at("2026-01-15T00:00", "Europe/Oslo"), oslo())[0],
            span("2025-11-01T00:00", "2025-12-01T00:00")
        );
    }
}
