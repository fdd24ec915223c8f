//! The value information block of an M-Bus record: VIF and VIFEs, and their combined meaning.
//!
//! ```text
//! 13                    volume in litres
//! FD C8 FC 01           FD: another table; 48: 0.1 V; FC: another table of VIFEs; 01: at phase L1
//! FC 03 48 52 25 74     FC: plain text; three letters, the last one first: %RH; 74: × 10^-2
//! FD C8 FF 01           FF: the maker's; 01: the maker's code, looked up in `registers/makers.toml`
//! FF 80 84 3B           FF: the maker's; after 80 comes a VIF of the standard: 04 with 3B
//! ```
//!
//! EN 13757-3:2018, 6.4. The letters of a unit come before the VIFEs, as meters in the field send them.

use super::{EXTENDED, MOST_EXTENSIONS};
use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::meter;
use crate::reading::{Quantity, Unit};
use crate::register::{Printed, RawUnit};
use crate::vif::{self, Effect, Flow, IntegerForm, MakersOwn, Meaning, Means, Table, Vif};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Vib {
    pub(super) meaning: Meaning,
    /// The power of ten by which to multiply the value's digits.
    pub(super) scale: i8,
    pub(super) form: IntegerForm,
    /// Whether the meter reports an error instead of the value.
    pub(super) error: bool,
    /// Whether the value is the date of the values with its storage number, and not the date of some event.
    pub(super) is_date: bool,
}

impl Vib {
    /// # Errors
    /// [`ParseError`] if the block ends too early, or has more than ten VIFEs.
    #[inline]
    pub(super) fn read(cursor: &mut Cursor<'_>, maker: Option<&MakersOwn>) -> Result<Self, ParseError> {
        let first = cursor.u8().ok_or(ParseError::Truncated)?;
        if first & EXTENDED == 0 && first != SPELLED {
            // Most VIFs stand alone and need nothing more.
            let vib = Self::of(vif::vif(Table::Primary, first));
            return Ok(Self { is_date: vib.form == IntegerForm::Moment, ..vib });
        }
        Self::read_chain(first, cursor, maker)
    }

    pub(super) fn of(vif: &Vif) -> Self {
        let meaning = Meaning { means: vif.means, unit: vif.unit, ..Meaning::default() };
        Self { meaning, scale: vif.scale, form: vif.form, error: false, is_date: false }
    }

    fn read_chain(first: u8, cursor: &mut Cursor<'_>, maker: Option<&MakersOwn>) -> Result<Self, ParseError> {
        let mut chain = Chain { last: first, count: 0 };
        let mut vib = Self::of(match first {
            MAIN_EXTENSION => vif::vif(Table::Main, chain.next(cursor)?.unwrap_or_default()),
            ALTERNATE_EXTENSION => vif::vif(Table::Alternate, chain.next(cursor)?.unwrap_or_default()),
            other => vif::vif(Table::Primary, other),
        });
        // `is_date` stays unset: with a VIFE it is the date of something else, such as a limit violation.
        if first & !EXTENDED == SPELLED {
            let length = cursor.u8().ok_or(ParseError::Truncated)?;
            vib.spell(cursor.take(length.into()).ok_or(ParseError::Truncated)?);
        }
        let mut place =
            if first & !EXTENDED == MAKERS_OWN { VifePosition::BehindVif } else { VifePosition::Standard };
        let mut extended = false;
        while let Some(vife) = chain.next(cursor)? {
            match vife & !EXTENDED {
                code if place == VifePosition::BehindVif => {
                    place = VifePosition::Unknown;
                    let Some(row) = maker.and_then(|maker| maker.vif(code)) else { continue };
                    match row.table {
                        Some(table) => {
                            let Some(code) = chain.next(cursor)? else { continue };
                            vib = Self::of(vif::vif(table, code));
                        }
                        None => vib.form = IntegerForm::Number,
                    }
                    if let Some(quantity) = row.means {
                        vib.meaning.means = Means::Quantity(quantity);
                        vib.meaning.unit = quantity.unit();
                    }
                    vib.apply_all(row.effects);
                    place = VifePosition::Standard;
                }
                code if place == VifePosition::BehindVife => match maker.and_then(|maker| maker.vife(code)) {
                    Some(row) => {
                        if let (Some(quantity), Means::Energy) = (row.means, vib.meaning.means) {
                            vib.meaning.means = Means::Quantity(quantity);
                        }
                        vib.apply_all(row.effects);
                    }
                    None => vib.apply_unknown(),
                },
                _ if place == VifePosition::Unknown => {}
                MAKERS_OWN if maker.is_some() => place = VifePosition::BehindVife,
                MAKERS_OWN => {
                    place = VifePosition::Unknown;
                    vib.apply_unknown();
                }
                COMBINABLE_EXTENSION if !extended => extended = true,
                code => {
                    vib.apply(vif::effect(code, extended));
                    extended = false;
                }
            }
        }
        Ok(vib)
    }

    /// Looks up a plain-text unit among those that meters print. Its last letter comes first.
    fn spell(&mut self, text: &[u8]) {
        let mut letters = [0; LONGEST_UNIT];
        for (place, letter) in letters.iter_mut().zip(text.iter().rev()) {
            *place = *letter;
        }
        let printed = letters.get(..text.len()).and_then(Printed::from_ascii);
        if let Some((unit, scale)) = printed.and_then(|text| meter::unit(&RawUnit::Printed(text))) {
            (self.meaning.unit, self.scale) = (Some(unit), scale);
        }
    }

    pub(super) fn apply_all(&mut self, effects: &[Effect]) {
        effects.iter().for_each(|effect| self.apply(*effect));
    }

    /// Applies a maker's VIFE that no table knows. It may select a part of the value, or a direction of flow: then
    /// energy and power are not totals. Volts and amperes stay voltages and currents.
    fn apply_unknown(&mut self) {
        if !matches!(self.meaning.means, Means::Quantity(Quantity::Voltage | Quantity::Current)) {
            self.apply(Effect::Other);
        }
    }

    fn apply(&mut self, effect: Effect) {
        let meaning = &mut self.meaning;
        match effect {
            Effect::None | Effect::Uncorrected => {}
            Effect::Scale(by) => self.scale = self.scale.saturating_add(by),
            // The voltage between two phases is a different quantity from the voltage to neutral. No other quantity has
            // two phases.
            Effect::Phase(phase) if phase.is_between_lines() => {
                let is_voltage = meaning.means == Means::Quantity(Quantity::Voltage);
                meaning.means =
                    if is_voltage { Means::Quantity(Quantity::VoltageLine) } else { Means::Nothing };
                meaning.phase = Some(phase);
            }
            // IME numbers the voltages between phases like the phases.
            Effect::Phase(phase) if meaning.means == Means::Quantity(Quantity::VoltageLine) => {
                meaning.phase = phase.to_next();
            }
            Effect::Phase(phase) => meaning.phase = Some(phase),
            Effect::Forward => meaning.flow = Some(Flow::Forward),
            Effect::Backward => meaning.flow = Some(Flow::Backward),
            Effect::BaseConditions => meaning.at_base_conditions = true,
            Effect::Error => self.error = true,
            Effect::Reactive => {
                self.become_kind(Means::ReactiveEnergy, Unit::KilovarHour, Means::ReactivePower, Unit::Var)
            }
            Effect::Apparent => {
                let (energy, power) = (Means::ApparentEnergy, Means::ApparentPower);
                self.become_kind(energy, Unit::KilovoltAmpereHour, power, Unit::VoltAmpere);
            }
            Effect::Other => meaning.means = Means::Nothing,
            Effect::Rate => (meaning.means, meaning.unit) = (Means::Nothing, None),
            Effect::Count => self.become_other(None, IntegerForm::Number),
            Effect::Moment => self.become_other(None, IntegerForm::Moment),
            Effect::Duration(unit) => self.become_other(Some(unit), IntegerForm::Number),
        }
    }

    /// Turns active energy or power into another kind, whose unit has the same size.
    fn become_kind(&mut self, energy: Means, energy_unit: Unit, power: Means, power_unit: Unit) {
        let meaning = &mut self.meaning;
        (meaning.means, meaning.unit) = match (meaning.means, meaning.unit) {
            (Means::Energy, Some(Unit::KilowattHour)) => (energy, Some(energy_unit)),
            (Means::Power, Some(Unit::Watt)) => (power, Some(power_unit)),
            (Means::Energy | Means::Power, _) => (Means::Nothing, None),
            // If only the maker knows the meaning of an energy or a power, its unit still changes to that of the new
            // kind.
            (Means::Nothing, Some(Unit::KilowattHour)) => (Means::Nothing, Some(energy_unit)),
            (Means::Nothing, Some(Unit::Watt)) => (Means::Nothing, Some(power_unit)),
            other => other,
        };
    }

    /// Replaces the meaning: the value is not what the VIF names, but a statement about it, such as a count.
    fn become_other(&mut self, unit: Option<Unit>, form: IntegerForm) {
        self.meaning = Meaning { unit, ..Meaning::default() };
        (self.scale, self.form) = (0, form);
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum VifePosition {
    /// The standard defines its meaning.
    Standard,
    /// The first one after VIF FF.
    BehindVif,
    /// After VIFE FF.
    BehindVife,
    /// Its meaning is unknown.
    Unknown,
}

/// The bytes of a block, each of which states whether another one follows.
struct Chain {
    last: u8,
    count: usize,
}

impl Chain {
    fn next(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<u8>, ParseError> {
        if self.last & EXTENDED == 0 {
            return Ok(None);
        }
        if self.count == MOST_EXTENSIONS {
            return Err(ParseError::TooMany { limit: MOST_EXTENSIONS });
        }
        self.count += 1;
        self.last = cursor.u8().ok_or(ParseError::Truncated)?;
        Ok(Some(self.last))
    }
}

/// VIFs that announce a VIF from another table.
pub(crate) const MAIN_EXTENSION: u8 = 0xFD;
pub(crate) const ALTERNATE_EXTENSION: u8 = 0xFB;
/// A VIF with a plain-text unit.
pub(crate) const SPELLED: u8 = 0x7C;
/// The VIFE that announces a VIFE from another table.
const COMBINABLE_EXTENSION: u8 = 0x7C;
/// A VIF or VIFE after which only the maker knows the meaning.
const MAKERS_OWN: u8 = 0x7F;
/// The longest unit that [`Printed`] holds.
const LONGEST_UNIT: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Phase;

    fn vib(bytes: &[u8]) -> Vib {
        let mut cursor = Cursor::new(bytes);
        let vib = Vib::read(&mut cursor, None).unwrap();
        assert!(cursor.rest().is_empty(), "{bytes:02X?}");
        vib
    }

    fn said(bytes: &[u8]) -> (Means, Option<&'static str>, i8) {
        let vib = vib(bytes);
        (vib.meaning.means, vib.meaning.unit.map(Unit::as_str), vib.scale)
    }

    #[test]
    fn a_vif_may_be_in_one_of_three_tables() {
        assert_eq!(said(&[0x13]), (Means::Volume, Some("m3"), -3));
        assert_eq!(said(&[0xFD, 0x48]), (Means::Quantity(Quantity::Voltage), Some("V"), -1));
        assert_eq!(said(&[0xFB, 0x01]), (Means::Energy, Some("kWh"), 3));
        // Without the bit that announces it, no VIF of another table follows.
        assert_eq!(said(&[0x7B]), (Means::Nothing, None, 0));
    }

    #[test]
    fn a_plain_text_unit_comes_before_the_vifes() {
        assert_eq!(said(&[0xFC, 3, b'H', b'R', b'%', 0x74]), (Means::Nothing, Some("%"), -2));
        assert_eq!(said(&[0x7C, 3, b'h', b'W', b'k']), (Means::Nothing, Some("kWh"), 0));
        assert_eq!(
            said(&[0x7C, 8, b'D', b'I', b' ', b'.', b't', b's', b'u', b'c']),
            (Means::Nothing, None, 0)
        );
        let long = [&[0x7C, 200][..], &[b'x'; 200]].concat();
        assert_eq!(said(&long), (Means::Nothing, None, 0));
    }

    #[test]
    fn a_manufacturer_vif_is_neither_named_nor_scaled() {
        assert_eq!(said(&[0x7F]), (Means::Nothing, None, 0));
        // The maker's own VIFEs; elsewhere, one of them means 10^-4.
        assert_eq!(said(&[0xFF, 0xF2, 0x72]), (Means::Nothing, None, 0));
        // A power with a detail that only the maker knows.
        assert_eq!(said(&[0xAB, 0xFF, 0x72]), (Means::Nothing, Some("W"), 0));
        // A voltage at a place that only the maker knows is still a voltage.
        assert_eq!(said(&[0xFD, 0xC8, 0xFF, 0x72]), (Means::Quantity(Quantity::Voltage), Some("V"), -1));
    }

    /// The codes of Eltako, Schneider, ABB and IME, as in `registers/makers.toml`.
    #[test]
    fn manufacturer_vifes_have_their_makers_meaning() {
        let of = |letters: [u8; 3], bytes: &[u8]| {
            let maker = letters.iter().fold(0, |number, letter| number << 5 | u16::from(letter - b'@'));
            let mut cursor = Cursor::new(bytes);
            let vib = Vib::read(&mut cursor, MakersOwn::of(maker, 1, 2)).unwrap();
            assert!(cursor.rest().is_empty(), "{bytes:02X?}");
            (
                vib.meaning.means,
                vib.meaning.unit.map(Unit::as_str),
                vib.scale,
                vib.meaning.phase,
                vib.meaning.flow,
            )
        };
        let voltage = Means::Quantity(Quantity::Voltage);
        assert_eq!(of(*b"ELT", &[0xFD, 0xC9, 0xFF, 0x01]), (voltage, Some("V"), 0, Some(Phase::L1), None));
        assert_eq!(of(*b"ELT", &[0xAC, 0xFF, 0x00]), (Means::Power, Some("W"), 1, None, None));
        assert_eq!(
            of(*b"SEC", &[0x83, 0xFF, 0x09]),
            (Means::Energy, Some("kWh"), -3, None, Some(Flow::Backward))
        );
        assert_eq!(of(*b"SEC", &[0x83, 0xFF, 0x0D]), (Means::Nothing, Some("kWh"), -3, None, None));
        assert_eq!(
            of(*b"ABB", &[0xA9, 0xFF, 0x82, 0x00]),
            (Means::Power, Some("W"), -2, Some(Phase::L2), None)
        );
        let energy = (Means::Energy, Some("kWh"), -2, None, Some(Flow::Forward));
        assert_eq!(of(*b"IME", &[0xFF, 0x80, 0x84, 0x3B]), energy);
        let reactive = (Means::ReactiveEnergy, Some("kvarh"), -2, None, Some(Flow::Backward));
        assert_eq!(of(*b"IME", &[0xFF, 0x81, 0x84, 0x3C]), reactive);
        assert_eq!(of(*b"IME", &[0xFF, 0x87, 0x48]), (voltage, Some("V"), -1, None, None));
        assert_eq!(of(*b"IME", &[0xFF, 0xF0, 0x04]), (Means::Nothing, None, 0, None, None));
        let quantity = |quantity, unit, scale| (Means::Quantity(quantity), Some(unit), scale, None, None);
        assert_eq!(of(*b"IME", &[0xFF, 0x8A, 0x48]), quantity(Quantity::Frequency, "Hz", -1));
        assert_eq!(of(*b"IME", &[0xFF, 0x8B, 0x28]), quantity(Quantity::PowerFactor, "1", -3));
        assert_eq!(of(*b"IME", &[0xFF, 0x88, 0x48]), quantity(Quantity::VoltageLine, "V", -1));
        assert_eq!(of(*b"SEC", &[0xFF, 0x0B]), quantity(Quantity::Frequency, "Hz", 0));
        // The number of the power factor also encodes the quadrant.
        assert_eq!(of(*b"SEC", &[0xFF, 0x0A]), (Means::Nothing, None, 0, None, None));
        let line = Means::Quantity(Quantity::VoltageLine);
        assert_eq!(of(*b"SEC", &[0xFD, 0xC9, 0xFF, 0x07]), (line, Some("V"), 0, Some(Phase::L31), None));
    }

    #[test]
    fn vifes_give_scale_direction_and_phase() {
        assert_eq!(said(&[0x86, 0x70]), (Means::Energy, Some("kWh"), -6));
        assert_eq!(said(&[0x86, 0x7D]), (Means::Energy, Some("kWh"), 3));
        assert_eq!(said(&[0x86, 0xF7, 0x77]), (Means::Energy, Some("kWh"), 2));
        assert_eq!(vib(&[0x83, 0x3C]).meaning.flow, Some(Flow::Backward));
        assert!(vib(&[0x93, 0x3E]).meaning.at_base_conditions);
        let voltage = vib(&[0xFD, 0xC8, 0xFC, 0x02]).meaning;
        assert_eq!((voltage.means, voltage.phase), (Means::Quantity(Quantity::Voltage), Some(Phase::L2)));
        let line = vib(&[0xFD, 0xC8, 0xFC, 0x07]).meaning;
        assert_eq!((line.means, line.phase), (Means::Quantity(Quantity::VoltageLine), Some(Phase::L31)));
    }

    #[test]
    fn vifes_that_change_the_meaning_remove_the_quantity() {
        // Upper limit; offset; future value; between two phases: another quantity in the same unit.
        for vife in [&[0x48][..], &[0x78], &[0x7E], &[0xFC, 0x05]] {
            assert_eq!(said(&[&[0xAB], vife].concat()), (Means::Nothing, Some("W"), 0));
        }
        // Per hour; how often exceeded; for how many days; until when.
        assert_eq!(said(&[0x86, 0x22]), (Means::Nothing, None, 0));
        assert_eq!(said(&[0xAB, 0x49]), (Means::Nothing, None, 0));
        assert_eq!(said(&[0x86, 0x5B]), (Means::Nothing, Some("d"), 0));
        assert_eq!((said(&[0xAB, 0x4B]).0, vib(&[0xAB, 0x4B]).form), (Means::Nothing, IntegerForm::Moment));
        // Data error: still the same quantity.
        assert_eq!((said(&[0x86, 0x18]).0, vib(&[0x86, 0x18]).error), (Means::Energy, true));
    }

    #[test]
    fn more_than_ten_vifes_are_refused() {
        let chain = |count| [&[0x86][..], &[0x80; 12][..count], &[0x00]].concat();
        assert_eq!(said(&chain(9)), (Means::Energy, Some("kWh"), 0));
        assert_eq!(Vib::read(&mut Cursor::new(&chain(10)), None), Err(ParseError::TooMany { limit: 10 }));
        assert_eq!(Vib::read(&mut Cursor::new(&[0x86]), None), Err(ParseError::Truncated));
    }
}
