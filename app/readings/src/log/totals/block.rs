//! [`Block`]: encodes the roll-ups of many quarters or days as bytes.
//!
//! ```text
//! "MTR" │ version │ CRC-32 of the version and what follows │ number of periods
//! periods │ readings                              a column each
//! for each track: its name │ number of periods with it
//!                 which ones │ values │ scaler │ least │ most minus least │ sum
//!                                                 or the columns of counters
//! ```
//!
//! Blocks of ninety-six quarters or sixty-four days are read and written as a whole. For a chart, only the columns of
//! its track are decoded.

mod counters;

use std::collections::BTreeMap;

use super::decimal::MOST_PLACES;
use super::rollup::{RollUp, Sum, SumKind};
use super::track::Track;
use crate::log::format::bytes::{Bytes, Write, open, sealed};
use crate::log::format::chunk::Damage;
use crate::log::format::integers::{self, Column};

/// Roll-ups by the number of their quarter or day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block(pub BTreeMap<i64, RollUp>);

impl Block {
    /// Encodes the block as bytes. Equal roll-ups give equal bytes.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut body = Vec::new();
        body.count(self.0.len());
        column(self.0.keys().map(|period| i128::from(*period)), &mut body);
        column(self.0.values().map(|rolled| i128::from(rolled.readings)), &mut body);
        let mut tracks = BTreeMap::<Vec<u8>, (Track, Vec<(usize, &Sum)>)>::new();
        for (place, rolled) in self.0.values().enumerate() {
            for (track, sum) in &rolled.tracks {
                let mut name = Vec::new();
                track.write(&mut name);
                tracks.entry(name).or_insert_with(|| (*track, Vec::new())).1.push((place, sum));
            }
        }
        body.count(tracks.len());
        for (name, (track, sums)) in tracks {
            body.extend(name);
            body.count(sums.len());
            column(sums.iter().map(|(place, _)| *place as i128), &mut body);
            write_sums(track, &sums, &mut body);
        }
        sealed(MAGIC, VERSION, &body)
    }

    /// Decodes a block.
    ///
    /// # Errors
    /// If the bytes are damaged, are not a block, or were written by a newer version.
    pub fn read(bytes: &[u8]) -> Result<Self, Damage> {
        Self::read_tracks(bytes, |_| true)
    }

    /// Decodes a block with only the tracks that are `wanted`.
    ///
    /// # Errors
    /// If the bytes are damaged, are not a block, or were written by a newer version.
    pub fn read_tracks(bytes: &[u8], wanted: impl Fn(Track) -> bool) -> Result<Self, Damage> {
        let (version, bytes) = open(MAGIC, VERSION, bytes)?;
        Self::of(version, bytes, wanted).ok_or(Damage::Malformed)
    }

    fn of(version: u8, mut bytes: Bytes<'_>, wanted: impl Fn(Track) -> bool) -> Option<Self> {
        let count = bytes.count(MOST_PERIODS)?;
        let periods = integers::read(bytes.stretch()?, count)?;
        let readings = integers::read(bytes.stretch()?, count)?;
        let mut rolled = Vec::with_capacity(count);
        for place in 0..count {
            let roll_up = RollUp { readings: readings.narrow(place)?, ..RollUp::default() };
            rolled.push((periods.narrow::<i64>(place)?, roll_up));
        }
        let mut room = MOST_SUMS;
        for _ in 0..bytes.count(bytes.0.len())? {
            let track = Track::read(&mut bytes)?;
            let values = bytes.count(count)?;
            room = room.checked_sub(values)?;
            let mut next = |_| bytes.stretch();
            let parts = (0..=parts(track, version)).map(&mut next).collect::<Option<Vec<_>>>()?;
            let mut departures = match track.is_counter() && version > 1 {
                true => Bytes(bytes.stretch()?),
                false => Bytes(&[]),
            };
            if !wanted(track) {
                continue;
            }
            let parts = parts.iter().map(|part| integers::read(part, values)).collect::<Option<Vec<_>>>()?;
            let (places, parts) = parts.split_first()?;
            for value in 0..values {
                let (_, rolled) = rolled.get_mut(places.narrow::<usize>(value)?)?;
                rolled.tracks.insert(track, sum(track, version, parts, value, &mut departures)?);
            }
            departures.end()?;
        }
        bytes.end()?;
        Some(Self(rolled.into_iter().collect()))
    }
}

/// How many columns a track has besides the one with the indices of its periods.
fn parts(track: Track, version: u8) -> usize {
    if track.is_counter() { SHARED + counters::columns(version) } else { SHARED + 1 }
}

fn write_sums(track: Track, sums: &[(usize, &Sum)], out: &mut Vec<u8>) {
    let mut of_each = |part: fn(&Sum) -> i128| column(sums.iter().map(|(_, sum)| part(sum)), out);
    of_each(|sum| sum.values.into());
    of_each(|sum| sum.scaler.into());
    of_each(|sum| sum.least);
    of_each(|sum| sum.most.wrapping_sub(sum.least));
    if track.is_counter() {
        let counters = sums.iter().filter_map(|(_, sum)| match &sum.kind {
            SumKind::Counted(counter) => Some((sum.least, counter)),
            SumKind::Measured(_) => None,
        });
        counters::write(&counters.collect::<Vec<_>>(), out);
    } else {
        of_each(|sum| match sum.kind {
            SumKind::Measured(sum) => sum,
            SumKind::Counted(_) => 0,
        });
    }
}

fn sum(track: Track, version: u8, parts: &[Column], place: usize, departures: &mut Bytes<'_>) -> Option<Sum> {
    let part = |part: usize| parts.get(part)?.at(place);
    let (scaler, least) = (part(1)?.try_into().ok()?, part(2)?);
    let kind = if track.is_counter() {
        let parts = parts.get(SHARED..)?;
        let pace = track.pace();
        SumKind::Counted(match version {
            1 => counters::read_version_1(parts, place, least, scaler, pace)?,
            _ => counters::read(parts, place, least, pace, departures)?,
        })
    } else {
        SumKind::Measured(part(SHARED)?)
    };
    Some(Sum {
        values: part(0)?.try_into().ok()?,
        scaler: Some(scaler).filter(|scaler| (MOST_PLACES..=0).contains(scaler))?,
        least,
        most: least.wrapping_add(part(3)?),
        kind,
    })
}

fn column(numbers: impl Iterator<Item = i128>, out: &mut Vec<u8>) {
    let mut bytes = Vec::new();
    integers::write(&numbers.collect(), &mut bytes);
    out.stretch(&bytes);
}

const MOST_PERIODS: usize = 4096;
/// The most sums of all tracks together: ninety-six quarters of several hundred registers, with room to spare.
const MOST_SUMS: usize = 1 << 17;
/// How many columns the tracks of counters and of measured quantities have in common.
const SHARED: usize = 4;
const MAGIC: &[u8] = b"MTR";
/// Version 1 had only the first and the last position of a counter and what it counted, and no times.
const VERSION: u8 = 2;

#[cfg(test)]
mod tests;
