//! [`Known`]: what a meter has stated about itself, which not every telegram repeats, and the name derived from it.

use alloc::vec::Vec;
use core::mem::take;

use smol_str::{SmolStr, SmolStrBuilder, StrExt, ToSmolStr};

use crate::harmonise::meaning::Remembered;
use crate::harmonise::proof::Proof;
use crate::hex;
use crate::identity::{
    fingerprint, identification, inscribed, introduced, is_blank, is_model, is_same_meter, maker_of,
    with_maker,
};
use crate::label::{maker_of as maker_of_address, type_of};
use crate::meter::{Meter, PositionalList};
use crate::rail::Chosen;
use crate::reading::{Measurement, Protocol, Quantity};
use crate::register::Value;

#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(super) identification: Option<SmolStr>,
    pub(super) maker: Option<SmolStr>,
    pub(super) model: Option<SmolStr>,
    pub(super) meter: Option<&'static Meter>,
    /// Whether the row in `meter` names the meter's model.
    pub(super) is_named: bool,
    /// The list without names that the meter was last proven to send.
    pub(super) list: Option<&'static PositionalList>,
    /// The version of a list and the model beside it, with the meter found for them.
    listed: Option<(Value, SmolStr, Option<&'static Meter>)>,
    /// The maker and protocol of the last search by maker.
    sought: Option<(SmolStr, Protocol)>,
    pub(super) proof: Proof,
    /// The last P1 identification line.
    pub(super) introduced: Option<SmolStr>,
    /// The value from which `identification` was derived.
    pub(super) named: Option<Value>,
    /// The server id of an SML list, if it is ten bytes long.
    server: Option<[u8; 10]>,
    /// The address of a Modbus meter, and its profile.
    pub(super) rail: Option<(u8, Chosen)>,
    /// The address in TIC frames.
    address: Option<SmolStr>,
    /// Whether the meter has three phases, if its address states it.
    pub(super) has_three_phases: Option<bool>,
    /// Whether energy is exported, if the meter states it separately from its power.
    pub(super) exports: Option<bool>,
    /// Maker, identification and device type from the header of an M-Bus answer.
    pub(super) met: Option<(Option<u16>, [u8; 4], u8)>,
    pub(super) remembered: Remembered,
    /// Whether the model is acceptable beside values with this [`fingerprint`].
    judged: Option<(u64, bool)>,
    /// Memory for values, from a reading that was handed back.
    pub(super) room: Vec<Measurement>,
}

impl Known {
    /// The model, if it is acceptable beside these values.
    pub(super) fn model(&mut self, protocol: Protocol, values: &[Measurement]) -> Option<SmolStr> {
        let model = self.model.as_ref()?;
        let meter = self.identification.as_deref();
        let beside = fingerprint(model, meter, values);
        let judged = self.judged.filter(|(known, _)| *known == beside);
        let (_, is_one) =
            *self.judged.insert(judged.unwrap_or_else(|| (beside, is_model(model, protocol, meter, values))));
        is_one.then(|| model.clone())
    }

    /// Bytes of memory held for the meanings of registers, and for the next reading's values.
    pub(crate) fn held(&self) -> usize {
        self.remembered.held() + self.room.capacity() * size_of::<Measurement>()
    }

    /// Keeps the memory of these values for the next reading, unless the reading was unusually large.
    pub(crate) fn keep_room(&mut self, mut values: Vec<Measurement>) {
        values.clear();
        if values.capacity() <= VALUES_KEPT {
            self.room = values;
        }
    }

    /// Sets the maker's letters. If they change, the meter's name is derived again.
    pub(crate) fn is_by(&mut self, maker: &str) {
        if self.maker.as_deref() != Some(maker) {
            self.maker = Some(maker.into());
            self.named = None;
        }
    }

    /// Uses the row for all meters of the maker, if nothing better is known. A failed search is not repeated for each
    /// telegram.
    pub(super) fn seek_by_maker(&mut self, protocol: Protocol) {
        let (None, Some(maker)) = (self.meter, &self.maker) else { return };
        if self.sought.as_ref().is_some_and(|(of, by)| of == maker && *by == protocol) {
            return;
        }
        self.meter = Meter::of_maker(maker, protocol);
        self.sought = Some((maker.clone(), protocol));
    }

    /// The meter that sends lists of this version. The result is kept, because nearly all telegrams have the same
    /// version.
    pub(super) fn seek_by_list(&mut self, version: &Value, model: &str) -> Option<&'static Meter> {
        let known = self.listed.as_ref().filter(|(of, by, _)| of == version && by == model);
        let meter = known.map_or_else(|| Meter::of_list(version, model), |(.., meter)| *meter);
        if known.is_none() {
            self.listed = Some((version.clone(), model.into(), meter));
        }
        meter
    }

    /// Takes what the address of a TIC frame states about the meter: maker, model and number of phases.
    pub(crate) fn is_addressed(&mut self, address: &str) {
        if self.address.as_deref() == Some(address) {
            return;
        }
        let kind = type_of(address);
        self.address = Some(address.into());
        self.maker = maker_of_address(address).map(SmolStr::new_static);
        self.model = kind.map(|kind| SmolStr::new_static(kind.model));
        self.has_three_phases = kind.map(|kind| kind.has_three_phases);
    }

    /// Sets the meter's address on the bus and its profile. Another address or profile is another meter.
    pub(crate) fn is_on_a_rail(&mut self, address: u8, chosen: Chosen) {
        if self.rail != Some((address, chosen)) {
            let (remembered, room) = (take(&mut self.remembered), take(&mut self.room));
            *self = Self { rail: Some((address, chosen)), remembered, room, ..Self::default() };
        }
    }

    /// Takes the server id of an SML list, which contains maker and number if it has the form of DIN 43863-5.
    pub(crate) fn is_served_by(&mut self, server: Option<[u8; 10]>) {
        if self.server == server {
            return;
        }
        // Maker and number came from the last server id, unless a register stated them.
        if self.server.is_some() && self.named.is_none() {
            (self.identification, self.maker) = (None, None);
        }
        if let (None, Some(maker)) = (&self.maker, server.as_ref().and_then(|server| maker_of(server))) {
            self.maker = Some(maker.into());
        }
        self.server = server;
    }

    /// Sets the direction of the energy, for meters that send a power without its sign.
    pub(crate) fn flows(&mut self, exports: Option<bool>) {
        self.exports = exports;
    }

    /// Takes a P1 identification line: the maker's three letters, a baud rate character, then the model after an
    /// optional `\2`. The line should name a model, not a single meter. Another line is another meter.
    pub(crate) fn introduce(&mut self, identification: &str) {
        if self.introduced.as_deref() == Some(identification) {
            return;
        }
        let maker = identification.get(..3).map(StrExt::to_ascii_uppercase_smolstr);
        let model = introduced(identification);
        let name = maker.as_deref().zip(model);
        let meter = name.and_then(|(maker, model)| Meter::of_identification(maker, model));
        let model = model.map(SmolStr::new);
        let remembered = take(&mut self.remembered);
        let introduced = Some(identification.into());
        *self = Self { maker, model, meter, introduced, remembered, ..Self::default() };
    }

    /// Takes the header of an M-Bus answer: the maker as a number, eight decimal digits with the last ones first, and
    /// the device type. Each answer has this header. Several meters may share a bus: another header is another meter.
    pub(crate) fn meet(&mut self, maker: Option<u16>, number: [u8; 4], device_type: u8) {
        let met = Some((maker, number, device_type));
        if self.met == met {
            return;
        }
        let maker = maker.and_then(letters);
        let mut identification = SmolStrBuilder::new();
        if let Some(maker) = &maker {
            identification.push_str(maker);
            identification.push('-');
        }
        let [first, second, third, fourth] = number;
        let mut digits = [fourth, third, second, first].map(hex::digits);
        digits.as_flattened_mut().make_ascii_uppercase();
        identification.push_str(str::from_utf8(digits.as_flattened()).unwrap_or_default());
        // No meter has the number zero.
        let identification = Some(identification.finish()).filter(|_| number != [0; 4]);
        let remembered = take(&mut self.remembered);
        *self = Self { identification, maker, met, remembered, ..Self::default() };
    }
}

/// Takes the model from the values, if they contain it.
pub(super) fn name(known: &mut Known, values: &[Measurement], own: &Own) {
    if let Some(model) = own.model.and_then(|at| values.get(at)) {
        known.model = Some(text(&model.value).trim_matches([' ', '\0']).into());
    }
}

/// Takes the identification from the values: the first one that is valid. If a German meter's list has none, the
/// identification comes from the server id.
pub(super) fn identify(known: &mut Known, protocol: Protocol, values: &[Measurement], own: &Own) {
    let Some(at) = own.id else {
        if known.identification.is_none() {
            known.identification = known.server.and_then(|server| inscribed(&server));
        }
        return;
    };
    let candidates = values.get(at..).unwrap_or_default();
    let Some(first) = candidates.first().filter(|first| known.named.as_ref() != Some(&first.value)) else {
        return;
    };
    let is_own = |value: &&Measurement| value.quantity == Some(Quantity::MeterId) && value.channel.is_none();
    let mut numbers =
        candidates.iter().filter(is_own).map(|value| (identification(&value.value, protocol), value));
    let Some((Some(number), of)) = numbers.find(|(number, _)| number.is_some()) else { return };
    let name = match &known.maker {
        // In IEC 62056-21, the block check does not cover the maker, and damage must not turn one meter into another.
        // A TIC address names its maker.
        Some(maker) if protocol != Protocol::Iec62056 && !is_tic(protocol) => with_maker(maker, &number),
        _ => number,
    };
    if known.identification.as_ref().is_some_and(|before| !is_same_meter(before, &name)) {
        // Another meter has its own scales.
        (known.proof, known.list) = (Proof::default(), None);
    }
    known.identification = Some(name);
    known.named = Some(&of.value).filter(|value| **value == first.value).cloned();
}

/// The maker's three letters, five bits each (EN 13757-7, 7.3.2); `None` if they are not letters.
fn letters(maker: u16) -> Option<SmolStr> {
    let letter = |shift: u16| u8::try_from(maker >> shift & 0x1F).unwrap_or_default() + b'@';
    let letters = [letter(10), letter(5), letter(0)];
    let are_letters = letters.iter().all(u8::is_ascii_uppercase);
    str::from_utf8(&letters).ok().filter(|_| are_letters).map(SmolStr::new_inline)
}

/// The indexes of the values that describe the meter itself: for each quantity, the first value with content.
#[derive(Default)]
pub(super) struct Own {
    pub(super) id: Option<usize>,
    pub(super) model: Option<usize>,
    pub(super) clock: Option<usize>,
}

impl Own {
    pub(super) fn notice(&mut self, at: usize, value: &Measurement) {
        let place = match value.quantity {
            Some(Quantity::MeterId) => &mut self.id,
            Some(Quantity::MeterModel) => &mut self.model,
            Some(Quantity::Clock) if value.error.is_none() => &mut self.clock,
            _ => return,
        };
        if place.is_some() || value.channel.is_some() {
            return;
        }
        let says_nothing = match (value.quantity, &value.value) {
            (Some(Quantity::Clock), Value::Text(text)) => text.is_empty(),
            (Some(Quantity::Clock), _) => false,
            (_, value) => is_blank(value),
        };
        if !says_nothing {
            *place = Some(at);
        }
    }
}

pub(super) fn text(value: &Value) -> SmolStr {
    match value {
        Value::Text(text) => text.clone(),
        other => other.to_smolstr(),
    }
}

/// Whether texts are sent as the hex digits of their bytes (DSMR 5.0.2, 6.4).
pub(super) fn is_p1(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::P1 | Protocol::P1Encrypted)
}

/// Whether registers are labels of France's TIC.
pub(super) fn is_tic(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::TicHistoric | Protocol::TicStandard)
}

/// The most values for which memory is kept from a reading that was handed back.
pub(super) const VALUES_KEPT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_identification_line_is_another_meter() {
        let mut known = Known::default();
        known.introduce("ISk5\\2MT382-1000");
        assert_eq!((known.maker.as_deref(), known.model.as_deref()), (Some("ISK"), Some("MT382-1000")));
        known.identification = Some("ISK-1".into());
        known.introduce("ISk5\\2MT382-1000");
        assert_eq!(known.identification.as_deref(), Some("ISK-1"));
        known.introduce("LGF5E360");
        assert_eq!((known.identification, known.model.as_deref()), (None, Some("E360")));
    }
}
