//! [`Columns`]: encodes entries as the bytes of a chunk.

use std::collections::HashMap;

use metertap_decoder::reading::{Measurement, Reading};
use metertap_decoder::register::Value;
use metertap_decoder::time::MeterTime;

use super::super::bytes::Write;
use super::super::integers::{self, Column};
use super::super::shape::{Layout, Shape, only_time};
use crate::entry::Entry;

#[derive(Default)]
pub(super) struct Columns<'a> {
    /// How many entries there will be.
    entries: usize,
    /// The bytes of text in the entry that has the most text.
    pub(super) most_text: usize,
    /// The bytes of text in the entry that is being added.
    text: usize,
    strings: Strings<'a>,
    shapes: Vec<Shape>,
    /// The parts of each shape's column.
    parts: Vec<Vec<Column>>,
    layouts: Vec<Layout>,
    layout_of: Column,
    seqs: Column,
    received: Column,
    clocks: [Column; 2],
    /// The previous reading, with the columns that it took.
    before: Option<(&'a Reading, Vec<usize>)>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(entries: &'a [Entry]) -> Self {
        let mut columns = Self { entries: entries.len(), ..Self::default() };
        entries.iter().for_each(|entry| columns.add(entry));
        columns
    }

    fn add(&mut self, entry: &'a Entry) {
        let reading = &entry.reading;
        let names = [&reading.meter, &reading.maker, &reading.model];
        self.text = names.into_iter().flatten().map(|name| name.len()).sum();
        self.seqs.push_narrow(entry.seq.cast_signed());
        self.received.push_narrow(entry.received.0);
        if let Some(time) = reading.time {
            push_time(&mut self.clocks, time);
        }
        let (mut same_list, mut columns) = match self.before.take() {
            Some((before, columns)) => (is_of_one_list(before, reading), columns),
            None => (false, Vec::new()),
        };
        same_list &= columns.len() == reading.values.len();
        columns.resize(reading.values.len(), usize::MAX);
        for (column, value) in columns.iter_mut().zip(&reading.values) {
            let likely = *column;
            *column = self.put(value, likely);
            same_list &= *column == likely;
        }
        let layout = match self.layout_of.last() {
            Some(layout) if same_list => layout,
            _ => self.layout(reading, columns.clone()) as i128,
        };
        self.layout_of.push(layout);
        self.before = Some((reading, columns));
        self.most_text = self.most_text.max(self.text);
    }

    fn layout(&mut self, reading: &'a Reading, columns: Vec<usize>) -> usize {
        let layout = Layout::of(reading, columns, |text| self.strings.place(text.as_bytes()));
        self.layouts.iter().rposition(|known| *known == layout).unwrap_or_else(|| {
            self.layouts.push(layout);
            self.layouts.len() - 1
        })
    }

    pub(super) fn write(self) -> Vec<u8> {
        let mut out = Vec::new();
        out.count(self.seqs.len());
        out.count(self.strings.in_order.len());
        self.strings.in_order.iter().for_each(|string| out.stretch(string));
        out.count(self.shapes.len());
        self.shapes.iter().for_each(|shape| shape.write(&mut out));
        out.count(self.layouts.len());
        self.layouts.iter().for_each(|layout| layout.write(&mut out));
        let of_entries = [&self.seqs, &self.received, &self.layout_of];
        for column in of_entries.into_iter().chain(&self.clocks).chain(self.parts.iter().flatten()) {
            let mut bytes = Vec::new();
            integers::write(column, &mut bytes);
            out.stretch(&bytes);
        }
        out
    }

    /// Returns the index of a shape's column, and adds the column if there is none.
    fn column(&mut self, shape: Shape) -> usize {
        self.shapes.iter().position(|known| *known == shape).unwrap_or_else(|| {
            // Nearly every register is in every reading.
            self.parts.push((0..shape.parts()).map(|_| Column::with_room(self.entries)).collect());
            self.shapes.push(shape);
            self.shapes.len() - 1
        })
    }

    /// Adds a value to the column of its shape, which is most likely the column at the same index of the previous
    /// entry.
    fn put(&mut self, measurement: &'a Measurement, likely: usize) -> usize {
        let is_it = self.shapes.get(likely).is_some_and(|shape| shape.is_of(measurement));
        let column = if is_it { likely } else { self.column(Shape::of(measurement)) };
        let Some(parts) = self.parts.get_mut(column) else { return column };
        match (&measurement.value, parts.as_mut_slice()) {
            (Value::Number(number), [mantissas, scalers, ..]) => {
                mantissas.push(number.mantissa);
                scalers.push_narrow(number.scaler.into());
            }
            (Value::Octets(bytes), [places, ..]) => {
                self.text += bytes.len();
                self.strings.put(bytes, places);
            }
            (Value::Text(text), parts) => {
                self.text += text.len();
                match (only_time(text), parts) {
                    (Some(time), parts) => push_time(parts, time),
                    (None, [places, ..]) => self.strings.put(text.as_bytes(), places),
                    (None, []) => {}
                }
            }
            (Value::Number(_) | Value::Octets(_), _) => {}
        }
        if let Some(time) = measurement.time {
            let own = parts.len() - 2;
            push_time(parts.split_at_mut(own).1, time);
        }
        column
    }
}

/// Whether two readings have everything in common except their values and times.
fn is_of_one_list(one: &Reading, other: &Reading) -> bool {
    // Comparing the names as `&str` is faster than comparing the types that hold them.
    (one.meter.as_deref(), one.maker.as_deref(), one.model.as_deref())
        == (other.meter.as_deref(), other.maker.as_deref(), other.model.as_deref())
        && (one.protocol, one.time_source, one.integrity)
            == (other.protocol, other.time_source, other.integrity)
        && one.time.is_some() == other.time.is_some()
}

#[derive(Default)]
struct Strings<'a> {
    places: HashMap<&'a [u8], usize>,
    in_order: Vec<&'a [u8]>,
}

impl<'a> Strings<'a> {
    /// Appends the index of a string to a column. Most texts never change, so the previous index is tried first.
    fn put(&mut self, string: &'a [u8], places: &mut Column) {
        let before = places.last();
        let known = |place: &i128| self.in_order.get(usize::try_from(*place).ok()?);
        let is_same = |place: &i128| known(place).is_some_and(|known| *known == string);
        match before.filter(is_same) {
            Some(place) => places.push(place),
            None => places.push(self.place(string) as i128),
        }
    }

    fn place(&mut self, string: &'a [u8]) -> usize {
        *self.places.entry(string).or_insert_with(|| {
            self.in_order.push(string);
            self.in_order.len() - 1
        })
    }
}

/// Appends a time to the first two parts: local seconds and offset.
fn push_time(parts: &mut [Column], time: MeterTime) {
    if let [seconds, offsets, ..] = parts {
        seconds.push_narrow(time.local_seconds());
        offsets.push_narrow(time.offset_minutes().into());
    }
}
