//! [`Survey`]: what the registers of a telegram show together, before each one is interpreted.

use alloc::vec::Vec;

use crate::meter::{self, Meter};
use crate::reading::{Protocol, Unit};
use crate::register::{Obis, RawUnit, Register, RegisterId, Value};

pub(super) struct Survey {
    /// The index of the register with the list's version.
    pub(super) list_version: Option<usize>,
    pub(super) model: Option<usize>,
    /// The index of the maker's letters.
    pub(super) maker: Option<usize>,
    /// The index of the logical device name, which begins with the maker's letters as well.
    pub(super) device_name: Option<usize>,
    pub(super) push: Option<Obis>,
    /// How many registers have only a position.
    pub(super) unnamed: usize,
    /// The only meter that sends one of the KMP registers; `None` if several meters send each of them.
    pub(super) meter: Option<&'static Meter>,
    pub(super) devices: Devices,
    /// Whether a code has a unit that only heat meters print with it.
    pub(super) is_heat: bool,
    /// The indexes of registers of period 0 whose present values are in the telegram too.
    pub(super) unused: Vec<usize>,
    /// The power of ten of the watt hours in which a readout's energies count; 3 if none of them has a unit. `None` if
    /// the energies differ or have another prefix, and in other protocols.
    pub(super) counts_in: Option<i8>,
}

impl Survey {
    pub(super) fn of(protocol: Protocol, device_type: Option<u8>, registers: &[Register]) -> Self {
        let mut survey = Self {
            list_version: None,
            model: None,
            maker: None,
            device_name: None,
            push: None,
            unnamed: 0,
            meter: None,
            devices: Devices::default(),
            is_heat: false,
            unused: Vec::new(),
            // Only readouts omit units.
            counts_in: if protocol == Protocol::Iec62056 { counts_in(registers) } else { None },
        };
        survey.devices.add(0, device_type);
        for (at, register) in registers.iter().enumerate() {
            let is_period_0 = match register.id {
                RegisterId::Obis(name) => {
                    let Obis([_, _, c, .., period]) = name;
                    // Most registers are skipped: their group C does not matter.
                    if matches!(c, 0 | 24 | 25 | 42 | 96 | 199) {
                        survey.named(at, name, &register.value);
                    }
                    period == 0
                }
                other => survey.other(other, register),
            };
            if is_period_0 && registers.iter().any(|other| is_present(register.id, other.id)) {
                survey.unused.push(at);
            }
        }
        survey
    }

    /// Looks at a register that is not [`RegisterId::Obis`]; returns whether it belongs to period 0.
    fn other(&mut self, id: RegisterId, register: &Register) -> bool {
        match id {
            RegisterId::Printed(code) => {
                self.is_heat |= meter::is_of_heat(code.as_str(), &register.unit);
                return id.period() == Some(0);
            }
            RegisterId::Record(_) => {
                if let (Some(subunit), Value::Number(number)) =
                    (register.unit.names_a_device_type(), &register.value)
                {
                    self.devices.add(subunit, u8::try_from(number.mantissa).ok());
                }
            }
            RegisterId::Position(_) => self.unnamed += 1,
            RegisterId::Kmp(id) => self.meter = self.meter.or_else(|| Meter::of_kmp(id)),
            RegisterId::Obis(_) | RegisterId::Tic(_) | RegisterId::Modbus { .. } => {}
        }
        false
    }

    fn named(&mut self, at: usize, name: Obis, value: &Value) {
        match name {
            DEVICE_NAME => self.device_name = self.device_name.or(Some(at)),
            Obis::LIST_VERSION => self.list_version = self.list_version.or(Some(at)),
            Obis([0, _, 25, 9, 0, 255]) => self.push = self.push.or(Some(name)),
            MAKER | MAKER_BEFORE_2015 => self.maker = self.maker.or(Some(at)),
            METER_MODEL => self.model = self.model.or(Some(at)),
            Obis([0, channel, 24, 1, 0, _]) => {
                if let Value::Text(text) = value {
                    self.devices.add(channel, text.parse().ok());
                }
            }
            _ => {}
        }
    }
}

/// Whether `other` names the present value of `of`: an OBIS code with 255 as group F, which means no period (IEC
/// 62056-61, 5.5), or a printed code without group F.
fn is_present(of: RegisterId, other: RegisterId) -> bool {
    match (of, other) {
        (RegisterId::Obis(Obis([of @ .., _])), RegisterId::Obis(Obis([other @ .., 255]))) => of == other,
        (RegisterId::Printed(of), RegisterId::Printed(other)) => {
            of.as_str().split(['*', '&']).next() == Some(other.as_str())
        }
        _ => false,
    }
}

fn counts_in(registers: &[Register]) -> Option<i8> {
    let energy = |register: &Register| match (&register.unit, meter::unit(&register.unit)?) {
        (RawUnit::Printed(_), (Unit::KilowattHour | Unit::KilovarHour | Unit::KilovoltAmpereHour, shift)) => {
            Some(KILO + shift)
        }
        _ => None,
    };
    let mut sizes = registers.iter().filter_map(energy);
    let first = sizes.next().unwrap_or(KILO);
    sizes.all(|size| size == first).then_some(first).filter(|size| COUNTED_IN.contains(size))
}

/// The sub-meters' device types by channel: register 0-c:24.1.0, or an M-Bus record; channel 0 is the meter itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Devices {
    types: [u8; MOST_CHANNELS],
    /// A bit per channel whose type is known. Comparing an option per channel would take longer.
    told: u16,
}

impl Devices {
    fn add(&mut self, channel: u8, device: Option<u8>) {
        if let (Some(place), Some(device)) = (self.types.get_mut(usize::from(channel)), device)
            && self.told >> channel & 1 == 0
        {
            *place = device;
            self.told |= 1 << channel;
        }
    }

    pub(super) fn of_channel(&self, channel: Option<u8>) -> Option<u8> {
        let channel = channel?;
        let device = *self.types.get(usize::from(channel))?;
        (self.told >> channel & 1 == 1).then_some(device)
    }

    /// Whether any sub-meter states its type.
    pub(super) fn are_told(&self) -> bool {
        self.told > 1
    }
}

const KILO: i8 = 3;
/// Meters count in watt hours, or in thousands or millions of them.
const COUNTED_IN: [i8; 3] = [0, KILO, 6];

/// Sub-meters have channels 1 to 4 (DSMR) or 1 to 6 (e-MUCS).
const MOST_CHANNELS: usize = 16;

/// The logical device name, which begins with the maker's three letters (IEC 62056-6-2, 6.2.24).
const DEVICE_NAME: Obis = Obis::new(0, 0, 42, 0, 0);

/// The maker's letters that SML meters send according to the FNN's Lastenheft Basiszähler.
const MAKER: Obis = Obis([1, 0, 96, 50, 1, 1]);

/// The maker's letters that SML meters sent before this Lastenheft.
const MAKER_BEFORE_2015: Obis = Obis([129, 129, 199, 130, 3, 255]);

/// Kamstrup's meter type, the only model on which scalers depend.
const METER_MODEL: Obis = Obis::new(1, 1, 96, 1, 1);
