//! [`Running`]: the interval in progress, its expected mean power, and what may still be used in it.

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use super::month::{MonthPeak, day};
use super::rule::{Peak, PeakRule};
use crate::as_text;
use crate::entry::Moment;
use crate::history::calendar::Span;

/// The interval in progress.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Running {
    /// Its period.
    pub span: Span,
    /// The expected mean power in kilowatts, if the power stays as it is.
    #[serde(with = "as_text")]
    pub expected: Number,
    /// For each peak of the rule for which the interval counts, what may still be used.
    pub room: Vec<Room>,
}

/// What may still be used in an interval.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Room {
    /// The index of the peak in the rule.
    pub peak: usize,
    /// The mean power in kilowatts that the interval may reach without raising the month's value.
    #[serde(with = "as_text")]
    pub limit: Number,
    /// Kilowatt hours that may still be used; negative if the limit is already exceeded.
    #[serde(with = "as_text")]
    pub left: Number,
}

/// What is known of the interval in progress.
#[derive(Clone, Copy, Debug)]
pub struct SoFar {
    /// Kilowatt hours since it began.
    pub energy: Number,
    /// When the counter reached its last position, or when the interval began if that is later.
    pub until: Moment,
    /// The current power in watts; `None` if the meter does not send it.
    pub power: Option<Number>,
}

impl Running {
    /// Computes the interval's outlook. `months` are the peaks of this month, in the order of the rule. Returns `None`
    /// outside the interval, and in its first third if the meter sends no power.
    #[must_use]
    pub fn of(rule: &PeakRule, span: Span, so_far: SoFar, months: &[MonthPeak], zone: Zone) -> Option<Self> {
        let (gone, left) = (so_far.until.0.checked_sub(span.from.0)?, span.to.0.checked_sub(so_far.until.0)?);
        if gone < 0 || left <= 0 {
            return None;
        }
        let length = span.length();
        // Kilowatt milliseconds, exactly: E·3,600,000 + P·t.
        let taken = so_far.energy.mantissa.checked_mul(3_600_000)?;
        let expected = match so_far.power {
            Some(watts) => {
                let watts = if watts.mantissa < 0 { Number::whole(0) } else { watts };
                let kilowatts = watts.scaler.checked_sub(3)?;
                let scaler = so_far.energy.scaler.min(kilowatts);
                let taken = Number::new(taken, so_far.energy.scaler).mantissa_at(scaler)?;
                let more = Number::new(watts.mantissa, kilowatts).mantissa_at(scaler)?;
                quotient(Number::new(taken.checked_add(more.checked_mul(left.into())?)?, scaler), length)?
            }
            None if gone >= length / 3 => quotient(Number::new(taken, so_far.energy.scaler), gone)?,
            None => return None,
        };
        let peaks = rule.peaks.iter().zip(months).enumerate();
        let room = peaks.filter_map(|(place, (peak, month))| {
            let weight = rule.weight(peak, span.from, zone)?;
            let limit = quotient_of(limit(rule, peak, month, span, zone)?, weight)?;
            let may = limit.mantissa.checked_mul(length.into())?;
            let may = quotient(Number::new(may, limit.scaler), 3_600_000)?;
            Some(Room { peak: place, limit, left: crate::power::difference(may, so_far.energy)? })
        });
        Some(Self { span, expected, room: room.collect() })
    }

    /// Whether less than a third of an interval is over, which is too little for an expectation.
    #[must_use]
    pub fn is_too_early(span: Span, now: Moment) -> bool {
        now.0.saturating_sub(span.from.0) < span.length() / 3
    }

    /// The expected power in percent of the highest power that raises no peak; `None` if that power is unknown, or if
    /// [`is_too_early`](Self::is_too_early).
    #[must_use]
    pub fn hundredths(&self, now: Moment) -> Option<Number> {
        if Self::is_too_early(self.span, now) {
            return None;
        }
        let limits = self.room.iter().map(|room| room.limit).filter(|limit| limit.mantissa > 0);
        let least = limits.min_by(|one, other| one.compare(*other))?;
        let (expected, scaler) = (self.expected, self.expected.scaler.min(least.scaler));
        let hundredths = expected.mantissa_at(scaler)?.checked_mul(100)?;
        hundredths.checked_div(least.mantissa_at(scaler)?).map(Number::whole)
    }
}

/// The power that an interval may reach without raising the month's mean, but at least the rule's floor. The limit is
/// the lowest of the month's highest values. If these must be of different days and one of them is of today, the limit
/// is that one. Otherwise, while there are fewer values than the rule takes, a further value is added at any power, and
/// only the floor is a limit. `None` without a limit.
fn limit(rule: &PeakRule, peak: &Peak, month: &MonthPeak, span: Span, zone: Zone) -> Option<Number> {
    let today = day(span, zone);
    let of_today = month.highest.iter().find(|highest| day(highest.span, zone) == today);
    let known = match of_today.filter(|_| peak.distinct_days) {
        Some(highest) => Some(highest.power),
        None if month.highest.len() == peak.count => month.highest.last().map(|highest| highest.power),
        None => None,
    };
    match (known, rule.floor) {
        (Some(known), Some(floor)) if known.compare(floor).is_lt() => Some(floor),
        (None, floor) => floor,
        (known, _) => known,
    }
}

/// The quotient with three more decimal places, rounded half up.
fn quotient(number: Number, by: i64) -> Option<Number> {
    let scaler = number.scaler.checked_sub(3)?;
    let (twice, by) = (number.mantissa_at(scaler)?.checked_mul(2)?, i128::from(by));
    Some(Number::new(twice.checked_add(by)?.checked_div(by.checked_mul(2)?)?, scaler))
}

fn quotient_of(number: Number, by: Number) -> Option<Number> {
    if by == Number::whole(1) {
        return Some(number);
    }
    let scaler = number.scaler.checked_sub(3)?;
    let mantissa = number.mantissa_at(scaler)?.checked_div(by.mantissa)?;
    Some(Number::new(mantissa, scaler.checked_sub(by.scaler)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::calendar::Period;
    use crate::outlook::peaks::month::Highest;

    fn month(powers: &[(&str, &str)]) -> MonthPeak {
        let highest = powers.iter().map(|(at, power)| {
            let span = Period::Hour.around(at.parse().unwrap(), Zone::UTC).unwrap();
            Highest { span, power: power.parse().unwrap() }
        });
        let month = Period::Month.around("2026-02-10T12:00:00Z".parse().unwrap(), Zone::UTC).unwrap();
        MonthPeak { month, highest: highest.collect(), unknown: (0, 0), own: false }
    }

    fn running(
        rule: &str,
        at: &str,
        energy: &str,
        watts: Option<&str>,
        month: &MonthPeak,
    ) -> Option<Running> {
        let rule = PeakRule::named(rule).unwrap();
        let until: Moment = at.parse().unwrap();
        let span = rule.interval.around(until, Zone::UTC).unwrap();
        let so_far = SoFar {
            energy: energy.parse().unwrap(),
            until,
            power: watts.map(|watts| watts.parse().unwrap()),
        };
        Running::of(rule, span, so_far, std::slice::from_ref(month), Zone::UTC)
    }

    fn is_same(number: Number, expected: &str) -> bool {
        number.compare(expected.parse().unwrap()).is_eq()
    }

    /// 0.3 kWh in five minutes and 1.2 kW for ten more make 0.5 kWh: 2 kW. Up to 3 kW, 0.75 kWh may be used: 0.45 more.
    #[test]
    fn a_quarter_hour_is_expected_to_end_at_the_current_power() {
        let month = month(&[("2026-02-01T10:00:00Z", "3")]);
        let found = running("be-flanders", "2026-02-10T12:05:00Z", "0.300", Some("1200"), &month).unwrap();
        assert!(is_same(found.expected, "2"), "{:?}", found.expected);
        assert!(is_same(found.room[0].limit, "3") && is_same(found.room[0].left, "0.45"));
        assert_eq!(found.hundredths(found.span.from), None, "too early");
        let hundredths = found.hundredths("2026-02-10T12:05:00Z".parse().unwrap()).unwrap();
        assert_eq!(hundredths.to_string(), "66");
        // Feeding in does not reduce the result.
        let found = running("be-flanders", "2026-02-10T12:05:00Z", "0.3", Some("-5000"), &month).unwrap();
        assert!(is_same(found.expected, "1.2"));
        // Without a power, the interval continues at its mean so far.
        let found = running("be-flanders", "2026-02-10T12:05:00Z", "0.3", None, &month).unwrap();
        assert!(is_same(found.expected, "3.6"));
        assert_eq!(running("be-flanders", "2026-02-10T12:01:00Z", "0.3", None, &month), None);
    }

    /// fluvius.be: the bill never counts less than 2.5 kW.
    #[test]
    fn the_limit_is_at_least_the_floor() {
        let month = month(&[("2026-02-01T10:00:00Z", "1.1")]);
        let found = running("be-flanders", "2026-02-10T12:05:00Z", "0.1", Some("1200"), &month).unwrap();
        assert!(is_same(found.room[0].limit, "2.5"));
    }

    /// amsreader-firmware#1035: on one of the three highest days, a higher hour replaces that day's earlier one.
    #[test]
    fn on_one_of_the_highest_days_that_days_value_is_the_limit() {
        let month = month(&[
            ("2026-02-11T18:00:00Z", "5.6"),
            ("2026-02-03T17:00:00Z", "5.1"),
            ("2026-02-20T07:00:00Z", "3.5"),
        ]);
        let limit =
            |at: &str| running("no-three-days", at, "0.1", Some("1000"), &month).unwrap().room[0].limit;
        assert!(is_same(limit("2026-02-25T12:10:00Z"), "3.5"));
        assert!(is_same(limit("2026-02-03T20:10:00Z"), "5.1"));
        assert!(is_same(limit("2026-02-20T20:10:00Z"), "3.5"));
    }

    #[test]
    fn with_fewer_days_than_the_rule_takes_only_those_days_have_a_limit() {
        let month = month(&[("2026-02-01T10:00:00Z", "4"), ("2026-02-02T10:00:00Z", "3")]);
        let found = running("no-three-days", "2026-02-03T12:10:00Z", "0.1", Some("1000"), &month).unwrap();
        assert_eq!(found.room, []);
        let found = running("no-three-days", "2026-02-02T12:10:00Z", "0.1", Some("1000"), &month).unwrap();
        assert!(is_same(found.room[0].limit, "3"));
    }

    #[test]
    fn a_night_that_counts_half_may_take_twice_as_much() {
        let all =
            [("2026-02-01T10:00:00Z", "4"), ("2026-02-02T10:00:00Z", "3"), ("2026-02-03T10:00:00Z", "2.5")];
        let month = month(&all);
        let found = running("se-ellevio", "2026-02-05T23:10:00Z", "0.1", Some("1000"), &month).unwrap();
        assert!(is_same(found.room[0].limit, "5"));
    }
}
