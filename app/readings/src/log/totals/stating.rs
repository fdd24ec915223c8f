//! Applies users' statements to entries as they are read from the log, and to roll-ups.
//!
//! The log and its roll-ups keep what the meter sent. A corrected clock decides in which quarter of an hour a position
//! counts, so it is applied before anything is rolled up. A factor is applied when a roll-up is read: each quarter has
//! one factor, and all numbers of a roll-up scale with it alike, so nothing has to be recomputed.

use std::borrow::Cow;
use std::collections::HashMap;

use metertap_decoder::reading::{Measurement, Scaling, TimeSource, Unit, ValueError};
use metertap_decoder::register::Value;
use metertap_decoder::time::MeterTime;

use super::counter::Pace;
use super::rollup::{RollUp, Sum};
use super::track::Track;
use super::when;
use crate::entry::{Entry, Moment};
use crate::log::format::shape::Shape;
use crate::power::of_the_past;
use crate::stated::{CorrectedNumber, Factor, Stated, product};

/// Applies what the user has stated to an entry. Readers of the log see the result, unless they ask for entries as
/// received.
#[must_use]
pub fn told(mut entry: Entry, stated: &Stated) -> Entry {
    if !stated.is_empty() {
        put_forward(&mut entry, stated);
        let moments: Vec<Moment> =
            entry.reading.values.iter().map(|value| when::moment(&entry, value)).collect();
        for (measurement, at) in entry.reading.values.iter_mut().zip(moments) {
            multiply(measurement, stated, at);
        }
    }
    entry
}

/// The entries as they are rolled up: with the corrected clock, and with the meter's own numbers.
pub(in crate::log) fn on_time<'a>(entries: &'a [Entry], stated: &Stated) -> Cow<'a, [Entry]> {
    if !stated.has_clock() {
        return Cow::Borrowed(entries);
    }
    let mut entries = entries.to_vec();
    entries.iter_mut().for_each(|entry| put_forward(entry, stated));
    Cow::Owned(entries)
}

/// Applies the factors that held at `start` to the roll-up of a period that begins then.
pub(in crate::log) fn scale(rolled: &mut RollUp, stated: &Stated, start: Moment) {
    if stated.is_empty() {
        return;
    }
    let mut tracks = HashMap::with_capacity(rolled.tracks.len());
    for (track, sum) in std::mem::take(&mut rolled.tracks) {
        let (track, sum) = scaled(track, sum, stated, start);
        tracks.extend(sum.map(|sum| (track, sum)));
    }
    rolled.tracks = tracks;
}

/// Whether a track is wanted, or a stated factor turns it into a wanted one.
pub(in crate::log) fn may_be(track: Track, stated: &Stated, wanted: impl Fn(Track) -> bool) -> bool {
    let becomes = |factor: Factor| factor.quantity.is_some_and(|quantity| wanted(track_of(track, quantity)));
    wanted(track) || counted(track).is_some_and(|number| stated.factors(&number).any(becomes))
}

/// The shapes that the values of a shape may have: first as the meter sent them, then with the user's statements
/// applied.
pub(in crate::log) fn shapes(shape: &Shape, stated: &Stated) -> Vec<Shape> {
    let (quantity, channel, has_unit) = (shape.quantity, shape.channel, is_a_unit(shape.unit));
    let number = CorrectedNumber { register: shape.register, quantity, channel, has_unit };
    let mut after: Vec<Shape> = Vec::new();
    for Factor { quantity, .. } in stated.factors(&number) {
        let after_it = match quantity {
            Some(quantity) => Shape { quantity: Some(quantity), unit: quantity.unit(), ..shape.clone() },
            None => shape.clone(),
        };
        let after_it = Shape { scaling: Scaling::Stated, ..after_it };
        if !after.contains(&after_it) {
            after.push(after_it);
        }
    }
    [shape.clone()].into_iter().chain(after).collect()
}

/// Corrects the meter's clock. Values that the meter stored at the end of a month or a year are left alone, because a
/// few hours do not matter there.
fn put_forward(entry: &mut Entry, stated: &Stated) {
    let Some(minutes) = stated.clock(entry.received) else { return };
    let later = |time: MeterTime| {
        let seconds = time.local_seconds().saturating_add(i64::from(minutes) * 60);
        MeterTime::from_local(seconds, time.offset_minutes()).unwrap_or(time)
    };
    if entry.reading.time_source == TimeSource::Meter {
        entry.reading.time = entry.reading.time.map(later);
    }
    for measurement in entry.reading.values.iter_mut().filter(|measurement| !of_the_past(measurement)) {
        measurement.time = measurement.time.map(later);
    }
}

/// Applies a factor to a value. A value from a file of this program that already has a factor is left alone.
fn multiply(measurement: &mut Measurement, stated: &Stated, at: Moment) {
    let Measurement { register, quantity, channel, unit, .. } = *measurement;
    let Value::Number(number) = &mut measurement.value else { return };
    let counted = CorrectedNumber { register, quantity, channel, has_unit: is_a_unit(unit) };
    let factor = stated.factor(&counted, at).filter(|_| measurement.scaling != Scaling::Stated);
    let Some(Factor { by, quantity }) = factor else { return };
    let Some(product) = product(*number, by) else {
        // No meter counts that far.
        measurement.error = Some(ValueError::Implausible);
        return;
    };
    *number = product;
    measurement.scaling = Scaling::Stated;
    if let Some(quantity) = quantity {
        (measurement.quantity, measurement.unit) = (Some(quantity), quantity.unit());
    }
}

fn scaled(track: Track, sum: Sum, stated: &Stated, start: Moment) -> (Track, Option<Sum>) {
    let Some(number) = counted(track) else {
        return match stated.power(start) {
            Some(by) => (track, sum.multiplied(by)),
            None => (track, Some(sum)),
        };
    };
    let (era, factor) = (stated.era(&number, start), stated.factor(&number, start));
    let Some(Factor { by, quantity }) = factor else { return (track, Some(sum.in_era(era, None))) };
    let after = quantity.map_or(track, |quantity| track_of(track, quantity));
    let pace: Option<Pace> = quantity.map(|_| after.pace());
    (after, sum.multiplied(by).map(|sum| sum.in_era(era, pace)))
}

/// The track as statements name it; `None` for the house's net power.
fn counted(track: Track) -> Option<CorrectedNumber> {
    match track {
        Track::NetPower => None,
        Track::Register { register, quantity, channel, unit, .. } => {
            Some(CorrectedNumber { register, quantity: Some(quantity), channel, has_unit: is_a_unit(unit) })
        }
    }
}

fn track_of(track: Track, becomes: metertap_decoder::reading::Quantity) -> Track {
    match track {
        Track::NetPower => track,
        Track::Register { register, phase, tariff, channel, .. } => {
            Track::Register { register, quantity: becomes, phase, tariff, channel, unit: becomes.unit() }
        }
    }
}

/// Whether a value has a unit. A bare count of pulses has none.
const fn is_a_unit(unit: Option<Unit>) -> bool {
    !matches!(unit, None | Some(Unit::One))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};
    use crate::stated::{Correction, CorrectionKind};
    use metertap_decoder::number::Number;
    use metertap_decoder::reading::Quantity;

    fn transformers(from: i64) -> Stated {
        let ratio = "200/5".parse().unwrap();
        Stated::of(&[Correction { from: Moment(from), what: CorrectionKind::CurrentTransformer { ratio } }])
    }

    /// A watt hour every ten seconds, and other values beside it.
    fn entries() -> Vec<Entry> {
        let said = |count: u64| {
            let energy = format!("{}.{:03}", 500 + count / 1000, count % 1000);
            let tariff = measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, &energy);
            let import = measurement("1-0:1.7.0", Quantity::ActivePowerImport, "360");
            let export = measurement("1-0:2.7.0", Quantity::ActivePowerExport, "0.5");
            let voltage = measurement("1-0:32.7.0", Quantity::Voltage, "230.1");
            let received = i64::try_from(count).unwrap() * 10_000;
            entry(count, received, reading(vec![tariff, import, export, voltage]))
        };
        (1..80).map(said).collect()
    }

    fn rolled(entries: &[Entry]) -> RollUp {
        let mut sum = RollUp::default();
        entries.iter().for_each(|entry| sum.add(entry));
        sum
    }

    fn is_same(one: Option<Number>, other: Option<Number>) -> bool {
        match (one, other) {
            (Some(one), Some(other)) => one.compare(other).is_eq(),
            (one, other) => one == other,
        }
    }

    #[test]
    fn roll_ups_and_readings_agree() {
        let (stated, said) = (transformers(0), entries());
        let told: Vec<Entry> = said.iter().map(|entry| super::told(entry.clone(), &stated)).collect();
        let (mut scaled, expected) = (rolled(&said), rolled(&told));
        scale(&mut scaled, &stated, Moment(0));
        assert_eq!(scaled.tracks.len(), expected.tracks.len());
        for (track, expected) in &expected.tracks {
            let sum = &scaled.tracks[track];
            let ((least, most), (fewest, greatest)) = (sum.extent(), expected.extent());
            assert!(least.compare(fewest).is_eq() && most.compare(greatest).is_eq(), "{track:?}");
            assert!(is_same(sum.counted(), expected.counted()), "{track:?}");
            assert!(
                is_same(sum.total(), expected.total()) && is_same(sum.mean(), expected.mean()),
                "{track:?}"
            );
        }
        // 78 Wh times 40, and (360 - 0.5) W times 40.
        let energy = scaled.tracks.values().find_map(Sum::counted).unwrap();
        assert!(energy.compare(Number::new(3120, -3)).is_eq(), "{energy:?}");
        let power = scaled.tracks[&Track::NetPower].extent().1;
        assert!(power.compare(Number::whole(14_380)).is_eq(), "{power:?}");
    }

    #[test]
    fn each_statement_counts_in_full_and_nothing_between_them() {
        let (stated, said) = (transformers(400_000), entries());
        let (before, after) = said.split_at(39);
        let (mut all, mut later) = (rolled(before), rolled(after));
        scale(&mut all, &stated, Moment(0));
        scale(&mut later, &stated, Moment(400_000));
        all.join(&later);
        let counted = all.tracks.values().find_map(Sum::counted).unwrap();
        // 38 Wh, then 39 times 40.
        assert!(counted.compare(Number::new(38 + 39 * 40, -3)).is_eq(), "{counted:?}");
        // And back to the first factor: counting still starts over.
        let mut last = rolled(&said[..1]);
        let ended = Stated::of(&[
            Correction {
                from: Moment(1),
                what: CorrectionKind::CurrentTransformer { ratio: "40".parse().unwrap() },
            },
            Correction {
                from: Moment(2),
                what: CorrectionKind::CurrentTransformer { ratio: "1".parse().unwrap() },
            },
        ]);
        scale(&mut last, &ended, Moment(2));
        let mut first = rolled(&said[..1]);
        scale(&mut first, &ended, Moment(0));
        first.join(&last);
        let counted = first.tracks.values().find_map(Sum::counted).unwrap();
        assert!(counted.compare(Number::whole(0)).is_eq());
    }

    #[test]
    fn pulses_become_quantities() {
        let pulses = |count: u64| {
            let value = measurement("mbus:1", Quantity::Pulses, &count.to_string());
            entry(count, i64::try_from(count).unwrap(), reading(vec![value]))
        };
        let what = CorrectionKind::Count {
            register: "mbus:1".parse().unwrap(),
            channel: None,
            quantity: Quantity::ActiveEnergyImport,
            ratio: "1/800".parse().unwrap(),
        };
        let stated = Stated::of(&[Correction { from: Moment(0), what }]);
        let told = told(pulses(1200), &stated);
        let value = &told.reading.values[0];
        assert_eq!((value.value.to_string().as_str(), value.unit), ("1.50000", Some(Unit::KilowattHour)));
        assert_eq!(value.scaling, Scaling::Stated);
        let mut sum = rolled(&[pulses(400), pulses(1200)]);
        scale(&mut sum, &stated, Moment(0));
        let (track, sum) = sum.tracks.iter().next().unwrap();
        assert!(matches!(
            track,
            Track::Register { quantity: Quantity::ActiveEnergyImport, unit: Some(Unit::KilowattHour), .. }
        ));
        assert_eq!(sum.counted().unwrap().to_string(), "1.00000");
        assert!(may_be(Track::of(&pulses(1).reading.values[0]).unwrap(), &stated, |wanted| wanted == *track));
    }

    #[test]
    fn an_overflowing_value_is_marked_and_a_ratio_applies_only_once() {
        let stated = transformers(0);
        let most = measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, &(i128::MAX / 2).to_string());
        let told = told(entry(1, 0, reading(vec![most.clone()])), &stated);
        let value = &told.reading.values[0];
        assert_eq!((&value.value, value.error), (&most.value, Some(ValueError::Implausible)));
        let once = super::told(entries()[0].clone(), &stated);
        assert_eq!(super::told(once.clone(), &stated), once);
    }
}
