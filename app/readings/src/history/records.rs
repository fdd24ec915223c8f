//! [`Records`]: the highest and the lowest values ever, and what a house takes while everybody sleeps.

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use super::as_text;
use super::calendar::Span;
use super::flow::Flow;
use super::totals::{Power, Total};
use crate::entry::Moment;

/// The records of a meter.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Records {
    /// The highest and the lowest power ever.
    pub power: Option<Power>,
    /// For each flow, the days with the most and the least of it.
    pub days: Vec<DayRecord>,
    /// For each flow, the hour of the last year with the most of it.
    pub hours: Vec<HourRecord>,
    /// What the house takes at night.
    pub base_load: Option<BaseLoad>,
}

/// The days with the most and the least of a flow.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DayRecord {
    /// The flow.
    pub flow: Flow,
    /// The day with the most of it.
    pub most: DayAmount,
    /// The day with the least of it.
    pub least: DayAmount,
}

/// The hour with the most of a flow.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct HourRecord {
    /// The flow.
    pub flow: Flow,
    /// The hour.
    pub hour: Span,
    /// The amount.
    #[serde(with = "as_text")]
    pub total: Number,
}

/// What flowed on a day.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct DayAmount {
    /// The day.
    pub day: Span,
    /// The amount.
    #[serde(with = "as_text")]
    pub total: Number,
}

/// What a house takes at night.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct BaseLoad {
    /// In watts.
    #[serde(with = "as_text")]
    pub watts: Number,
    /// The number of nights in the median.
    pub nights: u32,
}

/// The days with the most and the least of each flow. A day does not count if its amounts include what flowed in a gap
/// before it, or if `is_whole` refuses it: because it is not over, or was not received completely.
#[must_use]
pub fn of_days(days: &[Total], is_whole: impl Fn(&Total) -> bool) -> Vec<DayRecord> {
    let mut records: Vec<DayRecord> = Vec::new();
    for total in days.iter().filter(|total| total.since.is_none() && is_whole(total)) {
        for amount in &total.amounts {
            let day = DayAmount { day: total.span, total: amount.total };
            let Some(known) = records.iter_mut().find(|known| known.flow == amount.flow) else {
                records.push(DayRecord { flow: amount.flow, most: day, least: day });
                continue;
            };
            if day.total.compare(known.most.total).is_gt() {
                known.most = day;
            }
            if day.total.compare(known.least.total).is_lt() {
                known.least = day;
            }
        }
    }
    records
}

/// The hour with the most of each flow; of equal hours, the first. An hour does not count if its amounts include what
/// flowed in a gap before it.
#[must_use]
pub fn of_hours(hours: &[Total]) -> Vec<HourRecord> {
    let mut records: Vec<HourRecord> = Vec::new();
    for total in hours.iter().filter(|total| total.since.is_none()) {
        for amount in total.amounts.iter().filter(|amount| amount.total.mantissa > 0) {
            let hour = HourRecord { flow: amount.flow, hour: total.span, total: amount.total };
            match records.iter_mut().find(|known| known.flow == amount.flow) {
                Some(known) if hour.total.compare(known.total).is_gt() => *known = hour,
                Some(_) => {}
                None => records.push(hour),
            }
        }
    }
    records
}

/// The median of the nights' lowest quarters of an hour, from quarters with their mean power in watts. Quarters that
/// feed in do not count. `None` if no quarter at night counts.
#[must_use]
pub fn base_load(quarters: impl IntoIterator<Item = (Moment, Number)>, zone: Zone) -> Option<BaseLoad> {
    let mut nights: Vec<(i64, Number)> = Vec::new();
    for (start, mean) in quarters {
        let Some(local) = zone.local(start.0.div_euclid(1000)) else { continue };
        if !NIGHT.contains(&local.time().minutes()) || mean.mantissa < 0 {
            continue;
        }
        let night = local.date().number();
        match nights.last_mut() {
            Some((known, least)) if *known == night => {
                if mean.compare(*least).is_lt() {
                    *least = mean;
                }
            }
            _ => nights.push((night, mean)),
        }
    }
    nights.sort_by(|(_, one), (_, other)| one.compare(*other));
    let (_, watts) = *nights.get(nights.len().checked_sub(1)? / 2)?;
    Some(BaseLoad { watts, nights: u32::try_from(nights.len()).ok()? })
}

/// Minutes since midnight: from one to five o'clock.
const NIGHT: std::ops::Range<i32> = 60..300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::counting::Amount;
    use metertap_decoder::reading::Quantity;

    const DAY: i64 = 86_400_000;

    fn day(number: i64, amount: &str) -> Total {
        let flow = Flow::of_meter(Quantity::ActiveEnergyImport);
        let amount = Amount { flow, total: amount.parse().unwrap(), tariffs: Vec::new() };
        let span = Span { from: Moment(number * DAY), to: Moment((number + 1) * DAY) };
        Total { amounts: vec![amount], readings: 1, ..Total::of(span) }
    }

    #[test]
    fn only_complete_days_are_records() {
        let mut days = vec![day(0, "9.5"), day(1, "12.25"), day(2, "3"), day(3, "40"), day(4, "0.1")];
        days[3].since = Some(Moment(0));
        let records = of_days(&days, |total| total.span.from.0 < 4 * DAY);
        assert_eq!(records.len(), 1);
        assert_eq!((records[0].most.total.to_string(), records[0].most.day), ("12.25".into(), days[1].span));
        assert_eq!((records[0].least.total.to_string(), records[0].least.day), ("3".into(), days[2].span));
        assert_eq!(of_days(&[], |_| true), []);
    }

    #[test]
    fn an_hour_after_a_gap_is_no_record_and_nothing_is_none() {
        let mut hours = vec![day(0, "0.5"), day(1, "1.25"), day(2, "9"), day(3, "1.250")];
        hours[2].since = Some(Moment(0));
        let found = of_hours(&hours);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].total.to_string(), found[0].hour), ("1.25".into(), hours[1].span));
        assert_eq!(of_hours(&[day(0, "0.000")]), []);
    }

    /// Three nights whose lowest quarters are 80, 120 and 95 W. Feeding in and daytime do not count.
    #[test]
    fn the_base_load_is_the_median_night() {
        let quarter =
            |day: i64, hour: i64, watts: i128| (Moment(day * DAY + hour * 3_600_000), Number::whole(watts));
        let quarters = [
            quarter(0, 2, 90),
            quarter(0, 3, 80),
            quarter(0, 12, 10),
            quarter(1, 1, 120),
            quarter(1, 4, 300),
            quarter(1, 5, 1),
            quarter(2, 2, 95),
            quarter(2, 3, -40),
        ];
        let base = base_load(quarters, Zone::UTC).unwrap();
        assert_eq!((base.watts.to_string(), base.nights), ("95".into(), 3));
        assert_eq!(base_load([quarter(0, 12, 10)], Zone::UTC), None);
    }
}
