//! [`Totals`]: the totals of some spans of time: amounts, power, and the number of readings.

use metertap_decoder::number::Number;
use serde::{Deserialize, Serialize};

use super::as_text;
use super::calendar::Span;
use super::counting::{Amount, Counting, add};
use super::flow::Flow;
use crate::entry::Moment;
use crate::log::totals::rollup::{RollUp, Sum};
use crate::log::totals::track::Track;

/// The total of a span of time.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Total {
    /// The time.
    pub span: Span,
    /// What flowed; empty if nothing was received.
    pub amounts: Vec<Amount>,
    /// The net power of the house, if the meter sends it.
    pub power: Option<Power>,
    /// How many readings it has.
    pub readings: u64,
    /// Since when the amounts are counted, if nothing was received for some time before the span. They include what
    /// flowed in that time, and it is unknown how much of it flowed before the span.
    pub since: Option<Moment>,
}

/// Net power in watts, import positive.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Power {
    /// The mean of all values received.
    #[serde(with = "as_text")]
    pub mean: Number,
    /// The lowest.
    pub least: Peak,
    /// The highest.
    pub most: Peak,
}

/// An extreme value, and when it was first received.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Peak {
    /// The value.
    #[serde(with = "as_text")]
    pub value: Number,
    /// When it was received, or the beginning of the period in which it was received.
    pub at: Moment,
    /// The length of that period in milliseconds; 0 if the moment is known.
    pub within: i64,
}

impl Total {
    /// An empty total.
    #[must_use]
    pub const fn of(span: Span) -> Self {
        Self { span, amounts: Vec::new(), power: None, readings: 0, since: None }
    }

    /// How much of this flow there was.
    #[must_use]
    pub fn amount(&self, flow: Flow) -> Option<&Amount> {
        self.amounts.iter().find(|amount| amount.flow == flow)
    }
}

/// Adds up quarters of an hour, or days, which are passed in chronological order.
#[derive(Clone, Debug)]
pub struct Totals {
    totals: Vec<Total>,
    power: Vec<Option<Sum>>,
    counting: Counting,
    /// The end of the last quarter or day with a reading.
    heard: Option<Moment>,
    /// Whether each span ends before the next one begins.
    in_a_row: bool,
}

impl Totals {
    /// Totals of these spans. None of them begins or ends within a quarter or day that is passed to
    /// [`take`](Self::take).
    #[must_use]
    pub fn new(spans: &[Span]) -> Self {
        let pairs = spans.iter().zip(spans.iter().skip(1));
        Self {
            totals: spans.iter().copied().map(Total::of).collect(),
            power: vec![None; spans.len()],
            counting: Counting::default(),
            heard: None,
            in_a_row: pairs.into_iter().all(|(one, next)| one.to <= next.from),
        }
    }

    /// Whether a track is needed.
    #[must_use]
    pub fn wants(track: Track) -> bool {
        track == Track::NetPower || Flow::of(track).is_some()
    }

    /// Sets the counters' positions from the roll-up of a period that ends at `end`. That period is before all spans,
    /// or is not counted.
    pub fn earlier(&mut self, end: Moment, rolled: &RollUp) {
        self.counting.earlier(rolled);
        self.heard = Some(end).filter(|_| rolled.readings > 0).max(self.heard);
    }

    /// Starts with another meter, which counts from its own first position on.
    pub fn reset(&mut self) {
        (self.counting, self.heard) = (Counting::default(), None);
    }

    /// Takes the roll-up of the next quarter or day.
    pub fn take(&mut self, unit: Span, rolled: &RollUp) {
        if rolled.readings == 0 {
            return;
        }
        let amounts = self.counting.take(rolled);
        let power = rolled.tracks.get(&Track::NetPower);
        let places = if self.in_a_row {
            let behind = self.totals.partition_point(|total| total.span.from <= unit.from);
            behind.saturating_sub(1)..behind
        } else {
            0..self.totals.len()
        };
        for place in places {
            let (Some(total), Some(known)) = (self.totals.get_mut(place), self.power.get_mut(place)) else {
                continue;
            };
            if !total.span.contains(unit.from) {
                continue;
            }
            if total.readings == 0 {
                total.since = self.heard.filter(|heard| *heard < total.span.from && !amounts.is_empty());
            }
            total.readings = total.readings.saturating_add(rolled.readings);
            add(&mut total.amounts, &amounts);
            if let Some(sum) = power {
                see(total, sum, unit);
                match known {
                    Some(known) => known.join(sum),
                    None => *known = Some(*sum),
                }
            }
        }
        self.heard = Some(unit.to).max(self.heard);
    }

    /// The totals, in the order in which the spans were given.
    #[must_use]
    pub fn finish(mut self) -> Vec<Total> {
        for (total, sum) in self.totals.iter_mut().zip(&self.power) {
            if let (Some(power), Some(mean)) = (&mut total.power, sum.as_ref().and_then(Sum::mean)) {
                power.mean = mean;
            }
        }
        self.totals
    }
}

/// Updates the extremes; of equal values, the first is kept.
fn see(total: &mut Total, sum: &Sum, unit: Span) {
    let (least, most) = sum.extent();
    let peak = |value: Number| Peak { value, at: unit.from, within: unit.length() };
    let Some(power) = &mut total.power else {
        total.power = Some(Power { mean: least, least: peak(least), most: peak(most) });
        return;
    };
    if least.compare(power.least.value).is_lt() {
        power.least = peak(least);
    }
    if most.compare(power.most.value).is_gt() {
        power.most = peak(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};
    use metertap_decoder::reading::Quantity;

    const QUARTER: i64 = 900_000;

    fn span(from: i64, to: i64) -> Span {
        Span { from: Moment(from * QUARTER), to: Moment(to * QUARTER) }
    }

    /// A quarter of an hour with a reading a minute, one for each of these powers. All have this counter position.
    fn quarter(number: i64, energy: &str, watts: &[&str]) -> (Span, RollUp) {
        let mut rolled = RollUp::default();
        for (minute, watts) in (0..).zip(watts) {
            let values = vec![
                measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, energy),
                measurement("1-0:1.7.0", Quantity::ActivePowerImport, watts),
            ];
            rolled.add(&entry(1, number * QUARTER + minute * 60_000, reading(values)));
        }
        (span(number, number + 1), rolled)
    }

    fn totals(spans: &[Span], units: &[(Span, RollUp)]) -> Vec<Total> {
        let mut totals = Totals::new(spans);
        units.iter().for_each(|(unit, rolled)| totals.take(*unit, rolled));
        totals.finish()
    }

    fn import(total: &Total) -> Option<String> {
        let amount = total.amount(Flow::of_meter(Quantity::ActiveEnergyImport));
        amount.map(|amount| amount.total.to_string())
    }

    #[test]
    fn spans_add_up_to_the_difference_of_the_counter() {
        let units: Vec<_> = (0..8).map(|at| quarter(at, &format!("10.{at}"), &["400"])).collect();
        let all = totals(&[span(0, 4), span(4, 8)], &units);
        assert_eq!([import(&all[0]), import(&all[1])], [Some("0.3".into()), Some("0.4".into())]);
        // Any spans in any order, one of them within another.
        let all = totals(&[span(0, 8), span(6, 7), span(2, 5), span(9, 12)], &units);
        let amounts: Vec<_> = all.iter().map(import).collect();
        assert_eq!(amounts, [Some("0.7".into()), Some("0.1".into()), Some("0.3".into()), None]);
        assert_eq!((all[0].readings, all[3].readings, all[3].power), (8, 0, None));
    }

    /// Mean of 100, 300, 200 and −500: 25.
    #[test]
    fn power_has_a_mean_and_extremes_with_their_times() {
        let mut units = vec![quarter(0, "1", &["100", "300"]), quarter(1, "1", &["200"])];
        let out = vec![measurement("1-0:16.7.0", Quantity::ActivePower, "-500")];
        let mut rolled = RollUp::default();
        rolled.add(&entry(1, 2 * QUARTER, reading(out)));
        units.push((span(2, 3), rolled));
        let power = totals(&[span(0, 4)], &units)[0].power.unwrap();
        assert_eq!(power.mean.to_string(), "25.0");
        let peak = |value: &str, at: i64| Peak {
            value: value.parse().unwrap(),
            at: Moment(at * QUARTER),
            within: QUARTER,
        };
        assert_eq!((power.least, power.most), (peak("-500", 2), peak("300", 0)));
    }

    #[test]
    fn flow_during_a_gap_counts_in_the_first_span_after_it_and_is_marked() {
        let units = [quarter(0, "10.0", &["1"]), quarter(9, "12.5", &["1"]), quarter(10, "12.6", &["1"])];
        let spans: Vec<Span> = (0..12).map(|at| span(at, at + 1)).collect();
        let all = totals(&spans, &units);
        assert_eq!((import(&all[9]).as_deref(), all[9].since), (Some("2.5"), Some(Moment(QUARTER))));
        assert_eq!((import(&all[10]).as_deref(), all[10].since), (Some("0.1"), None));
        assert!(all[1..9].iter().all(|total| total.amounts.is_empty() && total.readings == 0));
        // The earlier position is known from elsewhere.
        let mut totals = Totals::new(&spans[9..]);
        totals.earlier(units[0].0.to, &units[0].1);
        totals.take(units[1].0, &units[1].1);
        assert_eq!(totals.finish()[0], all[9]);
    }
}
