//! [`Entries`]: iterates over a chunk's entries.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Protocol, Reading, TimeSource};
use metertap_decoder::register::Value;
use metertap_decoder::time::MeterTime;

use super::super::integers::{self, Column};
use super::super::shape::{Shape, ValueKind};
use super::{Chunk, Damage, MOST_TEXT};
use crate::entry::{Entry, Moment};

/// The entries of a chunk, from the first on.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    chunk: &'a Chunk<'a>,
    columns: Vec<Values>,
    place: usize,
    /// How many of the entries so far have a clock.
    clock: usize,
}

/// A column and how much of it has been read. `parts` is `None` if its values are not wanted.
#[derive(Clone, Debug)]
struct Values {
    parts: Option<Vec<Column>>,
    place: usize,
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut entry = Self::blank();
        self.next_into(&mut entry).map(|read| read.map(|()| entry))
    }
}

impl<'a> Entries<'a> {
    pub(super) fn new(chunk: &'a Chunk<'a>, wanted: impl Fn(&Shape) -> bool) -> Option<Self> {
        let mut counts = vec![0; chunk.shapes.len()];
        for layout in &chunk.layout_of {
            for column in &chunk.layouts.get(*layout)?.columns {
                *counts.get_mut(*column)? += 1;
            }
        }
        let of_shape = |((shape, parts), count): ((&Shape, &Vec<&[u8]>), usize)| {
            let read = |part: &&[u8]| integers::read(part, count);
            let parts =
                if wanted(shape) { Some(parts.iter().map(read).collect::<Option<_>>()?) } else { None };
            Some(Values { parts, place: 0 })
        };
        let columns =
            chunk.shapes.iter().zip(&chunk.parts).zip(counts).map(of_shape).collect::<Option<_>>()?;
        Some(Self { chunk, columns, place: 0, clock: 0 })
    }

    /// Overwrites `entry` with the next one, reusing its memory.
    pub(super) fn next_into(&mut self, entry: &mut Entry) -> Option<Result<(), Damage>> {
        (self.place < self.chunk.len()).then(|| self.read_into(entry).ok_or(Damage::Malformed))
    }

    pub(super) fn blank() -> Entry {
        let reading = Reading {
            meter: None,
            maker: None,
            model: None,
            protocol: Protocol::P1,
            time: None,
            time_source: TimeSource::Meter,
            integrity: Integrity::Unchecked,
            values: Vec::new(),
        };
        Entry { reading, received: Moment(0), seq: 0 }
    }

    fn read_into(&mut self, entry: &mut Entry) -> Option<()> {
        let (chunk, place) = (self.chunk, self.place);
        self.place += 1;
        entry.seq = chunk.seqs.narrow::<i64>(place)?.cast_unsigned();
        entry.received = Moment(chunk.received.narrow(place)?);
        let layout = chunk.layouts.get(*chunk.layout_of.get(place)?)?;
        let (reading, mut room) = (&mut entry.reading, MOST_TEXT);
        for (to, string) in [
            (&mut reading.meter, layout.meter),
            (&mut reading.maker, layout.maker),
            (&mut reading.model, layout.model),
        ] {
            let string = match string {
                Some(place) => Some(text(chunk, place, &mut room)?),
                None => None,
            };
            if to.as_deref() != string {
                *to = string.map(Into::into);
            }
        }
        reading.protocol = layout.protocol;
        reading.time = optional_time(layout.timed.then_some(chunk.clocks.as_slice()), self.clock)?;
        self.clock += usize::from(layout.timed);
        reading.time_source = layout.time_source;
        reading.integrity = layout.integrity;
        reading.values.clear();
        for column in &layout.columns {
            let (shape, column) = (chunk.shapes.get(*column)?, self.columns.get_mut(*column)?);
            let Some(parts) = &column.parts else { continue };
            let value = value(chunk, shape.kind, parts, column.place, &mut room)?;
            let own_time = if shape.timed { Some(parts.get(shape.parts() - 2..)?) } else { None };
            reading.values.push(shape.with(value, optional_time(own_time, column.place)?));
            column.place += 1;
        }
        Some(())
    }
}

fn value(
    chunk: &Chunk<'_>,
    kind: ValueKind,
    parts: &[Column],
    place: usize,
    room: &mut usize,
) -> Option<Value> {
    let first = parts.first()?;
    Some(match kind {
        ValueKind::Number => Value::Number(Number::new(first.at(place)?, parts.get(1)?.narrow(place)?)),
        ValueKind::Time => Value::Text(time(parts, place)?.to_string().into()),
        ValueKind::Text => Value::Text(text(chunk, first.narrow(place)?, room)?.into()),
        ValueKind::Octets => Value::Octets(string(chunk, first.narrow(place)?, room)?.into()),
    })
}

/// The time in the first two of these parts, if there are parts. The outer `None` means damage.
fn optional_time(parts: Option<&[Column]>, place: usize) -> Option<Option<MeterTime>> {
    parts.map_or(Some(None), |parts| time(parts, place).map(Some))
}

fn time(parts: &[Column], place: usize) -> Option<MeterTime> {
    MeterTime::from_local(parts.first()?.narrow(place)?, parts.get(1)?.narrow(place)?)
}

fn text<'a>(chunk: &Chunk<'a>, place: usize, room: &mut usize) -> Option<&'a str> {
    str::from_utf8(string(chunk, place, room)?).ok()
}

/// A string of the table; `None` if there is none at this index, or if the entry's text would exceed [`MOST_TEXT`].
fn string<'a>(chunk: &Chunk<'a>, place: usize, room: &mut usize) -> Option<&'a [u8]> {
    let string = *chunk.strings.get(place)?;
    *room = room.checked_sub(string.len())?;
    Some(string)
}
