//! Encodes a single reading as bytes, about as compactly as a chunk of one entry, for tabs that only show readings.
//!
//! Reader and writer are of the same build, so there is no version. Invalid bytes give no reading, and no memory is
//! allocated only because the bytes claim a length.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Reading};
use metertap_decoder::register::Value;
use metertap_decoder::time::MeterTime;
use smol_str::SmolStr;

use super::bytes::{Bytes, Write};
use super::shape::{Shape, ValueKind, only_time};
use super::vocabulary::Word;
use crate::entry::Moment;

/// Encodes a reading, and when it was received.
#[must_use]
pub fn write(received: Moment, reading: &Reading) -> Vec<u8> {
    let mut out = Vec::new();
    out.signed(received.0.into());
    for name in [&reading.meter, &reading.maker, &reading.model] {
        out.push(name.is_some().into());
        name.iter().for_each(|name| out.stretch(name.as_bytes()));
    }
    out.number(reading.protocol.number().into());
    out.number(reading.time_source.number().into());
    out.number(reading.integrity.number().into());
    out.push(reading.time.is_some().into());
    reading.time.iter().for_each(|time| write_time(*time, &mut out));
    out.count(reading.values.len());
    reading.values.iter().for_each(|value| write_value(value, &mut out));
    out
}

/// Decodes a reading, and when it was received; `None` if the bytes are not a reading.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<(Moment, Reading)> {
    let mut bytes = Bytes(bytes);
    let received = Moment(bytes.signed()?.try_into().ok()?);
    let [meter, maker, model] = [read_name(&mut bytes)?, read_name(&mut bytes)?, read_name(&mut bytes)?];
    let reading = Reading {
        meter,
        maker,
        model,
        protocol: Word::numbered(bytes.narrow()?)?,
        time_source: Word::numbered(bytes.narrow()?)?,
        integrity: Word::numbered(bytes.narrow()?)?,
        time: if bytes.byte()? == 0 { None } else { Some(read_time(&mut bytes)?) },
        values: {
            // Each value takes at least one byte.
            let count = bytes.count(bytes.0.len())?;
            (0..count).map(|_| read_value(&mut bytes)).collect::<Option<_>>()?
        },
    };
    bytes.end().map(|()| (received, reading))
}

fn write_value(measurement: &Measurement, out: &mut Vec<u8>) {
    Shape::of(measurement).write(out);
    match &measurement.value {
        Value::Number(number) => {
            out.signed(number.mantissa);
            out.signed(number.scaler.into());
        }
        Value::Octets(bytes) => out.stretch(bytes),
        Value::Text(text) => match only_time(text) {
            Some(time) => write_time(time, out),
            None => out.stretch(text.as_bytes()),
        },
    }
    measurement.time.iter().for_each(|time| write_time(*time, out));
}

fn read_value(bytes: &mut Bytes<'_>) -> Option<Measurement> {
    let shape = Shape::read(bytes)?;
    let value = match shape.kind {
        ValueKind::Number => Value::Number(Number::new(bytes.signed()?, bytes.signed()?.try_into().ok()?)),
        ValueKind::Octets => Value::Octets(bytes.stretch()?.into()),
        ValueKind::Time => Value::Text(read_time(bytes)?.to_string().into()),
        ValueKind::Text => Value::Text(str::from_utf8(bytes.stretch()?).ok()?.into()),
    };
    let time = if shape.timed { Some(read_time(bytes)?) } else { None };
    Some(shape.with(value, time))
}

fn write_time(time: MeterTime, out: &mut Vec<u8>) {
    out.signed(time.local_seconds().into());
    out.signed(time.offset_minutes().into());
}

fn read_time(bytes: &mut Bytes<'_>) -> Option<MeterTime> {
    MeterTime::from_local(bytes.signed()?.try_into().ok()?, bytes.signed()?.try_into().ok()?)
}

/// The outer `None` is damage.
fn read_name(bytes: &mut Bytes<'_>) -> Option<Option<SmolStr>> {
    match bytes.byte()? {
        0 => Some(None),
        _ => Some(Some(str::from_utf8(bytes.stretch()?).ok()?.into())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::arbitrary::entries;

    proptest! {
        #[test]
        fn a_reading_is_read_as_it_was_written(entries in entries(8)) {
            for entry in entries {
                let bytes = write(entry.received, &entry.reading);
                prop_assert_eq!(read(&bytes), Some((entry.received, entry.reading)));
            }
        }

        #[test]
        fn a_cut_or_lengthened_row_is_refused(entries in entries(3), cut in any::<prop::sample::Index>()) {
            for entry in entries {
                let bytes = write(entry.received, &entry.reading);
                prop_assert_eq!(read(&bytes[..cut.index(bytes.len())]), None);
                prop_assert_eq!(read(&[bytes.as_slice(), &[0]].concat()), None);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
