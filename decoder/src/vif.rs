//! The meanings of M-Bus records: the tables of `registers/vif.toml`, for the look-ups of stages 4 and 5.
//!
//! The header of a record describes the value: its kind (VIF), how it was processed (VIFEs), and which of several it is
//! (DIF and DIFEs). Only the device type shows the medium of an energy or volume. EN 13757-3:2018, clause 6.

mod makers;

use crate::vocabulary::{Phase, Quantity, Unit};

pub(crate) use self::makers::MakersOwn;

/// What the header of an M-Bus record states about its value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RecordHeader {
    /// Which value of a period it is, such as the maximum.
    pub(crate) function: Function,
    /// The storage number of a value from an earlier time; 0 is the present value.
    pub(crate) storage: u64,
    /// The tariff; 0 is the total.
    pub(crate) tariff: u32,
    /// The part of the device; 0 is the device itself.
    pub(crate) subunit: u16,
    pub(crate) meaning: Meaning,
    /// The meter reports an error or no value, or the data are invalid.
    pub(crate) invalid: bool,
    /// A row of the maker's table gives the scale, regardless of the VIF.
    pub(crate) assumed: bool,
}

/// Which value of a period a record holds (EN 13757-3, table 5).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Function {
    /// The value at one moment.
    #[default]
    Instantaneous,
    /// The largest.
    Maximum,
    /// The smallest.
    Minimum,
    /// The value during an error state.
    Error,
}

/// The meaning of a value, with its unit looked up. The power of ten is already in the value.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) means: Means,
    /// `None` if the tables have no unit.
    pub(crate) unit: Option<Unit>,
    pub(crate) phase: Option<Phase>,
    /// The direction of flow that is counted, if only one direction is.
    pub(crate) flow: Option<Flow>,
    /// Whether a volume is converted to base conditions.
    pub(crate) at_base_conditions: bool,
}

/// The kind of value that a VIF names.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Means {
    /// Nothing for which readings have a quantity.
    #[default]
    Nothing,
    /// This quantity, for any device type.
    Quantity(Quantity),
    Energy,
    Volume,
    Power,
    ReactiveEnergy,
    ReactivePower,
    ApparentEnergy,
    ApparentPower,
}

impl Means {
    pub(crate) const fn is_energy(self) -> bool {
        matches!(self, Self::Energy | Self::ReactiveEnergy | Self::ApparentEnergy)
    }

    /// Whether the value counts up from 0, so that it is never negative.
    pub(crate) const fn is_counted(self) -> bool {
        matches!(
            self,
            Self::Energy
                | Self::Volume
                | Self::ReactiveEnergy
                | Self::ApparentEnergy
                | Self::Quantity(Quantity::OperatingTime | Quantity::CoolingEnergy)
        )
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flow {
    /// To the customer.
    Forward,
    /// From the customer.
    Backward,
}

impl RecordHeader {
    /// The header of a present value that no table describes.
    pub(crate) const PLAIN: Self = Self {
        function: Function::Instantaneous,
        storage: 0,
        tariff: 0,
        subunit: 0,
        meaning: Meaning {
            means: Means::Nothing,
            unit: None,
            phase: None,
            flow: None,
            at_base_conditions: false,
        },
        invalid: false,
        assumed: false,
    };

    /// The quantity of the value in a device, or a part of a device, of this type.
    ///
    /// A maximum or minimum is a different quantity from the value itself. Only the maximum of a power has a quantity.
    pub(crate) fn quantity(&self, device_type: Option<u8>) -> Option<Quantity> {
        let device = device_type.and_then(device);
        let quantity = match self.meaning.means {
            Means::Nothing => None,
            Means::Quantity(quantity) => Some(quantity),
            // In a meter for heat and cold, a tariff may count either. Makers that count cold in tariff 1 have a row in
            // `registers/makers.toml`.
            Means::Energy if self.tariff > 0 && device.is_some_and(|device| device.backward.is_some()) => {
                None
            }
            Means::Energy => device?.energy,
            Means::Power => device?.power,
            Means::Volume => match device?.volume {
                Some(Quantity::GasVolume) if self.meaning.at_base_conditions => {
                    Some(Quantity::GasVolumeCorrected)
                }
                volume => volume,
            },
            Means::ReactiveEnergy => Some(Quantity::ReactiveEnergyImport),
            Means::ReactivePower => Some(Quantity::ReactivePowerImport),
            Means::ApparentEnergy => Some(Quantity::ApparentEnergyImport),
            Means::ApparentPower => Some(Quantity::ApparentPowerImport),
        };
        let quantity = match self.meaning.flow {
            None => quantity,
            Some(Flow::Forward) => quantity.map(forward),
            Some(Flow::Backward) if self.meaning.means == Means::Energy => {
                device.and_then(|device| device.backward).or_else(|| quantity.and_then(backward))
            }
            Some(Flow::Backward) => quantity.and_then(backward),
        };
        match self.function {
            Function::Instantaneous if quantity == Some(Quantity::Clock) => {
                quantity.filter(|_| self.is_present())
            }
            Function::Instantaneous => quantity,
            // Hours in the error state are not operating time. Some meters in that state send all their counters with
            // this function, and those counters are still valid.
            Function::Error => quantity.filter(|quantity| *quantity != Quantity::OperatingTime),
            Function::Maximum => quantity.and_then(peak),
            Function::Minimum => None,
        }
    }

    /// Whether both headers name the same value. The fields that differ most often are compared first.
    pub(crate) fn names_same(&self, other: &Self) -> bool {
        self.meaning.means == other.meaning.means
            && self.storage == other.storage
            && self.tariff == other.tariff
            && Self { invalid: other.invalid, ..*self } == *other
    }

    fn is_present(&self) -> bool {
        (self.storage, self.tariff, self.subunit) == (0, 0, 0)
    }
}

const fn forward(quantity: Quantity) -> Quantity {
    match quantity {
        Quantity::ActivePower => Quantity::ActivePowerImport,
        quantity => quantity,
    }
}

const fn backward(quantity: Quantity) -> Option<Quantity> {
    Some(match quantity {
        Quantity::ActiveEnergyImport => Quantity::ActiveEnergyExport,
        Quantity::ActivePower => Quantity::ActivePowerExport,
        Quantity::ReactiveEnergyImport => Quantity::ReactiveEnergyExport,
        Quantity::ReactivePowerImport => Quantity::ReactivePowerExport,
        Quantity::ApparentEnergyImport => Quantity::ApparentEnergyExport,
        Quantity::ApparentPowerImport => Quantity::ApparentPowerExport,
        _ => return None,
    })
}

const fn peak(quantity: Quantity) -> Option<Quantity> {
    Some(match quantity {
        Quantity::ActivePower | Quantity::ActivePowerImport => Quantity::DemandImportPeak,
        Quantity::ActivePowerExport => Quantity::DemandExportPeak,
        _ => return None,
    })
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Vif {
    pub(crate) means: Means,
    pub(crate) unit: Option<Unit>,
    pub(crate) scale: i8,
    pub(crate) form: IntegerForm,
}

impl Vif {
    pub(crate) const UNKNOWN: Self =
        Self { means: Means::Nothing, unit: None, scale: 0, form: IntegerForm::Number };
}

/// How to interpret integers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IntegerForm {
    Number,
    Unsigned,
    /// An identification, which keeps its leading zeros.
    Digits,
    Moment,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    None,
    Scale(i8),
    Phase(Phase),
    Forward,
    Backward,
    Uncorrected,
    BaseConditions,
    /// The meter reports an error.
    Error,
    /// The value is reactive: the watts of the VIF are vars.
    Reactive,
    Apparent,
    /// The value is another quantity in the same unit.
    Other,
    /// The value is per something.
    Rate,
    /// The value is a number of events.
    Count,
    Moment,
    Duration(Unit),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Table {
    Primary,
    Main,
    Alternate,
    Fixed,
}

pub(crate) fn vif(table: Table, code: u8) -> &'static Vif {
    let table = match table {
        Table::Primary => &PRIMARY,
        Table::Main => &MAIN_EXTENSION,
        Table::Alternate => &ALTERNATE_EXTENSION,
        Table::Fixed => &FIXED,
    };
    table.get(usize::from(code & 0x7F)).unwrap_or(&Vif::UNKNOWN)
}

/// The effect of a VIFE, or of a code after VIFE FC if `extended`.
pub(crate) fn effect(code: u8, extended: bool) -> Effect {
    let table = if extended { &COMBINABLE_EXTENSION } else { &COMBINABLE };
    table.get(usize::from(code & 0x7F)).copied().unwrap_or(Effect::Other)
}

/// The quantities of energy, volume and power for a device type.
#[derive(Clone, Copy, Debug)]
struct Device {
    energy: Option<Quantity>,
    volume: Option<Quantity>,
    power: Option<Quantity>,
    backward: Option<Quantity>,
}

include!(concat!(env!("OUT_DIR"), "/vif.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    fn header(means: Means) -> RecordHeader {
        RecordHeader { meaning: Meaning { means, ..Meaning::default() }, ..RecordHeader::PLAIN }
    }

    /// EN 13757-3:2018, tables 10, 12 and 14, and EN 13757-3:2004, annex A for the units of the fixed structure.
    #[test]
    fn codes_mean_what_en_13757_3_says() {
        let of = |table, code| {
            let vif = vif(table, code);
            (vif.means, vif.unit.map(Unit::as_str), vif.scale)
        };
        // 10^(6-3) Wh; 10^0 J; 10^(3-6) m3; 10^(7-9) m3/s; 10^(1-3) °C; days.
        assert_eq!(of(Table::Primary, 0x06), (Means::Energy, Some("kWh"), 0));
        assert_eq!(of(Table::Primary, 0x08), (Means::Energy, Some("MJ"), -6));
        assert_eq!(of(Table::Primary, 0x13), (Means::Volume, Some("m3"), -3));
        assert_eq!(of(Table::Primary, 0x4F), (Means::Quantity(Quantity::VolumeFlow), Some("m3/s"), -2));
        assert_eq!(of(Table::Primary, 0x59), (Means::Quantity(Quantity::TemperatureFlow), Some("°C"), -2));
        assert_eq!(of(Table::Primary, 0x27), (Means::Quantity(Quantity::OperatingTime), Some("d"), 0));
        // 10^(8-9) V; 10^(9-12) A; 1 MWh; 0.1 GJ; 1 Mcal; 1 kvar; 1 MW; 1 Hz.
        assert_eq!(of(Table::Main, 0x48), (Means::Quantity(Quantity::Voltage), Some("V"), -1));
        assert_eq!(of(Table::Main, 0x59), (Means::Quantity(Quantity::Current), Some("A"), -3));
        assert_eq!(of(Table::Alternate, 0x01), (Means::Energy, Some("kWh"), 3));
        assert_eq!(of(Table::Alternate, 0x08), (Means::Energy, Some("GJ"), -1));
        assert_eq!(of(Table::Alternate, 0x0D), (Means::Energy, Some("Gcal"), -3));
        assert_eq!(of(Table::Alternate, 0x17), (Means::ReactivePower, Some("var"), 3));
        assert_eq!(of(Table::Alternate, 0x29), (Means::Power, Some("W"), 6));
        assert_eq!(of(Table::Alternate, 0x2F), (Means::Quantity(Quantity::Frequency), Some("Hz"), 0));
        // kWh; 100 GJ; MW × 100; GJ/h × 100; l; m3/h.
        assert_eq!(of(Table::Fixed, 0x05), (Means::Energy, Some("kWh"), 0));
        assert_eq!(of(Table::Fixed, 0x13), (Means::Energy, Some("MJ"), 5));
        assert_eq!(of(Table::Fixed, 0x1C), (Means::Power, Some("W"), 8));
        assert_eq!(of(Table::Fixed, 0x25), (Means::Power, Some("J/h"), 11));
        assert_eq!(of(Table::Fixed, 0x29), (Means::Volume, Some("m3"), -3));
        assert_eq!(of(Table::Fixed, 0x35), (Means::Quantity(Quantity::VolumeFlow), Some("m3/h"), 0));
    }

    #[test]
    fn the_device_type_gives_the_kind_of_energy() {
        let quantity = |means, device| header(means).quantity(device);
        assert_eq!(quantity(Means::Energy, Some(2)), Some(Quantity::ActiveEnergyImport));
        assert_eq!(quantity(Means::Energy, Some(0x0C)), Some(Quantity::HeatEnergy));
        assert_eq!(quantity(Means::Energy, Some(0x0B)), Some(Quantity::CoolingEnergy));
        assert_eq!(quantity(Means::Volume, Some(0x16)), Some(Quantity::WaterVolume));
        assert_eq!(quantity(Means::Volume, Some(3)), Some(Quantity::GasVolume));
        assert_eq!(quantity(Means::Energy, Some(7)), None);
        assert_eq!(quantity(Means::Energy, None), None);
        // For a meter of heat and cold, the medium of a tariff is unknown.
        let tariff = RecordHeader { tariff: 1, ..header(Means::Energy) };
        assert_eq!(
            (tariff.quantity(Some(0x0D)), tariff.quantity(Some(4))),
            (None, Some(Quantity::HeatEnergy))
        );
        let mut gas = header(Means::Volume);
        gas.meaning.at_base_conditions = true;
        assert_eq!(gas.quantity(Some(3)), Some(Quantity::GasVolumeCorrected));
    }

    #[test]
    fn flow_function_and_storage_decide_the_quantity() {
        let electricity = |means, function, flow| {
            let mut header = RecordHeader { function, ..header(means) };
            header.meaning.flow = flow;
            header.quantity(Some(2))
        };
        let energy = |flow| electricity(Means::Energy, Function::Instantaneous, flow);
        assert_eq!(energy(Some(Flow::Forward)), Some(Quantity::ActiveEnergyImport));
        assert_eq!(energy(Some(Flow::Backward)), Some(Quantity::ActiveEnergyExport));
        let power = |function, flow| electricity(Means::Power, function, flow);
        assert_eq!(power(Function::Instantaneous, Some(Flow::Forward)), Some(Quantity::ActivePowerImport));
        assert_eq!(power(Function::Maximum, None), Some(Quantity::DemandImportPeak));
        assert_eq!(power(Function::Maximum, Some(Flow::Backward)), Some(Quantity::DemandExportPeak));
        assert_eq!(power(Function::Minimum, None), None);
        let voltage = Means::Quantity(Quantity::Voltage);
        assert_eq!(electricity(voltage, Function::Maximum, None), None);
        let clock =
            |storage| RecordHeader { storage, ..header(Means::Quantity(Quantity::Clock)) }.quantity(None);
        assert_eq!((clock(0), clock(1)), (Some(Quantity::Clock), None));
    }
}
