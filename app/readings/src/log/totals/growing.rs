//! [`Growing`]: a roll-up to which readings are added one by one, as fast as possible.

use metertap_decoder::identity::is_called;
use metertap_decoder::number::Number;
use metertap_decoder::reading::Measurement;
use metertap_decoder::register::Value;

use super::rollup::{RollUp, Seen, Sum};
use super::track::Track;
use super::when;
use crate::crc32::crc32;
use crate::entry::Entry;
use crate::log::calendar::Quarter;
use crate::power::net_power;

/// A meter sends the same registers at the same positions of its list again and again. So each value is first tried
/// with the track of the value that was at the same position before.
pub(in crate::log) struct Growing<'a> {
    readings: u64,
    sums: Vec<(Track, Sum)>,
    wanted: &'a dyn Fn(Track) -> bool,
    /// For each position in the last reading's list, where its value went.
    places: Vec<Place>,
    /// The meter of the last reading, and the checksum of its identification.
    meter: (Option<&'a str>, Option<u32>),
    /// The meter's name in any spelling, and the name by which its roll-ups know it.
    called: Option<(&'a str, &'a str)>,
}

#[derive(Clone, Copy)]
enum Place {
    /// There was no value at this position, or the value has no track.
    Nowhere,
    /// Into the sum with this index.
    Sum(usize),
    /// Nowhere, since its track is not wanted.
    Unwanted(Track),
}

impl<'a> Growing<'a> {
    /// Continues an existing roll-up. Only `wanted` tracks are added.
    pub(in crate::log) fn of(
        rolled: RollUp,
        called: Option<(&'a str, &'a str)>,
        wanted: &'a dyn Fn(Track) -> bool,
    ) -> Self {
        let (readings, sums) = (rolled.readings, rolled.tracks.into_iter().collect());
        Self { readings, sums, wanted, places: Vec::new(), meter: (None, None), called }
    }

    /// Adds those values of the next entry that count in `quarter`, which is the entry's own quarter of an hour or an
    /// earlier one. `confirmed` says that the user has confirmed the entry's counters.
    pub(in crate::log) fn add(&mut self, entry: &'a Entry, confirmed: bool, quarter: i64) {
        let name = entry.reading.meter.as_deref();
        if self.meter.0 != name {
            let called = self.called.filter(|(called, _)| is_called(&entry.reading, called));
            let called = called.map(|(_, first)| first).or(name);
            self.meter = (name, called.map(|name| crc32(&[name.as_bytes()])));
        }
        let net = net_power(&entry.reading);
        let seen = Seen::of(entry, self.meter.1, net, confirmed);
        if Quarter::of(entry.received).0 == quarter {
            self.readings = self.readings.saturating_add(1);
            if let Some(net) = net.filter(|_| (self.wanted)(Track::NetPower)) {
                self.put(Track::NetPower, net, &seen);
            }
        }
        self.places.resize(entry.reading.values.len(), Place::Nowhere);
        for (place, measurement) in entry.reading.values.iter().enumerate() {
            let Value::Number(number) = measurement.value else { continue };
            if self.is_unwanted(place, measurement) {
                continue;
            }
            let at = when::moment(entry, measurement);
            if Quarter::of(at).0 == quarter {
                self.put_measurement(place, measurement, number, &seen.at(at));
            }
        }
    }

    pub(in crate::log) fn into_roll_up(self) -> RollUp {
        RollUp { readings: self.readings, tracks: self.sums.into_iter().collect() }
    }

    /// Whether the last value at this position had the same track, and the track is not wanted.
    fn is_unwanted(&self, place: usize, measurement: &Measurement) -> bool {
        matches!(self.places.get(place), Some(Place::Unwanted(track)) if track.is_of(measurement))
    }

    fn put_measurement(&mut self, place: usize, measurement: &Measurement, number: Number, seen: &Seen) {
        if let Some(Place::Sum(sum)) = self.places.get(place)
            && let Some((_, sum)) = self.sums.get_mut(*sum).filter(|(track, _)| track.is_of(measurement))
        {
            return sum.put(number, seen);
        }
        let went = match Track::of(measurement) {
            Some(track) if (self.wanted)(track) => {
                self.put(track, number, seen).map_or(Place::Nowhere, Place::Sum)
            }
            Some(track) => Place::Unwanted(track),
            None => Place::Nowhere,
        };
        if let Some(known) = self.places.get_mut(place) {
            *known = went;
        }
    }

    fn put(&mut self, track: Track, number: Number, seen: &Seen) -> Option<usize> {
        let known = self.sums.iter().position(|(known, _)| *known == track);
        match known {
            Some(place) => self.sums.get_mut(place)?.1.put(number, seen),
            None => self.sums.push((track, Sum::of(track, number, seen)?)),
        }
        Some(known.unwrap_or(self.sums.len() - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Moment;
    use crate::log::arbitrary::entries;
    use proptest::prelude::*;

    proptest! {
        /// Trying the value's previous track first changes no result.
        #[test]
        fn growing_totals_equal_totals_of_all_entries(entries in entries(20)) {
            let mut growing = Growing::of(RollUp::default(), None, &|_| true);
            // Values with a time of their own may belong to other quarters.
            let mut entries = entries;
            for entry in &mut entries {
                entry.received = Moment(entry.received.0.rem_euclid(Quarter::MILLISECONDS));
                entry.reading.time = None;
                entry.reading.values.iter_mut().for_each(|value| value.time = None);
            }
            entries.iter().for_each(|entry| growing.add(entry, false, 0));
            let all = entries.iter().fold(RollUp::default(), |mut sum, entry| { sum.add(entry); sum });
            prop_assert_eq!(growing.into_roll_up(), all.clone());

            // The same without the tracks that are not wanted.
            let is_wanted = |track| !matches!(track, Track::NetPower) && !matches!(crc32(&[format!("{track:?}").as_bytes()]) % 2, 0);
            let mut some = Growing::of(RollUp::default(), None, &is_wanted);
            entries.iter().for_each(|entry| some.add(entry, false, 0));
            let mut wanted = all;
            wanted.tracks.retain(|track, _| is_wanted(*track));
            prop_assert_eq!(some.into_roll_up(), wanted);
        }
    }
}
