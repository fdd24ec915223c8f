mod quarters;

use super::*;
use crate::entry::Moment;
use proptest::prelude::*;

const ONE: Option<u32> = Some(1);
const OTHER: Option<u32> = Some(2);

fn position(seconds: i64, thousandths: i128, meter: Option<u32>) -> Position {
    let at = Some(Moment(seconds * 1000));
    Position { number: thousandths, at, meter, resolution: -3, kilowatts: 0, confirmed: false }
}

fn counter(positions: &[Position]) -> Counter {
    let mut counter = Counter::at(positions[0], Pace::Electricity);
    positions[1..].iter().for_each(|position| counter.push(*position, -3));
    counter
}

/// What these positions add up to. They are in thousandths of a kilowatt hour, and ten seconds apart. The result is the
/// same wherever the positions are cut into two periods that are joined.
fn counted(positions: &[(i128, Option<u32>)]) -> i128 {
    apart(10, positions)
}

fn apart(seconds: i64, positions: &[(i128, Option<u32>)]) -> i128 {
    let at =
        |(place, (number, meter)): (i64, &(i128, Option<u32>))| position(place * seconds, *number, *meter);
    let positions: Vec<Position> = (0..).zip(positions).map(at).collect();
    let counted = counter(&positions).counted();
    for cut in 1..positions.len() {
        let mut joined = counter(&positions[..cut]);
        joined.join(&counter(&positions[cut..]), -3);
        assert_eq!(joined.counted(), counted, "cut before {cut}: {joined:?}");
    }
    counted
}

fn of_one(numbers: &[i128]) -> i128 {
    counted(&numbers.iter().map(|number| (*number, ONE)).collect::<Vec<_>>())
}

#[test]
fn counts_the_difference() {
    assert_eq!(of_one(&[5_000]), 0);
    assert_eq!(of_one(&[5_000, 5_010, 5_100]), 100);
}

/// Old meter 10,000.000 → 10,000.050, new one 0.000 → 0.025, or a used one 20,000.000 → 20,000.025.
#[test]
fn an_exchanged_meter_counts_from_its_first_position() {
    for new in [0, 20_000_000] {
        let positions = [(10_000_000, ONE), (10_000_050, ONE), (new, OTHER), (new + 25, OTHER)];
        assert_eq!(counted(&positions), 75);
    }
    let unsaid = [(10_000_000, None), (10_000_050, None), (0, None), (25, None)];
    assert_eq!(counted(&unsaid), 75, "without an identification the fall shows it");
}

/// Readings of 500.058, 900,000.000 and 500.060 kWh, each ten seconds apart: 0.002 kWh were counted, not nearly a
/// million.
#[test]
fn a_glitch_counts_nothing() {
    assert_eq!(of_one(&[500_015, 500_058, 900_000_000, 500_060]), 45);
    assert_eq!(of_one(&[500_015, 500_058, 900_000_000, 500_060, 500_070, 900_000_000, 500_080]), 65);
    assert_eq!(of_one(&[500_058, 0, 500_060]), 2, "downwards");
    assert_eq!(of_one(&[500_058, 502_000, 500_060]), 2, "a small one");
    assert_eq!(of_one(&[500_058, 510_000, 500_060, 500_070]), 12);
    assert_eq!(of_one(&[500_058, 900_000_000, 17, 123_456_789, 500_060]), 2, "several in a row");
    assert_eq!(of_one(&[900_000_000, 500_058, 500_060, 500_070]), 12, "the first of all");
    assert_eq!(of_one(&[500_058, 500_060, 900_000_000]), 2, "the last of all");
}

/// A stuck number proves nothing. Wrong numbers that rise are undone when the counter falls back.
#[test]
fn a_glitch_that_lasts_counts_nothing() {
    assert_eq!(of_one(&[500_058, 900_000_000, 900_000_000, 900_000_000, 500_060]), 2);
    assert_eq!(of_one(&[500_050, 500_058, 900_000_000, 900_000_002, 900_000_004, 500_060, 500_062]), 12);
    assert_eq!(of_one(&[500_050, 500_058, 0, 2, 4, 500_060, 500_062]), 12);
}

/// A night without a reading, then ten kilowatt hours more: what the fuse allows counts at once. More than that counts
/// when the next reading confirms it, and is not lost.
#[test]
fn a_step_confirmed_by_the_next_reading_counts() {
    let night = [position(0, 500_000, ONE), position(10, 500_010, ONE), position(36_000, 510_010, ONE)];
    assert_eq!(counter(&night).counted(), 10_010);
    assert_eq!(of_one(&[500_000, 500_010, 540_010]), 10, "held");
    assert_eq!(of_one(&[500_000, 500_010, 540_010, 540_020]), 40_020, "confirmed");
}

/// A counter stands still after it jumped, and the user has looked at the meter.
#[test]
fn a_step_confirmed_by_the_user_counts() {
    let jumped = Position { confirmed: true, ..position(20, 540_010, ONE) };
    let still = [position(0, 500_000, ONE), position(10, 500_010, ONE), jumped, position(30, 540_010, ONE)];
    assert_eq!(counter(&still).counted(), 40_010);
    for cut in 1..4 {
        let mut joined = counter(&still[..cut]);
        joined.join(&counter(&still[cut..]), -3);
        assert_eq!(joined.counted(), 40_010, "{cut}");
    }
}

/// The meter's own power is evidence: at 300 W, nobody uses 0.15 kWh in ten seconds, which a fuse of 69 kW would allow.
#[test]
fn a_step_larger_than_the_meters_power_is_held() {
    let at = |seconds, number| Position { kilowatts: 1, ..position(seconds, number, ONE) };
    let three = [at(0, 500_000), at(10, 500_001), at(20, 500_151)];
    assert_eq!(counter(&three).counted(), 1);
    let confirmed = [three.as_slice(), &[at(30, 500_152)]].concat();
    assert_eq!(counter(&confirmed).counted(), 152);
    let silent = [position(0, 500_000, ONE), position(10, 500_001, ONE), position(20, 500_151, ONE)];
    assert_eq!(counter(&silent).counted(), 151);
}

/// A building takes 600 kW behind transformers: 10 kWh a minute. Its meter does not send the power.
#[test]
fn a_flow_larger_than_any_house_counts() {
    let minutes: Vec<_> = (0..10).map(|minute| (minute * 10_000, ONE)).collect();
    let all: Vec<Position> =
        (0..).zip(&minutes).map(|(place, (number, meter))| position(place * 60, *number, *meter)).collect();
    let counted = counter(&all).counted();
    assert!((80_000..=90_000).contains(&counted), "all but the newest, which may be held: {counted}");
}

/// A building of 400 kW in a portal's table: 100 kWh in each quarter of an hour, counted in that quarter.
#[test]
fn a_building_counts_in_each_quarter_of_an_hour() {
    let quarters: Vec<Position> = (0..8)
        .map(|quarter| position(i64::from(quarter) * 900, i128::from(quarter) * 100_000, None))
        .collect();
    for end in 1..=8 {
        assert_eq!(counter(&quarters[..end]).counted(), 100_000 * (end as i128 - 1));
    }
}

/// A meter is exchanged for a used one whose first position is wrong; positions a month apart; a small counter.
#[test]
fn a_glitch_after_an_exchange_or_between_sparse_readings_counts_nothing() {
    for first in [0, 30_000_000] {
        let used = [(10_000_000, ONE), (first, OTHER), (20_000_000, OTHER), (20_000_025, OTHER)];
        let at =
            |(place, (number, meter)): (i64, &(i128, Option<u32>))| position(place * 10, *number, *meter);
        let positions: Vec<Position> = (0..).zip(&used).map(at).collect();
        assert_eq!(counter(&positions).counted(), 25, "{first}");
    }
    let month = 30 * 86_400;
    let monthly = [500, 700, 80_000, 1100, 1300].map(|number| (number * 1000, None));
    assert_eq!(apart(month, &monthly), 800_000);
    assert_eq!(apart(300, &[20, 80, 20, 21].map(|number| (number * 1000, ONE))), 1000);
}

/// A small counter sends wrong values in a row that are just possible.
#[test]
fn plausible_wrong_numbers_in_a_row_count_nothing() {
    assert_eq!(apart(300, &[500, 5_700, 10_900, 510, 520].map(|number| (number, ONE))), 20);
    assert_eq!(apart(300, &[500, 6_700, 12_900, 510, 520].map(|number| (number, ONE))), 20);
    assert_eq!(apart(900, &[500, 16_700, 32_900, 49_100, 510, 520].map(|number| (number, ONE))), 20);
    let used_up = [500, 16_700, 32_900, 49_100, 50_100, 51_100].map(|number| (number, ONE));
    assert_eq!(apart(900, &used_up), 50_600, "but three right numbers in a row count");
}

/// A meter at 95,000 kWh is exchanged within a month for one at 4,000 kWh, and neither sends an identification.
#[test]
fn an_exchange_near_the_last_digit_is_not_a_rollover() {
    let month = 30 * 86_400;
    let new = [94_900, 95_000, 4_000, 4_100].map(|number| (number * 1000, None));
    assert_eq!(apart(month, &new), 200_000);
    let over = [99_500, 99_900, 300, 700].map(|number| (number * 1000, None));
    assert_eq!(apart(month, &over), 1_200_000);
}

/// A counter of whole kilowatt hours sometimes goes up by one in ten seconds.
#[test]
fn a_coarse_counter_is_not_a_glitch() {
    let at = |seconds, number| Position { resolution: 0, ..position(seconds, number, ONE) };
    assert_eq!(counter(&[at(0, 500_000), at(10, 501_000), at(3000, 502_000)]).counted(), 2000);
    let mixed = [position(0, 500_958, ONE), at(10, 500_000), position(20, 500_960, ONE)];
    assert_eq!(counter(&mixed).counted(), 2, "a list with a coarser resolution");
}

#[test]
fn two_alternating_meters_both_count() {
    let positions = [
        (100_000, ONE),
        (5_000_000, OTHER),
        (100_001, ONE),
        (5_000_002, OTHER),
        (100_003, ONE),
        (5_000_004, OTHER),
    ];
    let at = |(place, (number, meter)): (i64, &(i128, Option<u32>))| position(place * 10, *number, *meter);
    let positions: Vec<Position> = (0..).zip(&positions).map(at).collect();
    assert_eq!(counter(&positions).counted(), 7);
}

#[test]
fn one_meter_with_several_names_counts_once() {
    for names in [&[ONE, OTHER][..], &[ONE, OTHER, Some(3)]] {
        for (seconds, step) in [(10, 10), (3600, 500)] {
            let positions: Vec<_> =
                (0..9).map(|place| (500_000 + place * step, names[place as usize % names.len()])).collect();
            assert_eq!(apart(seconds, &positions), 8 * step, "{names:?} {seconds}");
        }
    }
}

/// Two meters are read in turn, an hour apart, and have positions near each other, so that at first they look like one.
#[test]
fn two_meters_with_close_positions_both_count() {
    let positions: Vec<Position> = (0..10)
        .map(|hour| {
            let (from, meter) = if hour % 2 == 0 { (100_000, ONE) } else { (105_000, OTHER) };
            position(hour * 3600, i128::from(from + hour / 2 * 500), meter)
        })
        .collect();
    assert_eq!(counter(&positions).counted(), 2 * 4 * 500);
}

/// Readings under other names come in between, once followed by a glitch.
#[test]
fn energy_counted_between_other_names_is_not_lost() {
    let hourly = |positions: &[(i128, Option<u32>)]| {
        let thousands: Vec<_> = positions.iter().map(|(number, meter)| (number * 1000, *meter)).collect();
        apart(3600, &thousands)
    };
    let third = Some(3);
    assert_eq!(hourly(&[(500, ONE), (501, ONE), (7000, OTHER), (9, third), (520, ONE), (521, ONE)]), 21_000);
    let glitch = [(500, ONE), (501, ONE), (70, OTHER), (71, OTHER), (900_000, ONE), (520, ONE), (521, ONE)];
    assert_eq!(hourly(&glitch), 22_000);
}

/// If a meter is exchanged for a used one, the used one's position is not consumption.
#[test]
fn an_exchange_upwards_counts_nothing_between() {
    let day = 22 * 3600;
    let positions = [(0, 501, ONE), (day, 1500, OTHER), (day + 10, 1501, OTHER), (day + 3610, 1502, OTHER)];
    let at = |(seconds, number, meter): (i64, i128, Option<u32>)| position(seconds, number * 1000, meter);
    assert_eq!(counter(&positions.map(at)).counted(), 2000);
    let hours = [(1_000_000, ONE), (1_000_010, ONE), (50_000_000, OTHER), (50_000_010, OTHER)];
    let mut counter = Counter::at(position(0, hours[0].0, hours[0].1), Pace::Unknown);
    for (place, (number, meter)) in (1..).zip(&hours[1..]) {
        counter.push(position(place * 10, *number, *meter), -3);
    }
    assert_eq!(counter.counted(), 20, "nothing is known of its pace");
}

/// Meters take turns; one of them jumps, returns or begins with a wrong position.
#[test]
fn alternating_meters_lose_nothing() {
    let thousands = |positions: &[(i128, Option<u32>)]| -> Vec<_> {
        positions.iter().map(|(number, meter)| (number * 1000, *meter)).collect()
    };
    let (a, b, c) = (ONE, OTHER, Some(3));
    let jumps = [
        (500, a),
        (501, a),
        (70, b),
        (71, b),
        (9000, a),
        (9001, a),
        (72, b),
        (73, b),
        (9002, a),
        (9003, a),
        (74, b),
        (75, b),
    ];
    let jumps: Vec<Position> = (0..)
        .zip(thousands(&jumps))
        .map(|(place, (number, meter))| position(place * 300, number, meter))
        .collect();
    assert_eq!(counter(&jumps).counted(), 9000);
    for cut in 1..jumps.len() {
        let mut joined = counter(&jumps[..cut]);
        joined.join(&counter(&jumps[cut..]), -3);
        // If one part ends with one meter and the next begins with the other, a step across the cut may be missing.
        assert!((8000..=9000).contains(&joined.counted()), "cut before {cut}: {}", joined.counted());
    }
    let returns = [(100, a), (5000, b), (101, a), (70_000, c), (102, a), (103, a)];
    let returns: Vec<Position> = (0..)
        .zip(thousands(&returns))
        .map(|(hour, (number, meter))| position(hour * 3600, number, meter))
        .collect();
    assert_eq!(counter(&returns).counted(), 3000);
    let wrong: Vec<Position> = (0..20)
        .map(|hour| {
            let other = if hour == 1 { 9 } else { 7000 + hour / 2 };
            let (number, meter) = if hour % 2 == 0 { (100 + hour / 2, a) } else { (other, b) };
            position(hour * 3600, i128::from(number) * 1000, meter)
        })
        .collect();
    assert!((0..=20_000).contains(&counter(&wrong).counted()), "{}", counter(&wrong).counted());
}

/// Two other meters send one reading each before it is known that they have logs of their own.
#[test]
fn single_readings_of_other_meters_do_not_interrupt_a_meters_count() {
    let third = Some(3);
    let positions =
        [(100_000, ONE), (100_010, ONE), (5_000_000, OTHER), (70_000, third), (100_020, ONE), (100_030, ONE)];
    assert_eq!(counted(&positions), 30);
}

/// Counters with five and with six digits before the decimal point.
#[test]
fn a_counter_rolls_over() {
    assert_eq!(of_one(&[99_999_900, 100]), 200);
    assert_eq!(of_one(&[999_999_900, 100]), 200);
    assert_eq!(of_one(&[95_000, 0]), 0, "two digits are not the end of a counter");
}

#[test]
fn readings_in_another_order_cancel_out() {
    assert_eq!(of_one(&[5_000, 5_100, 5_090, 5_200]), 200);
}

/// A clock that was set back does not tell how much time has passed.
#[test]
fn no_step_is_held_after_a_clock_is_set_back() {
    let positions =
        [position(90_000, 500_000, ONE), position(90_010, 500_010, ONE), position(0, 530_010, ONE)];
    assert_eq!(counter(&positions).counted(), 30_010);
}

proptest! {
    /// A meter behind its fuse, with one arbitrary number among its own: it counted the difference between its own
    /// first and last positions, however the day is cut into periods.
    #[test]
    fn one_wrong_number_among_right_ones_changes_nothing(
        steps in prop::collection::vec(0_i128..190, 4..20),
        wrong in prop_oneof![0_i128..2_000_000_000, 499_000_i128..520_000],
        place in any::<prop::sample::Index>(),
        cuts in prop::collection::btree_set(1_usize..20, 0..4),
    ) {
        let mut number = 500_000;
        let mut numbers: Vec<i128> = steps.iter().map(|step| { number += step; number }).collect();
        let place = place.index(numbers.len());
        numbers[place] = wrong;
        let mut own = numbers.clone();
        own.remove(place);
        let at = |(place, number): (i64, &i128)| position(place * 10, *number, ONE);
        let positions: Vec<Position> = (0..).zip(&numbers).map(at).collect();
        let ends = cuts.into_iter().filter(|cut| *cut < positions.len()).chain([positions.len()]);
        let (mut all, mut begin) = (None::<Counter>, 0);
        for end in ends {
            let part = counter(&positions[begin..end]);
            match &mut all {
                Some(all) => all.join(&part, -3),
                None => all = Some(part),
            }
            begin = end;
        }
        let (counted, right) = (all.unwrap().counted(), own.last().unwrap() - own[0]);
        // A wrong number that the meter could have reached behind its fuse may be counted. No other one may be.
        let believable = 190 * numbers.len() as i128 + 2000;
        let off = (counted - right).abs();
        prop_assert!(off <= if (wrong - 500_000).abs() < believable { believable } else { 0 }, "{counted} instead of {right}: {numbers:?}");
    }
}
