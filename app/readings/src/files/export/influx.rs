//! [`Influx`]: readings in `InfluxDB`'s line protocol, with one line for each reading.
//!
//! `metertap,meter=<name> <field>=<value>,… <nanoseconds>`, as in the reference of `InfluxDB` 2. Fields have the names
//! of the columns in the table of readings. Numbers have neither a suffix nor an exponent, so `InfluxDB` takes a field
//! as a float in every line, whether or not the meter sends decimal places. It would refuse a field that changed its
//! type. Timestamps are nanoseconds since 1970, which is what `InfluxDB` expects without a precision.

use metertap_decoder::register::Value;

use super::column::{Column, Lists};
use super::text;
use crate::entry::Entry;

#[derive(Clone, Debug, Default)]
pub(super) struct Influx {
    /// The measurement and its tag.
    start: Vec<u8>,
    /// For each list of registers, the names of its fields, each with its `=`.
    lists: Lists<Vec<Vec<u8>>>,
}

impl Influx {
    pub(super) fn meter(&mut self, name: &str) {
        self.start.clear();
        self.start.extend_from_slice(MEASUREMENT);
        // A tag without a value is not allowed.
        if !name.is_empty() {
            self.start.extend_from_slice(b",meter=");
            escaped(name, &mut self.start);
        }
    }

    /// Writes a line. Invalid and implausible values are left out. If no value is left, no line is written.
    pub(super) fn entry(&mut self, entry: &Entry, out: &mut Vec<u8>) {
        let Some(names) = self.lists.known(entry, |list| list.iter().map(field).collect()) else { return };
        let mut between = b' ';
        let begin = out.len();
        out.extend_from_slice(&self.start);
        for (name, value) in
            names.iter().zip(&entry.reading.values).filter(|(_, value)| value.error.is_none())
        {
            out.push(between);
            between = b',';
            out.extend_from_slice(name);
            match &value.value {
                Value::Number(number) => text::number(*number, b'.', out),
                Value::Text(text) => quoted(text, out),
                Value::Octets(octets) => {
                    out.push(b'"');
                    text::hex(octets, out);
                    out.push(b'"');
                }
            }
        }
        if between == b' ' {
            return out.truncate(begin);
        }
        out.push(b' ');
        let nanoseconds = i128::from(entry.received.0) * 1_000_000;
        text::number(metertap_decoder::number::Number::whole(nanoseconds), b'.', out);
        out.push(b'\n');
    }
}

fn field(column: &Column) -> Vec<u8> {
    let mut name = Vec::new();
    escaped(&column.name(), &mut name);
    name.push(b'=');
    name
}

/// Writes a tag's value or a field's name, with a backslash before commas, equals signs and spaces. Control characters
/// and backslashes become underscores: line ends are not allowed, and a backslash at the end would escape what follows.
fn escaped(text: &str, out: &mut Vec<u8>) {
    for octet in text.bytes() {
        match octet {
            b',' | b'=' | b' ' => out.extend([b'\\', octet]),
            b'\\' | 0..b' ' => out.push(b'_'),
            _ => out.push(octet),
        }
    }
}

/// Writes a text as a field's value: in quotes, with a backslash before quotes and backslashes, and spaces for line
/// ends.
fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for octet in text.bytes() {
        match octet {
            b'"' | b'\\' => out.extend([b'\\', octet]),
            b'\r' | b'\n' => out.push(b' '),
            _ => out.push(octet),
        }
    }
    out.push(b'"');
}

const MEASUREMENT: &[u8] = b"metertap";
