//! [`Profile`]: the registers of DIN rail meters with Modbus, from the files in `meters/modbus/`.
//!
//! An answer states neither the meter's model nor the register. The profile is therefore chosen by the user, or by what
//! the meter sends.

#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::line::Line;
use crate::vocabulary::{Phase, Quantity, Unit};

/// Meters with the same registers.
#[derive(Debug)]
pub struct Profile {
    /// The name of its file.
    pub name: &'static str,
    /// Makes and models, as shown to users.
    pub title: &'static str,
    lines: &'static [&'static str],
    /// Modbus functions, besides those of the rows, that read the same registers.
    also: &'static [u8],
    /// Whether these meters measure direct current: their voltages are not those of the grid.
    pub is_direct_current: bool,
    /// Whether these meters count exported energy as if it were imported.
    pub has_no_direction: bool,
    /// Whether something in the file is uncertain: the user is asked to confirm the profile.
    pub is_doubtful: bool,
    /// Identification that only these meters send.
    pub(crate) signs: &'static [Sign],
    /// The registers that identify the meter.
    pub(crate) identity: &'static [Block],
    /// The registers read in each round.
    pub(crate) often: &'static [Block],
    /// The registers read every few rounds: counters, and registers without a quantity.
    pub(crate) rarely: &'static [Block],
    registers: &'static [RailRegister],
}

/// The name of the profile that a meter is read by, and how it was chosen. Code that handles only the name does not
/// link the tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The profile's name.
    pub name: SmolStr,
    /// How it was chosen.
    pub by: By,
}

/// The profile that a meter is read by, and how it was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// The profile.
    pub profile: &'static Profile,
    /// How it was chosen.
    pub by: By,
}

/// How a profile was chosen.
///
/// Exhaustive: the user names the meter, or the meter is recognised by what it sends.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "kebab-case"))]
pub enum By {
    /// By the user.
    #[default]
    Person,
    /// By a register that only such meters have.
    Meter,
    /// By physics: the meter's numbers are possible with this profile. Of several such profiles, those whose voltages
    /// are all above zero come first, then the one with the most registers.
    Physics,
}

impl Choice {
    pub(crate) fn chosen(&self) -> Option<Chosen> {
        Some(Chosen { profile: Profile::named(&self.name)?, by: self.by })
    }
}

/// The choice of a user.
impl From<&'static Profile> for Choice {
    fn from(profile: &'static Profile) -> Self {
        Chosen { profile, by: By::Person }.into()
    }
}

impl From<Chosen> for Choice {
    fn from(chosen: Chosen) -> Self {
        Self { name: SmolStr::new_static(chosen.profile.name), by: chosen.by }
    }
}

/// Names and titles of all profiles, without their registers.
#[must_use]
pub const fn titles() -> &'static [(&'static str, &'static str)] {
    TITLES
}

/// The words that one request reads. The block of a device identification (function 43) has no address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Block {
    pub(crate) function: u8,
    pub(crate) first: u16,
    pub(crate) count: u16,
}

/// Identification that only some meters send.
#[derive(Debug)]
pub(crate) struct Sign {
    /// The order in which signs are asked for, lowest first.
    pub(crate) order: u8,
    pub(crate) block: Block,
    /// Ranges of numbers, both ends included.
    pub(crate) codes: &'static [(u16, u16)],
    /// How a text begins; with function 43, what it contains.
    pub(crate) texts: &'static [&'static str],
}

#[derive(Debug)]
pub(crate) struct RailRegister {
    pub(crate) function: u8,
    pub(crate) at: u16,
    pub(crate) form: RailForm,
    /// The power of ten by which the number is shifted to the unit of readings.
    pub(crate) shift: i8,
    pub(crate) unit: Option<Unit>,
    pub(crate) quantity: Option<Quantity>,
    pub(crate) phase: Option<Phase>,
    /// The meanings of codes.
    pub(crate) names: &'static [(u16, &'static str)],
}

/// How a register is encoded; the first word is the high one, unless the name says otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RailForm {
    U16,
    I16,
    U32,
    I32,
    U32LowFirst,
    I32LowFirst,
    U64,
    I64,
    F32,
    /// A power factor from 0 to 2, where values above 1 are leading (Schneider iEM3000).
    FourQuadrantFactor,
    /// Fourteen letters, in seven words.
    TextOf7,
}

impl RailForm {
    pub(crate) const fn words(self) -> u16 {
        match self {
            Self::U16 | Self::I16 => 1,
            Self::U64 | Self::I64 => 4,
            Self::TextOf7 => 7,
            _ => 2,
        }
    }
}

impl Profile {
    /// All profiles, in the order of their names.
    #[must_use]
    pub fn all() -> &'static [Self] {
        PROFILES
    }

    /// The profile with this name; `None` if no profile has it.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// Line settings that these meters are delivered with, the likeliest first.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        self.lines.iter().filter_map(|line| line.parse().ok())
    }

    pub(crate) fn within(&self, block: Block) -> impl Iterator<Item = &'static RailRegister> {
        let Block { function, first, count } = block;
        let end = first.saturating_add(count);
        self.registers.iter().filter(move |row| row.function == function && (first..end).contains(&row.at))
    }

    /// The voltage that shows whether the numbers are those of a meter.
    pub(crate) fn voltage(&self) -> Option<&'static RailRegister> {
        self.registers.iter().find(|row| row.quantity == Some(Quantity::Voltage))
    }

    pub(crate) const fn extent(&self) -> usize {
        self.registers.len()
    }

    pub(crate) fn names(&self, quantity: Quantity) -> bool {
        self.registers.iter().any(|row| row.quantity == Some(quantity))
    }

    /// The register that this function reads at that address.
    pub(crate) fn register(&self, function: u8, at: u16) -> Option<&'static RailRegister> {
        let find = |function: u8| {
            let place = self.registers.binary_search_by_key(&(function, at), |row| (row.function, row.at));
            self.registers.get(place.ok()?)
        };
        let instead = || {
            let others = [3, 4].into_iter().filter(|other| *other != function);
            others.filter(|_| self.also.contains(&function)).find_map(find)
        };
        find(function).or_else(instead)
    }
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

include!(concat!(env!("OUT_DIR"), "/rail.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_is_found_by_function_and_address() {
        let eastron = Profile::named("eastron-3p").unwrap();
        assert_eq!(eastron.register(4, 0x34).unwrap().quantity, Some(Quantity::ActivePower));
        assert!(eastron.register(3, 0x34).is_none() && eastron.register(4, 0x35).is_none());
        // Carlo Gavazzi's one-phase meters answer both functions alike.
        assert!(Profile::named("cg-em1xx").unwrap().register(3, 0).is_some());
        assert!(Profile::named("no-such").is_none());
    }

    /// A total of import and export is not a counter of the house.
    #[test]
    fn a_total_of_both_directions_has_no_quantity() {
        for (name, function, at) in
            [("eastron-3p", 4, 0x156), ("bgetech-ws100", 3, 0x122), ("orno-516", 3, 0x100)]
        {
            assert_eq!(
                Profile::named(name).unwrap().register(function, at).unwrap().quantity,
                None,
                "{name}"
            );
        }
    }

    #[test]
    fn quantities_are_in_their_units() {
        for profile in Profile::all() {
            for row in profile.registers {
                let (at, unit) = (row.at, row.quantity.and_then(Quantity::unit));
                assert!(row.quantity.is_none() || row.unit == unit, "{}: {at:04X}: {unit:?}", profile.name);
            }
        }
    }

    #[test]
    fn every_profile_has_valid_line_settings() {
        for profile in Profile::all() {
            assert!(!profile.lines.is_empty(), "{}", profile.name);
            for line in profile.lines {
                assert!(line.parse::<crate::line::Line>().is_ok(), "{}: {line}", profile.name);
            }
        }
    }
}
