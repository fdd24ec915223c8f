//! [`Meter`]: what the tables of `meters/` and `registers/` know, as looked up by stage 5.
//!
//! The tables are TOML files; `build/` turns them into the statics included here.

mod kind;
mod list;
mod printed;
#[cfg(test)]
mod tests;

use crate::hex;
use crate::number::Number;
use crate::reading::{Phase, Protocol, Quantity, Unit};
use crate::register::{Obis, RawUnit, RegisterId, Value};
use crate::schedule::Schedule;
use crate::stack::Stack;

use self::kind::Otherwise;
pub(crate) use self::kind::ScaleGroup;
use self::list::ElementType;
pub(crate) use self::list::{Place, PositionalList};
pub(crate) use self::printed::{is_of_heat, printed_meaning};

/// A family of meters that send the same lists: one file in `meters/`.
#[derive(Debug)]
pub struct Meter {
    /// The file's name.
    pub name: &'static str,
    /// Makes and models, for people.
    pub title: &'static str,
    /// The FLAG code; empty where the row is of no maker.
    pub maker: &'static str,
    /// ISO codes of the countries where its customer port was met.
    pub countries: &'static [&'static str],
    /// What it measures.
    pub medium: &'static str,
    /// What it speaks.
    pub stack: Stack,
    /// Speed and parity, `2400 8E1`.
    pub line: &'static str,
    /// Seconds between two questions, where the meter must be asked; 0 where it speaks by itself.
    pub every: u32,
    /// Whether its clock keeps the standard time of the place all year, whatever offset and season it states.
    pub(crate) keeps_standard_time: bool,
    /// Values of group F that are sums of spans, and no earlier periods.
    sums: &'static [u8],
    list_version: Option<&'static str>,
    /// The push setup of its lists, where it names the maker.
    push: Option<Obis>,
    /// How the models begin that it stands for, `?` for any letter.
    models: &'static [&'static str],
    /// SML meters with smaller numbers leave out the first octet of some powers.
    short_powers_below: u32,
    kmp: &'static [u16],
    kmp_questions: &'static [&'static [u16]],
    lists: &'static [PositionalList],
    scale: &'static [Scale],
    otherwise: &'static [Otherwise],
}

/// What a register lacks on the wire.
#[derive(Debug)]
pub(crate) struct Scale {
    pub(crate) obis: Obis,
    /// A unit as printed, or nothing.
    pub(crate) unit: &'static str,
    pub(crate) scaler: i8,
}

/// As often as `meters/` says for those that speak this, with the reason beside it: battery-powered ones every few
/// minutes at most. Where families differ it is the shorter time.
#[must_use]
pub fn usual_schedule(stack: Stack) -> Schedule {
    let rows = METERS.iter().filter(|meter| meter.stack == stack && meter.every > 0);
    Schedule::every(rows.map(|meter| meter.every).min().unwrap_or(USUAL))
}

impl Meter {
    /// All that the tables describe, in the order of their names.
    #[must_use]
    pub fn all() -> &'static [Self] {
        METERS
    }

    /// The meter that sends lists of this version: the row that says most of the model, or the one that stands for those
    /// without a model as well.
    pub(crate) fn of_list(version: &Value, model: &str) -> Option<&'static Self> {
        let sends = |meter: &&Self| meter.list_version.is_some_and(|prefix| is_written(version, prefix));
        let stands_for_all =
            |meter: &Self| meter.models.is_empty() || meter.otherwise.iter().any(|other| other.unless_model);
        let named = METERS.iter().filter(sends).filter_map(|meter| Some((meter.named_by(model)?, meter)));
        let named = named.max_by_key(|(length, _)| *length).map(|(_, meter)| meter);
        named.or_else(|| METERS.iter().filter(sends).find(|meter| stands_for_all(meter)))
    }

    /// The meter whose lists have this push setup.
    pub(crate) fn of_push(name: Obis) -> Option<&'static Self> {
        METERS.iter().find(|meter| meter.push == Some(name))
    }

    /// The meter whose readout is identified by this maker and a model that begins so.
    pub(crate) fn of_identification(maker: &str, model: &str) -> Option<&'static Self> {
        let of_maker = |meter: &&Self| meter.stack == Stack::Iec62056 && meter.maker == maker;
        METERS.iter().filter(of_maker).find(|meter| meter.named_by(model).is_some())
    }

    /// How many letters of the model it names, if it is one of its own.
    pub(crate) fn named_by(&self, model: &str) -> Option<usize> {
        let begins = |pattern: &&&str| {
            let mut letters = model.bytes();
            pattern.bytes().all(|wanted| letters.next().is_some_and(|own| wanted == b'?' || wanted == own))
        };
        self.models.iter().filter(begins).map(|pattern| pattern.len()).max()
    }

    /// The meter that alone has this register of KMP.
    pub(crate) fn of_kmp(id: u16) -> Option<&'static Self> {
        METERS.iter().find(|meter| meter.kmp.contains(&id))
    }

    /// Registers of KMP that no other meter has.
    pub(crate) fn kmp_registers(&self) -> &'static [u16] {
        self.kmp
    }

    /// Registers of KMP to ask for, question by question.
    pub(crate) fn kmp_questions(&self) -> &'static [&'static [u16]] {
        self.kmp_questions
    }

    /// The meter whose maker, known by the name that it gives itself, sends names without scalers in this protocol.
    pub(crate) fn of_maker(maker: &str, protocol: Protocol) -> Option<&'static Self> {
        let is_default = |meter: &&Self| meter.list_version.is_none() && !meter.scale.is_empty();
        METERS
            .iter()
            .find(|meter| meter.maker == maker && meter.stack.protocol() == protocol && is_default(meter))
    }

    /// Whether the SML meter of that server id (DIN 43863-5: medium, maker, block, number) leaves out the first octet of
    /// some powers.
    pub(crate) fn drops_octets(server: &[u8]) -> bool {
        let &[_, _, m, a, k, _, n1, n2, n3, n4] = server else { return false };
        let number = u32::from_be_bytes([n1, n2, n3, n4]);
        METERS.iter().any(|meter| number < meter.short_powers_below && meter.maker.as_bytes() == [m, a, k])
    }

    /// What a register with a name lacks.
    pub(crate) fn scale(&self, obis: Obis) -> Option<&'static Scale> {
        let place = self.scale.binary_search_by_key(&obis, |row| row.obis).ok()?;
        self.scale.get(place)
    }
}

/// What a register means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RegisterMeaning {
    pub(crate) meaning: Meaning,
    pub(crate) phase: Option<Phase>,
    pub(crate) tariff: Option<u32>,
    pub(crate) channel: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Meaning {
    Quantity(Quantity),
    /// The sub-meter's device type decides.
    ByDevice,
    /// A volume of what the meter measures.
    Volume,
    /// An active power whose sign is sent elsewhere.
    ByDirection,
}

/// Looks an OBIS code up.
pub(crate) fn meaning(obis: Obis) -> Option<RegisterMeaning> {
    let Obis([a, b, c, d, e, _]) = obis;
    // Group D tells most rows apart.
    let fits = |row: &&ObisRow| row.d.fits(d) && row.e.fits(e) && row.b.fits(b) && row.a.fits(a);
    let row = obis_rows(c).iter().find(fits)?;
    Some(RegisterMeaning {
        meaning: row.meaning,
        phase: row.phase,
        tariff: matches!(row.e, Part::Tariff).then_some(e.into()).filter(|tariff| *tariff > 0),
        channel: matches!(row.b, Part::Channel).then_some(b),
    })
}

/// Whether meters of that protocol have in group F of this register the sum of a span in place of an earlier period.
pub(crate) fn sums(protocol: Protocol, register: RegisterId) -> bool {
    let RegisterId::Obis(Obis([.., f])) = register else { return false };
    f != 255 && METERS.iter().any(|meter| meter.stack.protocol() == protocol && meter.sums.contains(&f))
}

/// Looks a register of KMP up.
pub(crate) fn kmp_meaning(id: u16) -> Option<RegisterMeaning> {
    let (meaning, phase) = kmp_register(id)?;
    Some(RegisterMeaning { meaning, phase, tariff: None, channel: None })
}

/// What a volume is of; nobody knows of a meter that has not yet shown what it measures.
pub(crate) fn volume_of_medium(medium: Option<&str>) -> Option<Quantity> {
    match medium? {
        "heat" => Some(Quantity::HeatVolume),
        "water" => Some(Quantity::WaterVolume),
        _ => None,
    }
}

/// What a sub-meter of this device type counts; its kind shows in the unit.
pub(crate) fn of_device(device: Option<u8>, unit: Option<Unit>) -> Option<Quantity> {
    let row = DEVICES.iter().find(|row| Some(row.device) == device);
    match (row, unit) {
        (Some(row), Some(Unit::CubicMetre)) => row.volume,
        (Some(row), Some(_)) => row.energy,
        (Some(row), None) => row.volume.or(row.energy),
        // DSMR 2.2 meters leave the type out of some telegrams; only gas meters sent volumes then.
        (None, Some(Unit::CubicMetre)) => Some(Quantity::GasVolume),
        (None, _) => None,
    }
}

/// A unit as sent → the unit of readings and the shift to it.
pub(crate) fn unit(raw: &RawUnit) -> Option<(Unit, i8)> {
    match raw {
        RawUnit::None => None,
        RawUnit::Dlms(code) => unit_of_dlms(*code),
        RawUnit::Kmp(code) => unit_of_kmp(*code),
        RawUnit::Record(header) => header.meaning.unit.map(|unit| (unit, 0)),
        RawUnit::Printed(text) => {
            text.key().and_then(unit_printed).or_else(|| unit_in_another_case(text.as_str()))
        }
    }
}

/// Makers do not agree on the case of kvar; where two units differ in nothing else, it decides. `mWH` is no megawatt hour.
fn unit_in_another_case(text: &str) -> Option<(Unit, i8)> {
    let is_mixed = text.bytes().any(|letter| letter.is_ascii_lowercase())
        && text.bytes().any(|letter| letter.is_ascii_uppercase());
    let keeps_prefix = is_mixed && text.starts_with(['m', 'M']);
    let same = |(printed, _): &&(&str, _)| {
        printed.eq_ignore_ascii_case(text)
            && (!keeps_prefix || printed.as_bytes().first() == text.as_bytes().first())
    };
    UNITS.iter().find(same).map(|(_, unit)| *unit)
}

/// What a home can have of that quantity in that unit, where a table says it.
pub(crate) fn plausible(quantity: Quantity, unit: Unit) -> Option<Bounds> {
    bounds(quantity, unit)
}

/// The least and the most that a value may be, in the unit that goes with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    least: i32,
    most: i32,
}

impl Bounds {
    pub(crate) fn hold(self, value: Number) -> bool {
        value.is_within(self.least, self.most)
    }
}

#[derive(Debug)]
struct ObisRow {
    a: Part,
    b: Part,
    d: Part,
    e: Part,
    meaning: Meaning,
    phase: Option<Phase>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Is(u8),
    Any,
    Tariff,
    Channel,
}

impl Part {
    fn fits(self, value: u8) -> bool {
        match self {
            Self::Is(wanted) => wanted == value,
            Self::Any => true,
            Self::Tariff => value <= MOST_TARIFFS,
            Self::Channel => value > 0,
        }
    }
}

#[derive(Debug)]
struct DeviceRow {
    device: u8,
    volume: Option<Quantity>,
    energy: Option<Quantity>,
}

/// Whether a value is written so, or begins so.
fn is_written(value: &Value, prefix: &str) -> bool {
    match value {
        Value::Text(text) => text.starts_with(prefix),
        Value::Octets(octets) => {
            let written = octets.iter().flat_map(|octet| [octet >> 4, octet & 0xF]);
            let mut digits = prefix.bytes().map(hex::digit).zip(written);
            prefix.len() <= octets.len() * 2 && digits.all(|(digit, own)| digit == Some(own))
        }
        Value::Number(_) => false,
    }
}

/// Tariffs have the numbers 1 to 63; what is above is its maker's (IEC 62056-61, table 8).
const MOST_TARIFFS: u8 = 63;
/// Seconds from one question to the next where the tables say nothing.
const USUAL: u32 = 900;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
