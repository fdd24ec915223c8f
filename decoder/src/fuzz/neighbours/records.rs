//! Neighbours of M-Bus answers: records of any maker, device, function, position and meaning.

use alloc::format;
use alloc::vec::Vec;

use super::{Choices, number, plain};
use crate::fuzz::read_from;
use crate::harmonise::{Known, Origin};
use crate::mbus::answer::Answer;
use crate::mbus::heads::Heads;
use crate::mbus::record;
use crate::number::Number;
use crate::reading::{Integrity, Measurement, Protocol, Quantity, Unit};
use crate::time::Zone;

#[derive(Debug)]
struct Written {
    function: u8,
    storage: u8,
    tariff: u8,
    subunit: u8,
    vif: Vec<u8>,
    vifes: Vec<u8>,
    number: i32,
}

/// Writes some records of one meter, and checks what the reading states.
pub(super) fn answer(choices: &mut Choices<'_>) {
    let maker = choices.of(MAKERS);
    let (version, device) = (choices.byte(), choices.of(DEVICES));
    let mut bytes = Vec::from([0x78, 0x56, 0x34, 0x12]);
    bytes.extend(letters(maker));
    bytes.extend([version, device, 1, 0, 0, 0]);
    let written: Vec<Written> = (0..=choices.below(5)).map(|_| record(choices)).collect();
    written.iter().for_each(|record| record.write(&mut bytes));
    let Some(Ok(Answer::Records(header, records))) = Answer::of(0x72, &bytes) else { return };
    let mut registers = Vec::new();
    let zone = Zone::default();
    let mut heads = Heads::default();
    heads.expect(&header);
    if record::parse(records, &mut heads, zone, &mut registers).is_err() {
        return;
    }
    let mut known = Known::default();
    if let Some(address) = header.address {
        known.meet(Some(u16::from_le_bytes(address.maker)), address.identification, address.device_type);
    }
    let origin =
        Origin { protocol: Protocol::Mbus, integrity: Integrity::Checked, announced: None, time: None, zone };
    let reading = read_from(known, origin, registers);
    assert_eq!(reading.values.len(), written.len());
    for (value, written) in reading.values.iter().zip(&written) {
        written.explains(value, maker, device);
    }
}

fn record(choices: &mut Choices<'_>) -> Written {
    let vifes: &[u8] = choices.of(VIFES);
    Written {
        function: u8::try_from(choices.below(8)).unwrap_or_default().saturating_sub(4),
        storage: choices.of(&[0, 0, 1, 2, 4]),
        tariff: choices.of(&[0, 0, 1, 2]),
        subunit: choices.of(&[0, 0, 0, 1, 2]),
        vif: Vec::from(choices.of::<&[u8]>(VIFS)),
        vifes: Vec::from(vifes),
        number: i32::try_from(choices.below(60_000)).unwrap_or_default(),
    }
}

impl Written {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { function, storage, tariff, subunit, .. } = *self;
        bytes.push(0x84 | function << 4 | (storage & 1) << 6);
        bytes.push(0x80 | storage >> 1 | (tariff & 3) << 4 | (subunit & 1) << 6);
        bytes.push((tariff >> 2) << 4 | (subunit >> 1 & 1) << 6);
        let block = self.vif.iter().chain(&self.vifes);
        let last = self.vif.len() + self.vifes.len() - 1;
        bytes.extend(block.enumerate().map(|(at, byte)| if at < last { byte | 0x80 } else { byte & 0x7F }));
        bytes.extend(self.number.to_le_bytes());
    }

    /// Panics if a value states something that its record does not.
    fn explains(&self, value: &Measurement, maker: &str, device: u8) {
        let told = || format!("{value:?} of {self:?}, {maker} {device:02X}");
        let is_standards = MAKERS.first() == Some(&maker);
        let Some(quantity) = value.quantity else { return };
        let unit = value.unit.unwrap_or(Unit::One);
        assert!(quantity.is_in(unit), "{}", told());
        // The device types that measure the quantity.
        let is_electric =
            matches!(unit, Unit::KilovarHour | Unit::KilovoltAmpereHour | Unit::Var | Unit::VoltAmpere);
        let wanted: &[u8] = match quantity {
            // Some VIFs state reactive or apparent energy and power, whatever the device.
            _ if is_electric => DEVICES,
            Quantity::ActiveEnergyImport | Quantity::ActiveEnergyExport => &[2],
            Quantity::ActivePower | Quantity::ActivePowerImport | Quantity::ActivePowerExport => &[2],
            Quantity::DemandImportPeak | Quantity::DemandExportPeak => &[2],
            Quantity::HeatEnergy => &[0x04, 0x0C, 0x0D],
            Quantity::CoolingEnergy => &[0x0A, 0x0B, 0x0D],
            Quantity::WaterVolume => &[0x06, 0x07, 0x15, 0x16],
            Quantity::GasVolume | Quantity::GasVolumeCorrected => &[0x03],
            _ => DEVICES,
        };
        assert!(wanted.contains(&device), "{}", told());
        // A minimum is not a present value, and a maximum is a peak.
        assert_ne!(self.function, 2, "{}", told());
        if self.function == 1 {
            assert!(
                matches!(quantity, Quantity::DemandImportPeak | Quantity::DemandExportPeak),
                "{}",
                told()
            );
        }
        let exports = [
            Quantity::ActiveEnergyExport,
            Quantity::ReactiveEnergyExport,
            Quantity::ActivePowerExport,
            Quantity::DemandExportPeak,
        ];
        let imports = [
            Quantity::ActiveEnergyImport,
            Quantity::ReactiveEnergyImport,
            Quantity::ActivePower,
            Quantity::ActivePowerImport,
            Quantity::DemandImportPeak,
        ];
        if is_standards {
            let is_backward = self.vifes.first() == Some(&0x3C);
            assert!(!exports.contains(&quantity) || is_backward, "{}", told());
            assert!(!is_backward || !imports.contains(&quantity), "{}", told());
            assert!(quantity != Quantity::CoolingEnergy || device != 0x0D || is_backward, "{}", told());
            assert_eq!(value.storage.unwrap_or_default(), u64::from(self.storage), "{}", told());
            assert_eq!(value.tariff.unwrap_or_default(), u32::from(self.tariff), "{}", told());
            assert_eq!(value.channel.unwrap_or_default(), self.subunit, "{}", told());
            // A value per hour, a limit, or a VIFE that only its maker knows.
            let is_other = matches!(self.vifes.as_slice(), [0x22 | 0x48, ..] | [0x7F, ..]);
            let keeps = matches!(quantity, Quantity::Voltage | Quantity::Current)
                && self.vifes.first() == Some(&0x7F);
            assert!(!is_other || keeps, "{}", told());
        }
        let sent = SCALES.iter().find(|(vif, ..)| *vif == self.vif.as_slice()).map(|(_, scale)| *scale);
        let by_vife = if self.vifes.first() == Some(&0x74) { -2 } else { 0 };
        let sent = sent.map(|scale| Number::new(self.number.into(), scale + by_vife));
        assert_eq!(number(value).map(plain), sent.map(plain), "{}", told());
    }
}

/// A FLAG code: three letters of five bits each (EN 13757-7, 7.3.2), the low byte first.
fn letters(maker: &str) -> [u8; 2] {
    maker.bytes().fold(0_u16, |number, letter| number << 5 | u16::from(letter & 0x1F)).to_le_bytes()
}

/// `registers/makers.toml` has no row for the first maker.
const MAKERS: &[&str] = &[
    "XYZ", "ELT", "SBC", "FIN", "SEC", "ABB", "IME", "NZR", "EMH", "EFE", "HYD", "DME", "BMT", "ZRI", "KAM",
];
const DEVICES: &[u8] = &[0x02, 0x02, 0x00, 0x03, 0x04, 0x06, 0x07, 0x0A, 0x0B, 0x0C, 0x0D, 0x16];
/// Energy, volume, power, flow, temperature, voltage, current, reactive energy, apparent energy, reactive power.
const VIFS: &[&[u8]] = &[
    &[0x03],
    &[0x06],
    &[0x07],
    &[0x13],
    &[0x16],
    &[0x2B],
    &[0x2E],
    &[0x3B],
    &[0x5A],
    &[0xFD, 0x48],
    &[0xFD, 0x59],
    &[0xFB, 0x02],
    &[0xFB, 0x04],
    &[0xFB, 0x14],
];
/// The power of ten of the last digit, in the unit of readings (EN 13757-3:2018, tables 10, 12 and 14).
const SCALES: &[(&[u8], i8)] = &[
    (&[0x03], -3),
    (&[0x06], 0),
    (&[0x07], 1),
    (&[0x13], -3),
    (&[0x16], 0),
    (&[0x2B], 0),
    (&[0x2E], 3),
    (&[0x3B], -3),
    (&[0x5A], -1),
    (&[0xFD, 0x48], -1),
    (&[0xFD, 0x59], -3),
    (&[0xFB, 0x02], 0),
    (&[0xFB, 0x04], 0),
    (&[0xFB, 0x14], 0),
];
/// None; backward, forward; per hour; a limit; × 0.01; phase L1; the maker's.
const VIFES: &[&[u8]] = &[
    &[],
    &[],
    &[],
    &[0x3C],
    &[0x3B],
    &[0x22],
    &[0x48],
    &[0x74],
    &[0x7C, 0x01],
    &[0x7F, 0x01],
    &[0x7F, 0x5D],
];
