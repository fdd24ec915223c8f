//! [`OwnPeaks`]: the peaks that a meter reports itself. Belgian meters do, and their peaks are the ones billed.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity, Reading, Unit};
use metertap_decoder::register::Value;
use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use super::month::{Highest, MonthPeak};
use super::rule::PeakRule;
use crate::as_text;
use crate::entry::Moment;
use crate::history::calendar::{Period, Span};

/// The peaks that a meter reports.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct OwnPeaks {
    /// The mean power of the quarter of an hour in progress, in kilowatts (1-0:1.4.0).
    pub running: Option<OwnPeak>,
    /// The peak of this month (1-0:1.6.0).
    pub month: Option<OwnPeak>,
    /// The peaks of earlier months, the latest first (0-0:98.1.0).
    pub earlier: Vec<OwnPeak>,
}

/// A peak that a meter reports.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct OwnPeak {
    /// When it occurred, by the meter's clock; `None` if the meter does not report it.
    pub at: Option<Moment>,
    /// Kilowatts.
    #[serde(with = "as_text")]
    pub power: Number,
}

impl OwnPeaks {
    /// The peaks in a reading; `None` if it has neither the quarter in progress nor the peak of this month.
    #[must_use]
    pub fn of(reading: &Reading) -> Option<Self> {
        let peaks = |quantity: Quantity| {
            let all = reading.values.iter().filter(move |value| value.quantity == Some(quantity));
            all.filter(|value| value.error.is_none() && value.channel.is_none())
        };
        let present = |quantity| peaks(quantity).find(|value| value.storage.is_none()).and_then(peak);
        let mut earlier: Vec<OwnPeak> = peaks(Quantity::DemandImportPeak)
            .filter(|value| value.storage.is_some())
            .filter_map(peak)
            .collect();
        earlier.sort_by_key(|peak| std::cmp::Reverse(peak.at));
        earlier.truncate(MOST);
        let own = Self {
            running: present(Quantity::DemandImport),
            month: present(Quantity::DemandImportPeak),
            earlier,
        };
        (own.month.is_some() || own.running.is_some()).then_some(own)
    }

    /// The peak that the meter reports for a month; `None` if there is none, or if the rule does not bill what meters
    /// report. The meter dates a quarter of an hour by its end.
    #[must_use]
    pub fn of_month(&self, rule: &PeakRule, month: Span, zone: Zone) -> Option<MonthPeak> {
        if !rule.is_meters_own() {
            return None;
        }
        let all = self.month.iter().chain(&self.earlier).filter_map(|peak| Some((peak.at?, peak.power)));
        let quarters = all.filter_map(|(at, power)| {
            let span = Period::Quarter.around(Moment(at.0.saturating_sub(1)), zone)?;
            Some(Highest { span, power })
        });
        let of_month = quarters.filter(|highest| month.contains(highest.span.from));
        let highest = of_month.max_by(|one, other| one.power.compare(other.power))?;
        Some(MonthPeak { month, highest: vec![highest], unknown: (0, 0), own: true })
    }
}

fn peak(value: &Measurement) -> Option<OwnPeak> {
    let Value::Number(number) = value.value else { return None };
    let scale = match value.unit? {
        Unit::Watt => -3,
        _ => return None,
    };
    let at = value.time.map(|time| Moment(time.unix_seconds().saturating_mul(1000)));
    Some(OwnPeak { at, power: Number::new(number.mantissa, number.scaler.checked_add(scale)?) })
}

/// The most earlier months that are taken from a reading: two years. Meters keep thirteen months.
const MOST: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{measurement, reading};
    use metertap_decoder::time::MeterTime;

    /// dsmr-reader's test telegram and homebridge-p1#69: 0.078 kW in progress, 1.566 kW in February, 3.332 kW in
    /// January.
    #[test]
    fn a_belgian_meter_sends_its_peaks_with_times() {
        let at = |value: Measurement, second| Measurement { time: MeterTime::from_unix(second, 60), ..value };
        let peak = |value: &str| measurement("1-0:1.6.0", Quantity::DemandImportPeak, value);
        let said = reading(vec![
            measurement("1-0:1.4.0", Quantity::DemandImport, "78"),
            at(peak("1566"), 1_675_216_800),
            Measurement { storage: Some(1), ..at(peak("2589"), 1_672_000_000) },
            Measurement { storage: Some(2), ..at(peak("3332"), 1_673_696_700) },
        ]);
        let own = OwnPeaks::of(&said).unwrap();
        let text = |peak: Option<OwnPeak>| peak.map(|peak| peak.power.to_string());
        assert_eq!((text(own.running), text(own.month)), (Some("0.078".into()), Some("1.566".into())));
        assert_eq!(own.month.unwrap().at, Some(Moment(1_675_216_800_000)));
        let earlier: Vec<String> = own.earlier.iter().map(|peak| peak.power.to_string()).collect();
        assert_eq!(earlier, ["3.332", "2.589"], "the latest first");
        assert_eq!(OwnPeaks::of(&reading(vec![])), None);
        // January's peak is the quarter before 12:45.
        let zone = Zone::named("Europe/Brussels").unwrap();
        let january = Period::Month.around(Moment(1_673_696_700_000), zone).unwrap();
        let rule = PeakRule::named("be-flanders").unwrap();
        let found = own.of_month(rule, january, zone).unwrap();
        assert_eq!(found.highest[0].span.to, Moment(1_673_696_700_000));
        assert_eq!(own.of_month(PeakRule::named("no-three-days").unwrap(), january, zone), None);
    }
}
