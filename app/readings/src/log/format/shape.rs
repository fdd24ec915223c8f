//! [`Shape`]: what all values of a column have in common. [`Layout`]: what all readings of one list have in common.
//!
//! A meter sends the same registers over and over. Everything of a measurement except its digits, text and times is
//! written once per chunk, as a shape. Everything of a reading except its times and values is written once for each
//! list that the meter sends, as a layout: which columns the reading takes its values from, and in which order.

use metertap_decoder::reading::{
    Integrity, Measurement, Phase, Protocol, Quantity, Reading, Scaling, TimeSource, Unit, ValueError,
};
use metertap_decoder::register::{Obis, Printed, RegisterId, Value};
use metertap_decoder::time::MeterTime;

use super::bytes::{Bytes, Write};
use crate::log::format::vocabulary::Word;

/// What all values of a column have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The register's name.
    pub register: RegisterId,
    /// The quantity that it measures.
    pub quantity: Option<Quantity>,
    /// The phase.
    pub phase: Option<Phase>,
    /// The tariff.
    pub tariff: Option<u32>,
    /// The sub-meter's channel.
    pub channel: Option<u8>,
    /// The storage number: which of the meter's stored earlier values this is.
    pub storage: Option<u64>,
    /// The unit.
    pub unit: Option<Unit>,
    /// Why the values must not be used.
    pub error: Option<ValueError>,
    /// Where the scale of the values comes from.
    pub scaling: Scaling,
    pub(in crate::log) kind: ValueKind,
    pub(in crate::log) timed: bool,
}

/// How the values of a column are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::log) enum ValueKind {
    /// Mantissas and scalers.
    Number,
    /// Indices into the chunk's table of strings.
    Text,
    /// Indices into the chunk's table of strings, for bytes that are not text.
    Octets,
    /// Texts that are nothing but a time, such as a P1 telegram's clock: local seconds and offsets.
    Time,
}

impl Word for ValueKind {
    const LIST: &'static [Self] = &[Self::Number, Self::Text, Self::Octets, Self::Time];
}

impl Shape {
    /// The shape of a measurement.
    #[must_use]
    pub fn of(measurement: &Measurement) -> Self {
        Self {
            register: measurement.register,
            quantity: measurement.quantity,
            phase: measurement.phase,
            tariff: measurement.tariff,
            channel: measurement.channel,
            storage: measurement.storage,
            unit: measurement.unit,
            error: measurement.error,
            scaling: measurement.scaling,
            kind: match &measurement.value {
                Value::Number(_) => ValueKind::Number,
                Value::Octets(_) => ValueKind::Octets,
                Value::Text(text) if only_time(text).is_some() => ValueKind::Time,
                Value::Text(_) => ValueKind::Text,
            },
            timed: measurement.time.is_some(),
        }
    }

    pub(in crate::log) fn is_of(&self, measurement: &Measurement) -> bool {
        let is_kind = match (&measurement.value, self.kind) {
            (Value::Number(_), kind) => kind == ValueKind::Number,
            (Value::Octets(_), kind) => kind == ValueKind::Octets,
            (Value::Text(text), kind) => {
                kind == if only_time(text).is_some() { ValueKind::Time } else { ValueKind::Text }
            }
        };
        is_kind
            && self.register == measurement.register
            && (self.quantity, self.phase) == (measurement.quantity, measurement.phase)
            && (self.tariff, self.channel) == (measurement.tariff, measurement.channel)
            && (self.storage, self.unit) == (measurement.storage, measurement.unit)
            && (self.error, self.scaling) == (measurement.error, measurement.scaling)
            && self.timed == measurement.time.is_some()
    }

    /// The measurement of this shape with this value and time.
    pub(in crate::log) fn with(&self, value: Value, time: Option<MeterTime>) -> Measurement {
        Measurement {
            register: self.register,
            quantity: self.quantity,
            phase: self.phase,
            tariff: self.tariff,
            channel: self.channel,
            storage: self.storage,
            time,
            value,
            unit: self.unit,
            error: self.error,
            scaling: self.scaling,
        }
    }

    /// How many parts its column has: one or two for the value, and two for the value's own time if it has one.
    pub(in crate::log) fn parts(&self) -> usize {
        let of_value = match self.kind {
            ValueKind::Number | ValueKind::Time => 2,
            ValueKind::Text | ValueKind::Octets => 1,
        };
        if self.timed { of_value + 2 } else { of_value }
    }

    pub(in crate::log) fn write(&self, out: &mut Vec<u8>) {
        write_register(self.register, out);
        out.optional(self.quantity.map(Word::number));
        out.optional(self.phase.map(Word::number));
        out.optional(self.tariff.map(u64::from));
        out.optional(self.channel.map(u64::from));
        out.optional(self.storage);
        out.optional(self.unit.map(Word::number));
        out.optional(self.error.map(Word::number));
        out.number(self.scaling.number().into());
        out.number(self.kind.number().into());
        out.push(self.timed.into());
    }

    pub(in crate::log) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            register: read_register(bytes)?,
            quantity: optional_word(bytes)?,
            phase: optional_word(bytes)?,
            tariff: bytes.optional()?,
            channel: bytes.optional()?,
            storage: bytes.optional()?,
            unit: optional_word(bytes)?,
            error: optional_word(bytes)?,
            scaling: Word::numbered(bytes.narrow()?)?,
            kind: Word::numbered(bytes.narrow()?)?,
            timed: truth(bytes)?,
        })
    }
}

/// What all readings of one list have in common. Strings are indices into the chunk's table.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::log) struct Layout {
    pub(in crate::log) meter: Option<usize>,
    pub(in crate::log) maker: Option<usize>,
    pub(in crate::log) model: Option<usize>,
    pub(in crate::log) protocol: Protocol,
    pub(in crate::log) timed: bool,
    pub(in crate::log) time_source: TimeSource,
    pub(in crate::log) integrity: Integrity,
    /// The index of each value's shape, in the order of the reading.
    pub(in crate::log) columns: Vec<usize>,
}

impl Layout {
    pub(in crate::log) fn of<'a>(
        reading: &'a Reading,
        columns: Vec<usize>,
        mut string: impl FnMut(&'a str) -> usize,
    ) -> Self {
        Self {
            meter: reading.meter.as_deref().map(&mut string),
            maker: reading.maker.as_deref().map(&mut string),
            model: reading.model.as_deref().map(&mut string),
            protocol: reading.protocol,
            timed: reading.time.is_some(),
            time_source: reading.time_source,
            integrity: reading.integrity,
            columns,
        }
    }

    pub(in crate::log) fn write(&self, out: &mut Vec<u8>) {
        for string in [self.meter, self.maker, self.model] {
            out.optional(string.map(|place| place as u64));
        }
        out.number(self.protocol.number().into());
        out.push(self.timed.into());
        out.number(self.time_source.number().into());
        out.number(self.integrity.number().into());
        out.count(self.columns.len());
        self.columns.iter().for_each(|column| out.count(*column));
    }

    pub(in crate::log) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            meter: bytes.optional()?,
            maker: bytes.optional()?,
            model: bytes.optional()?,
            protocol: Word::numbered(bytes.narrow()?)?,
            timed: truth(bytes)?,
            time_source: Word::numbered(bytes.narrow()?)?,
            integrity: Word::numbered(bytes.narrow()?)?,
            columns: {
                // Each column takes at least one byte.
                let count = bytes.count(bytes.0.len())?;
                (0..count).map(|_| bytes.narrow()).collect::<Option<_>>()?
            },
        })
    }
}

/// The time, if the text is nothing but a time and would be written the same way again.
pub(in crate::log) fn only_time(text: &str) -> Option<MeterTime> {
    // Most texts are not times, and their length already shows it.
    let time: MeterTime = Some(text).filter(|text| text.len() == TIME_LENGTH)?.parse().ok()?;
    (time.to_string() == text).then_some(time)
}

pub(in crate::log) fn write_register(register: RegisterId, out: &mut Vec<u8>) {
    match register {
        RegisterId::Obis(Obis(groups)) => {
            out.push(OBIS);
            out.extend(groups);
        }
        RegisterId::Printed(code) => {
            out.push(PRINTED);
            out.stretch(code.as_str().as_bytes());
        }
        RegisterId::Position(number) => numbered(POSITION, number, out),
        RegisterId::Record(number) => numbered(RECORD, number, out),
        RegisterId::Kmp(number) => numbered(KMP, number, out),
        RegisterId::Modbus { function, address } => {
            out.push(MODBUS);
            out.push(function);
            out.number(address.into());
        }
        RegisterId::Tic(label) => {
            out.push(TIC);
            out.stretch(label.as_str().as_bytes());
        }
    }
}

pub(in crate::log) fn read_register(bytes: &mut Bytes<'_>) -> Option<RegisterId> {
    Some(match bytes.byte()? {
        OBIS => RegisterId::Obis(Obis(*bytes.take(6)?.first_chunk()?)),
        PRINTED => RegisterId::Printed(Printed::from_ascii(bytes.stretch()?)?),
        POSITION => RegisterId::Position(bytes.narrow()?),
        RECORD => RegisterId::Record(bytes.narrow()?),
        KMP => RegisterId::Kmp(bytes.narrow()?),
        MODBUS => RegisterId::Modbus { function: bytes.byte()?, address: bytes.narrow()? },
        TIC => RegisterId::Tic(Printed::from_ascii(bytes.stretch()?)?),
        _ => return None,
    })
}

fn numbered(form: u8, number: u16, out: &mut Vec<u8>) {
    out.push(form);
    out.number(number.into());
}

pub(in crate::log) fn optional_word<W: Word>(bytes: &mut Bytes<'_>) -> Option<Option<W>> {
    bytes.optional()?.map_or(Some(None), |number| W::numbered(number).map(Some))
}

fn truth(bytes: &mut Bytes<'_>) -> Option<bool> {
    match bytes.byte()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

const OBIS: u8 = 0;
const POSITION: u8 = 1;
const PRINTED: u8 = 2;
const RECORD: u8 = 3;
const KMP: u8 = 4;
const TIC: u8 = 5;
const MODBUS: u8 = 6;
const TIME_LENGTH: usize = "2026-11-21T02:30:10+01:00".len();
