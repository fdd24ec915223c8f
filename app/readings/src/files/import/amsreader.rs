//! [`Plots`]: the hours and days in a configuration file of the amsreader firmware.
//!
//! The firmware's page saves all settings, including secrets, followed by two lines of history: `dayplot` has what was
//! counted in each of the last 24 hours, and `monthplot` has the same for the last days. MOMENT is when the newest slot
//! was closed, and determines the time of each slot. Hours are UTC, days are those of the house, and each slot is the
//! last hour or day with its number before that moment. All slots are in Wh.
//!
//! ```text
//! dayplot   VERSION MOMENT COUNTER [ACCURACY] 24 hours [COUNTER 24 hours]
//! monthplot VERSION MOMENT COUNTER [ACCURACY] 31 days  [COUNTER 31 days]
//! ```
//!
//! The second half is what was fed in; it is missing if that counter is zero. If the firmware has no data for an hour
//! or a day, the slot is zero in both halves, and it is left out here. `energyaccounting` is about money. The pages
//! `dayplot.json` and `monthplot.json` contain no moment, so their dates are unknown.

use std::iter::successors;

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use super::problem::Problem;
use crate::entry::Moment;
use crate::log::calendar::{Day, Quarter};

#[derive(Clone, Debug, Default)]
pub(super) struct Plots {
    hours: Option<Plot>,
    days: Option<Plot>,
}

/// The sums of what was imported and of what was exported, in Wh.
pub(super) type Counted = [Option<Number>; 2];

#[derive(Clone, Debug)]
struct Plot {
    /// When its newest slot was closed, in seconds since 1970.
    closed: i64,
    taken: Vec<u64>,
    fed_in: Option<Vec<u64>>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    from: Moment,
    to: Moment,
    taken: u64,
    fed_in: Option<u64>,
}

impl Plots {
    /// Whether a file with this beginning is one of the firmware's.
    pub(super) fn begin(file: &[u8]) -> bool {
        file.strip_prefix(b"amsconfig").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
    }

    /// Takes a line; settings are ignored.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), Problem> {
        let Ok(line) = std::str::from_utf8(line) else { return Ok(()) };
        match line.split_once(' ') {
            Some(("dayplot", rest)) => self.hours = Some(Plot::read(rest, HOURS, NEWEST_HOURS)?),
            Some(("monthplot", rest)) => self.days = Some(Plot::read(rest, DAYS, NEWEST_DAYS)?),
            _ => {}
        }
        Ok(())
    }

    /// Returns positions in Wh that begin at zero, the oldest first: one before the first slot, and one at the end of
    /// each slot. Hours before the end of the last day are left out, so that nothing is counted twice.
    pub(super) fn positions(&self, zone: Zone) -> Vec<(Moment, Counted)> {
        let mut slots = self.days.as_ref().map(|days| days.days(zone)).unwrap_or_default();
        let told = slots.last().map(|day| day.to);
        let hours = self.hours.as_ref().map(Plot::hours).unwrap_or_default();
        slots.extend(hours.into_iter().filter(|hour| told.is_none_or(|told| hour.from >= told)));
        let begin = slots.first().map(|first| Moment(first.from.0 - 1));
        let has_fed_in = slots.iter().any(|slot| slot.fed_in.is_some());
        let mut sums = (0_u64, 0_u64);
        let mut position = |taken: u64, fed_in: u64| {
            sums = (sums.0.saturating_add(taken), sums.1.saturating_add(fed_in));
            [Some(Number::whole(sums.0.into())), has_fed_in.then(|| Number::whole(sums.1.into()))]
        };
        let first = begin.map(|begin| (begin, position(0, 0)));
        let rest = slots
            .iter()
            .map(|slot| (Moment(slot.to.0 - 1), position(slot.taken, slot.fed_in.unwrap_or_default())));
        first.into_iter().chain(rest).collect()
    }
}

impl Plot {
    /// Parses a line of history. The supported versions are the newest one and the two before it. Earlier versions have
    /// one number for both directions: import minus export. The oldest supported version has no ACCURACY.
    fn read(text: &str, slots: usize, newest: u8) -> Result<Self, Problem> {
        let cells: Vec<&str> = text.split_ascii_whitespace().take(MOST_CELLS).collect();
        let [version, closed, _, rest @ ..] = cells.as_slice() else { return Err(Problem::Number) };
        let version: u8 = version.parse().map_err(|_| Problem::Version)?;
        let rest = match newest.checked_sub(version) {
            Some(0 | 1) => rest.get(1..).unwrap_or_default(),
            Some(2) => rest,
            _ => return Err(Problem::Version),
        };
        let closed = closed.parse::<u32>().ok().filter(|closed| *closed >= EARLIEST).ok_or(Problem::Time)?;
        let (taken, rest) = rest.split_at_checked(slots).ok_or(Problem::Number)?;
        let fed_in = match rest.split_first() {
            None | Some((&UNKNOWN, _)) => None,
            Some((_, rest)) if rest.len() == slots => Some(numbers(rest)?),
            Some(_) => return Err(Problem::Number),
        };
        Ok(Self { closed: closed.into(), taken: numbers(taken)?, fed_in })
    }

    fn hours(&self) -> Vec<Slot> {
        let end = self.closed.div_euclid(3600);
        let hour = |number: i64| {
            let place = usize::try_from(number.rem_euclid(24)).ok()?;
            let start = |number: i64| Quarter(number * 4).start();
            self.slot(place, start(number), start(number + 1))
        };
        (end - 24..end).filter_map(hour).collect()
    }

    fn days(&self, zone: Zone) -> Vec<Slot> {
        let quarter = Quarter::of(Moment(self.closed * 1000));
        let today = Day::of(quarter, zone);
        let before = successors(Some(today.0 - 1), |day| Some(day - 1)).take(MOST_DAYS_BACK);
        let mut known = [false; DAYS];
        let slot = |day: i64| {
            let (from, to) = (Day(day).start(zone)?, Day(day + 1).start(zone)?);
            let date = zone.local(from.0.div_euclid(1000))?.date();
            let place = usize::try_from(date.day() - 1).ok()?;
            let is_known = std::mem::replace(known.get_mut(place)?, true);
            if is_known { None } else { self.slot(place, from, to) }
        };
        let mut days: Vec<Slot> = before.filter_map(slot).collect();
        days.reverse();
        days
    }

    /// Returns the slot at `place` with this span; `None` if nothing was counted in it.
    fn slot(&self, place: usize, from: Moment, to: Moment) -> Option<Slot> {
        let taken = *self.taken.get(place)?;
        let fed_in = self.fed_in.as_ref().and_then(|slots| slots.get(place).copied());
        (taken > 0 || fed_in.is_some_and(|wh| wh > 0)).then_some(Slot { from, to, taken, fed_in })
    }
}

fn numbers(cells: &[&str]) -> Result<Vec<u64>, Problem> {
    cells.iter().map(|cell| cell.parse::<u32>().map(u64::from).map_err(|_| Problem::Number)).collect()
}

/// The slots of `dayplot`, and its version in firmware 2.4.
const HOURS: usize = 24;
const NEWEST_HOURS: u8 = 6;
/// The slots of `monthplot`, and its version in firmware 2.4.
const DAYS: usize = 31;
const NEWEST_DAYS: u8 = 7;
/// On 31 March, the previous 31st was in January.
const MOST_DAYS_BACK: usize = 62;
/// More cells than any line has.
const MOST_CELLS: usize = 80;
/// 2015-01-01, before the first firmware. A clock that was never set shows 1970.
const EARLIEST: u32 = 1_420_070_400;
/// What older firmware writes for a counter that a meter does not have (a Danish Kamstrup without production, firmware
/// 2.1.8). The slots after it have no meaning.
const UNKNOWN: &str = "4294967295";

#[cfg(test)]
mod tests {
    use super::*;

    /// The slots of a line: ten times their place from 1, so that a wrong slot is noticed.
    fn slots(count: u64) -> String {
        (0..count).map(|slot| format!(" {}", (slot + 1) * 10)).collect()
    }

    fn told(lines: &[String]) -> Vec<String> {
        let mut plots = Plots::default();
        for line in lines {
            assert_eq!(plots.line(line.as_bytes()), Ok(()), "{line}");
        }
        let told = plots.positions(Zone::named("Europe/Oslo").unwrap()).into_iter();
        let words = |counted: Counted| counted.map(|number| number.map(|number| number.to_string()));
        told.map(|(moment, counted)| {
            format!("{moment} {}", words(counted).map(Option::unwrap_or_default).join(" "))
        })
        .collect()
    }

    /// Closed at 2026-11-21T02:00:07Z: slots 0 and 1 are on this UTC day, the others on the day before.
    #[test]
    fn an_hour_slot_is_the_last_hour_with_its_number() {
        let line = format!("dayplot 6 1795226407 47479.899 1{}", slots(24));
        let told = told(&[line]);
        assert_eq!(told.len(), 25);
        assert_eq!(told[0], "2026-11-20T01:59:59.999Z 0 ");
        assert_eq!(told[1], "2026-11-20T02:59:59.999Z 30 ");
        assert_eq!(told[2], "2026-11-20T03:59:59.999Z 70 ");
        // 30 to 240 in steps of ten is 2970.
        assert_eq!(told[22], "2026-11-20T23:59:59.999Z 2970 ");
        assert_eq!(told[23], "2026-11-21T00:59:59.999Z 2980 ");
        assert_eq!(told[24], "2026-11-21T01:59:59.999Z 3000 ");
    }

    /// Closed at 2026-03-05T00:00:09+01:00: the 1st to the 4th are in March, the 5th to the 28th in February, the 29th
    /// to the 31st in January.
    #[test]
    fn a_day_slot_is_the_last_day_with_its_number() {
        let line = format!("monthplot 7 1772665209 47479.899 1{} 12.000 {}", slots(31), slots(31));
        let told = told(&[line]);
        assert_eq!(told.len(), 32);
        assert_eq!(told[0], "2026-01-28T22:59:59.999Z 0 0");
        assert_eq!(told[1], "2026-01-29T22:59:59.999Z 290 290");
        assert_eq!(told[3], "2026-01-31T22:59:59.999Z 900 900");
        // There is a gap from 1 to 4 February, whose slots now hold days of March.
        assert_eq!(told[4], "2026-02-05T22:59:59.999Z 950 950");
        assert_eq!(told[31], "2026-03-04T22:59:59.999Z 4960 4960");
    }

    /// The days of the house have 23 hours on 29 March and 25 on 25 October. The firmware's hours are UTC.
    #[test]
    fn days_end_at_local_midnight_and_hours_follow() {
        let day = |wh: u32, day: usize| {
            let slots = (1..=31).map(|slot| if slot == day { format!(" {wh}") } else { " 0".to_owned() });
            slots.collect::<String>()
        };
        // Both were closed on the morning after: at 00:00:05 and at 02:00:05 by the house's clock.
        let month = format!("monthplot 7 1774821605 1.000 0{}", day(500, 29));
        let hours = format!("dayplot 6 1774828805 1.000 0{}", slots(24));
        assert_eq!(
            told(&[hours, month]),
            [
                "2026-03-28T22:59:59.999Z 0 ",
                "2026-03-29T21:59:59.999Z 500 ",
                "2026-03-29T22:59:59.999Z 730 ",
                "2026-03-29T23:59:59.999Z 970 ",
            ]
        );
        let month = format!("monthplot 7 1792969205 1.000 0{}", day(500, 25));
        assert_eq!(told(&[month]), ["2026-10-24T21:59:59.999Z 0 ", "2026-10-25T22:59:59.999Z 500 "]);
    }

    /// Version 4 of `dayplot` has no ACCURACY, versions 5 and 6 have one. The first COUNTER is ignored.
    #[test]
    fn older_versions_are_read_if_their_slots_have_a_known_meaning() {
        let hours = |version: u8, accuracy: &str, rest: &str| {
            format!("dayplot {version} 1795226407 47479899{accuracy}{}{rest}", slots(24))
        };
        let newest = told(&[hours(6, " 1", "")]);
        assert_eq!(told(&[hours(5, " 1", "")]), newest);
        assert_eq!(told(&[hours(4, "", "")]), newest);
        assert_eq!(told(&[hours(4, "", &format!(" 4294967295{}", " -47830".repeat(24)))]), newest);
        let both = told(&[hours(4, "", &format!(" 12000{}", slots(24)))]);
        assert_eq!(both[24], "2026-11-21T01:59:59.999Z 3000 3000");
        let read = |line: String| Plots::default().line(line.as_bytes());
        for (line, problem) in [
            (hours(3, "", ""), Problem::Version),
            (hours(7, " 1", ""), Problem::Version),
            (hours(6, "", ""), Problem::Number),
            (hours(4, "", " 12000 1 2"), Problem::Number),
            (hours(4, "", &format!(" 12000{}", " -10".repeat(24))), Problem::Number),
            ("dayplot 6 0 0.000 1".to_owned() + &slots(24), Problem::Time),
            ("monthplot".to_owned() + " 7", Problem::Number),
        ] {
            assert_eq!(read(line.clone()), Err(problem), "{line}");
        }
        assert_eq!(read("wifiPsk dayplot 6 1".to_owned()), Ok(()));
        assert!(Plots::begin(b"amsconfig\nversion v2.4.1\n") && !Plots::begin(b"amsconfiguration"));
    }
}
