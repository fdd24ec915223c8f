//! Codes as IEC 62056-21 meters print them, and their meanings, for electricity meters and heat meters.

use super::{MOST_TARIFFS, Meaning, RegisterMeaning, heat_register, meaning};
use crate::meter;
use crate::reading::{Quantity, Unit};
use crate::register::{Obis, RawUnit};

/// Looks up a code. Groups A and B may be missing, and also E and F. The letters C, F, L and P are printed for the
/// numbers 96 to 99 (IEC 62056-61, 5.2.2). Heat meters have codes of their own; the units distinguish them from the
/// codes of electricity meters. A heat meter's other codes with group C from 1 to 95 have no known meaning.
pub(crate) fn printed_meaning(code: &str, unit: Option<Unit>, is_heat: bool) -> Option<RegisterMeaning> {
    let PrintedCode { medium, groups: [c, d, e] } = PrintedCode::of(code)?;
    if let Some((a, b)) = medium {
        return meaning(Obis::new(a.parse().ok()?, b.parse().ok()?, c, d, e));
    }
    match heat_register(c, d) {
        // Only a value with a unit can have a tariff.
        Some(quantity) if fits(quantity, unit) && (e == 0 || unit.is_some() && e <= MOST_TARIFFS) => {
            let tariff = Some(u32::from(e)).filter(|tariff| *tariff > 0);
            Some(RegisterMeaning { meaning: Meaning::Quantity(quantity), phase: None, tariff, channel: None })
        }
        // Without a unit, the code may belong to either kind of meter.
        Some(_) if unit.is_none() => None,
        // Heat meters share the codes that all media have: groups 96 to 99 and the identifications (IEC 62056-61, 5.2).
        _ if is_heat && (1..96).contains(&c) => None,
        _ => meaning(Obis::new(1, 0, c, d, e)).or_else(|| meaning(Obis::new(0, 0, c, d, e))),
    }
}

/// Whether a register belongs to a heat meter: it has the code of heat energy and a unit of energy.
pub(crate) fn is_of_heat(code: &str, printed: &RawUnit) -> bool {
    let Some(PrintedCode { medium: None, groups: [c, d, _] }) = PrintedCode::of(code) else { return false };
    heat_register(c, d) == Some(Quantity::HeatEnergy)
        && meter::unit(printed).is_some_and(|(unit, _)| fits(Quantity::HeatEnergy, Some(unit)))
}

struct PrintedCode<'a> {
    /// Groups A and B, if printed.
    medium: Option<(&'a str, &'a str)>,
    /// C, D and E; E is 0 if missing.
    groups: [u8; 3],
}

impl<'a> PrintedCode<'a> {
    fn of(code: &'a str) -> Option<Self> {
        // A number after a star or an ampersand is a period.
        let (code, period) = code.split_once(['*', '&']).unwrap_or((code, "0"));
        period.parse::<u8>().ok()?;
        let (medium, groups) = match code.split_once(':') {
            Some((medium, groups)) => (Some(medium.split_once('-')?), groups),
            None => (None, code),
        };
        let mut groups = groups.split('.').map(group);
        let (c, d) = (groups.next()??, groups.next()??);
        Some(Self { medium, groups: [c, d, groups.next().map_or(Some(0), |e| e)?] })
    }
}

fn group(printed: &str) -> Option<u8> {
    match printed {
        "C" => Some(96),
        "F" => Some(97),
        "L" => Some(98),
        "P" => Some(99),
        digits => digits.parse().ok(),
    }
}

/// Whether values of the quantity are sent in this unit.
fn fits(quantity: Quantity, unit: Option<Unit>) -> bool {
    match unit {
        Some(Unit::Gigajoule | Unit::Megajoule | Unit::Gigacalorie) => {
            quantity.unit() == Some(Unit::KilowattHour)
        }
        unit => unit == quantity.unit(),
    }
}
