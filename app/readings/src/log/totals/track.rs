//! [`Track`]: one curve of a meter over its readings.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Phase, Quantity, Unit};
use metertap_decoder::register::{RegisterId, Value};

use super::counter::Pace;
use crate::entry::Entry;
use crate::log::format::bytes::{Bytes, Write};
use crate::log::format::shape::{Shape, optional_word, read_register, write_register};
use crate::log::format::vocabulary::Word;
use crate::power::{net_power, of_the_past};

/// One curve of a meter: the net power of the house, or one register.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Track {
    /// What the house takes from the grid minus what it feeds in, in watts: see [`net_power`].
    NetPower,
    /// A register with a quantity.
    Register {
        /// The register's name.
        register: RegisterId,
        /// What it measures.
        quantity: Quantity,
        /// The phase.
        phase: Option<Phase>,
        /// The tariff.
        tariff: Option<u32>,
        /// The sub-meter's channel.
        channel: Option<u8>,
        /// The unit.
        unit: Option<Unit>,
    },
}

impl Track {
    /// The tracks that an entry has values for, with the values. Texts, past values, invalid values and numbers without
    /// a known meaning are on no track.
    pub fn values(entry: &Entry) -> impl Iterator<Item = (Self, Number)> {
        let net = net_power(&entry.reading).map(|net| (Self::NetPower, net));
        let registers = entry.reading.values.iter().filter_map(|measurement| {
            let Value::Number(number) = measurement.value else { return None };
            Some((Self::of(measurement)?, number))
        });
        net.into_iter().chain(registers)
    }

    /// The entry's value on this track; the last one if there are several.
    #[must_use]
    pub fn value(self, entry: &Entry) -> Option<Number> {
        if self == Self::NetPower {
            return net_power(&entry.reading);
        }
        let of_track = |measurement: &&Measurement| Self::of(measurement) == Some(self);
        match entry.reading.values.iter().rfind(of_track)?.value {
            Value::Number(number) => Some(number),
            Value::Text(_) | Value::Octets(_) => None,
        }
    }

    /// Whether a chunk's column may belong to this track.
    #[must_use]
    pub fn wants(self, shape: &Shape) -> bool {
        use Quantity::{ActivePower, ActivePowerExport, ActivePowerImport};
        let names = (shape.phase, shape.tariff, shape.channel);
        let is_it = match self {
            Self::NetPower => {
                matches!(shape.quantity, Some(ActivePower | ActivePowerExport | ActivePowerImport))
                    && names == (None, None, None)
            }
            Self::Register { register, quantity, phase, tariff, channel, unit } => {
                (shape.register, shape.quantity, shape.unit) == (register, Some(quantity), unit)
                    && names == (phase, tariff, channel)
            }
        };
        is_it && shape.error.is_none() && shape.storage.is_none()
    }

    /// The register's name; empty for the net power.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::NetPower => String::new(),
            Self::Register { register, .. } => register.to_string(),
        }
    }

    /// Whether the track only ever counts up, so that differences are meaningful and means are not.
    #[must_use]
    pub fn is_counter(self) -> bool {
        match self {
            Self::NetPower => false,
            Self::Register { quantity, .. } => Pace::of_quantity(quantity).is_some(),
        }
    }

    /// How fast the track can count. A number without its canonical unit may be of any size.
    pub(in crate::log) fn pace(self) -> Pace {
        match self {
            Self::Register { quantity, unit: Some(unit), .. } if Some(unit) == quantity.unit() => {
                Pace::of_quantity(quantity).unwrap_or(Pace::Unknown)
            }
            Self::NetPower | Self::Register { .. } => Pace::Unknown,
        }
    }

    pub(in crate::log) fn is_of(&self, measurement: &Measurement) -> bool {
        let Self::Register { register, quantity, phase, tariff, channel, unit } = self else { return false };
        measurement.register == *register
            && measurement.quantity == Some(*quantity)
            && (measurement.phase, measurement.tariff, measurement.channel) == (*phase, *tariff, *channel)
            && measurement.unit == *unit
            && measurement.error.is_none()
            && !of_the_past(measurement)
    }

    pub(crate) fn of(measurement: &Measurement) -> Option<Self> {
        let quantity = measurement.quantity.filter(|quantity| quantity.is_number())?;
        let counts = measurement.error.is_none() && !of_the_past(measurement);
        counts.then_some(Self::Register {
            register: measurement.register,
            quantity,
            phase: measurement.phase,
            tariff: measurement.tariff,
            channel: measurement.channel,
            unit: measurement.unit,
        })
    }

    pub(in crate::log) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::NetPower => out.push(0),
            Self::Register { register, quantity, phase, tariff, channel, unit } => {
                out.push(1);
                write_register(*register, out);
                out.number(quantity.number().into());
                out.optional(phase.map(Word::number));
                out.optional(tariff.map(u64::from));
                out.optional(channel.map(u64::from));
                out.optional(unit.map(Word::number));
            }
        }
    }

    pub(in crate::log) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(match bytes.byte()? {
            0 => Self::NetPower,
            1 => Self::Register {
                register: read_register(bytes)?,
                quantity: Word::numbered(bytes.narrow()?)?,
                phase: optional_word(bytes)?,
                tariff: bytes.optional()?,
                channel: bytes.optional()?,
                unit: optional_word(bytes)?,
            },
            _ => return None,
        })
    }
}
