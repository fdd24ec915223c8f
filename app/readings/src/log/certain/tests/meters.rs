//! Meters' clocks beside the computer's: right, wrong, slow, stopped, or contradicting each other.

use super::*;

#[test]
fn a_meter_corrects_a_clock_stuck_at_1970() {
    let mut house = House::settled(&[RIGHT]);
    let fall = house.truth;
    house.jump(-fall);
    house.run(2 * DAY);
    house.jump(fall);
    assert_eq!((house.behind(), house.wait()), (0, None));
}

#[test]
fn a_jump_of_a_meters_clock_does_not_stop_certain_time() {
    for by in [-20 * YEAR, -3 * DAY, 3 * DAY, 3 * YEAR] {
        let mut house = House::settled(&[RIGHT]);
        house.meters.insert("right", by);
        house.run(DAY);
        assert_eq!((house.behind(), house.wait()), (0, None), "while the page is open, {by}");
        house.sleep(9 * HOUR);
        house.run(4 * HOUR);
        assert_eq!((house.behind(), house.wait()), (0, None), "and it is a witness again, {by}");
        house.jump(3 * YEAR);
        house.run(DAY);
        assert!(house.certain.is_doubtful());
    }
    // While the page was closed, the meter's clock was set back: a time before certain time is impossible.
    let mut house = House::settled(&[RIGHT]);
    house.meters.insert("right", -20 * YEAR);
    house.close(9 * HOUR, 0);
    house.run(4 * HOUR);
    assert_eq!((house.behind(), house.wait()), (0, None));
}

#[test]
fn a_corrected_meter_agrees_by_its_new_time() {
    let mut house = House::settled(&[WRONG]);
    house.meters.insert("wrong", 0);
    house.close(40 * DAY, 0);
    house.run(4 * HOUR);
    assert_eq!((house.behind(), house.wait()), (0, None));
}

/// What was learnt about the meters' clocks while the computer's clock was wrong is learnt again.
#[test]
fn a_page_that_started_with_a_wrong_clock_is_corrected() {
    for wrong in [-40 * YEAR, -3 * YEAR, 3 * YEAR] {
        let mut house = House::new(&[RIGHT]);
        house.wrong = wrong;
        let began = Moment(house.truth + wrong);
        house.certain = Certain::resume(None, None, began, Instant(0));
        house.run(5 * HOUR);
        house.jump(-wrong);
        house.run(5 * HOUR);
        house.close(40 * DAY, 0);
        house.run(4 * HOUR);
        assert_eq!((house.behind(), house.wait()), (0, None), "{} years", wrong / YEAR);
        house.jump(3 * YEAR);
        house.run(DAY);
        assert!(house.certain.is_doubtful());
    }
}

/// The clock loses a minute a day: after two years it is half a day behind, and that does no harm.
#[test]
fn a_meter_whose_clock_is_slow_is_followed() {
    let mut house = House::settled(&[RIGHT]);
    for day in 1..700 {
        house.meters.insert("right", -day * MINUTE);
        house.sleep(8 * HOUR);
        house.run(90 * MINUTE);
        assert!(house.behind() <= day, "{} minutes on day {day}", house.behind());
        assert_eq!(house.wait(), None);
    }
}

#[test]
fn a_meter_without_summer_time_agrees() {
    let mut house = House::settled(&[RIGHT]);
    house.meters.insert("right", -HOUR);
    house.run(4 * HOUR);
    house.sleep(8 * HOUR);
    house.run(90 * MINUTE);
    assert_eq!((house.behind(), house.wait()), (0, None), "it changed while the page was open");
    house.meters.insert("right", -2 * HOUR);
    for _ in 0..10 {
        house.close(14 * HOUR, 0);
        house.run(90 * MINUTE);
        assert!(house.behind() <= 60 && house.wait().is_none(), "while it was closed");
    }
}

#[test]
fn a_meter_with_a_stopped_clock_is_ignored() {
    let mut house = House::settled(&[RIGHT]);
    let stands = house.truth;
    for _ in 0..3 * 24 * 60 {
        house.truth += MINUTE;
        house.open += MINUTE.unsigned_abs();
        house.meters.insert("right", stands - house.truth);
        house.look();
    }
    house.sleep(10 * HOUR);
    house.run(4 * HOUR);
    assert_eq!(house.wait(), None);
}

#[test]
fn the_user_decides_between_two_contradicting_meters() {
    let mut house = House::settled(&[RIGHT, WRONG]);
    // One meter's clock stopped for a fortnight.
    house.meters.insert("wrong", WRONG.1 - 14 * DAY);
    house.close(14 * DAY, 0);
    house.run(DAY);
    assert_eq!(house.wait(), Some(Wait::Meter(key("wrong"))));
    house.certain.forget(&key("wrong"));
    house.meters.remove("wrong");
    house.run(4 * HOUR);
    assert_eq!((house.behind(), house.wait()), (0, None), "the other meter alone is enough");

    let mut house = House::settled(&[RIGHT, WRONG]);
    house.meters.insert("wrong", WRONG.1 - 14 * DAY);
    house.close(14 * DAY, 0);
    house.certain.confirm();
    house.run(DAY);
    assert_eq!((house.behind(), house.wait()), (0, None));
    house.close(14 * DAY, 0);
    house.run(4 * HOUR);
    assert_eq!((house.behind(), house.wait()), (0, None), "both are compared again");
}
