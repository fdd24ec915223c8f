//! [`Tracks`]: the tracks for which a table of roll-ups has columns, with their names.

use std::cmp::Reverse;

use metertap_decoder::reading::Unit;

use super::column::suffix;
use crate::log::totals::track::Track;
use crate::names::flat_name;

/// The tracks, in an order that does not depend on which was seen first.
#[derive(Clone, Debug, Default)]
pub(super) struct Tracks(Vec<Track>);

impl Tracks {
    pub(super) fn see(&mut self, track: Track) {
        if !self.0.contains(&track) {
            self.0.push(track);
            self.0.sort_by_cached_key(order);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Track> {
        self.0.iter().copied()
    }

    /// The tracks with unique names: if two registers have the same quantity, a number distinguishes them.
    pub(super) fn named(&self) -> Vec<(Track, String)> {
        let mut all: Vec<(Track, String)> = Vec::new();
        for track in self.iter() {
            let name = name(track);
            let same =
                |(other, _): &&(Track, String)| self::name(*other) == name && unit(*other) == unit(track);
            let number = all.iter().filter(same).count();
            all.push((track, if number == 0 { name } else { format!("{name}_{}", number + 1) }));
        }
        all
    }
}

/// A track's name without its unit, such as `net_power` or `active_energy_import_t1`.
pub(super) fn name(track: Track) -> String {
    match track {
        Track::NetPower => "net_power".to_owned(),
        Track::Register { quantity, phase, tariff, channel, .. } => {
            flat_name(quantity, phase, tariff, channel)
        }
    }
}

pub(super) const fn unit(track: Track) -> Option<Unit> {
    match track {
        Track::NetPower => Some(Unit::Watt),
        Track::Register { unit, .. } => unit,
    }
}

/// The end of a column's name: the unit, such as `_kwh`, or nothing.
pub(super) fn ending(track: Track) -> String {
    unit(track).and_then(suffix).map(|unit| format!("_{unit}")).unwrap_or_default()
}

/// The key by which tracks are sorted: counters first, then the net power, then the rest, each by channel and quantity.
fn order(track: &Track) -> impl Ord + use<> {
    let of_register = match *track {
        Track::NetPower => None,
        Track::Register { register, quantity, phase, tariff, channel, unit } => {
            Some((channel, quantity, phase, tariff, register.to_string(), unit))
        }
    };
    (Reverse(track.is_counter()), of_register)
}
