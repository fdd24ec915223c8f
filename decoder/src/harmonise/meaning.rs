//! [`Meant`]: the meaning of a register. It depends on the register's name, unit and surroundings, not on its value.
//!
//! A meter sends the same registers in the same order again and again. So a meaning is remembered by the place of its
//! register, and looked up again only if name, unit or surroundings have changed.

use alloc::vec::Vec;

use crate::emi;
use crate::harmonise::survey::Devices;
use crate::label::Mode;
use crate::meter::{self, Bounds, Meaning, RegisterMeaning};
use crate::rail::Profile;
use crate::reading::{Phase, Protocol, Quantity, Unit};
use crate::register::{Obis, RawUnit, Register, RegisterId};

/// What the meaning of a register may depend on, besides its name and its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Surroundings {
    pub(super) protocol: Protocol,
    pub(super) medium: Option<&'static str>,
    pub(super) exports: Option<bool>,
    pub(super) devices: Devices,
    /// Whether the readout is that of a heat meter.
    pub(super) is_heat: bool,
    /// The power of ten of the watt hours in which an IEC 62056-21 readout counts. `None` if its energies differ or
    /// have an unusual prefix, and in other protocols.
    pub(super) counts_in: Option<i8>,
    pub(super) profile: Option<&'static Profile>,
    pub(super) has_three_phases: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meant {
    pub(super) quantity: Option<Quantity>,
    pub(super) phase: Option<Phase>,
    pub(super) tariff: Option<u32>,
    pub(super) channel: Option<u8>,
    pub(super) storage: Option<u64>,
    /// The unit to which numbers are converted.
    pub(super) unit: Option<Unit>,
    /// The power of ten of this conversion.
    pub(super) shift: i8,
    /// Whether numbers stay numbers: their unit is known, or they need none.
    pub(super) counts: bool,
    /// Whether texts are parsed as numbers, because the values of the quantity are numbers.
    pub(super) spells: bool,
    /// Whether the tables give the scale, because the meter sends no unit.
    pub(super) assumed: bool,
    /// The plausible values in a home.
    pub(super) bounds: Option<Bounds>,
}

/// The meanings of the last telegram's registers.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    surroundings: Option<Surroundings>,
    entries: Vec<Entry>,
    /// The last register beyond `entries`.
    other: Entry,
}

#[derive(Debug)]
struct Entry {
    id: RegisterId,
    unit: RawUnit,
    meant: Meant,
}

impl Default for Entry {
    /// An entry that matches no register: positions are counted from 1.
    fn default() -> Self {
        Self { id: RegisterId::Position(0), unit: RawUnit::None, meant: Meant::default() }
    }
}

impl Remembered {
    /// Forgets everything if the surroundings have changed.
    pub(super) fn within(&mut self, surroundings: Surroundings) {
        if self.surroundings != Some(surroundings) {
            self.surroundings = Some(surroundings);
            self.entries.clear();
            self.other = Entry::default();
        }
    }

    /// The meaning of the register at this place of the telegram.
    #[inline]
    pub(super) fn meant(&mut self, place: usize, register: &Register) -> &Meant {
        if place >= self.entries.len() {
            self.make_room(place);
        }
        let entry = self.entries.get_mut(place).unwrap_or(&mut self.other);
        if !entry.is_of(register)
            && let Some(surroundings) = &self.surroundings
        {
            entry.learn(register, surroundings);
        }
        &entry.meant
    }

    #[cold]
    fn make_room(&mut self, place: usize) {
        if place == self.entries.len() && place < MOST_REMEMBERED {
            self.entries.push(Entry::default());
        }
    }

    pub(super) fn held(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }
}

impl Entry {
    #[inline]
    fn is_of(&self, register: &Register) -> bool {
        // Nearly all names are OBIS codes; comparing all kinds of names takes three times as long.
        let has_name = match (&self.id, &register.id) {
            (RegisterId::Obis(own), RegisterId::Obis(other)) => own == other,
            (own, other) => own == other,
        };
        has_name && is_same(&self.unit, &register.unit)
    }

    #[cold]
    fn learn(&mut self, register: &Register, surroundings: &Surroundings) {
        *self = Self { id: register.id, unit: register.unit, meant: named(register, surroundings) };
    }
}

/// Whether both are the same unit; units of records are not remembered.
#[inline]
fn is_same(one: &RawUnit, other: &RawUnit) -> bool {
    match (one, other) {
        (RawUnit::None, RawUnit::None) => true,
        (RawUnit::Dlms(one), RawUnit::Dlms(other)) | (RawUnit::Kmp(one), RawUnit::Kmp(other)) => one == other,
        (RawUnit::Printed(one), RawUnit::Printed(other)) => one == other,
        _ => false,
    }
}

/// Whether any register belongs to a second or third phase.
pub(super) fn is_of_three_phases(registers: &[Register]) -> bool {
    let phase = |register: &Register| match register.id {
        RegisterId::Tic(name) => Mode::Standard.label(name.as_str())?.phase,
        _ => None,
    };
    registers.iter().any(|register| matches!(phase(register), Some(Phase::L2 | Phase::L3)))
}

/// The meaning of a TIC label. Its unit is never sent, except with labels that no table knows.
fn labelled(name: &str, register: &Register, surroundings: &Surroundings) -> Meant {
    let mode = if surroundings.protocol == Protocol::TicHistoric { Mode::Historic } else { Mode::Standard };
    let label = mode.label(name);
    let sent = meter::unit(&register.unit);
    let (unit, shift) = sent.or(label.and_then(|label| label.unit)).unzip();
    let Some(label) = label else {
        return Meant { unit, shift: shift.unwrap_or_default(), counts: sent.is_some(), ..Meant::default() };
    };
    let is_alone = label.is_alone && !surroundings.has_three_phases;
    Meant {
        quantity: label.quantity,
        phase: label.phase.filter(|_| !is_alone),
        tariff: label.tariff,
        storage: label.storage,
        unit,
        shift: shift.unwrap_or_default(),
        counts: true,
        spells: label.quantity.is_some_and(Quantity::is_number),
        assumed: unit.is_some(),
        bounds: bounds(label.quantity, unit),
        ..Meant::default()
    }
}

/// The meaning of a Modbus register, entirely from the profile.
fn of_rail(function: u8, address: u16, surroundings: &Surroundings) -> Meant {
    let row = surroundings.profile.and_then(|profile| profile.register(function, address));
    let Some(row) = row else { return Meant::default() };
    Meant {
        quantity: row.quantity,
        phase: row.phase,
        unit: row.unit,
        counts: row.quantity.is_none_or(Quantity::is_number),
        bounds: bounds(row.quantity, row.unit),
        ..Meant::default()
    }
}

/// The meaning of a name on Portugal's port, where units and scales are never sent.
fn of_emi(obis: Obis) -> Option<RegisterMeaning> {
    let Some(quantity) = emi::meaning(obis) else { return meter::meaning(obis) };
    let meaning = Meaning::Quantity(quantity?);
    Some(RegisterMeaning { meaning, phase: None, tariff: None, channel: None })
}

/// The meaning of a register by its name and unit, as far as a table knows them.
fn named(register: &Register, surroundings: &Surroundings) -> Meant {
    let sent = meter::unit(&register.unit);
    let sent_unit = sent.map(|(unit, _)| unit);
    let meaning = match register.id {
        RegisterId::Obis(obis) if surroundings.protocol == Protocol::ModbusEmi => of_emi(obis),
        RegisterId::Obis(obis) => meter::meaning(obis),
        RegisterId::Kmp(id) => meter::kmp_meaning(id),
        RegisterId::Printed(code) => meter::printed_meaning(code.as_str(), sent_unit, surroundings.is_heat),
        RegisterId::Modbus { function, address } => return of_rail(function, address, surroundings),
        RegisterId::Tic(name) => return labelled(name.as_str(), register, surroundings),
        RegisterId::Position(_) | RegisterId::Record(_) => None,
    };
    let channel = meaning.and_then(|meaning| meaning.channel);
    let quantity = meaning.and_then(|meaning| match meaning.meaning {
        Meaning::Quantity(quantity) => Some(quantity),
        Meaning::ByDevice => match surroundings.devices.of_channel(channel) {
            // Other sub-meters state their types and this one does not, so what it counts is unknown.
            None if surroundings.devices.are_told() => None,
            device => meter::of_device(device, sent_unit),
        },
        Meaning::Volume => meter::volume_of_medium(surroundings.medium),
        Meaning::ByDirection => surroundings.exports.map(|exports| match exports {
            true => Quantity::ActivePowerExport,
            false => Quantity::ActivePowerImport,
        }),
    });
    let is_number = quantity.is_none_or(Quantity::is_number);
    // A number with an unknown printed unit loses only the unit. If the register is unknown too, both stay text.
    let is_foreign = sent.is_none() && matches!(register.unit, RawUnit::Printed(_));
    let sums = meter::sums(surroundings.protocol, register.id);
    let is_of_it = |quantity: &Quantity| sent_unit.is_none_or(|unit| quantity.is_in(unit));
    let quantity = quantity.filter(|_| !sums).filter(is_of_it);
    let implied = || implied_unit(quantity?, channel, surroundings).filter(|_| !is_foreign);
    let (unit, shift) = sent.or_else(implied).unzip();
    Meant {
        quantity,
        phase: meaning.and_then(|meaning| meaning.phase),
        tariff: meaning.and_then(|meaning| meaning.tariff),
        channel,
        storage: storage(register.id, meaning.is_some()).filter(|_| !sums),
        unit,
        shift: shift.unwrap_or_default(),
        counts: sent.is_some() || is_number && (!is_foreign || quantity.is_some()),
        spells: is_number && quantity.is_some(),
        assumed: unit.is_some_and(|unit| unit != Unit::One)
            && (sent.is_none() || surroundings.protocol == Protocol::ModbusEmi),
        bounds: bounds(quantity, unit),
    }
}

fn bounds(quantity: Option<Quantity>, unit: Option<Unit>) -> Option<Bounds> {
    meter::plausible(quantity?, unit?)
}

/// Group F numbers the values of earlier billing periods (IEC 62056-61, 5.5); the present value has 255. This applies
/// to all measured values, known or not. In other registers the maker defines group F, so group F is used only if a
/// table knows the register.
fn storage(register: RegisterId, is_known: bool) -> Option<u64> {
    let is_measured = match register {
        RegisterId::Obis(Obis([a, _, c, ..])) => matches!((a, c), (1..=9, 1..=95)),
        RegisterId::Printed(code) => code.as_str().starts_with(|digit: char| digit.is_ascii_digit()),
        _ => false,
    };
    register.period().filter(|period| (is_measured || is_known) && (1..255).contains(period))
}

/// The unit of a value that was sent without a unit, and the power of ten that converts its number to this unit.
///
/// Ratios have no unit to send. A gas meter that was never linked omits its cubic metres. Kamstrup's water meters send
/// the hours of their hour counter as a plain number. Readouts of makers that print no unit, such as Pafal, count in
/// kWh and kW, unless something in them has another unit. Any other value without a unit stays without one, because its
/// scale is unknown.
fn implied_unit(quantity: Quantity, channel: Option<u8>, surroundings: &Surroundings) -> Option<(Unit, i8)> {
    let unit = quantity.unit()?;
    let of_protocol = match surroundings.protocol {
        Protocol::Kmp => unit == Unit::Hour,
        _ => false,
    };
    if unit == Unit::One || channel.is_some() || of_protocol {
        return Some((unit, 0));
    }
    let is_readout = surroundings.protocol == Protocol::Iec62056 && !surroundings.is_heat;
    let kilo = surroundings.counts_in.filter(|_| is_readout)?;
    match unit {
        Unit::KilowattHour | Unit::KilovarHour | Unit::KilovoltAmpereHour => Some((unit, kilo - 3)),
        Unit::Watt | Unit::Var | Unit::VoltAmpere => Some((unit, kilo)),
        Unit::Volt | Unit::Ampere | Unit::Hertz | Unit::Degree => Some((unit, 0)),
        _ => None,
    }
}

/// More registers than in any telegram seen: registers beyond this place are looked up each time.
const MOST_REMEMBERED: usize = 256;

/// The most bytes of memory held.
pub(crate) const MEMORY: usize = MOST_REMEMBERED * size_of::<Entry>();
