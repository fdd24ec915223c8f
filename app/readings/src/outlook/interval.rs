//! [`Interval`]: the energy taken in a quarter of an hour or an hour, from the counter's positions at its ends.

use metertap_decoder::number::Number;
use metertap_decoder::reading::Quantity;

use crate::entry::Moment;
use crate::history::calendar::Span;
use crate::history::counting::Counting;
use crate::history::flow::Flow;
use crate::log::calendar::Quarter;
use crate::log::totals::rollup::{RollUp, Sum};
use crate::log::totals::track::Track;
use crate::power::{difference, sum};

/// The energy taken in a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The period.
    pub span: Span,
    /// Kilowatt hours; `None` if the counter's position is not known at both ends.
    pub energy: Option<Number>,
}

/// The import counter's position at the beginning of each quarter of an hour, as far as it was received.
///
/// A meter may send the position some seconds late: a Norwegian meter sends the counter of the full hour ten seconds
/// after it. So the position at a moment is the first one received within a minute after the moment. If there is none,
/// it is the last one before the moment, if the counter reached that position within the minute before.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    counting: Counting,
    quarters: Vec<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    quarter: i64,
    first: Option<(Number, Moment)>,
    last: Option<(Number, Moment)>,
    /// What was counted from the end of the previous quarter with a position to the end of this one, across exchanges
    /// and without impossible values.
    counted: Option<Number>,
}

impl Positions {
    /// Whether positions are computed from this track.
    #[must_use]
    pub fn wants(track: Track) -> bool {
        Flow::of(track).is_some_and(|(flow, _)| flow == IMPORT)
    }

    /// Takes the next quarter of an hour, in chronological order.
    pub fn take(&mut self, quarter: i64, rolled: &RollUp) {
        let counted = self.counting.take(rolled).into_iter().find(|amount| amount.flow == IMPORT);
        let counted = counted.map(|amount| amount.total);
        let (first, last) = (position(rolled, Sum::first), position(rolled, Sum::last));
        if first.is_some() {
            self.quarters.push(Known { quarter, first, last, counted });
        }
    }

    /// The energy taken in each of these spans, which begin and end with quarters of an hour.
    #[must_use]
    pub fn intervals(&self, spans: &[Span]) -> Vec<Interval> {
        let energy = |span: &Span| self.between(span.from, span.to);
        spans.iter().map(|span| Interval { span: *span, energy: energy(span) }).collect()
    }

    /// Returns the kilowatt hours taken since `from`, and when the counter reached its last position, or `from` if that
    /// is later. `from` is the beginning of the current quarter of an hour or hour. Returns `None` if the position at
    /// `from` is not known, if no position was received since, or if the difference is impossible.
    #[must_use]
    pub fn since(&self, from: Moment) -> Option<(Number, Moment)> {
        let (before, _) = self.at(from)?;
        let (last, at) = self.quarters.last().filter(|known| known.quarter >= Quarter::of(from).0)?.last?;
        // If the counter has stood there since before the quarter began, nothing has been counted in it yet.
        let at = at.max(from);
        let energy = self.plausible(difference(last, before)?, from, at)?;
        Some((energy, at))
    }

    /// The span from the first to the last quarter of an hour with a position.
    #[must_use]
    pub fn held(&self) -> Option<Span> {
        let (first, last) = (self.quarters.first()?.quarter, self.quarters.last()?.quarter);
        Some(Span { from: Quarter(first).start(), to: Quarter(last.saturating_add(1)).start() })
    }

    fn between(&self, from: Moment, to: Moment) -> Option<Number> {
        let ((before, _), (after, _)) = (self.at(from)?, self.at(to)?);
        self.plausible(difference(after, before)?, from, to)
    }

    /// The counter's position at the beginning of a quarter of an hour, and when the counter was first seen there.
    fn at(&self, moment: Moment) -> Option<(Number, Moment)> {
        let quarter = Quarter::of(moment).0;
        let place = self.quarters.partition_point(|known| known.quarter < quarter);
        let is_near = |(_, at): &(Number, Moment)| at.0.abs_diff(moment.0) <= NEAR;
        let behind = self.quarters.get(place).filter(|known| known.quarter == quarter);
        let before = place.checked_sub(1).and_then(|place| self.quarters.get(place));
        let behind = behind.and_then(|known| known.first).filter(is_near);
        behind.or_else(|| before.and_then(|known| known.last).filter(is_near))
    }

    /// A difference of positions, if the meter can have counted that much between them. `None` across an exchange of
    /// the meter, and for impossible values.
    fn plausible(&self, energy: Number, from: Moment, to: Moment) -> Option<Number> {
        let (first, last) = (Quarter::of(from).0, Quarter::of(to).0);
        let start = self.quarters.partition_point(|known| known.quarter < first);
        let within = self.quarters.get(start..)?.iter().take_while(|known| known.quarter <= last);
        let counted = within.filter_map(|known| known.counted).try_fold(Number::whole(0), sum)?;
        (energy.mantissa >= 0 && energy.compare(counted).is_le()).then_some(energy)
    }
}

/// A position of the import counter: the meter's own total, or the sum of its tariffs.
fn position(rolled: &RollUp, end: impl Fn(&Sum) -> Option<(Number, Moment)>) -> Option<(Number, Moment)> {
    let mut found: Vec<(Option<u32>, String, (Number, Moment))> = Vec::new();
    for (track, rolled) in &rolled.tracks {
        if let Some((IMPORT, tariff)) = Flow::of(*track)
            && let Some(position) = end(rolled)
        {
            found.push((tariff, track.name(), position));
        }
    }
    // The total comes before the tariffs. Of two registers with the same content, the first by name is taken.
    found.sort_by(|(one, name, _), (other, named, _)| (one, name).cmp(&(other, named)));
    found.dedup_by_key(|(tariff, ..)| *tariff);
    let mut positions = found.iter().map(|(_, _, position)| *position);
    if found.first()?.0.is_none() {
        return positions.next();
    }
    let first = positions.next()?;
    positions.try_fold(first, |(all, at), (number, later)| Some((sum(all, number)?, at.max(later))))
}

const IMPORT: Flow = Flow::of_meter(Quantity::ActiveEnergyImport);
/// How far a position may be from the beginning of a quarter of an hour, in milliseconds.
const NEAR: u64 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};
    use metertap_decoder::reading::Measurement;

    const QUARTER: i64 = 900_000;

    fn total(value: &str) -> Measurement {
        measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, value)
    }

    /// Readings at these moments, in seconds.
    fn positions(readings: &[(i64, Vec<Measurement>)]) -> Positions {
        let mut quarters: Vec<(i64, RollUp)> = Vec::new();
        for (second, values) in readings {
            let quarter = (second * 1000).div_euclid(QUARTER);
            if quarters.last().is_none_or(|(last, _)| *last != quarter) {
                quarters.push((quarter, RollUp::default()));
            }
            let (_, rolled) = quarters.last_mut().unwrap();
            rolled.add(&entry(1, second * 1000, reading(values.clone())));
        }
        let mut positions = Positions::default();
        quarters.iter().for_each(|(quarter, rolled)| positions.take(*quarter, rolled));
        positions
    }

    fn energies(positions: &Positions, minutes: i64, count: i64) -> Vec<Option<String>> {
        let span =
            |at: i64| Span { from: Moment(at * minutes * 60_000), to: Moment((at + 1) * minutes * 60_000) };
        let spans: Vec<Span> = (0..count).map(span).collect();
        positions.intervals(&spans).into_iter().map(|interval| Some(interval.energy?.to_string())).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect()
    }

    /// A counter in watt hours that is sent every ten seconds, at 6, 16, 26 s and so on: 1 kW, and 2 kW from 900 s on.
    /// It stands at 1, 252, 752 and 1,252 Wh at the beginnings of quarters of an hour.
    #[test]
    fn quarters_are_differences_of_positions() {
        let watt_hours = |second: i64| second * 1000 / 3600 + (second - 900).max(0) * 1000 / 3600;
        let position =
            |second: i64| format!("1{}.{:03}", watt_hours(second) / 1000, watt_hours(second) % 1000);
        let seconds = (0..300).map(|at| at * 10 + 6);
        let readings: Vec<_> = seconds.map(|second| (second, vec![total(&position(second))])).collect();
        assert_eq!(energies(&positions(&readings), 15, 4), some(&["0.251", "0.500", "0.500", ""]));
    }

    /// A Norwegian meter sends the counter of the full hour ten seconds after it. The position at hour 4 is missing.
    #[test]
    fn hours_are_differences_of_positions_sent_just_after_the_hour() {
        let told = [(0, "100.0"), (1, "101.5"), (2, "104.0"), (3, "104.2"), (5, "110.0"), (6, "111.0")];
        let readings: Vec<_> =
            told.iter().map(|(hour, value)| (hour * 3600 + 10, vec![total(value)])).collect();
        let found = energies(&positions(&readings), 60, 7);
        assert_eq!(found, some(&["1.5", "2.5", "0.2", "", "", "1.0", ""]));
    }

    #[test]
    fn tariffs_are_summed_and_an_exchange_adds_nothing() {
        let tariffs = |one: &str, two: &str| {
            let of = |register: &str, tariff, value: &str| Measurement {
                tariff: Some(tariff),
                ..measurement(register, Quantity::ActiveEnergyImport, value)
            };
            vec![of("1-0:1.8.1", 1, one), of("1-0:1.8.2", 2, two)]
        };
        let readings =
            [(1, tariffs("10.0", "20.0")), (901, tariffs("10.5", "20.0")), (1801, tariffs("10.5", "20.25"))];
        assert_eq!(energies(&positions(&readings), 15, 2), some(&["0.5", "0.25"]));
        let named = |value: &str, _name: &str| vec![total(value)];
        let readings = [(1, named("5.0", "a")), (901, named("90000.0", "b")), (1801, named("90000.1", "b"))];
        assert_eq!(energies(&positions(&readings), 15, 1), some(&[""]), "no house uses as much");
    }

    #[test]
    fn the_current_interval_is_known_up_to_the_last_reading() {
        let readings = [(1, vec![total("5.0")]), (400, vec![total("5.1")]), (890, vec![total("5.3")])];
        let (energy, at) = positions(&readings).since(Moment(0)).unwrap();
        assert_eq!((energy.to_string(), at), ("0.3".into(), Moment(890_000)));
        assert_eq!(positions(&readings).since(Moment(900_000)), None);
    }
}
