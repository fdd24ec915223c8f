//! Neighbours of printed telegrams: P1 and IEC 62056-21.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Choices, number, plain, values};
use crate::fuzz::{read_from, say};
use crate::harmonise::{Known, Origin};
use crate::iec62056::readout;
use crate::number::Number;
use crate::output::Output;
use crate::p1::codes::Codes;
use crate::p1::telegram;
use crate::reading::{Integrity, Measurement, Phase, Protocol, Quantity, Reading};
use crate::register::{RawTime, Register};
use crate::session::Session;
use crate::setup::Setup;
use crate::stack::Stack;
use crate::time::{Instant, Zone};

/// A register as printed, and the facts about it.
#[derive(Debug)]
struct Written {
    code: String,
    /// Groups C to F; F is 255 if it is missing.
    groups: [u8; 4],
    line: String,
    number: Number,
    /// The power of ten of the prefix, and the unit after it; `None` if no unit is printed.
    unit: Option<(i8, &'static str)>,
    moment: Option<&'static str>,
}

/// Writes registers with any code, period, number, unit and time, in any order, and checks what the reading states.
pub(super) fn readout(choices: &mut Choices<'_>) {
    let is_p1 = choices.one_in(2);
    let mut all: Vec<Written> = Vec::new();
    for _ in 0..=choices.below(6) {
        let next = written(choices, is_p1);
        // A value without a unit takes the unit of the same register in another period.
        if all.iter().all(|before| before.groups.get(..2) != next.groups.get(..2)) {
            all.push(next);
        }
    }
    let text: String = all.iter().map(|written| format!("{}\r\n", written.line)).collect();
    let mut registers = Vec::new();
    let reading = if is_p1 {
        let text = format!("/MTP5\\2TEST\r\n\r\n{text}!");
        let telegram =
            telegram::parse(text.as_bytes(), Zone::default(), &mut Codes::default(), &mut registers);
        reading(Protocol::P1, telegram.time, registers)
    } else {
        let readout = readout::parse(text.as_bytes(), false, Zone::default(), &mut registers);
        reading(Protocol::Iec62056, readout.time, registers)
    };
    let energies = all.iter().filter_map(|written| written.unit).filter(|(_, base)| base.ends_with('h'));
    let mut sizes: Vec<i8> = energies.map(|(shift, _)| shift).collect();
    sizes.dedup();
    let counts_in = sizes.first().copied().unwrap_or(3);
    for written in &all {
        for value in values(&reading, &written.code) {
            written.explains(value, counts_in, &text);
        }
    }
}

fn reading(protocol: Protocol, time: Option<RawTime>, registers: Vec<Register>) -> Reading {
    let zone = Zone::default();
    let origin = Origin { protocol, integrity: Integrity::Checked, announced: None, time, zone };
    read_from(Known::default(), origin, registers)
}

fn written(choices: &mut Choices<'_>, is_p1: bool) -> Written {
    let (c, d, e) = (choices.of(C), choices.of(D), choices.of(&[0, 0, 1, 2, 3, 9, 63, 64, 128]));
    let f = if choices.one_in(3) { choices.of(&[1, 2, 15, 99]) } else { 255 };
    let medium = if is_p1 { "1-0:" } else { choices.of(&["", "", "1-0:", "1-1:"]) };
    let period = match (f, medium.is_empty()) {
        (255, _) => String::new(),
        (f, true) if choices.one_in(2) => format!("&{f:02}"),
        (f, true) => format!("*{f:02}"),
        (f, false) => format!("*{f}"),
    };
    let code = format!("{medium}{c}.{d}.{e}{period}");
    let (count, places) = (1 + choices.below(8), choices.below(4));
    let digits = String::from_utf8(choices.digits(count)).unwrap_or_default();
    let behind = String::from_utf8(choices.digits(places)).unwrap_or_default();
    let sign = if choices.one_in(8) { "-" } else { "" };
    let point = if places > 0 { "." } else { "" };
    let mantissa: i128 = format!("{sign}{digits}{behind}").parse().unwrap_or_default();
    let unit = if choices.one_in(4) { None } else { Some((choices.of(PREFIXES), choices.of(UNITS))) };
    let blank = choices.of(&["", "", " "]);
    let printed = match unit {
        None => String::new(),
        Some(((_, prefix), (unit, _))) => format!("{blank}*{blank}{prefix}{unit}"),
    };
    let value = format!("({sign}{digits}{point}{behind}{printed})");
    let moment = if choices.one_in(3) { Some(choices.of(MOMENTS)) } else { None };
    let line = match moment {
        None => format!("{code}{value}"),
        Some((printed, _)) if choices.one_in(2) => format!("{code}({printed}){value}"),
        Some((printed, _)) => format!("{code}{value}({printed})"),
    };
    let number = Number::new(mantissa, -i8::try_from(places).unwrap_or_default());
    let unit = unit.map(|((shift, _), (_, base))| (shift, base));
    Written { code, groups: [c, d, e, f], line, number, unit, moment: moment.map(|(_, moment)| moment) }
}

impl Written {
    /// Panics if a value states anything but what was written. Energies in the same readout have the power of ten
    /// `counts_in`.
    fn explains(&self, value: &Measurement, counts_in: i8, text: &str) {
        let told = || format!("{value:?} of {self:?} in {text}");
        let [c, d, e, f] = self.groups;
        if let Some(quantity) = value.quantity {
            let (of, phase) = meaning(c, d, e);
            assert!(of.contains(&quantity), "{}", told());
            assert_eq!(value.phase, phase, "{}", told());
            let has_tariffs = matches!(d, 4 | 6 | 8);
            assert_eq!(value.tariff, Some(u32::from(e)).filter(|e| has_tariffs && *e > 0), "{}", told());
        }
        if c < 96 && c > 0 {
            assert_eq!(value.storage, Some(u64::from(f)).filter(|f| (1..255).contains(f)), "{}", told());
        }
        if let (Some(number), Some(unit)) = (number(value), value.unit) {
            // A value without a printed unit got the usual one: V, A, Hz, ° or 1, or the unit in which the readout
            // counts.
            let (shift, base) = match self.unit {
                Some(printed) => printed,
                None => implied(d, unit.as_str(), counts_in).unwrap_or_else(|| panic!("{}", told())),
            };
            let (own, wanted) = readings_unit(base).unwrap_or_else(|| panic!("{}", told()));
            assert_eq!(unit.as_str(), wanted, "{}", told());
            let sent = self.number.shifted(shift).and_then(|number| number.shifted(own));
            assert_eq!(Some(plain(number)), sent.map(plain), "{}", told());
        }
        if let (Some(_), Some(time)) = (number(value), value.time) {
            assert_eq!(Some(time.to_string().as_str()), self.moment, "{}", told());
        }
    }
}

/// The meaning of groups C, D and E for electricity (IEC 62056-61, tables 9 to 13), and the phase.
fn meaning(c: u8, d: u8, e: u8) -> (Vec<Quantity>, Option<Phase>) {
    use Quantity as Q;
    let (kind, phase) = match c {
        1..=20 => (c, None),
        21..=40 => (c - 20, Some(Phase::L1)),
        41..=60 => (c - 40, Some(Phase::L2)),
        61..=80 => (c - 60, Some(Phase::L3)),
        91 => (11, Some(Phase::N)),
        81 => {
            let phase = match e {
                4 => Some(Phase::L1),
                15 => Some(Phase::L2),
                26 => Some(Phase::L3),
                _ => None,
            };
            return (Vec::from([Q::PhaseAngle]), phase);
        }
        _ => return (Vec::from(OF_ALL_MEDIA), None),
    };
    let of = match (kind, d) {
        (_, 4 | 6 | 8) if e > 63 => return (Vec::new(), None),
        (1, 8) => Q::ActiveEnergyImport,
        (2, 8) => Q::ActiveEnergyExport,
        (3, 8) => Q::ReactiveEnergyImport,
        (4, 8) => Q::ReactiveEnergyExport,
        (5, 8) => Q::ReactiveEnergyQ1,
        (6, 8) => return (Vec::from([Q::ReactiveEnergyQ2, Q::HeatEnergy]), None),
        (7, 8) => Q::ReactiveEnergyQ3,
        (8, 8) => Q::ReactiveEnergyQ4,
        (9, 8) => Q::ApparentEnergyImport,
        (10, 8) => Q::ApparentEnergyExport,
        (1, 4) => Q::DemandImport,
        (2, 4) => Q::DemandExport,
        (1, 6) => Q::DemandImportPeak,
        (2, 6) => Q::DemandExportPeak,
        (1, 7) => Q::ActivePowerImport,
        (2, 7) => Q::ActivePowerExport,
        (3, 7) => Q::ReactivePowerImport,
        (4, 7) => Q::ReactivePowerExport,
        (9, 7) => Q::ApparentPowerImport,
        (10, 7) => Q::ApparentPowerExport,
        (11, 7) => Q::Current,
        (11, 4) => Q::LimiterThreshold,
        (12, 7) => Q::Voltage,
        (12, 32) => Q::VoltageSags,
        (12, 36) => Q::VoltageSwells,
        (13, 7) => Q::PowerFactor,
        (14, 7) => Q::Frequency,
        (16, 7) => Q::ActivePower,
        _ => return heat(c, d),
    };
    (Vec::from([of]), phase)
}

/// Codes that heat meters use as well; their units distinguish them.
fn heat(c: u8, d: u8) -> (Vec<Quantity>, Option<Phase>) {
    let of = match (c, d) {
        (6, 4) => Quantity::HeatPower,
        (9, 36) => Quantity::Clock,
        _ => return (Vec::new(), None),
    };
    (Vec::from([of]), None)
}

/// The power of ten and the unit of a value that is printed without one.
fn implied(d: u8, unit: &str, counts_in: i8) -> Option<(i8, &'static str)> {
    Some(match unit {
        "kWh" if d == 8 => (counts_in, "Wh"),
        "kvarh" if d == 8 => (counts_in, "varh"),
        "kVAh" if d == 8 => (counts_in, "VAh"),
        "W" => (counts_in, "W"),
        "var" => (counts_in, "var"),
        "VA" => (counts_in, "VA"),
        "V" => (0, "V"),
        "A" => (0, "A"),
        "Hz" => (0, "Hz"),
        "°" => (0, "°"),
        "1" => (0, "1"),
        _ => return None,
    })
}

/// The power of ten from a unit to the unit of readings, and the name of the unit of readings.
fn readings_unit(base: &str) -> Option<(i8, &'static str)> {
    Some(match base {
        "Wh" => (-3, "kWh"),
        "varh" => (-3, "kvarh"),
        "VAh" => (-3, "kVAh"),
        "W" => (0, "W"),
        "var" => (0, "var"),
        "VA" => (0, "VA"),
        "V" => (0, "V"),
        "A" => (0, "A"),
        "Hz" => (0, "Hz"),
        "m3" => (0, "m3"),
        "°" => (0, "°"),
        "1" => (0, "1"),
        _ => return None,
    })
}

/// Decodes a readout whose first bytes may be missing, and checks that it contains every reported register.
pub(super) fn begun_in_the_middle(choices: &mut Choices<'_>) {
    let (stack, head) = choices.of(&[(0_u8, ""), (1, "/MTP5TEST\r\n\r\n"), (0, "/MTP5TEST\r\n\r\n")]);
    let stack = if stack == 0 { Stack::Iec62056 } else { Stack::P1 };
    let medium = choices.of(&["", "1-0:", "1-1:"]);
    let codes = ["1.8.0", "21.8.0", "11.7.0", "31.7.0", "61.7.0", "9.8.0", "41.8.1", "12.7.0", "2.8.0"];
    let mut lines = Vec::new();
    for place in 0..2 + choices.below(6) {
        let code = codes.get((place + choices.below(2) * 3) % codes.len()).copied().unwrap_or_default();
        let value = String::from_utf8(choices.digits(5)).unwrap_or_default();
        lines.push(format!("{medium}{code}(1{value}.{place}*kWh)"));
    }
    let text = format!("{head}{}\r\n!\r\n", lines.join("\r\n"));
    let from = choices.below(text.len());
    let mut session = Session::new(Setup { stack, ..Setup::default() }, Instant(0));
    session.handle_bytes(Instant(0), text.as_bytes().get(from..).unwrap_or_default());
    let mut said = Vec::new();
    while let Some(due) = say(&mut session, &mut said) {
        session.handle_timeout(due);
    }
    for output in &said {
        if let Output::Reading(reading, _) = output {
            for value in &reading.values {
                let number = number(value).map(|number| number.to_string()).unwrap_or_default();
                let is_there = |line: &String| {
                    line.strip_prefix(value.register.to_string().as_str())
                        .and_then(|rest| rest.strip_prefix('('))
                        .is_some_and(|rest| rest.starts_with(number.as_str()))
                };
                assert!(lines.iter().any(is_there), "{value:?} from {from} of {text}");
            }
        }
    }
}

/// Writes monthly peaks in any order, and checks that `*1` belongs to the month that ended last.
pub(super) fn peaks(choices: &mut Choices<'_>) {
    let count = 1 + choices.below(13);
    let mut months: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        months.swap(at, choices.below(at + 1));
    }
    let entry = |month: &usize| {
        let (year, of_year) = (24 + month / 12, month % 12 + 1);
        format!("({year}{of_year:02}01000000W)({year}{of_year:02}01000000W)({:02}.000*kW)", month + 1)
    };
    let entries: String = months.iter().map(entry).collect();
    let text = format!("/MTP5TEST\r\n\r\n0-0:98.1.0({count})(1-0:1.6.0)(1-0:1.6.0){entries}\r\n!");
    let mut registers = Vec::new();
    let telegram = telegram::parse(text.as_bytes(), Zone::default(), &mut Codes::default(), &mut registers);
    let reading = reading(Protocol::P1, telegram.time, registers);
    for back in 1..=count {
        let kilowatts = i128::try_from(count - back + 1).unwrap_or_default();
        let mut all = values(&reading, &format!("1-0:1.6.0*{back}"));
        let peak = all.next().and_then(number).map(plain);
        assert_eq!(peak, Some(plain(Number::new(kilowatts, 3))), "{back} of {text}");
        assert!(all.next().is_none());
    }
}

/// Quantities that heat, water and electricity meters share: group C of 0, and from 96 on.
const OF_ALL_MEDIA: &[Quantity] = &[
    Quantity::MeterId,
    Quantity::MeterModel,
    Quantity::Clock,
    Quantity::ListVersion,
    Quantity::TariffIndicator,
    Quantity::BreakerState,
    Quantity::PowerFailures,
    Quantity::LongPowerFailures,
    Quantity::Message,
    Quantity::ErrorFlags,
    Quantity::LimiterThreshold,
    Quantity::DeviceType,
];

const C: &[u8] = &[
    1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 21, 22, 23, 24, 29, 31, 32, 33, 36,
    41, 42, 51, 52, 61, 62, 71, 72, 76, 81, 91, 96, 97, 0,
];
const D: &[u8] = &[8, 8, 8, 7, 7, 6, 6, 4, 2, 3, 5, 9, 25, 29, 32, 36];
const PREFIXES: &[(i8, &str)] = &[(0, ""), (3, "k"), (6, "M"), (9, "G"), (-3, "m")];
const UNITS: &[(&str, &str)] = &[
    ("Wh", "Wh"),
    ("WH", "Wh"),
    ("W", "W"),
    ("varh", "varh"),
    ("VArh", "varh"),
    ("var", "var"),
    ("VAh", "VAh"),
    ("VA", "VA"),
    ("V", "V"),
    ("A", "A"),
    ("Hz", "Hz"),
    ("xyz", "xyz"),
];
/// Times as printed, and their meaning in Central Europe (the default zone).
const MOMENTS: &[(&str, &str)] = &[
    ("240111093500", "2024-01-11T09:35:00+01:00"),
    ("240711093500S", "2024-07-11T09:35:00+02:00"),
    ("240711093500s", "2024-07-11T09:35:00+02:00"),
    ("240111093500w", "2024-01-11T09:35:00+01:00"),
    ("2401110935", "2024-01-11T09:35:00+01:00"),
    ("20240111 09:35:00", "2024-01-11T09:35:00+01:00"),
    ("20240111093500", "2024-01-11T09:35:00+01:00"),
    ("24-01-11,09:35", "2024-01-11T09:35:00+01:00"),
    ("24-01-11 09:35", "2024-01-11T09:35:00+01:00"),
    ("2024-07-11&09:35:00", "2024-07-11T09:35:00+02:00"),
    ("0240111093500", "2024-01-11T09:35:00+01:00"),
    ("1240711093500", "2024-07-11T09:35:00+02:00"),
    ("2240111093500", "2024-01-11T09:35:00+00:00"),
];
