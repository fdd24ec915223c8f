//! Whole days, counted as in the log: a quarter of an hour at a time, joined in chronological order.

use super::*;

const QUARTER: i64 = 900;
const HOUR: i64 = 3600;
const THIRD: Option<u32> = Some(3);

/// A position and the meter's own power in kilowatts.
fn at(seconds: i64, thousandths: i128, meter: Option<u32>, kilowatts: u32) -> Position {
    Position { kilowatts, ..position(seconds, thousandths, meter) }
}

fn joined(positions: &[Position]) -> Counter {
    let quarter = |position: &Position| position.at.unwrap().0.div_euclid(QUARTER * 1000);
    let quarters: Vec<Counter> =
        positions.chunk_by(|one, other| quarter(one) == quarter(other)).map(counter).collect();
    let (first, rest) = quarters.split_first().unwrap();
    rest.iter().fold(*first, |mut all, later| {
        all.join(later, -3);
        all
    })
}

/// A reading every ten seconds, each a watt hour more than the last, under these identifications in turn.
fn in_turns(from: i64, readings: i64, thousandths: i128, names: &[Option<u32>]) -> Vec<Position> {
    let names = names.iter().cycle();
    (0..readings)
        .zip(names)
        .map(|(place, name)| at(from + place * 10, thousandths + i128::from(place), *name, 1))
        .collect()
}

#[test]
fn a_zero_near_the_last_digit_is_not_a_rollover() {
    assert_eq!(of_one(&[99_999_990, 99_999_991, 0, 99_999_992, 99_999_993, 99_999_994]), 4);
    // 96,000 kWh, nearly ten hours without a reading, and a zero as the first position of a quarter.
    let mut day = in_turns(20 * HOUR, 60, 96_000_000, &[ONE]);
    day.extend(in_turns(30 * HOUR, 180, 96_007_000, &[ONE]));
    day[60 + 90].number = 0;
    assert_eq!(joined(&day).counted(), 7179);
}

#[test]
fn nights_of_a_meter_with_several_names_count() {
    for names in [&[ONE, OTHER][..], &[ONE, OTHER, THIRD]] {
        let mut nights = in_turns(20 * HOUR, 600, 500_000, names);
        nights.extend(in_turns(44 * HOUR, 600, 508_000, names));
        assert_eq!(joined(&nights).counted(), 8599, "{names:?}");
    }
    let mut night = in_turns(20 * HOUR, 100, 500_000, &[ONE]);
    night.extend(in_turns(30 * HOUR, 100, 507_000, &[OTHER, ONE]));
    assert_eq!(joined(&night).counted(), 7099, "the second name is new in the morning");
    // Both identifications were there before, and the morning begins with a glitch.
    let mut night = in_turns(20 * HOUR, 100, 500_000, &[ONE, OTHER]);
    night.push(at(30 * HOUR - 10, 9_000_000, ONE, 1));
    night.extend(in_turns(30 * HOUR, 100, 507_000, &[OTHER, ONE]));
    assert_eq!(joined(&night).counted(), 7099);
}

#[test]
fn a_glitch_first_in_a_quarter_counts_nothing_under_two_names() {
    let mut turns = in_turns(QUARTER - 30, 9, 500_000, &[ONE, ONE, ONE, ONE, OTHER, ONE, ONE, ONE, OTHER]);
    turns[3].number = 900_000_000;
    let counted = joined(&turns).counted();
    assert!((8..=15).contains(&counted), "{counted}");
}

/// The meter is exchanged at noon of the third day. Six hours later, the new meter sends 300 kWh once.
#[test]
fn an_excursion_after_an_exchange_takes_nothing_from_the_old_meter() {
    let hourly = |hour: i64| match hour {
        ..60 => at(hour * HOUR + 5, 10_000_000 + i128::from(hour) * 500, ONE, 1),
        66 => at(hour * HOUR + 5, 300_000, OTHER, 1),
        _ => at(hour * HOUR + 5, i128::from(hour - 60) * 500, OTHER, 1),
    };
    let days: Vec<Position> = (0..96).map(hourly).collect();
    let mut all = joined(&days[..24]);
    days[24..].chunks(24).for_each(|day| all.join(&joined(day), -3));
    assert_eq!(all.counted(), 47_000);
}

#[test]
fn an_exchange_without_names_counts_nothing_in_a_log_that_began_near_zero() {
    let mut all: Vec<Position> =
        (0..800).map(|hour| at(hour * HOUR, 200 + i128::from(hour) * 300, None, 0)).collect();
    all.extend((0..200).map(|hour| at((800 + hour) * HOUR, 200 + i128::from(hour) * 300, None, 0)));
    assert_eq!(joined(&all).counted(), (799 + 199) * 300);
}

#[test]
fn a_step_is_compared_with_the_meters_power() {
    let hourly = [at(0, 500_000, ONE, 1), at(HOUR, 500_400, ONE, 1), at(2 * HOUR, 1_400_000, ONE, 1)];
    assert_eq!(joined(&hourly).counted(), 400);
    let of_flats = hourly.map(|position| Position { kilowatts: 0, ..position });
    assert_eq!(
        joined(&of_flats).counted(),
        900_000,
        "a table contains no power, and may be of a whole building"
    );
    let one_telegram = [at(0, 500_000, ONE, 1), at(10, 60_000_000, ONE, 4_294_968)];
    assert_eq!(joined(&one_telegram).counted(), 0, "the power is as wrong as the position");
}

/// The house takes nothing from the grid in the evening: the counter stands still for seven hours, and has 300 kWh more
/// in the last reading of the day.
#[test]
fn a_counter_constant_for_hours_does_not_jump_in_ten_seconds() {
    let mut evening: Vec<Position> =
        (0..2519).map(|place| at(17 * HOUR + 10 + place * 10, 500_000, ONE, 0)).collect();
    evening.push(at(86_390, 800_000, ONE, 0));
    let day = joined(&evening);
    assert_eq!((day.counted(), day.held_back().map(|held| held.last.number)), (0, Some(800_000)));
}
