//! [`LoadProfile`]: a meter's stored load profile, as readings of a table.

use std::collections::BTreeMap;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity, Reading, Unit};
use metertap_decoder::register::{Obis, RegisterId, Value};

use super::format::Register;
use super::join::Join;
use super::reader::COUNTED;
use crate::entry::Moment;
use crate::power::sum;

/// Entries of a load profile, by the ends of their periods.
///
/// If no entry contains a counter's position, the amounts of the periods are added up to positions that begin at zero.
/// Such readings have `counted` in place of the meter's identification. Otherwise, the step to the meter's own counter
/// would be taken for energy.
#[derive(Clone, Debug, Default)]
pub struct LoadProfile(BTreeMap<Moment, Reading>);

impl LoadProfile {
    /// Takes an entry. An entry is ignored if it has no time, if its time is before 2000 or in the future, or if there
    /// are already more entries than any meter keeps.
    pub fn take(&mut self, entry: Reading, now: Moment) {
        let Some(time) = entry.time else { return };
        let end = Moment(time.unix_seconds().saturating_mul(1000));
        if (EARLIEST..=now).contains(&end) && self.0.len() < MOST {
            self.0.insert(end, entry);
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the readings that are new to `join`, in chronological order.
    #[must_use]
    pub fn readings(self, join: &mut Join) -> Vec<(Moment, Reading)> {
        let length = self.period();
        let has_counters = self.0.values().any(|entry| entry.values.iter().any(is_counter));
        let mut positions = [None; 2];
        let mut readings = Vec::new();
        for (end, entry) in self.0 {
            let received = Moment(end.0.saturating_sub(1));
            if !join.takes(received) {
                continue;
            }
            if has_counters {
                readings.push((received, entry));
                continue;
            }
            let counted = [Flow::Taken, Flow::Given].map(|flow| flow.counted(&entry));
            let is_first = positions == [None; 2];
            for (position, counted) in positions.iter_mut().zip(counted) {
                *position = counted.map_or(*position, |counted| sum(position.unwrap_or(ZERO), counted));
            }
            if is_first {
                let zeros = positions.map(|position| position.map(|_| ZERO));
                let begin = Moment(end.0.saturating_sub(length));
                readings
                    .push((begin, with_positions(Reading { values: Vec::new(), ..entry.clone() }, zeros)));
            }
            readings.push((received, with_positions(entry, positions)));
        }
        readings
    }

    /// The length of a period in milliseconds: the shortest time between two entries, at most a quarter of an hour.
    fn period(&self) -> i64 {
        let ends = self.0.keys();
        let steps = ends.clone().zip(ends.skip(1)).map(|(one, next)| next.0.saturating_sub(one.0));
        steps.min().unwrap_or(QUARTER).min(QUARTER)
    }
}

#[derive(Clone, Copy)]
enum Flow {
    Taken,
    Given,
}

impl Flow {
    /// What an entry has counted in this direction: group D is 29 if a register counts within a period of the load
    /// profile (IEC 62056-6-1, 7.5).
    fn counted(self, entry: &Reading) -> Option<Number> {
        let is_it = |value: &&Measurement| {
            let RegisterId::Obis(Obis([1, _, flow, 29, 0, _])) = value.register else { return false };
            flow == self.group() && value.unit == Some(Unit::KilowattHour)
        };
        match entry.values.iter().find(is_it)?.value {
            Value::Number(number) if number.mantissa >= 0 => Some(number),
            _ => None,
        }
    }

    const fn group(self) -> u8 {
        match self {
            Self::Taken => 1,
            Self::Given => 2,
        }
    }
}

fn is_counter(value: &Measurement) -> bool {
    matches!(value.quantity, Some(Quantity::ActiveEnergyImport | Quantity::ActiveEnergyExport))
}

fn with_positions(mut entry: Reading, positions: [Option<Number>; 2]) -> Reading {
    let positions = ["import", "export"].into_iter().zip(positions);
    let measured = positions.filter_map(|(name, position)| Register::named(name)?.measurement(position?));
    entry.values.extend(measured);
    entry.meter = Some(COUNTED.into());
    entry
}

const ZERO: Number = Number::whole(0);
const QUARTER: i64 = 900_000;
/// 2000-01-01T00:00:00Z: totals leave out what came before.
const EARLIEST: Moment = Moment(946_684_800_000);
/// More than a year of quarters of an hour.
const MOST: usize = 40_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::calendar::Quarter;
    use crate::log::totals::block::Block;
    use crate::log::totals::rollup::RollUp;

    const NOW: &str = "2026-01-14T18:20:00Z";

    fn moment(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn entry(time: &str, values: &str) -> Reading {
        let json = format!(
            "{{\"v\":1,\"meter\":\"0418700512\",\"protocol\":\"modbus-emi\",\"time\":\"{time}\",\"time_source\":\"meter\",\
             \"integrity\":\"checked\",\"values\":[{values}]}}"
        );
        serde_json::from_str(&json).unwrap()
    }

    fn counted(time: &str, taken: &str) -> Reading {
        let value = format!(
            "{{\"register\":\"1-0:1.29.0\",\"quantity\":null,\"value\":\"{taken}\",\"unit\":\"kWh\"}}"
        );
        entry(time, &value)
    }

    fn told(readings: &[(Moment, Reading)]) -> Vec<(String, Vec<String>)> {
        let values = |reading: &Reading| {
            reading.values.iter().map(|value| format!("{} {}", value.register, value.value)).collect()
        };
        readings.iter().map(|(at, reading)| (at.to_string(), values(reading))).collect()
    }

    fn profile(entries: &[Reading]) -> LoadProfile {
        let mut profile = LoadProfile::default();
        entries.iter().for_each(|entry| profile.take(entry.clone(), moment(NOW)));
        profile
    }

    /// 0.233 and 0.198 kWh add up to 0.431, from zero at the beginning of the first quarter.
    #[test]
    fn what_periods_counted_adds_up() {
        let entries =
            [counted("2026-01-14T18:15:00+00:00", "0.198"), counted("2026-01-14T18:00:00+00:00", "0.233")];
        let readings = profile(&entries).readings(&mut Join::default());
        let at = |text: &str, values: &[&str]| {
            (moment(text).to_string(), values.iter().map(|value| (*value).to_owned()).collect())
        };
        let expected = [
            at("2026-01-14T17:45:00Z", &["1-0:1.8.0 0"]),
            at("2026-01-14T17:59:59.999Z", &["1-0:1.29.0 0.233", "1-0:1.8.0 0.233"]),
            at("2026-01-14T18:14:59.999Z", &["1-0:1.29.0 0.198", "1-0:1.8.0 0.431"]),
        ];
        assert_eq!(told(&readings), expected);
        assert!(readings.iter().all(|(_, reading)| reading.meter.as_deref() == Some("counted")));
    }

    #[test]
    fn a_quarter_in_the_meters_own_log_is_left_out() {
        let entries =
            ["18:15", "18:00", "17:45"].map(|end| counted(&format!("2026-01-14T{end}:00+00:00"), "0.100"));
        let rolled = RollUp { readings: 1, ..RollUp::default() };
        let mut join = Join::default();
        join.knows(&Block([(Quarter::of(moment("2026-01-14T17:50:00Z")).0, rolled)].into()));
        let readings = profile(&entries).readings(&mut join);
        assert_eq!(readings.len(), 3, "zero, and two quarters");
        assert!(told(&readings)[2].1.contains(&"1-0:1.8.0 0.200".to_owned()));
    }

    #[test]
    fn entries_with_counters_are_unchanged() {
        let value = "{\"register\":\"1-0:1.8.0\",\"quantity\":\"active-energy-import\",\"value\":\"12.5\",\"unit\":\"kWh\"}";
        let readings = profile(&[entry("2026-01-14T18:00:00+00:00", value)]).readings(&mut Join::default());
        assert_eq!(told(&readings).len(), 1);
        assert_eq!(readings[0].1.meter.as_deref(), Some("0418700512"));
    }

    #[test]
    fn entries_with_an_impossible_time_are_ignored() {
        let entries =
            ["2026-01-14T18:30:00+00:00", "1999-12-31T23:45:00+00:00"].map(|end| counted(end, "0.1"));
        assert!(profile(&entries).is_empty());
    }
}
