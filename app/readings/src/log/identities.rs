//! [`Identities`]: finds out from the meters' identifications whether a line carries one meter or several.
//!
//! If the meter on a line is exchanged, the identification changes and the log continues. A line carries several meters
//! if identifications alternate and each has counters of its own. One meter may also have two names, for example in
//! two lists: its counters agree, so it counts as one meter.

use metertap_decoder::identity::{is_called, is_same_meter};
use metertap_decoder::number::Number;
use metertap_decoder::reading::Reading;
use metertap_decoder::register::{RegisterId, Value};
use smol_str::SmolStr;

use crate::log::totals::track::Track;

/// What is known of the meters on one line.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    /// The identifications in the order in which they were first received.
    known: Vec<Identity>,
    /// The identification of the latest reading.
    last: Option<SmolStr>,
    /// How often the identification has changed.
    turn: u32,
    /// How many readings had one of these identifications.
    heard: u32,
}

#[derive(Clone, Debug)]
struct Identity {
    name: SmolStr,
    /// How often this identification took over.
    turns: u32,
    /// The first and the latest turn in which this identification was received.
    first: u32,
    latest: u32,
    /// The latest values of its counters, by register and channel.
    counters: Vec<((RegisterId, Option<u8>), Said)>,
    /// The names that have counters of their own.
    others: Vec<SmolStr>,
}

/// A counter's latest two values, each with the index of its reading.
#[derive(Clone, Copy, Debug)]
struct Said {
    before: Option<(Number, u32)>,
    last: (Number, u32),
}

impl Identities {
    /// Takes the next reading of a line whose meter is called `own`. The meters called `guests` are known to share the
    /// line. Returns whether the reading certainly belongs to a meter other than the line's own, which is no longer
    /// `own` after an exchange.
    #[must_use]
    pub fn is_of_another(&mut self, own: Option<&str>, guests: &[String], reading: &Reading) -> bool {
        if reading.meter.is_none() {
            return false;
        }
        let Some(name) = spelled(own, guests, reading) else { return false };
        let begins = self.last.replace(name.clone()).is_none_or(|last| last != name);
        self.turn = self.turn.saturating_add(begins.into());
        let turn = self.turn;
        let place = match self.known.iter().position(|known| known.name == name) {
            Some(place) => place,
            None if self.known.len() < MOST => {
                self.known.push(Identity::new(name.clone(), turn));
                self.known.len() - 1
            }
            // No line has more meters than [`MOST`]: a further name is noise.
            None => return false,
        };
        self.heard = self.heard.saturating_add(1);
        let heard = self.heard;
        let Some(identity) = self.known.get_mut(place) else { return false };
        identity.turns = identity.turns.saturating_add(begins.into());
        identity.latest = turn;
        for (register, number) in counters(reading) {
            identity.hear(register, (number, heard));
        }
        self.compare(place);
        let Some(identity) = self.known.get(place) else { return false };
        if own == Some(&*name) || identity.turns < 2 {
            // A name in its first turn may be that of a meter that replaced the old one. Only a name that returns shows
            // that two meters send in turn.
            return false;
        }
        // After an exchange, the line's own meter is the one that was received first and is still received.
        let (first, others) = (identity.first, identity.others.clone());
        let stays = |other: &&Identity| {
            let is_earlier = other.first < first || own == Some(&*other.name);
            let is_guest = guests.iter().any(|guest| **guest == *other.name);
            is_earlier && !is_guest && other.latest > first
        };
        self.known.iter().filter(stays).any(|other| others.contains(&other.name))
    }

    /// Compares the counters of one name with those of the others. Two names have counters of their own if both keep
    /// counting up, but the value goes down from one name to the other. A single counter never goes down, whatever name
    /// it is sent under.
    fn compare(&mut self, place: usize) {
        let Some(identity) = self.known.get(place).cloned() else { return };
        let mut others = Vec::new();
        for other in self.known.iter_mut().filter(|other| other.name != identity.name) {
            let falls = goes_back(other, &identity) || goes_back(&identity, other);
            if falls && !other.others.contains(&identity.name) {
                other.others.push(identity.name.clone());
                others.push(other.name.clone());
            }
        }
        if let Some(identity) = self.known.get_mut(place) {
            identity.others.extend(others);
        }
    }
}

impl Identity {
    fn new(name: SmolStr, turn: u32) -> Self {
        Self { name, turns: 0, first: turn, latest: turn, counters: Vec::new(), others: Vec::new() }
    }

    fn hear(&mut self, register: (RegisterId, Option<u8>), last: (Number, u32)) {
        if let Some((_, said)) = self.counters.iter_mut().find(|(known, _)| *known == register) {
            *said = Said { before: Some(said.last), last };
        } else if self.counters.len() < MOST_COUNTERS {
            self.counters.push((register, Said { before: None, last }));
        }
    }
}

/// The name under which the meter of a reading is known here. A change in how names are spelled does not make it
/// another meter.
fn spelled(own: Option<&str>, guests: &[String], reading: &Reading) -> Option<SmolStr> {
    let known = || own.into_iter().chain(guests.iter().map(String::as_str));
    let name = reading.meter.as_deref()?;
    let exactly = known().find(|known| *known == name);
    let likewise = exactly.or_else(|| known().find(|known| is_same_meter(known, name)));
    Some(likewise.or_else(|| known().find(|known| is_called(reading, known))).unwrap_or(name).into())
}

/// Whether a counter that both names have goes down from the second-latest value of `from` to the latest one of `to`. A
/// single value may be wrong, so this holds only if neither counter went down between its own latest two values.
fn goes_back(from: &Identity, to: &Identity) -> bool {
    from.counters.iter().any(|(register, from)| {
        let Some((_, to)) = to.counters.iter().find(|(other, _)| other == register) else { return false };
        let (Some(stood), Some(came_from)) = (from.before, to.before) else { return false };
        let is_later = to.last.1 > stood.1;
        let is_gone_on =
            falls(stood.0, from.last.0) == Some(false) && falls(came_from.0, to.last.0) == Some(false);
        is_later && is_gone_on && falls(stood.0, to.last.0) == Some(true)
    })
}

/// Whether a counter's value went down by more than [`SAME`]. `None` if a value is finer than [`FINEST`], or too large.
fn falls(from: Number, to: Number) -> Option<bool> {
    Some(from.mantissa_at(FINEST)?.saturating_sub(to.mantissa_at(FINEST)?) > SAME)
}

/// The counters of a reading with their values. Their number is bounded by the size of a reading.
fn counters(reading: &Reading) -> impl Iterator<Item = ((RegisterId, Option<u8>), Number)> {
    reading.values.iter().filter_map(|measurement| {
        let Value::Number(number) = measurement.value else { return None };
        let counts = Track::of(measurement).is_some_and(Track::is_counter);
        counts.then_some(((measurement.register, measurement.channel), number))
    })
}

/// Upper bounds: more identifications than a line has meters, and more counters than a meter has.
const MOST: usize = 16;
const MOST_COUNTERS: usize = 64;
const FINEST: i8 = -12;
/// A tenth of a unit. The lists of one meter differ by less than this.
const SAME: i128 = 100_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{measurement, reading};
    use metertap_decoder::reading::Quantity;

    fn said(name: Option<&str>, kilowatt_hours: &str) -> Reading {
        let energy = measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, kilowatt_hours);
        Reading { meter: name.map(Into::into), ..reading(vec![energy]) }
    }

    /// Which of the readings belong to a meter other than the line's own, which was A at first.
    fn others(said: &[Reading]) -> Vec<bool> {
        let mut identities = Identities::default();
        said.iter().map(|reading| identities.is_of_another(Some("A"), &[], reading)).collect()
    }

    #[test]
    fn alternating_identities_are_separate_meters() {
        let turns = [("A", "100"), ("B", "5000"), ("A", "100.001"), ("B", "5000.002"), ("B", "5000.003")];
        let turns = turns.map(|(name, energy)| said(Some(name), energy));
        assert_eq!(others(&turns), [false, false, false, true, true]);
        let three = ["A", "B", "C", "A", "B", "C", "A"];
        let three: Vec<_> = (1..)
            .zip(three)
            .map(|(place, name)| {
                said(
                    Some(name),
                    &(match name {
                        "A" => 100,
                        "B" => 5000,
                        _ => 70_000,
                    } + place)
                        .to_string(),
                )
            })
            .collect();
        assert_eq!(others(&three), [false, false, false, false, true, true, false]);
    }

    #[test]
    fn an_exchange_is_not_a_second_meter() {
        let exchanged = [("A", "100"), ("A", "100.1"), ("B", "0"), ("B", "0.1"), ("B", "0.2")];
        assert_eq!(others(&exchanged.map(|(name, energy)| said(Some(name), energy))), [false; 5]);
    }

    /// A is exchanged for B, which has two names. Later C joins B.
    #[test]
    fn after_an_exchange_the_line_belongs_to_the_new_meter() {
        let two_names = [("A", "100"), ("B", "0"), ("B2", "0.1"), ("B", "0.1"), ("B2", "0.2"), ("B", "0.2")];
        assert_eq!(others(&two_names.map(|(name, energy)| said(Some(name), energy))), [false; 6]);
        let joined = [("A", "100"), ("B", "0"), ("C", "70"), ("B", "0.1"), ("C", "70.1"), ("B", "0.2")];
        let joined = joined.map(|(name, energy)| said(Some(name), energy));
        assert_eq!(others(&joined), [false, false, false, false, true, false]);
    }

    /// The line's own meter is A, but B is received first.
    #[test]
    fn a_line_keeps_its_meter_even_if_another_is_received_first() {
        let turns = [("B", "5000"), ("A", "100"), ("B", "5000.1"), ("A", "100.1"), ("B", "5000.2")];
        let turns = turns.map(|(name, energy)| said(Some(name), energy));
        assert_eq!(others(&turns), [false, false, false, false, true], "not before both have kept counting");
    }

    /// A was exchanged for B while the page was closed. C already has a log of its own.
    #[test]
    fn a_guest_does_not_own_the_line() {
        let mut identities = Identities::default();
        for (name, energy) in [("C", "7000"), ("B", "0"), ("C", "7000.1"), ("B", "0.1"), ("C", "7000.2")] {
            let guests = ["C".to_owned()];
            let is_another = identities.is_of_another(Some("A"), &guests, &said(Some(name), energy));
            assert!(!is_another || name == "C", "{name}");
        }
    }

    #[test]
    fn one_meter_with_two_names_stays_one() {
        let turns = [("A", "100"), ("A2", "100.001"), ("A", "100.002"), ("A2", "100.003"), ("A", "100.003")];
        assert_eq!(others(&turns.map(|(name, energy)| said(Some(name), energy))), [false; 5]);
        let power = |name: &str| Reading {
            meter: Some(name.into()),
            ..reading(vec![measurement("1-0:1.7.0", Quantity::ActivePowerImport, "5")])
        };
        assert_eq!(others(&["A", "B", "A", "B"].map(power)), [false; 4], "nothing shows that there are two");
    }

    /// The names alternate every hour, and each counts on from the value of the one before.
    #[test]
    fn one_meter_with_several_names_stays_one_however_fast_it_counts() {
        for names in [&["A", "B"][..], &["A", "B", "C"]] {
            let turns: Vec<_> = (0..16)
                .map(|hour| said(Some(names[hour % names.len()]), &(100.0 + hour as f64 / 2.0).to_string()))
                .collect();
            assert_eq!(others(&turns), [false; 16], "{names:?}");
        }
        let apart = [("A", "100"), ("B", "105"), ("A", "100.5"), ("B", "105.5"), ("A", "101"), ("B", "106")];
        let apart = apart.map(|(name, energy)| said(Some(name), energy));
        assert_eq!(
            others(&apart),
            [false, false, false, true, false, true],
            "two meters with close counters"
        );
    }

    #[test]
    fn a_glitch_is_not_a_meter() {
        for wrong in ["900000", "0", "99.5"] {
            let mut energy: Vec<_> = (0..12).map(|place| format!("500.{place:03}")).collect();
            energy[4] = wrong.to_owned();
            for names in [&["A", "B"][..], &["B", "A"], &["A", "B", "C"], &["A", "A", "B"]] {
                let said = |(place, energy): (usize, &String)| said(Some(names[place % names.len()]), energy);
                let turns: Vec<_> = energy.iter().enumerate().map(said).collect();
                assert_eq!(others(&turns), [false; 12], "{names:?} {wrong}");
            }
        }
    }

    #[test]
    fn lists_without_a_name_belong_to_the_line() {
        let turns = [(Some("A"), "100"), (None, "100.001"), (Some("A"), "100.002"), (None, "7000")];
        assert_eq!(others(&turns.map(|(name, energy)| said(name, energy))), [false; 4]);
    }

    #[test]
    fn many_new_names_use_bounded_memory() {
        let mut identities = Identities::default();
        for name in 0..1000 {
            assert!(!identities.is_of_another(Some("A"), &[], &said(Some(&name.to_string()), "1")));
        }
        assert_eq!(identities.known.len(), MOST);
    }
}
