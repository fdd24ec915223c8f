//! The log of long power failures that Dutch and Belgian meters send with each telegram.
//!
//! Source: DSMR P1 companion standard 5.0.2, clause 6.12, register `1-0:99.97.0`. Its text has the number of failures
//! and the register of their lengths; then, for each failure, when it ended and how long it was.

use metertap_decoder::register::RegisterId;
use metertap_decoder::time::{MeterTime, Zone};

use crate::entry::Moment;

/// A power failure of more than three minutes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PowerFailure {
    /// When the power came back, by the meter's clock.
    pub ended: Moment,
    /// How long the power was off, in seconds.
    pub seconds: u32,
}

/// The failures in a register's text, in the meter's order. `None` if it is another register, or its text is not such a
/// list. The meter's clock is in this zone.
#[must_use]
pub fn power_failures(register: RegisterId, text: &str, zone: Zone) -> Option<Vec<PowerFailure>> {
    if register.to_string() != REGISTER {
        return None;
    }
    let groups: Option<Vec<&str>> =
        text.strip_suffix(')')?.split(')').map(|group| group.strip_prefix('(')).collect();
    let groups = groups?;
    let (count, failures) = match groups.as_slice() {
        [count] => (count, [].as_slice()),
        [count, _, failures @ ..] => (count, failures),
        [] => return None,
    };
    // A meter without a failure may send the groups of one failure and leave them empty.
    if count.parse() == Ok(0) {
        return Some(Vec::new());
    }
    let failures: Option<Vec<_>> = failures.chunks(2).map(|groups| power_failure(groups, zone)).collect();
    failures.filter(|failures| count.parse() == Ok(failures.len()))
}

fn power_failure(groups: &[&str], zone: Zone) -> Option<PowerFailure> {
    let [ended, lasted] = groups else { return None };
    Some(PowerFailure { ended: moment(ended, zone)?, seconds: lasted.strip_suffix("*s")?.parse().ok()? })
}

/// `YYMMDDhhmmssX`, where X tells whether it is summer time.
fn moment(text: &str, zone: Zone) -> Option<Moment> {
    let is_summer = match text.get(12..)? {
        "S" => true,
        "W" => false,
        _ => return None,
    };
    let digits = |text: &&str| text.bytes().all(|octet| octet.is_ascii_digit());
    let two = |from: usize| text.get(from..from + 2).filter(digits)?.parse::<i8>().ok();
    let date = (2000 + i16::from(two(0)?), two(2)?, two(4)?);
    let time = MeterTime::in_zone(date, (two(6)?, two(8)?, two(10)?), Some(is_summer), zone)?;
    Some(Moment(time.unix_seconds().checked_mul(1000)?))
}

const REGISTER: &str = "1-0:99.97.0";

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the companion standard.
    #[test]
    fn the_standards_example_lists_two_failures() {
        let text = "(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)";
        let failures = of(text).unwrap();
        // 2010-12-08T14:24:15Z and 14:10:04Z, by `date --utc`.
        let expected = [(1_291_818_255_000, 240), (1_291_817_404_000, 301)];
        assert_eq!(failures.iter().map(|one| (one.ended.0, one.seconds)).collect::<Vec<_>>(), expected);
    }

    /// The same clock in a country that is an hour ahead.
    #[test]
    fn times_are_read_in_the_meters_zone() {
        let text = "(1)(0-0:96.7.19)(101208152415W)(0000000240*s)";
        let helsinki = Zone::named("Europe/Helsinki").unwrap();
        let failures = power_failures(REGISTER.parse().unwrap(), text, helsinki).unwrap();
        assert_eq!(failures.first().map(|one| one.ended), Some(Moment(1_291_814_655_000)));
    }

    #[test]
    fn an_empty_list_differs_from_an_unreadable_one() {
        for none in ["(0)", "(0)(0-0:96.7.19)", "(0)(0-0:96.7.19)()()"] {
            assert_eq!(of(none), Some(Vec::new()), "{none}");
        }
        for unreadable in [
            "",
            ")",
            "(2",
            "(1)(0-0:96.7.19)",
            "(1)(0-0:96.7.19)(101208152415W)",
            "(1)(0-0:96.7.19)(101208152415)(0000000240*s)",
            "(1)(0-0:96.7.19)(101308152415W)(0000000240*s)",
            "(1)(0-0:96.7.19)(101208152415W)(-000000240*s)",
            "(1)(0-0:96.7.19)(1012081524+5W)(0000000240*s)",
            "(1)(0-0:96.7.19)(10120815241éW)(0000000240*s)",
            "(2)(0-0:96.7.19)(101208152415W)(0000000240*s)",
        ] {
            assert_eq!(of(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn another_register_is_not_a_list_of_failures() {
        let register = "1-0:99.98.0".parse().unwrap();
        assert_eq!(power_failures(register, "(0)", Zone::UTC), None);
    }

    fn of(text: &str) -> Option<Vec<PowerFailure>> {
        power_failures(REGISTER.parse().unwrap(), text, Zone::named("Europe/Amsterdam").unwrap())
    }
}
