//! Ticks of a time axis, at round times of the local clock and calendar.

use metertap_decoder::civil::{Date, DateTime, Time};
use metertap_decoder::time::Zone;

use crate::entry::Moment;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Tick {
    pub(super) at: Moment,
    pub(super) label: String,
}

/// The ticks of a chart with room for `room` letters of labels.
pub(super) fn ticks((from, to): (Moment, Moment), zone: Zone, room: f64, months: &str) -> Vec<Tick> {
    let span = to.0.saturating_sub(from.0).max(1);
    let fits = |step: &&Step| span as f64 / step.length() as f64 * step.letters() <= room;
    let step = STEPS.iter().find(fits).copied().unwrap_or(Step::Years(100));
    let mut all = Vec::new();
    let mut next = step.first(from, zone);
    while let Some(at) = next
        && at <= to
        && all.len() < MOST
    {
        if at >= from {
            all.push(Tick { at, label: step.label(at, zone, months) });
        }
        next = step.next(at, zone).filter(|next| *next > at);
    }
    all
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    /// Seconds within an hour.
    Seconds(i64),
    /// Hours within a day.
    Hours(i64),
    /// Days within a month.
    Days(i64),
    /// Months within a year.
    Months(i64),
    Years(i64),
}

impl Step {
    /// The approximate length in milliseconds.
    const fn length(self) -> i64 {
        match self {
            Self::Seconds(count) => count * 1000,
            Self::Hours(count) => count * 3_600_000,
            Self::Days(count) => count * DAY,
            Self::Months(count) => count * 30 * DAY,
            Self::Years(count) => count * 365 * DAY,
        }
    }

    /// How many letters a label takes, with the space around it.
    const fn letters(self) -> f64 {
        match self {
            Self::Seconds(..60) => 10.0,
            Self::Seconds(_) | Self::Hours(_) => 7.0,
            Self::Days(_) => 7.0,
            Self::Months(_) => 6.0,
            Self::Years(_) => 6.0,
        }
    }

    /// The last tick at or before a moment, so that no later tick is missed.
    fn first(self, moment: Moment, zone: Zone) -> Option<Moment> {
        let local = zone.local(moment.0.div_euclid(1000))?;
        let (date, (hour, _, _)) = (local.date(), local.time().parts());
        let local = match self {
            Self::Seconds(count) => DateTime::from_seconds(local.seconds().div_euclid(count) * count)?,
            Self::Hours(count) => {
                let hour = i8::try_from(i64::from(hour).div_euclid(count) * count).ok()?;
                date.at(Time::new(hour, 0, 0)?)
            }
            Self::Days(count) => {
                let day = (i64::from(date.day()) - 1).div_euclid(count) * count;
                date.first_of_month().plus_days(day)?.at(Time::MIDNIGHT)
            }
            Self::Months(count) => {
                let month = (i64::from(date.month()) - 1).div_euclid(count) * count;
                Date::new(date.year(), 1, 1)?.plus_months(month)?.at(Time::MIDNIGHT)
            }
            Self::Years(count) => {
                let year = i64::from(date.year()).div_euclid(count) * count;
                Date::new(i16::try_from(year).ok()?, 1, 1)?.at(Time::MIDNIGHT)
            }
        };
        Some(Moment(zone.unix(local).saturating_mul(1000)))
    }

    fn next(self, tick: Moment, zone: Zone) -> Option<Moment> {
        if let Self::Seconds(count) = self {
            return Some(Moment(tick.0.saturating_add(count * 1000)));
        }
        // The local time is looked up again for each tick: an hour may be missing before the next one, or occur twice.
        let local = zone.local(tick.0.div_euclid(1000))?;
        let date = local.date();
        let next = match self {
            Self::Seconds(_) => return None,
            Self::Hours(count) => DateTime::from_seconds(
                local.seconds().div_euclid(count * 3600).saturating_add(1) * count * 3600,
            )?,
            Self::Days(count) => {
                let next = date.plus_days(count)?;
                // Two ticks at the turn of a month would overlap.
                let behind = date.first_of_month().plus_months(1)?;
                let near = behind.number() - next.number() < count.div_euclid(2) + 1 && count > 1;
                (if near || next > behind { behind } else { next }).at(Time::MIDNIGHT)
            }
            Self::Months(count) => date.plus_months(count)?.at(Time::MIDNIGHT),
            Self::Years(count) => date.plus_months(count.checked_mul(12)?)?.at(Time::MIDNIGHT),
        };
        Some(Moment(zone.unix(next).saturating_mul(1000)))
    }

    /// A label as precise as the step. At midnight the hours show the day, and in January the months show the year.
    fn label(self, at: Moment, zone: Zone, months: &str) -> String {
        let local = zone.local(at.0.div_euclid(1000)).unwrap_or_default();
        let ((hour, minute, second), (year, month, day)) = (local.time().parts(), local.date().parts());
        let name = usize::try_from(month - 1)
            .ok()
            .and_then(|month| months.split(' ').nth(month))
            .unwrap_or_default();
        match self {
            Self::Seconds(..60) => format!("{hour:02}:{minute:02}:{second:02}"),
            Self::Hours(_) if local.time() == Time::MIDNIGHT => format!("{day} {name}"),
            Self::Seconds(_) | Self::Hours(_) => format!("{hour:02}:{minute:02}"),
            Self::Days(_) => format!("{day} {name}"),
            Self::Months(_) if month > 1 => name.to_owned(),
            Self::Months(_) | Self::Years(_) => year.to_string(),
        }
    }
}

/// All steps, the shortest first.
const STEPS: &[Step] = &[
    Step::Seconds(1),
    Step::Seconds(2),
    Step::Seconds(5),
    Step::Seconds(10),
    Step::Seconds(15),
    Step::Seconds(30),
    Step::Seconds(60),
    Step::Seconds(120),
    Step::Seconds(300),
    Step::Seconds(600),
    Step::Seconds(900),
    Step::Seconds(1800),
    Step::Hours(1),
    Step::Hours(2),
    Step::Hours(3),
    Step::Hours(6),
    Step::Hours(12),
    Step::Days(1),
    Step::Days(2),
    Step::Days(5),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(2),
    Step::Years(5),
    Step::Years(10),
    Step::Years(50),
];
pub(super) const DAY: i64 = 86_400_000;
/// More ticks than fit any canvas.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    const MONTHS: &str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";

    fn labels(from: &str, to: &str, zone: &str, room: f64) -> Vec<String> {
        let span = (from.parse().unwrap(), to.parse().unwrap());
        ticks(span, Zone::named(zone).unwrap(), room, MONTHS).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_at_round_local_times() {
        let minute = labels("2026-11-21T01:30:00Z", "2026-11-21T01:31:00Z", "Europe/Oslo", 80.0);
        assert_eq!((minute.len(), minute[0].as_str(), minute[1].as_str()), (7, "02:30:00", "02:30:10"));
        let day = labels("2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z", "Europe/Oslo", 60.0);
        assert_eq!(day, ["21 Nov", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "22 Nov"]);
        // 01:30 UTC is 07:00 in Kolkata.
        let there = labels("2026-11-21T01:30:00Z", "2026-11-21T23:00:00Z", "Asia/Kolkata", 60.0);
        assert_eq!(there[..2], ["09:00", "12:00"]);
    }

    /// Directive 2000/84/EC: clocks are put forward on 29 March 2026 and back on 25 October, at 01:00 UTC.
    #[test]
    fn ticks_follow_clock_changes() {
        let spring = labels("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "Europe/Oslo", 60.0);
        assert_eq!(
            spring,
            ["29 Mar", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "30 Mar"]
        );
        let autumn = labels("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "Europe/Oslo", 70.0);
        assert_eq!(
            autumn,
            ["25 Oct", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "26 Oct"]
        );
    }

    #[test]
    fn days_months_and_years_have_labels() {
        let month = labels("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z", "Europe/Oslo", 60.0);
        assert_eq!(month, ["1 Mar", "6 Mar", "11 Mar", "16 Mar", "21 Mar", "26 Mar", "1 Apr"]);
        let year = labels("2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z", "Europe/Oslo", 80.0);
        assert_eq!(
            (year.len(), year[0].as_str(), year[1].as_str(), year[12].as_str()),
            (13, "2026", "Feb", "2027")
        );
        let years = labels("2016-06-01T00:00:00Z", "2026-06-01T00:00:00Z", "Europe/Oslo", 36.0);
        assert_eq!(years, ["2018", "2020", "2022", "2024", "2026"]);
    }

    /// A plot that is 296 px wide has room for 42 letters.
    #[test]
    fn a_phone_has_at_least_three_labels() {
        let zone = Zone::named("Europe/Oslo").unwrap();
        for from in (0..60).map(|at| 1_700_000_000_000 + at * 12_345_678_901) {
            for span in [60, 600, 3600, 21_600, DAY / 1000, 7 * DAY / 1000, 31 * DAY / 1000, 365 * DAY / 1000]
            {
                let ticks = ticks((Moment(from), Moment(from + span * 1000)), zone, 42.0, MONTHS);
                assert!((3..=14).contains(&ticks.len()), "{span} s: {ticks:?}");
            }
        }
    }

    #[test]
    fn no_span_is_too_long_or_too_short() {
        for span in [(i64::MIN, i64::MAX), (5, 5), (6, 5), (i64::MAX - 1, i64::MAX)] {
            assert!(ticks((Moment(span.0), Moment(span.1)), Zone::UTC, 40.0, MONTHS).len() <= MOST);
        }
    }
}
