//! [`Schedule`]: when to ask a meter next.
//!
//! A schedule is part of the decoder because a session polls by itself: between two rounds, the session waits for one
//! deadline. A schedule is a pure function: the caller passes in the time.

#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};

use crate::time::Zone;

/// How often a meter is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize))]
pub struct Schedule {
    /// Seconds from one round to the next, up to a day.
    pub every: u32,
    /// Whether rounds fall on multiples of `every`, counted from local midnight: `every: 900` asks at the quarter
    /// hours.
    pub aligned: bool,
    /// Hours in which the meter is not asked.
    pub quiet: Option<Quiet>,
}

/// A part of the day in local time; it may extend past midnight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize))]
pub struct Quiet {
    /// The minute of the day at which it begins.
    pub from: u16,
    /// The minute of the day at which it ends. This minute is not included.
    pub until: u16,
}

impl Schedule {
    /// A round every `seconds`, counted from the last one.
    #[must_use]
    pub const fn every(seconds: u32) -> Self {
        Self { every: seconds, aligned: false, quiet: None }
    }

    /// The longest time from one round to the next, in seconds. Quiet hours last an hour longer in the night in which
    /// clocks go back. So does an aligned interval that does not divide an hour.
    #[must_use]
    pub fn longest_pause(&self) -> u32 {
        let minutes =
            |quiet: Quiet| (i64::from(quiet.until) - i64::from(quiet.from)).rem_euclid(MINUTES_OF_DAY);
        let quiet =
            self.quiet.map(minutes).and_then(|minutes| u32::try_from(minutes).ok()).unwrap_or_default();
        let follows_clock = quiet > 0 || self.aligned && !SECONDS_OF_HOUR.is_multiple_of(self.every);
        let shift = if follows_clock { SECONDS_OF_HOUR } else { 0 };
        self.every.saturating_add(60 * quiet + shift)
    }

    /// The next time to ask after `after`; both are milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn next(&self, after: i64, zone: Zone) -> i64 {
        let every = i64::from(self.every.clamp(1, SECONDS_OF_DAY)) * 1000;
        let regular = if self.aligned { aligned(after, every, zone) } else { after.saturating_add(every) };
        match self.quiet {
            Some(quiet) => quiet.end(regular, zone),
            None => regular,
        }
    }
}

impl Quiet {
    /// `moment` itself, or the end of the quiet hours if it lies in them.
    fn end(self, moment: i64, zone: Zone) -> i64 {
        let (from, until) = (i64::from(self.from) * MINUTE, i64::from(self.until) * MINUTE);
        let of_day = (moment + zone.ahead(moment)).rem_euclid(DAY);
        let is_quiet =
            if from <= until { (from..until).contains(&of_day) } else { of_day >= from || of_day < until };
        if is_quiet { on_the_clock(moment, (until - of_day).rem_euclid(DAY), zone) } else { moment }
    }
}

/// The next multiple of `every` since midnight, at the latest the next midnight.
fn aligned(after: i64, every: i64, zone: Zone) -> i64 {
    let of_day = |moment: i64| (moment + zone.ahead(moment)).rem_euclid(DAY);
    let more = (of_day(after) / every + 1) * every;
    let more = more.min(DAY) - of_day(after);
    let later = after.saturating_add(more);
    if zone.ahead(later) < zone.ahead(after) {
        // Clocks go back in between, and the hour that occurs twice has multiples both times.
        let of_day = of_day(later);
        let multiple = (of_day + every - 1) / every * every;
        return later.saturating_add(multiple.min(DAY) - of_day);
    }
    let moment = on_the_clock(after, more, zone);
    // In spring, that moment may lie before `after`.
    if moment > after { moment } else { after.saturating_add(every) }
}

/// The moment at which clocks show a time that is `more` milliseconds later, even if clocks change in between.
fn on_the_clock(moment: i64, more: i64, zone: Zone) -> i64 {
    let later = moment.saturating_add(more);
    later.saturating_add(zone.ahead(moment) - zone.ahead(later))
}

const SECONDS_OF_DAY: u32 = 86_400;
const SECONDS_OF_HOUR: u32 = 3600;
const MINUTES_OF_DAY: i64 = 1440;
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::MeterTime;
    use alloc::string::{String, ToString};

    fn unix(text: &str) -> i64 {
        text.parse::<MeterTime>().unwrap().unix_seconds() * 1000
    }

    /// In Berlin, where summer time begins on 2026-03-29 and ends on 2026-10-25, both at 01:00 UTC.
    fn next(schedule: Schedule, after: &str) -> String {
        let next = schedule.next(unix(after), Zone::default());
        let ahead = i16::try_from(Zone::default().ahead(next) / MINUTE).unwrap();
        MeterTime::from_unix(next / 1000, ahead).unwrap().to_string()
    }

    #[test]
    fn counts_from_the_last_round_or_by_the_clock() {
        let after = "2026-11-21T02:30:10+01:00";
        let quarter = Schedule::every(900);
        assert_eq!(next(quarter, after), "2026-11-21T02:45:10+01:00");
        assert_eq!(next(Schedule { aligned: true, ..quarter }, after), "2026-11-21T02:45:00+01:00");
        let daily = Schedule { aligned: true, ..Schedule::every(86_400) };
        assert_eq!(next(daily, after), "2026-11-22T00:00:00+01:00");
        // A day is not a multiple of seven minutes: the schedule starts over at midnight.
        let odd = Schedule { aligned: true, ..Schedule::every(420) };
        assert_eq!(next(odd, "2026-11-21T23:58:00+01:00"), "2026-11-22T00:00:00+01:00");
    }

    #[test]
    fn an_aligned_schedule_follows_clock_changes() {
        let daily = Schedule { aligned: true, ..Schedule::every(86_400) };
        assert_eq!(next(daily, "2026-03-29T00:00:00+01:00"), "2026-03-30T00:00:00+02:00");
        assert_eq!(next(daily, "2026-10-25T00:00:00+02:00"), "2026-10-26T00:00:00+01:00");
        let hourly = Schedule { aligned: true, ..Schedule::every(3600) };
        let mut moment = unix("2026-10-25T00:30:00+02:00");
        for _ in 0..6 {
            let later = hourly.next(moment, Zone::default());
            assert_eq!(later - moment, if moment % 3_600_000 == 0 { 3_600_000 } else { 1_800_000 });
            moment = later;
        }
    }

    /// In Berlin and on Lord Howe Island, where clocks go back by half an hour.
    #[test]
    fn no_pause_is_longer_even_if_clocks_go_back() {
        let night = Some(Quiet { from: 175, until: 185 });
        for (zone, from) in
            [("Europe/Berlin", "2026-10-24T12:00:00Z"), ("Australia/Lord_Howe", "2026-04-04T00:00:00Z")]
        {
            let zone = Zone::named(zone).unwrap();
            for (every, aligned, quiet) in [
                (60, true, None),
                (420, true, None),
                (900, true, None),
                (900, true, night),
                (7200, true, None),
                (86_400, true, None),
                (60, false, night),
            ] {
                let schedule = Schedule { every, aligned, quiet };
                let (mut moment, mut longest) = (unix(from), 0);
                for _ in 0..2 * SECONDS_OF_DAY / every + 2 {
                    let later = schedule.next(moment, zone);
                    assert!(later > moment, "{schedule:?}");
                    longest = longest.max(later - moment);
                    moment = later;
                }
                assert!(longest <= 1000 * i64::from(schedule.longest_pause()), "{schedule:?}: {longest}");
            }
        }
    }

    #[test]
    fn quiet_hours_delay_a_poll_to_their_end() {
        let night = Quiet { from: 22 * 60, until: 6 * 60 + 30 };
        let schedule = Schedule { quiet: Some(night), ..Schedule::every(600) };
        assert_eq!(next(schedule, "2026-11-21T21:40:00+01:00"), "2026-11-21T21:50:00+01:00");
        assert_eq!(next(schedule, "2026-11-21T21:55:00+01:00"), "2026-11-22T06:30:00+01:00");
        assert_eq!(next(schedule, "2026-11-22T01:00:00+01:00"), "2026-11-22T06:30:00+01:00");
        assert_eq!(schedule.longest_pause(), 600 + 8 * 3600 + 1800 + 3600);
        let noon = Schedule { quiet: Some(Quiet { from: 720, until: 780 }), ..schedule };
        assert_eq!(next(noon, "2026-11-21T11:55:00+01:00"), "2026-11-21T13:00:00+01:00");
        // Quiet hours that end where they begin are empty.
        let never = Schedule { quiet: Some(Quiet { from: 720, until: 720 }), ..schedule };
        assert_eq!(next(never, "2026-11-21T11:55:00+01:00"), "2026-11-21T12:05:00+01:00");
    }
}
