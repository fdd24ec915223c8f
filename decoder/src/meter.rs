//! [`Meter`]: the rows of the tables `meters/` and `registers/`, for the look-ups of stage 5.
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
    /// The name of its file.
    pub name: &'static str,
    /// Makes and models, as shown to users.
    pub title: &'static str,
    /// The maker's FLAG code; empty if the row belongs to no single maker.
    pub maker: &'static str,
    /// ISO codes of the countries where its customer port was seen.
    pub countries: &'static [&'static str],
    /// What it measures, such as `electricity` or `heat`; several media are separated by commas.
    pub medium: &'static str,
    /// The protocols in which it sends.
    pub stack: Stack,
    /// The line setting, such as `2400 8E1`.
    pub line: &'static str,
    /// Seconds from one round of questions to the next if the meter must be asked; 0 if it pushes.
    pub every: u32,
    /// Whether its clock keeps the standard time of the place all year, whatever offset and season it states.
    pub(crate) keeps_standard_time: bool,
    /// Values of group F that mark a sum over a span of time instead of an earlier billing period.
    sums: &'static [u8],
    list_version: Option<&'static str>,
    /// The push setup that its lists state, if only this maker's lists state it.
    push: Option<Obis>,
    /// The beginnings of its models' names; `?` stands for any letter.
    models: &'static [&'static str],
    /// SML meters with smaller serial numbers omit the first byte of some powers.
    short_powers_below: u32,
    kmp: &'static [u16],
    kmp_questions: &'static [&'static [u16]],
    lists: &'static [PositionalList],
    scale: &'static [Scale],
    otherwise: &'static [Otherwise],
}

/// What a register lacks on the line: its unit and scaler.
#[derive(Debug)]
pub(crate) struct Scale {
    pub(crate) obis: Obis,
    /// A unit as printed, or empty.
    pub(crate) unit: &'static str,
    pub(crate) scaler: i8,
}

/// How often to ask meters of this stack: the shortest interval that a file in `meters/` states for one of them, or 15
/// minutes if none does. For meters that may run on a battery, it is at least five minutes.
#[must_use]
pub fn usual_schedule(stack: Stack) -> Schedule {
    let rows = METERS.iter().filter(|meter| meter.stack == stack && meter.every > 0);
    Schedule::every(rows.map(|meter| meter.every).min().unwrap_or(USUAL))
}

impl Meter {
    /// All rows, in the order of their names.
    #[must_use]
    pub fn all() -> &'static [Self] {
        METERS
    }

    /// The meter that sends lists of this version: the row with the longest matching model, or else a row that does not
    /// require a model.
    pub(crate) fn of_list(version: &Value, model: &str) -> Option<&'static Self> {
        let sends = |meter: &&Self| meter.list_version.is_some_and(|prefix| is_written(version, prefix));
        let stands_for_all =
            |meter: &Self| meter.models.is_empty() || meter.otherwise.iter().any(|other| other.unless_model);
        let named = METERS.iter().filter(sends).filter_map(|meter| Some((meter.named_by(model)?, meter)));
        let named = named.max_by_key(|(length, _)| *length).map(|(_, meter)| meter);
        named.or_else(|| METERS.iter().filter(sends).find(|meter| stands_for_all(meter)))
    }

    pub(crate) fn of_push(name: Obis) -> Option<&'static Self> {
        METERS.iter().find(|meter| meter.push == Some(name))
    }

    pub(crate) fn of_identification(maker: &str, model: &str) -> Option<&'static Self> {
        let of_maker = |meter: &&Self| meter.stack == Stack::Iec62056 && meter.maker == maker;
        METERS.iter().filter(of_maker).find(|meter| meter.named_by(model).is_some())
    }

    /// The length of the longest of the row's models with which `model` begins; `None` if it begins with none of them.
    pub(crate) fn named_by(&self, model: &str) -> Option<usize> {
        let begins = |pattern: &&&str| {
            let mut letters = model.bytes();
            pattern.bytes().all(|wanted| letters.next().is_some_and(|own| wanted == b'?' || wanted == own))
        };
        self.models.iter().filter(begins).map(|pattern| pattern.len()).max()
    }

    /// The only meter that has this KMP register.
    pub(crate) fn of_kmp(id: u16) -> Option<&'static Self> {
        METERS.iter().find(|meter| meter.kmp.contains(&id))
    }

    /// KMP registers that no other meter has.
    pub(crate) fn kmp_registers(&self) -> &'static [u16] {
        self.kmp
    }

    /// KMP registers to ask for, question by question.
    pub(crate) fn kmp_questions(&self) -> &'static [&'static [u16]] {
        self.kmp_questions
    }

    /// The row for meters of this maker that send names without scalers in this protocol.
    pub(crate) fn of_maker(maker: &str, protocol: Protocol) -> Option<&'static Self> {
        let is_default = |meter: &&Self| meter.list_version.is_none() && !meter.scale.is_empty();
        METERS
            .iter()
            .find(|meter| meter.maker == maker && meter.stack.protocol() == protocol && is_default(meter))
    }

    /// Whether the SML meter with this server id (DIN 43863-5: medium, maker, block, number) omits the first byte of
    /// some powers.
    pub(crate) fn drops_bytes(server: &[u8]) -> bool {
        let &[_, _, m, a, k, _, n1, n2, n3, n4] = server else { return false };
        let number = u32::from_be_bytes([n1, n2, n3, n4]);
        METERS.iter().any(|meter| number < meter.short_powers_below && meter.maker.as_bytes() == [m, a, k])
    }

    pub(crate) fn scale(&self, obis: Obis) -> Option<&'static Scale> {
        let place = self.scale.binary_search_by_key(&obis, |row| row.obis).ok()?;
        self.scale.get(place)
    }
}

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
    /// A volume of the meter's medium.
    Volume,
    /// An active power whose sign is sent in another register.
    ByDirection,
}

pub(crate) fn meaning(obis: Obis) -> Option<RegisterMeaning> {
    let Obis([a, b, c, d, e, _]) = obis;
    // Group D distinguishes most rows, so it is compared first.
    let fits = |row: &&ObisRow| row.d.fits(d) && row.e.fits(e) && row.b.fits(b) && row.a.fits(a);
    let row = obis_rows(c).iter().find(fits)?;
    Some(RegisterMeaning {
        meaning: row.meaning,
        phase: row.phase,
        tariff: matches!(row.e, Part::Tariff).then_some(e.into()).filter(|tariff| *tariff > 0),
        channel: matches!(row.b, Part::Channel).then_some(b),
    })
}

/// Whether group F of this register marks a sum over a span of time instead of an earlier billing period, for meters of
/// this protocol.
pub(crate) fn sums(protocol: Protocol, register: RegisterId) -> bool {
    let RegisterId::Obis(Obis([.., f])) = register else { return false };
    f != 255 && METERS.iter().any(|meter| meter.stack.protocol() == protocol && meter.sums.contains(&f))
}

pub(crate) fn kmp_meaning(id: u16) -> Option<RegisterMeaning> {
    let (meaning, phase) = kmp_register(id)?;
    Some(RegisterMeaning { meaning, phase, tariff: None, channel: None })
}

/// The quantity of a volume; `None` if the meter's medium is unknown, or neither heat nor water.
pub(crate) fn volume_of_medium(medium: Option<&str>) -> Option<Quantity> {
    match medium? {
        "heat" => Some(Quantity::HeatVolume),
        "water" => Some(Quantity::WaterVolume),
        _ => None,
    }
}

/// The quantity that a sub-meter of this device type counts; the unit distinguishes volume from energy.
pub(crate) fn of_device(device: Option<u8>, unit: Option<Unit>) -> Option<Quantity> {
    let row = DEVICES.iter().find(|row| Some(row.device) == device);
    match (row, unit) {
        (Some(row), Some(Unit::CubicMetre)) => row.volume,
        (Some(row), Some(_)) => row.energy,
        (Some(row), None) => row.volume.or(row.energy),
        // DSMR 2.2 meters leave out the device type in some telegrams; at that time only gas meters sent volumes.
        (None, Some(Unit::CubicMetre)) => Some(Quantity::GasVolume),
        (None, _) => None,
    }
}

/// A unit as sent → the unit of readings, and the power of ten between them.
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

/// Finds a printed unit in any case: makers print kvar in different cases. In a text of mixed case, the case of a
/// prefix `m` or `M` decides: `mWH` is not a megawatt hour.
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

/// The plausible values of this quantity in this unit, if a table states them.
pub(crate) fn plausible(quantity: Quantity, unit: Unit) -> Option<Bounds> {
    bounds(quantity, unit)
}

/// The smallest and the largest plausible value, in the unit of the row.
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

/// Whether a value begins with `prefix`: a text with these letters, or bytes with these hex digits.
fn is_written(value: &Value, prefix: &str) -> bool {
    match value {
        Value::Text(text) => text.starts_with(prefix),
        Value::Octets(bytes) => {
            let written = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
            let mut digits = prefix.bytes().map(hex::digit).zip(written);
            prefix.len() <= bytes.len() * 2 && digits.all(|(digit, own)| digit == Some(own))
        }
        Value::Number(_) => false,
    }
}

/// Tariffs have the numbers 1 to 63; larger numbers belong to the maker (IEC 62056-61, table 8).
const MOST_TARIFFS: u8 = 63;
/// Seconds between two rounds of questions if no row states an interval.
const USUAL: u32 = 900;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
