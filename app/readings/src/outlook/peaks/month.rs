//! [`MonthPeak`]: the peak of a month according to a rule.

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use super::rule::{Peak, PeakRule};
use crate::as_text;
use crate::history::calendar::Span;
use crate::log::calendar::{Day, Quarter};
use crate::outlook::interval::Interval;
use crate::power::sum;

/// The peak of a month.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MonthPeak {
    /// The month.
    pub month: Span,
    /// The intervals of which the peak is the mean, the highest first. Early in the month, there may be fewer than the
    /// rule takes.
    pub highest: Vec<Highest>,
    /// How many intervals of the month so far count, and how many of these have an unknown power. If some are unknown,
    /// the peak is a lower bound.
    pub unknown: (u32, u32),
    /// Whether the meter itself reports it.
    pub own: bool,
}

/// One of the highest intervals.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Highest {
    /// The period.
    pub span: Span,
    /// Kilowatts, multiplied by the rule's weight.
    #[serde(with = "as_text")]
    pub power: Number,
}

impl MonthPeak {
    /// The peak of a month, from the intervals in it that have ended.
    #[must_use]
    pub fn of(rule: &PeakRule, peak: &Peak, month: Span, intervals: &[Interval], zone: Zone) -> Self {
        let mut all: Vec<Highest> = Vec::new();
        let mut unknown = (0, 0);
        for interval in intervals.iter().filter(|interval| month.contains(interval.span.from)) {
            let Some(weight) = rule.weight(peak, interval.span.from, zone) else { continue };
            unknown.0 += 1;
            match interval.energy.and_then(|energy| power(rule, energy, weight)) {
                Some(power) => all.push(Highest { span: interval.span, power }),
                None => unknown.1 += 1,
            }
        }
        // Of equally high intervals, the earliest comes first.
        all.sort_by(|one, other| other.power.compare(one.power).then(one.span.from.cmp(&other.span.from)));
        let mut highest: Vec<Highest> = Vec::new();
        for next in all {
            if highest.len() == peak.count {
                break;
            }
            let day = day(next.span, zone);
            let is_taken = || highest.iter().any(|known| self::day(known.span, zone) == day);
            if !(peak.distinct_days && is_taken()) {
                highest.push(next);
            }
        }
        Self { month, highest, unknown, own: false }
    }

    /// The mean in kilowatts, with three more decimal places than the powers have, rounded half up; `None` without
    /// intervals.
    #[must_use]
    pub fn mean(&self) -> Option<Number> {
        mean(self.highest.iter().map(|highest| highest.power))
    }
}

/// The mean of the months that are billed together, each raised to the rule's floor first; `None` if no month has a
/// value.
#[must_use]
pub fn billed(rule: &PeakRule, months: &[MonthPeak]) -> Option<Number> {
    let last = months.get(months.len().saturating_sub(rule.months)..)?;
    let raised = |value: Number| match rule.floor {
        Some(floor) if value.compare(floor).is_lt() => floor,
        _ => value,
    };
    mean(last.iter().filter_map(MonthPeak::mean).map(raised))
}

/// The power of an interval in kilowatts, multiplied by a weight.
fn power(rule: &PeakRule, energy: Number, weight: Number) -> Option<Number> {
    let an_hour = i128::from(60 / rule.minutes());
    let mantissa = energy.mantissa.checked_mul(an_hour)?.checked_mul(weight.mantissa)?;
    Some(Number::new(mantissa, energy.scaler.checked_add(weight.scaler)?))
}

pub(super) fn mean(values: impl Iterator<Item = Number>) -> Option<Number> {
    let mut count = 0_i128;
    let all = values.inspect(|_| count += 1).try_fold(Number::whole(0), sum)?;
    if count == 0 {
        return None;
    }
    let scaler = all.scaler.checked_sub(3)?;
    let twice = all.mantissa_at(scaler)?.checked_mul(2)?;
    Some(Number::new(twice.checked_add(count)?.div_euclid(count.checked_mul(2)?), scaler))
}

pub(super) fn day(span: Span, zone: Zone) -> i64 {
    Day::of(Quarter::of(span.from), zone).0
}

#[cfg(test)]
mod tests;
