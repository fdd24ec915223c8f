//! Clocks that jump, stand still, go back and recover, beside meters with and without clocks of their own.

mod meters;
mod resumed;

use std::collections::BTreeMap;

use super::*;

/// A house: the true time, what the computer's clock says, how long the page has been open, and the meters' clocks.
struct House {
    truth: i64,
    /// How far the computer's clock is from the truth.
    wrong: i64,
    open: u64,
    /// By meter, how far its clock is from the truth.
    meters: BTreeMap<&'static str, i64>,
    certain: Certain,
}

impl House {
    fn new(meters: &[(&'static str, i64)]) -> Self {
        let truth = moment("2026-11-21T12:00:00Z").0;
        let certain = Certain::resume(None, None, Moment(truth), Instant(0));
        Self { truth, wrong: 0, open: 0, meters: meters.iter().copied().collect(), certain }
    }

    /// A house with meters that have been read for a day.
    fn settled(meters: &[(&'static str, i64)]) -> Self {
        let mut house = Self::new(meters);
        house.run(24 * HOUR);
        assert_eq!(house.behind(), 0);
        house
    }

    fn look(&mut self) {
        self.certain.look(Moment(self.truth + self.wrong), Instant(self.open));
        for (meter, wrong) in &self.meters {
            self.certain.hear(&key(meter), Moment(self.truth + wrong));
        }
    }

    /// The page is open for this time, and looks at the clocks every minute.
    fn run(&mut self, time: i64) {
        for _ in 0..time / MINUTE {
            self.truth += MINUTE;
            self.open += MINUTE.unsigned_abs();
            self.look();
        }
    }

    /// The computer sleeps, and so does its monotonic clock. The meters do not.
    fn sleep(&mut self, time: i64) {
        self.truth += time;
        self.look();
    }

    /// The page is closed for this time, in which the computer's clock goes wrong by `wrong`.
    fn close(&mut self, time: i64, wrong: i64) {
        let kept = self.certain.kept();
        (self.truth, self.wrong, self.open) = (self.truth + time, self.wrong + wrong, 17);
        self.certain = Certain::resume(Some(&kept), None, Moment(self.truth + self.wrong), Instant(17));
        self.look();
    }

    fn jump(&mut self, by: i64) {
        self.wrong += by;
        self.look();
    }

    /// How many minutes certain time is behind the truth. It is never ahead of the truth by more than [`CREEP`].
    fn behind(&self) -> i64 {
        let behind = self.truth - self.certain.moment().0;
        assert!(behind >= -CREEP, "certain time is {} minutes ahead of the truth", -behind / MINUTE);
        behind / MINUTE
    }

    fn wait(&self) -> Option<Wait> {
        self.certain.doubt().map(|doubt| doubt.wait)
    }
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn key(meter: &str) -> MeterKey {
    MeterKey(meter.into())
}

const MINUTE: i64 = 60_000;
const YEAR: i64 = 365 * DAY;
/// A meter whose clock is right, and one whose clock runs but is wrong by years.
const RIGHT: (&str, i64) = ("right", 0);
const WRONG: (&str, i64) = ("wrong", -11 * YEAR);

#[test]
fn time_goes_on_while_the_page_is_open() {
    for meters in [&[][..], &[RIGHT], &[WRONG], &[RIGHT, WRONG]] {
        let mut house = House::new(meters);
        house.run(10 * DAY);
        assert_eq!((house.behind(), house.certain.doubt()), (0, None));
        let limit = house.certain.limit(Retention::Days(31)).unwrap();
        assert_eq!(limit, Moment(house.truth - 31 * DAY));
    }
}

#[test]
fn a_jump_of_three_years_for_five_seconds_changes_nothing() {
    for meters in [&[][..], &[RIGHT], &[WRONG], &[RIGHT, WRONG]] {
        let mut house = House::settled(meters);
        let before = house.truth;
        house.jump(3 * YEAR);
        let doubt = house.certain.doubt().expect("the clock is doubted");
        assert_eq!((doubt.from, doubt.to), (Moment(before), Moment(before + 3 * YEAR)));
        assert_eq!(house.certain.limit(Retention::Days(31)), None, "nothing is deleted");
        (house.truth, house.open) = (house.truth + 5000, house.open + 5000);
        house.look();
        house.jump(-3 * YEAR);
        assert_eq!((house.behind(), house.certain.doubt()), (0, None), "{meters:?}");
        house.run(DAY);
        assert_eq!((house.behind(), house.certain.doubt()), (0, None));
    }
}

#[test]
fn a_lasting_jump_of_years_alone_is_never_believed() {
    for (meters, wait) in [
        (&[][..], Wait::Person),
        (&[RIGHT], Wait::Meter(key("right"))),
        (&[WRONG], Wait::Meter(key("wrong"))),
    ] {
        let mut house = House::settled(meters);
        house.jump(3 * YEAR);
        for closed in 0..10 {
            house.run(12 * HOUR);
            assert_eq!(house.wait(), Some(wait.clone()));
            assert!(house.behind() <= closed * 60);
            house.close(HOUR, 0);
        }
        house.certain.confirm();
        assert_eq!((house.certain.moment().0, house.wait()), (house.truth + 3 * YEAR, None));
    }
}

#[test]
fn a_jump_while_the_page_is_closed_counts_as_a_jump() {
    for meters in [&[][..], &[RIGHT], &[WRONG]] {
        let mut house = House::settled(meters);
        house.close(8 * HOUR, 3 * YEAR);
        assert!(house.certain.is_doubtful());
        house.run(2 * DAY);
        assert!(house.certain.is_doubtful(), "{meters:?}");
        house.close(MINUTE, 0);
        house.run(2 * DAY);
        assert!(house.certain.is_doubtful(), "also after a reload");
        house.close(MINUTE, -3 * YEAR);
        house.run(13 * HOUR);
        assert_eq!((house.behind(), house.wait()), (0, None));
    }
}

#[test]
fn jumps_of_twenty_hours_in_a_row_are_not_believed() {
    for (pause, meters) in [
        (MINUTE, &[][..]),
        (2 * HOUR, &[]),
        (MINUTE, &[RIGHT]),
        (2 * HOUR, &[WRONG]),
        (9 * HOUR, &[RIGHT, WRONG]),
    ] {
        let mut house = House::settled(meters);
        for _ in 0..50 {
            house.jump(20 * HOUR);
            house.run(pause);
        }
        house.run(2 * DAY);
        assert!(house.certain.is_doubtful());
        assert_eq!(house.behind(), 0, "{meters:?} {pause}");
    }
}

#[test]
fn a_night_of_sleep_is_confirmed_within_hours() {
    for (meters, hours) in [(&[][..], 3), (&[RIGHT], 1), (&[WRONG], 1), (&[RIGHT, WRONG], 1)] {
        let mut house = House::settled(meters);
        for _ in 0..10 {
            house.sleep(16 * HOUR);
            assert_eq!((house.behind(), house.wait()), (16 * 60, None), "and the user is not asked");
            house.run(hours * HOUR - MINUTE);
            assert_eq!(house.behind(), 16 * 60, "{meters:?}");
            house.run(2 * MINUTE);
            assert_eq!(house.behind(), 0, "{meters:?}");
            house.run(4 * HOUR);
            house.close(3 * HOUR, 0);
            house.run(hours * HOUR + 2 * MINUTE);
            assert_eq!(house.behind(), 0);
        }
    }
}

/// The page is open for 45 minutes a day.
#[test]
fn open_time_is_added_up_over_days() {
    let mut house = House::settled(&[RIGHT]);
    for _ in 0..20 {
        house.close(23 * HOUR + 15 * MINUTE, 0);
        house.run(45 * MINUTE);
        assert!(house.behind() < 6 * 24 * 60, "{} days", house.behind() / 1440);
    }
}

/// The page is open for two hours a day, and no meter has a clock. The user is never asked, and certain time is never
/// more than fifteen days behind.
#[test]
fn a_page_open_two_hours_a_day_needs_no_confirmation() {
    let mut house = House::settled(&[]);
    for _ in 0..100 {
        house.close(22 * HOUR, 0);
        house.run(2 * HOUR);
        assert_ne!(house.wait(), Some(Wait::Person));
        assert!(house.behind() <= 15 * 24 * 60, "{} days", house.behind() / 1440);
    }
}

#[test]
fn a_fortnight_with_the_page_closed_is_believed_after_hours() {
    for (meters, hours) in [(&[][..], 12), (&[RIGHT], 3), (&[WRONG], 3)] {
        let mut house = House::settled(meters);
        house.close(14 * DAY, 0);
        house.run(10 * MINUTE);
        assert_eq!(house.wait(), Some(Wait::Hours(hours)), "{meters:?}");
        house.run(hours * HOUR - 12 * MINUTE);
        assert_eq!(house.wait(), Some(Wait::Hours(1)));
        // Open time adds up, whatever happens in between.
        house.close(HOUR / 2, 0);
        house.run(15 * MINUTE);
        assert_eq!(house.wait(), None, "{meters:?}");
        house.run(3 * HOUR);
        assert_eq!(house.behind(), 0);
    }
}

#[test]
fn half_a_year_with_the_page_closed_is_believed_if_a_meter_has_a_clock() {
    for meter in [RIGHT, WRONG] {
        let mut house = House::settled(&[meter]);
        house.close(180 * DAY, 0);
        house.run(4 * HOUR);
        assert_eq!((house.behind(), house.wait()), (0, None));
    }
    let mut house = House::settled(&[]);
    house.close(180 * DAY, 0);
    house.run(10 * DAY);
    assert_eq!(house.wait(), Some(Wait::Person));
}

#[test]
fn a_clock_that_falls_to_1970_and_recovers_loses_no_certain_time() {
    for meters in [&[][..], &[RIGHT], &[WRONG]] {
        let mut house = House::settled(meters);
        let fall = house.truth;
        house.jump(-fall);
        let limit = house.certain.limit(Retention::Days(31)).unwrap();
        assert!(limit < Moment(0), "no reading is that old");
        house.run(HOUR);
        house.jump(fall);
        assert_eq!((house.behind(), house.wait()), (0, None), "{meters:?}");
        // The same at a start of the computer: an empty battery, and a network that sets the clock a minute later.
        house.close(8 * HOUR, -fall);
        house.run(MINUTE);
        house.jump(fall);
        assert_eq!((house.behind() / 60, house.wait()), (8, None), "{meters:?}");
        house.run(4 * HOUR);
        assert_eq!(house.behind(), 0);
    }
}

#[test]
fn a_corrected_clock_can_be_wrong_again() {
    let mut house = House::settled(&[]);
    house.jump(3 * YEAR);
    house.certain.confirm();
    house.jump(-3 * YEAR);
    house.run(13 * HOUR);
    house.jump(3 * YEAR);
    assert!(house.certain.is_doubtful(), "the time before it went back is forgotten");
}

#[test]
fn a_clock_that_runs_fast_is_not_followed() {
    for (times, meters) in [(10, &[][..]), (2, &[RIGHT]), (10, &[WRONG])] {
        let mut house = House::settled(meters);
        for _ in 0..4 * 24 * 60 {
            house.wrong += (times - 1) * MINUTE;
            house.run(MINUTE);
        }
        assert!(house.certain.is_doubtful(), "{meters:?}");
        assert_eq!(house.behind(), 0, "{times} {meters:?}");
    }
}
