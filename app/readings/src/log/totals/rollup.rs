//! [`RollUp`]: the totals of the readings of a quarter of an hour or of a day.
//!
//! Entries are added in log order. For each track, a roll-up has the lowest and the highest value; for a measured
//! quantity, the exact sum; for a counter, the first and the last confirmed position. Entries are added one by one, so
//! a roll-up built chunk by chunk equals one computed from all entries. [`RollUp::join`] combines the roll-ups of
//! consecutive periods.
//!
//! Numbers stay exact. A number with more than nine decimal places, or with more than about nineteen digits before the
//! decimal point, does not occur in a home. It stays in the log but is left out of roll-ups.

mod ends;
mod stated;

use std::collections::{HashMap, hash_map};

use metertap_decoder::number::Number;

use super::counter::{Counter, Position};
use super::decimal::{MOST_PLACES, power_of_ten};
use super::track::Track;
use crate::crc32::crc32;
use crate::entry::{Entry, Moment};
use crate::power::net_power;

/// The totals of a meter over some period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RollUp {
    /// How many readings there were.
    pub readings: u64,
    /// The total of each track.
    pub tracks: HashMap<Track, Sum>,
}

/// The total of one track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    /// How many values there were, at least one.
    pub values: u64,
    /// The power of ten of all mantissas in this sum: that of the finest value.
    pub(in crate::log) scaler: i8,
    pub(in crate::log) least: i128,
    pub(in crate::log) most: i128,
    pub(in crate::log) kind: SumKind,
}

#[expect(clippy::large_enum_variant, reason = "most sums of a home are counters")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::log) enum SumKind {
    /// The sum of all values.
    Measured(i128),
    /// The counter's positions.
    Counted(Counter),
}

impl RollUp {
    /// Adds the next entry.
    pub fn add(&mut self, entry: &Entry) {
        let name = entry.reading.meter.as_deref();
        let meter = name.map(|name| crc32(&[name.as_bytes()]));
        let seen = Seen::of(entry, meter, net_power(&entry.reading), false);
        self.readings = self.readings.saturating_add(1);
        for (track, number) in Track::values(entry) {
            match self.tracks.entry(track) {
                hash_map::Entry::Occupied(mut known) => known.get_mut().put(number, &seen),
                hash_map::Entry::Vacant(place) => {
                    if let Some(sum) = Sum::of(track, number, &seen) {
                        place.insert(sum);
                    }
                }
            }
        }
    }

    /// Whether both have the same tracks, and every counter has counted the same in both.
    pub(in crate::log) fn counts_like(&self, other: &Self) -> bool {
        let counts = |(track, sum): (&Track, &Sum)| {
            other.tracks.get(track).is_some_and(|other| other.counted() == sum.counted())
        };
        self.tracks.len() == other.tracks.len() && self.tracks.iter().all(counts)
    }

    /// Adds the roll-up of a later period.
    pub fn join(&mut self, later: &Self) {
        self.readings = self.readings.saturating_add(later.readings);
        for (track, sum) in &later.tracks {
            self.tracks.entry(*track).and_modify(|known| known.join(sum)).or_insert(*sum);
        }
    }
}

/// The circumstances in which the values of an entry were received.
#[derive(Clone, Copy, Debug)]
pub(in crate::log) struct Seen {
    at: Moment,
    /// The checksum of the meter's identification.
    meter: Option<u32>,
    /// The house's power in kilowatts; 0 if the meter does not send it.
    kilowatts: u32,
    confirmed: bool,
}

impl Seen {
    pub(in crate::log) fn of(
        entry: &Entry,
        meter: Option<u32>,
        net: Option<Number>,
        confirmed: bool,
    ) -> Self {
        Self { at: entry.received, meter, kilowatts: net.map_or(0, kilowatts), confirmed }
    }

    pub(in crate::log) fn at(self, at: Moment) -> Self {
        Self { at, ..self }
    }
}

impl Sum {
    pub(in crate::log) fn put(&mut self, number: Number, seen: &Seen) {
        let Number { mantissa, scaler } = number;
        // Nearly all values are plain already: 64 bits with at most nine decimal places are below the limit.
        let (mantissa, scaler) = if (MOST_PLACES..=0).contains(&scaler) && i64::try_from(mantissa).is_ok() {
            (mantissa, scaler)
        } else {
            let Some(plain) = plain(number) else { return };
            (plain.mantissa, plain.scaler)
        };
        let finest = self.scaler.min(scaler);
        if finest != self.scaler {
            self.rescale(finest);
        }
        let mantissa = if scaler == finest {
            mantissa
        } else {
            mantissa.saturating_mul(power_of_ten(i16::from(scaler) - i16::from(finest)))
        };
        self.values = self.values.saturating_add(1);
        self.least = self.least.min(mantissa);
        self.most = self.most.max(mantissa);
        match &mut self.kind {
            SumKind::Measured(sum) => *sum = sum.saturating_add(mantissa),
            SumKind::Counted(counter) => counter.push(position(mantissa, number, seen), finest),
        }
    }

    pub(in crate::log) fn of(track: Track, number: Number, seen: &Seen) -> Option<Self> {
        let Number { mantissa, scaler } = plain(number)?;
        let kind = match track.is_counter() {
            true => SumKind::Counted(Counter::at(position(mantissa, number, seen), track.pace())),
            false => SumKind::Measured(mantissa),
        };
        Some(Self { values: 1, scaler, least: mantissa, most: mantissa, kind })
    }

    /// Adds the sum of a later period on the same track.
    pub fn join(&mut self, later: &Self) {
        let scaler = self.scaler.min(later.scaler);
        self.rescale(scaler);
        let mut later = *later;
        later.rescale(scaler);
        self.values = self.values.saturating_add(later.values);
        self.least = self.least.min(later.least);
        self.most = self.most.max(later.most);
        match (&mut self.kind, later.kind) {
            (SumKind::Measured(sum), SumKind::Measured(later)) => *sum = sum.saturating_add(later),
            (SumKind::Counted(counter), SumKind::Counted(later)) => counter.join(&later, scaler),
            // A track is either measured or counted, whatever a damaged roll-up says.
            (SumKind::Measured(_) | SumKind::Counted(_), _) => {}
        }
    }

    /// The lowest and the highest value.
    #[must_use]
    pub fn extent(&self) -> (Number, Number) {
        (self.number(self.least), self.number(self.most))
    }

    /// The sum of the values; `None` for a counter.
    #[must_use]
    pub fn total(&self) -> Option<Number> {
        match self.kind {
            SumKind::Measured(sum) => Some(self.number(sum)),
            SumKind::Counted(_) => None,
        }
    }

    /// The first and the last confirmed position of a counter, in log order; `None` if this is not a counter.
    #[must_use]
    pub fn positions(&self) -> Option<(Number, Number)> {
        match self.kind {
            SumKind::Measured(_) => None,
            SumKind::Counted(counter) => {
                Some((self.number(counter.first.number), self.number(counter.last())))
            }
        }
    }

    /// The jump at which the counter is held back: its position before, the position that it reports, and since when it
    /// reports that. The jump counts as soon as the counter counts on from there.
    #[must_use]
    pub fn held_back(&self) -> Option<(Number, Number, Option<Moment>)> {
        let SumKind::Counted(counter) = &self.kind else { return None };
        let held = counter.held_back()?;
        Some((self.number(counter.last()), self.number(held.last.number), held.first.at))
    }

    /// What a counter counted between its first and its last position, across an exchange of the meter and a wrap to
    /// zero. Jumps that are held back because they are impossible are not included. `None` if this is not a counter.
    #[must_use]
    pub fn counted(&self) -> Option<Number> {
        match self.kind {
            SumKind::Measured(_) => None,
            SumKind::Counted(counter) => Some(self.number(counter.counted())),
        }
    }

    /// What a counter counted from the end of an earlier period to the end of this one. `earlier` is everything before,
    /// joined. `None` if this is not a counter. The sum over all periods equals what all of them counted together, even
    /// if a later period undoes a glitch of an earlier one.
    #[must_use]
    pub fn counted_since(&self, earlier: &Self) -> Option<Number> {
        let mut all = *earlier;
        all.join(self);
        let (all, before) = (all.counted()?, earlier.counted()?);
        let before = before.mantissa_at(all.scaler)?;
        Some(Number::new(all.mantissa.saturating_sub(before), all.scaler))
    }

    /// The mean of the values, rounded to one more decimal place than they have; `None` for a counter.
    #[must_use]
    pub fn mean(&self) -> Option<Number> {
        let SumKind::Measured(sum) = self.kind else { return None };
        let (sum, values) = (sum.checked_mul(10)?, i128::from(self.values.max(1)));
        let half = if sum < 0 { -(values / 2) } else { values / 2 };
        Some(Number::new(sum.saturating_add(half) / values, self.scaler - 1))
    }

    fn number(&self, mantissa: i128) -> Number {
        Number::new(mantissa, self.scaler)
    }

    fn rescale(&mut self, scaler: i8) {
        let factor = power_of_ten(i16::from(self.scaler) - i16::from(scaler));
        self.scaler = scaler;
        let multiply = |number: &mut i128| *number = number.saturating_mul(factor);
        match &mut self.kind {
            SumKind::Measured(sum) => multiply(sum),
            SumKind::Counted(counter) => counter.mantissas().for_each(multiply),
        }
        [&mut self.least, &mut self.most].into_iter().for_each(multiply);
    }
}

/// The number with at most nine decimal places and no positive power of ten. `None` if it cannot be written in this
/// form, or if sums of it might exceed 128 bits.
pub(in crate::log) fn plain(number: Number) -> Option<Number> {
    let finest = number.mantissa_at(MOST_PLACES)?;
    if finest.unsigned_abs() >= LARGEST {
        return None;
    }
    let scaler = number.scaler.clamp(MOST_PLACES, 0);
    Some(Number::new(number.mantissa_at(scaler)?, scaler))
}

fn position(mantissa: i128, stated: Number, seen: &Seen) -> Position {
    let resolution = stated.scaler.clamp(MOST_PLACES, -MOST_PLACES);
    let at = (seen.at.0 > i64::MIN).then_some(seen.at);
    let Seen { meter, kilowatts, confirmed, .. } = *seen;
    Position { number: mantissa, at, meter, resolution, kilowatts, confirmed }
}

/// A power in watts as whole kilowatts, rounded up to at least 1, whichever direction it flows in.
fn kilowatts(power: Number) -> u32 {
    let (size, scale) = (power.mantissa.unsigned_abs(), i16::from(power.scaler));
    let watts = size.saturating_mul(power_of_ten(scale).unsigned_abs());
    let watts = watts.div_ceil(power_of_ten(-scale).unsigned_abs().max(1));
    u32::try_from(watts.div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

/// Four thousand million numbers of this size can be added up in 128 bits.
const LARGEST: u128 = 1 << 95;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::arbitrary::entries;
    use crate::samples::{entry, measurement, reading};
    use metertap_decoder::reading::Quantity;
    use proptest::prelude::*;

    fn rolled(entries: &[Entry]) -> RollUp {
        entries.iter().fold(RollUp::default(), |mut sum, entry| {
            sum.add(entry);
            sum
        })
    }

    fn sum(values: &[(&str, Quantity, &str)]) -> Sum {
        let entries: Vec<Entry> = (1_u64..)
            .zip(values)
            .map(|(seq, (register, quantity, value))| {
                let minute = i64::try_from(seq).unwrap() * 60_000;
                entry(seq, minute, reading(vec![measurement(register, *quantity, value)]))
            })
            .collect();
        let mut tracks = rolled(&entries).tracks;
        tracks.retain(|track, _| *track != Track::NetPower);
        assert_eq!(tracks.len(), 1);
        tracks.into_values().next().unwrap()
    }

    /// 229.9 + 230.25 + 230 = 690.15.
    #[test]
    fn measured_values_have_bounds_and_an_exact_sum() {
        let volts = ["229.9", "230.25", "230"].map(|value| ("1-0:32.7.0", Quantity::Voltage, value));
        let sum = sum(&volts);
        assert_eq!(sum.extent().0.to_string(), "229.90");
        assert_eq!(sum.extent().1.to_string(), "230.25");
        assert_eq!(sum.total().unwrap().to_string(), "690.15");
        assert_eq!((sum.values, sum.positions()), (3, None));
    }

    #[test]
    fn counters_have_positions_and_differences() {
        let energy = ["10329.481", "10329.490", "10330"]
            .map(|value| ("1-0:1.8.0", Quantity::ActiveEnergyImport, value));
        let sum = sum(&energy);
        let (first, last) = sum.positions().unwrap();
        assert_eq!((first.to_string(), last.to_string()), ("10329.481".into(), "10330.000".into()));
        assert_eq!(sum.counted().unwrap().to_string(), "0.519");
        assert_eq!(sum.total(), None);
    }

    /// 690.15 ÷ 3 = 230.05; −5 ÷ 3 = −1.666…; 5 ÷ 2 = 2.5.
    #[test]
    fn a_mean_has_one_more_decimal_and_is_rounded() {
        let mean = |values: &[&str]| {
            let all: Vec<_> = values.iter().map(|value| ("1-0:32.7.0", Quantity::Voltage, *value)).collect();
            sum(&all).mean().unwrap().to_string()
        };
        assert_eq!(mean(&["229.9", "230.25", "230"]), "230.050");
        assert_eq!(mean(&["-1", "-4", "0"]), "-1.7");
        assert_eq!(mean(&["2", "3"]), "2.5");
    }

    /// Only a file can hold such a sum: its mean must not become negative.
    #[test]
    fn the_mean_of_the_largest_sum_is_the_largest() {
        let sum = i128::MAX / 10;
        let largest = Sum { values: 100, scaler: 0, least: 0, most: sum, kind: SumKind::Measured(sum) };
        assert_eq!(largest.mean().unwrap().to_string(), Number::new(i128::MAX / 100, -1).to_string());
    }

    #[test]
    fn a_count_since_an_earlier_quarter_includes_the_step_between() {
        let energy = |values: &[&str]| {
            let all: Vec<_> =
                values.iter().map(|value| ("1-0:1.8.0", Quantity::ActiveEnergyImport, *value)).collect();
            sum(&all)
        };
        let (first, second) = (energy(&["10.0", "10.5"]), energy(&["10.75", "11.25"]));
        assert_eq!(second.counted_since(&first).unwrap().to_string(), "0.75");
        assert_eq!(second.counted().unwrap().to_string(), "0.50");
        let exchanged = energy(&["0.25", "0.5"]);
        assert_eq!(exchanged.counted_since(&first).unwrap().to_string(), "0.25", "a new meter");
    }

    #[test]
    fn extreme_and_overlong_values_are_left_out() {
        let one = |value| {
            rolled(&[entry(1, 0, reading(vec![measurement("1-0:32.7.0", Quantity::Voltage, value)]))])
        };
        assert_eq!(one("230.0000000001").tracks.len(), 0);
        assert_eq!(one("99999999999999999999999999").tracks.len(), 0);
        assert_eq!(one("9999999999999999999.999999999").tracks.len(), 1);
    }

    proptest! {
        /// How counters are joined is tested at [`Counter`].
        #[test]
        fn a_join_has_all_values_of_both(entries in entries(20), cut in any::<prop::sample::Index>()) {
            let cut = cut.index(entries.len() + 1);
            let mut parts = rolled(&entries[..cut]);
            parts.join(&rolled(&entries[cut..]));
            let all = rolled(&entries);
            prop_assert_eq!((parts.readings, parts.tracks.len()), (all.readings, all.tracks.len()));
            for (track, part) in &parts.tracks {
                let all = &all.tracks[track];
                prop_assert_eq!((part.values, part.extent(), part.total()), (all.values, all.extent(), all.total()));
            }
        }
    }
}
