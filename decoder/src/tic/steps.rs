//! [`Steps`]: active power, computed from the steps of the counters over time.
//!
//! The port sends the present apparent power in VA, but not the present active power. The counters count single watt
//! hours: at 500 W there is a step every seven seconds, and the energy between two steps is known to the watt hour. The
//! result is computed, and must be shown as such.

use alloc::collections::VecDeque;

use crate::reading::{Quantity, Reading};
use crate::register::Value;
use crate::time::Instant;

/// The steps of a meter's counters. Begin with `Steps::default()`, pass each reading to [`hear`](Self::hear), and keep
/// the `Steps` as long as the session:
///
/// ```
/// use metertap_decoder::reading::Reading;
/// use metertap_decoder::tic::steps::Steps;
/// use metertap_decoder::time::Instant;
///
/// fn watts(steps: &mut Steps, now: Instant, reading: &Reading) -> Option<i64> {
///     steps.hear(now, reading);
///     steps.watts(now)
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Steps {
    last: Option<Counted>,
    /// The times at which the net count changed, with the new count in watt hours; the oldest first.
    steps: VecDeque<(Instant, i64)>,
}

/// The energy counted, in watt hours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Counted {
    import: i64,
    export: i64,
    /// The number of counters in both sums.
    counters: usize,
}

impl Steps {
    /// Takes a reading that was received at `at`. Ignores a reading in which a counter is missing. If a counter is new
    /// or has fallen, another meter sends, and all earlier steps are dropped.
    pub fn hear(&mut self, at: Instant, reading: &Reading) {
        let Some(counted) = Counted::of(reading) else { return };
        let last = self.last.replace(counted);
        let Some(last) = last else { return };
        if counted.counters < last.counters {
            self.last = Some(last);
        } else if counted.counters > last.counters
            || counted.import < last.import
            || counted.export < last.export
        {
            self.steps.clear();
        } else if counted != last {
            self.steps.push_back((at, counted.import.saturating_sub(counted.export)));
            if self.steps.len() > MOST {
                self.steps.pop_front();
            }
        }
    }

    /// Watts at `now`, negative while energy is exported; `None` until the counters have made two steps. Since the last
    /// step, at most one watt hour can have been counted, so the result shrinks as time passes without a step.
    #[must_use]
    pub fn watts(&self, now: Instant) -> Option<i64> {
        let (last, to) = *self.steps.back()?;
        let is_far = |(at, _): &&(Instant, i64)| last.0.saturating_sub(at.0) >= SPAN;
        let (first, from) = *self.steps.iter().rev().find(is_far).or(self.steps.front())?;
        let watts = per_hour(to.saturating_sub(from), last.0.saturating_sub(first.0))?;
        let most = per_hour(1, now.0.saturating_sub(last.0)).unwrap_or(i64::MAX);
        Some(watts.clamp(most.saturating_neg(), most))
    }
}

impl Counted {
    fn of(reading: &Reading) -> Option<Self> {
        let sum = |quantity| {
            let of_it = reading.values.iter().filter(move |value| {
                value.quantity == Some(quantity) && value.storage.is_none() && value.error.is_none()
            });
            // A total must not be added to its parts.
            let has_total = of_it.clone().any(|value| value.tariff.is_none());
            let counted = of_it.filter(|value| value.tariff.is_none() == has_total);
            let mut counters = 0;
            let sum = counted.into_iter().try_fold(0_i64, |sum, value| {
                counters += 1;
                let Value::Number(number) = value.value else { return None };
                sum.checked_add(i64::try_from(number.mantissa_at(WATT_HOURS)?).ok()?)
            });
            sum.map(|sum| (sum, counters))
        };
        let (import, counters) = sum(Quantity::ActiveEnergyImport).filter(|(_, counters)| *counters > 0)?;
        let (export, others) = sum(Quantity::ActiveEnergyExport)?;
        Some(Self { import, export, counters: counters + others })
    }
}

/// This many watt hours in this many milliseconds, as watts.
fn per_hour(watt_hours: i64, milliseconds: u64) -> Option<i64> {
    let milliseconds = i64::try_from(milliseconds).ok().filter(|milliseconds| *milliseconds > 0)?;
    watt_hours.checked_mul(HOUR)?.checked_div(milliseconds)
}

/// The time in milliseconds that the steps should cover, if enough are known: frames come every one or two seconds,
/// which limits the accuracy of a step.
const SPAN: u64 = 20_000;
/// The number of steps kept: enough for [`SPAN`] at 36 kVA.
const MOST: usize = 256;
/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;
/// The scaler of watt hours: readings are in kilowatt hours.
const WATT_HOURS: i8 = -3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;
    use alloc::vec::Vec;

    /// A reading with these counters, in watt hours: quantity, tariff, count.
    fn reading(counters: &[(Quantity, Option<u32>, i128)]) -> Reading {
        let values: Vec<_> = counters
            .iter()
            .map(|(quantity, tariff, count)| {
                let tariff = tariff.map_or(alloc::string::String::new(), |tariff| alloc::format!("\"tariff\":{tariff},"));
                let number = Number::new(*count, -3);
                alloc::format!(
                    "{{\"register\":\"tic:EAST\",\"quantity\":\"{quantity}\",{tariff}\"value\":\"{number}\",\"unit\":\"kWh\"}}"
                )
            })
            .collect();
        let json = alloc::format!(
            "{{\"v\":1,\"meter\":null,\"protocol\":\"tic-standard\",\"time\":null,\"time_source\":\"meter\",\
             \"integrity\":\"checked\",\"values\":[{}]}}",
            values.join(",")
        );
        serde_json::from_str(&json).unwrap()
    }

    const IN: Quantity = Quantity::ActiveEnergyImport;
    const OUT: Quantity = Quantity::ActiveEnergyExport;

    /// 720 W is one watt hour in five seconds.
    #[test]
    fn counter_steps_over_time_are_watts() {
        let mut steps = Steps::default();
        for second in 0..60_u64 {
            steps.hear(Instant(second * 1000), &reading(&[(IN, None, 1000 + i128::from(second / 5))]));
        }
        assert_eq!(steps.watts(Instant(59_000)), Some(720));
        // Nothing for one minute: at most one watt hour in it.
        assert_eq!(steps.watts(Instant(55_000 + 60_000)), Some(60));
    }

    #[test]
    fn export_is_negative() {
        let mut steps = Steps::default();
        for second in 0..60_u64 {
            let out = i128::from(second / 2);
            steps.hear(Instant(second * 1000), &reading(&[(IN, None, 1000), (OUT, None, out)]));
        }
        assert_eq!(steps.watts(Instant(59_000)), Some(-1800));
    }

    /// Without a total, the tariffs are added. A frame with a damaged tariff is ignored.
    #[test]
    fn a_missing_counter_gives_no_step() {
        let mut steps = Steps::default();
        for second in 0..60_u64 {
            let day = (IN, Some(2), 5000 + i128::from(second / 5));
            let night = (IN, Some(1), 9000);
            let all = [night, day];
            steps.hear(Instant(second * 1000), &reading(if second % 7 == 3 { &all[1..] } else { &all }));
        }
        let watts = steps.watts(Instant(59_000)).unwrap();
        assert!((680..=760).contains(&watts), "{watts}");
    }

    #[test]
    fn counters_that_fall_start_over() {
        let mut steps = Steps::default();
        for (second, count) in [(0, 1000), (5, 1001), (10, 1002), (15, 7), (20, 8)] {
            steps.hear(Instant(second * 1000), &reading(&[(IN, None, count)]));
        }
        assert_eq!(steps.watts(Instant(20_000)), None);
    }
}
