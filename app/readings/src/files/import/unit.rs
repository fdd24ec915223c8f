//! [`Measured`]: the unit in a title, a cell or a column, as a dimension and a power of ten.

use metertap_decoder::reading::Unit;
use serde::{Deserialize, Serialize};

use super::format::Register;

/// A dimension, and the power of ten between the written unit and the one in readings: kWh, W or m3.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Measured {
    pub(super) dimension: Dimension,
    pub(super) power: i8,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Dimension {
    Energy,
    Power,
    Volume,
    /// Reactive and apparent energy or power, degrees, money, and units that are not a power of ten of kWh, W or m³:
    /// joules, cubic feet.
    Other,
}

impl Measured {
    /// Reads a text that is a unit and nothing else.
    pub(super) fn exactly(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(['(', ')', '[', ']']).trim();
        OTHERS.iter().any(|other| text.eq_ignore_ascii_case(other)).then_some(OTHER).or_else(|| {
            UNITS.iter().find_map(|(names, dimension, power)| {
                let prefix = names.iter().find_map(|name| {
                    let begin = text.len().checked_sub(name.len())?;
                    // `Wh` may be written in any case. Its prefix may not, except `k`: mW and MW differ.
                    let (begin, end) = text.split_at_checked(begin)?;
                    end.eq_ignore_ascii_case(name).then(|| prefix(begin, *dimension)).flatten()
                })?;
                Some(Self { dimension: *dimension, power: power + prefix })
            })
        })
    }

    /// A unit that is a word of a title, or at the end of a word: `Active energy Wh (A)`, `Consumo_kWh`,
    /// `consumptionKWh`. Single letters are units only in brackets or at a title's end, as in `L1 max W`.
    pub(super) fn of_title(title: &str) -> Option<Self> {
        let words: Vec<&str> =
            title.split(|letter: char| !letter.is_alphanumeric() && letter != '€').collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let whole = |place: usize, word: &&&str| {
            word.chars().count() > 1 || place + 1 == words.len() || in_brackets(title, word)
        };
        let of_words = words.iter().enumerate().filter(|(place, word)| whole(*place, word));
        of_words.rev().find_map(|(_, word)| Self::exactly(word).or_else(|| Self::at_end(word)))
    }

    /// `consumptionKWh`: the unit begins with a capital letter, or with a small k before one, or is m³.
    fn at_end(word: &str) -> Option<Self> {
        let end = ["kWh", "KWh", "MWh", "Wh", "kW", "KW", "m3", "m³"]
            .into_iter()
            .find(|end| word.ends_with(end))?;
        let before = word.strip_suffix(end)?.chars().next_back()?;
        before.is_lowercase().then(|| Self::exactly(end)).flatten()
    }

    /// The power of ten between it and a register's unit; `None` if they have different dimensions. A power that is a
    /// span's mean becomes energy.
    pub(super) fn power_for(self, register: &Register, is_mean_power: bool) -> Option<i8> {
        let wanted = match register.unit()? {
            Unit::KilowattHour if is_mean_power => Dimension::Power,
            Unit::KilowattHour => Dimension::Energy,
            Unit::Watt => Dimension::Power,
            Unit::CubicMetre => Dimension::Volume,
            _ => Dimension::Other,
        };
        (self.dimension == wanted && self.dimension != Dimension::Other).then_some(self.power)
    }
}

fn in_brackets(title: &str, word: &str) -> bool {
    ["()", "[]"].iter().any(|pair| {
        let (open, close) = pair.split_at(1);
        title.contains(&format!("{open}{word}{close}"))
    })
}

/// The power of ten of a prefix. Some programs write all letters in lower or upper case. So a small m before a unit of
/// energy or power may mean mega, and is refused.
fn prefix(text: &str, dimension: Dimension) -> Option<i8> {
    Some(match (text, dimension) {
        ("", _) => 0,
        ("k" | "K", _) => 3,
        ("M", _) => 6,
        ("G", _) => 9,
        ("T", _) => 12,
        ("h", Dimension::Volume) => 2,
        ("d", Dimension::Volume) => -1,
        ("c", Dimension::Volume) => -2,
        ("m", Dimension::Volume) => -3,
        _ => return None,
    })
}

const OTHER: Measured = Measured { dimension: Dimension::Other, power: 0 };

/// Units, with the power of ten between each and the register's.
const UNITS: &[(&[&str], Dimension, i8)] = &[
    (&["Wh", "Watthour", "Watt-hour", "Wattstunde"], Dimension::Energy, -3),
    (&["W", "Watt"], Dimension::Power, 0),
    (&["m3", "m³", "Nm3", "Nm³", "m^3", "kubikmeter", "cubic metre", "cubic meter"], Dimension::Volume, 0),
    (&["liter", "litre", "litres", "liters", "ltr", "l"], Dimension::Volume, -3),
];

/// Units that are not a power of ten of kWh, W or m³, or whose quantity no register here has.
const OTHERS: &[&str] = &[
    "MJ", "GJ", "J", "kJ", "kcal", "Mcal", "Gcal", "BTU", "MMBtu", "therm", "therms", "CCF", "ft3", "ft³",
    "gal", "gallon", "gallons", "kvarh", "varh", "Mvarh", "kvar", "var", "kVAh", "VAh", "kVA", "VA", "V",
    "Hz", "°C", "°F", "EUR", "€", "USD", "GBP", "NOK", "SEK", "DKK", "PLN", "CHF", "CZK", "cent", "ct", "%",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_found_in_titles() {
        for (title, dimension, power) in [
            ("Consumo_kWh", Dimension::Energy, 0),
            ("consumptionKWh", Dimension::Energy, 0),
            ("Active energy Wh (A)", Dimension::Energy, -3),
            ("Imported from Grid (Wh)", Dimension::Energy, -3),
            ("KWH 60 Forbruk", Dimension::Energy, 0),
            ("Verbrauch [MWh]", Dimension::Energy, 3),
            ("Consumo registado, Ativa (kW)", Dimension::Power, 3),
            ("L1 max W", Dimension::Power, 0),
            ("water usage dl", Dimension::Volume, -4),
            ("water (l)", Dimension::Volume, -3),
            ("Gas m³", Dimension::Volume, 0),
            ("Erdgas (Nm3)", Dimension::Volume, 0),
            ("Wasser [hl]", Dimension::Volume, -1),
            ("Reactiva (kvarh)", Dimension::Other, 0),
            ("Warmte (GJ)", Dimension::Other, 0),
            ("Kosten (€)", Dimension::Other, 0),
        ] {
            assert_eq!(Measured::of_title(title), Some(Measured { dimension, power }), "{title}");
        }
        for title in ["Wert", "growth", "l1 status", "kWhx", "Tarif W 1"] {
            assert_eq!(Measured::of_title(title), None, "{title}");
        }
    }

    #[test]
    fn a_unit_fits_registers_of_its_dimension() {
        let power = |unit: &str, register: &str, is_mean| {
            Measured::exactly(unit)?.power_for(Register::named(register)?, is_mean)
        };
        assert_eq!(power("kWh", "import", false), Some(0));
        assert_eq!(power("W", "import", true), Some(0));
        assert_eq!(power("kW", "power-import", false), Some(3));
        assert_eq!(power("kWh", "gas", false), None);
        assert_eq!(power("W", "import", false), None);
        assert_eq!(power("MJ", "heat", false), None);
        assert_eq!(power("mWh", "import", false), None);
    }
}
