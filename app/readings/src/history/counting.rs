//! [`Counting`]: what flowed between consecutive quarters of an hour or days, as differences of counters.

use std::collections::HashMap;

use metertap_decoder::number::Number;
use metertap_decoder::register::RegisterId;
use serde::{Deserialize, Serialize};

use super::as_text;
use super::flow::Flow;
use crate::log::totals::rollup::{RollUp, Sum};
use crate::log::totals::track::Track;
use crate::power::sum;

/// An amount that has flowed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Amount {
    /// The flow.
    pub flow: Flow,
    /// The amount in the flow's unit.
    #[serde(with = "as_text")]
    pub total: Number,
    /// The amount at each tariff, if the meter reports tariffs.
    pub tariffs: Vec<TariffAmount>,
}

/// The amount at one tariff.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct TariffAmount {
    /// The tariff, from 1.
    pub tariff: u32,
    /// The amount.
    #[serde(with = "as_text")]
    pub total: Number,
}

/// Remembers the counters' positions. Quarters or days of one meter are passed in chronological order.
#[derive(Clone, Debug, Default)]
pub struct Counting {
    before: HashMap<Track, Sum>,
}

impl Counting {
    /// Takes the positions of an earlier quarter or day, from which the next amounts are counted.
    pub fn earlier(&mut self, rolled: &RollUp) {
        for (track, sum) in rolled.tracks.iter().filter(|(track, _)| Flow::of(**track).is_some()) {
            self.before.entry(*track).and_modify(|before| before.join(sum)).or_insert(*sum);
        }
    }

    /// Takes the next quarter or day, and returns what has flowed since the end of the previous one.
    ///
    /// A meter's own total takes precedence over the sum of its tariffs, which counts only if there is no total.
    pub fn take(&mut self, rolled: &RollUp) -> Vec<Amount> {
        let mut counted: Vec<Counted> = Vec::new();
        for (track, sum) in &rolled.tracks {
            let (Some((flow, tariff)), Track::Register { register, .. }) = (Flow::of(*track), track) else {
                continue;
            };
            let since = self.before.get(track).and_then(|before| sum.counted_since(before));
            let Some(number) = since.or_else(|| sum.counted()) else { continue };
            let counts = Counted { flow, tariff, register: *register, number };
            match counted.iter_mut().find(|other| (other.flow, other.tariff) == (flow, tariff)) {
                // Two registers report the same flow: one of them counts, and always the same one.
                Some(other) if counts.register.to_string() < other.register.to_string() => *other = counts,
                Some(_) => {}
                None => counted.push(counts),
            }
        }
        self.earlier(rolled);
        counted.sort_unstable_by_key(|counted| (counted.flow, counted.tariff));
        let flows = counted.chunk_by(|one, next| one.flow == next.flow);
        flows.filter_map(amount).collect()
    }
}

#[derive(Debug)]
struct Counted {
    flow: Flow,
    tariff: Option<u32>,
    register: RegisterId,
    number: Number,
}

fn amount(counted: &[Counted]) -> Option<Amount> {
    let flow = counted.first()?.flow;
    let of_tariff = |counted: &Counted| Some(TariffAmount { tariff: counted.tariff?, total: counted.number });
    let tariffs: Vec<TariffAmount> = counted.iter().filter_map(of_tariff).collect();
    let own = counted.iter().find(|counted| counted.tariff.is_none()).map(|counted| counted.number);
    let all = tariffs.iter().try_fold(Number::whole(0), |all, tariff| sum(all, tariff.total));
    Some(Amount { flow, total: own.or(all)?, tariffs })
}

/// Adds amounts to the totals in `to`, flow by flow. A sum that does not fit 128 bits is left as it was: no meter
/// counts that far.
pub fn add(to: &mut Vec<Amount>, amounts: &[Amount]) {
    for amount in amounts {
        let Some(known) = to.iter_mut().find(|known| known.flow == amount.flow) else {
            to.push(amount.clone());
            continue;
        };
        known.total = sum(known.total, amount.total).unwrap_or(known.total);
        for more in &amount.tariffs {
            match known.tariffs.iter_mut().find(|known| known.tariff == more.tariff) {
                Some(known) => known.total = sum(known.total, more.total).unwrap_or(known.total),
                None => known.tariffs.push(*more),
            }
        }
    }
    to.sort_by_key(|amount| amount.flow);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};
    use metertap_decoder::reading::{Measurement, Quantity};

    const IMPORT: Flow = Flow::of_meter(Quantity::ActiveEnergyImport);

    fn counter(register: &str, tariff: Option<u32>, value: &str) -> Measurement {
        Measurement { tariff, ..measurement(register, Quantity::ActiveEnergyImport, value) }
    }

    /// A quarter of an hour with these readings, a minute apart.
    fn quarter(number: i64, readings: &[Vec<Measurement>]) -> RollUp {
        let mut rolled = RollUp::default();
        for (minute, values) in (0..).zip(readings) {
            rolled.add(&entry(1, number * 900_000 + minute * 60_000, reading(values.clone())));
        }
        rolled
    }

    /// A flow, its total, and the total of each tariff.
    type Told = (Flow, String, Vec<(u32, String)>);

    fn totals(amounts: &[Amount]) -> Vec<Told> {
        let tariffs = |amount: &Amount| {
            amount.tariffs.iter().map(|part| (part.tariff, part.total.to_string())).collect()
        };
        amounts.iter().map(|amount| (amount.flow, amount.total.to_string(), tariffs(amount))).collect()
    }

    /// 500.000, 500.125 and 500.375 kWh at tariff 1, nothing at tariff 2.
    #[test]
    fn tariffs_are_summed_and_time_between_readings_is_counted() {
        let tariffs =
            |one: &str| vec![counter("1-0:1.8.1", Some(1), one), counter("1-0:1.8.2", Some(2), "70")];
        let mut counting = Counting::default();
        let first = counting.take(&quarter(0, &[tariffs("500.000"), tariffs("500.125")]));
        assert_eq!(totals(&first), [(IMPORT, "0.125".into(), vec![(1, "0.125".into()), (2, "0".into())])]);
        let second = counting.take(&quarter(1, &[tariffs("500.375")]));
        assert_eq!(totals(&second)[0].1, "0.250", "from the last position of the quarter before");
    }

    #[test]
    fn a_meters_own_total_is_preferred_to_its_tariffs() {
        let said = |total: &str, one: &str| {
            vec![counter("1-0:1.8.0", None, total), counter("1-0:1.8.1", Some(1), one)]
        };
        let mut counting = Counting::default();
        let amounts = counting.take(&quarter(0, &[said("10.0", "3.0"), said("11.5", "4.0")]));
        assert_eq!(totals(&amounts), [(IMPORT, "1.5".into(), vec![(1, "1.0".into())])]);
    }

    #[test]
    fn duplicates_count_once_and_phases_and_channels_separately() {
        let said = |value: &str| {
            let gas =
                Measurement { channel: Some(1), ..measurement("0-1:24.2.1", Quantity::GasVolume, value) };
            let phase = Measurement {
                phase: Some(metertap_decoder::reading::Phase::L1),
                ..measurement("1-0:21.8.0", Quantity::ActiveEnergyImport, value)
            };
            vec![counter("1-0:1.8.0", None, value), counter("1-1:1.8.0", None, value), gas, phase]
        };
        let mut counting = Counting::default();
        let amounts = counting.take(&quarter(0, &[said("1.00"), said("1.02")]));
        let gas = Flow { quantity: Quantity::GasVolume, channel: Some(1) };
        assert_eq!(totals(&amounts), [(IMPORT, "0.02".into(), vec![]), (gas, "0.02".into(), vec![])]);
        let mut all = Vec::new();
        add(&mut all, &amounts);
        add(&mut all, &amounts);
        assert_eq!(totals(&all)[0].1, "0.04");
    }

    /// The meter is exchanged between the two quarters: the new one begins at 3.
    #[test]
    fn an_exchanged_meter_counts_on() {
        let named = |name: &str, number: i64, values: &[&str]| {
            let mut rolled = RollUp::default();
            for (minute, value) in (0..).zip(values) {
                let mut reading = reading(vec![counter("1-0:1.8.0", None, value)]);
                reading.meter = Some(name.into());
                rolled.add(&entry(1, number * 900_000 + minute * 60_000, reading));
            }
            rolled
        };
        let mut counting = Counting::default();
        counting.take(&named("KFM-6970631405353535", 0, &["90000.0", "90000.2"]));
        let after = counting.take(&named("KFM-6970631405359999", 1, &["3.0", "3.1"]));
        assert_eq!(totals(&after)[0].1, "0.1");
    }
}
