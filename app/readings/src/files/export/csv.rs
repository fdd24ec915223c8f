//! [`Csv`]: readings as a table, with a row for each reading and a column for each value.

use metertap_decoder::number::Number;
use metertap_decoder::register::Value;
use metertap_decoder::time::Zone;

use super::Options;
use super::cells::Cells;
use super::column::{Column, Lists};
use super::text::{self, Clock};
use crate::entry::Entry;
use crate::log::format::chunk::Shape;

#[derive(Clone, Debug)]
pub(super) struct Csv {
    cells: Cells,
    clock: Clock,
    meter: String,
    /// The columns, in the order in which they were first seen.
    columns: Vec<Column>,
    /// For each list of registers, the index of the value in each column.
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

    /// Writes a row. An invalid or implausible value becomes an empty cell, because it would otherwise be added up.
    pub(super) fn entry(&mut self, entry: &Entry, out: &mut Vec<u8>) {
        let Self { cells, clock, meter, columns, lists } = self;
        let reading = &entry.reading;
        match reading.time {
            Some(time) => cells.time(out, |out| text::meter_time(time, out)),
            None => cells.time(out, |out| clock.milliseconds(entry.received, out)),
        }
        cells.time(out, |out| clock.milliseconds(entry.received, out));
        cells.number(Number::whole(entry.seq.into()), out);
        cells.text(reading.meter.as_deref().unwrap_or(meter), out);
        let places = lists.known(entry, |list| {
            columns.iter().map(|column| list.iter().position(|other| other == column)).collect()
        });
        for place in places.into_iter().flatten() {
            let value = place.and_then(|place| reading.values.get(place));
            match value.filter(|value| value.error.is_none()).map(|value| &value.value) {
                None => cells.empty(out),
                Some(Value::Number(number)) => cells.number(*number, out),
                Some(Value::Text(text)) => cells.text(text, out),
                Some(Value::Octets(octets)) => cells.octets(octets, out),
            }
        }
        cells.end_row(out);
    }
}

const FIXED: &[&str] = &["time", "received", "seq", "meter"];
