//! [`Csv`]: readings as a table, a reading a row and a value a column; and [`Cells`], how any table is written.

use metertap_decoder::number::Number;
use metertap_decoder::register::Value;
use metertap_decoder::time::Zone;

use super::Options;
use super::column::{Column, Lists};
use super::text::{self, Clock};
use crate::entry::Entry;
use crate::log::chunk::Shape;

/// Readings as a table.
#[derive(Clone, Debug)]
pub(super) struct Csv {
    cells: Cells,
    clock: Clock,
    meter: String,
    /// In the order in which their values first came.
    columns: Vec<Column>,
    /// For each list of registers which of its values stands in which column.
    lists: Lists<Vec<Option<usize>>>,
}

impl Csv {
    pub(super) fn new(options: &Options, zone: Zone) -> Self {
        Self {
            cells: Cells::new(options),
            clock: Clock::new(zone),
            meter: String::new(),
            columns: Vec::new(),
            lists: Lists::default(),
        }
    }

    pub(super) fn see<'a>(&mut self, shapes: impl Iterator<Item = &'a Shape>) {
        for column in Column::of_shapes(shapes) {
            if !self.columns.contains(&column) {
                self.columns.push(column);
            }
        }
    }

    pub(super) fn head(&mut self, out: &mut Vec<u8>) {
        self.cells.begin(out);
        for name in FIXED {
            self.cells.text(name, out);
        }
        for column in &self.columns {
            self.cells.text(&column.name(), out);
        }
        self.cells.end_row(out);
    }

    pub(super) fn meter(&mut self, name: &str) {
        name.clone_into(&mut self.meter);
    }

    /// A value that the meter marks as invalid is an empty cell, since whoever opens the file would sum it.
    pub(super) fn entry(&mut self, entry: &Entry, out: &mut Vec<u8>) {
        let Self { cells, clock, meter, columns, lists } = self;
        let reading = &entry.reading;
        match reading.time {
            Some(time) => cells.plain(out, |out| text::meter_time(time, out)),
            None => cells.plain(out, |out| clock.milliseconds(entry.received, out)),
        }
        cells.plain(out, |out| clock.milliseconds(entry.received, out));
        cells.number(Number::whole(entry.seq.into()), out);
        cells.text(reading.meter.as_deref().unwrap_or(meter), out);
        let places = lists.known(entry, |list| {
            columns.iter().map(|column| list.iter().position(|other| other == column)).collect()
        });
        for place in places.into_iter().flatten() {
            let value = place.and_then(|place| reading.values.get(place));
            match value.filter(|value| value.error.is_none()).map(|value| &value.value) {
                None => cells.plain(out, |_| ()),
                Some(Value::Number(number)) => cells.number(*number, out),
                Some(Value::Text(text)) => cells.text(text, out),
                Some(Value::Octets(octets)) => cells.plain(out, |out| text::hex(octets, out)),
            }
        }
        cells.end_row(out);
    }
}

/// The cells of a table, one after the other, as RFC 4180 has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells {
    separator: u8,
    decimal_mark: u8,
    marked: bool,
    /// Whether the next cell is the first of its row.
    first: bool,
}

impl Cells {
    pub(super) fn new(options: &Options) -> Self {
        let [separator, ..] = u32::from(options.separator.character()).to_le_bytes();
        let decimal_mark = if options.decimal_comma { b',' } else { b'.' };
        Self { separator, decimal_mark, marked: options.marked, first: true }
    }

    /// What stands before everything else.
    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        if self.marked {
            out.extend_from_slice("\u{FEFF}".as_bytes());
        }
    }

    /// A cell of which it is known that nothing in it needs quotes.
    pub(super) fn plain(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        if !std::mem::replace(&mut self.first, false) {
            out.push(self.separator);
        }
        write(out);
    }

    /// A number; in quotes where its comma would end the cell.
    pub(super) fn number(&mut self, number: Number, out: &mut Vec<u8>) {
        let (mark, quoted) = (self.decimal_mark, self.decimal_mark == self.separator && number.scaler < 0);
        self.plain(out, |out| {
            out.extend(quoted.then_some(b'"'));
            text::number(number, mark, out);
            out.extend(quoted.then_some(b'"'));
        });
    }

    /// A text. It must not become a formula in somebody's spreadsheet: an apostrophe in front keeps it text (OWASP, CSV
    /// Injection). One with a separator, a quote or a line end stands in quotes, and its quotes are doubled (RFC 4180, 2.6
    /// and 2.7).
    pub(super) fn text(&mut self, text: &str, out: &mut Vec<u8>) {
        let special = |octet: &u8| matches!(octet, b'"' | b'\r' | b'\n') || *octet == self.separator;
        let quoted = text.as_bytes().iter().any(special);
        self.plain(out, |out| {
            out.extend(quoted.then_some(b'"'));
            out.extend(text.starts_with(FORMULA).then_some(b'\''));
            if quoted {
                for octet in text.bytes() {
                    out.extend((octet == b'"').then_some(octet));
                    out.push(octet);
                }
                out.push(b'"');
            } else {
                out.extend_from_slice(text.as_bytes());
            }
        });
    }

    pub(super) fn end_row(&mut self, out: &mut Vec<u8>) {
        self.first = true;
        out.extend_from_slice(b"\r\n");
    }
}

const FIXED: &[&str] = &["time", "received", "seq", "meter"];
/// What a formula begins with (OWASP, CSV Injection), in full width as well.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];
