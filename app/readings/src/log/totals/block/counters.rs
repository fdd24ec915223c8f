//! The columns of counters in a [`super::Block`].
//!
//! ```text
//! first minus least │ last minus first │ counted beyond that │ times: of the first, from there to the last
//! meters, resolutions (doubled, and one more if the user has confirmed the position) and kilowatts,
//! each of the first and the last │ whether the counter has left its line or holds one back
//! then, of the counters for which that is so: settled │ crossed │ first of the line │ held │ before
//! ```

use super::super::counter::{Counter, Line, Pace, Position};
use super::column;
use crate::entry::Moment;
use crate::log::format::bytes::{Bytes, Write};
use crate::log::format::integers::Column;

pub(super) const fn columns(version: u8) -> usize {
    if version == 1 { 5 } else { 12 }
}

/// Appends the columns of these counters. Each counter comes with the lowest value of its sum.
pub(super) fn write(counters: &[(i128, &Counter)], out: &mut Vec<u8>) {
    let mut of_each = |part: &dyn Fn(i128, &Counter) -> i128| {
        column(counters.iter().map(|(least, counter)| part(*least, counter)), out);
    };
    of_each(&|least, counter| counter.first.number.wrapping_sub(least));
    of_each(&|_, counter| counter.now.last.number.wrapping_sub(counter.first.number));
    of_each(&|_, counter| beyond(counter));
    of_each(&|_, counter| time(&counter.first));
    of_each(&|_, counter| time(&counter.now.last).wrapping_sub(time(&counter.first)));
    let both: [fn(&Position) -> i128; 3] = [meter, resolution, |position| position.kilowatts.into()];
    for part in both {
        of_each(&|_, counter| part(&counter.first));
        of_each(&|_, counter| part(&counter.now.last));
    }
    of_each(&|_, counter| i128::from(departs(counter)));
    let mut departures = Vec::new();
    for (_, counter) in counters.iter().filter(|(_, counter)| departs(counter)) {
        departures.signed(counter.settled);
        departures.signed(counter.crossed);
        write_position(&counter.now.first, &mut departures);
        write_line(counter.held.as_ref(), &mut departures);
        write_line(counter.before.as_ref(), &mut departures);
    }
    out.stretch(&departures);
}

pub(super) fn read(
    parts: &[Column],
    place: usize,
    least: i128,
    pace: Pace,
    departures: &mut Bytes<'_>,
) -> Option<Counter> {
    let part = |part: usize| parts.get(part)?.at(place);
    let number = least.wrapping_add(part(0)?);
    let (at, apart) = (part(3)?, part(4)?);
    let position = |number, at, which: usize| {
        let (resolution, confirmed) = read_resolution(part(7 + which)?)?;
        let (at, meter) = (moment(at)?, read_meter(part(5 + which)?)?);
        let kilowatts = part(9 + which)?.try_into().ok()?;
        Some(Position { number, at, meter, resolution, kilowatts, confirmed })
    };
    let first = position(number, at, 0)?;
    let last = position(number.wrapping_add(part(1)?), at.wrapping_add(apart), 1)?;
    let counted = part(1)?.wrapping_add(part(2)?);
    let counter = Counter::of_line(Line { first, last, counted }, pace);
    match part(11)? {
        0 => Some(counter),
        1 => {
            let (settled, crossed) = (departures.signed()?, departures.signed()?);
            let now = Line { first: read_position(departures)?, last, counted };
            let (held, before) = (read_line(departures)?, read_line(departures)?);
            Some(Counter { settled, crossed, now, held, before, ..counter })
        }
        _ => None,
    }
}

/// Reads a counter as version 1 wrote it: first minus least, last minus first, what was counted beyond that, both
/// meters.
pub(super) fn read_version_1(
    parts: &[Column],
    place: usize,
    least: i128,
    scaler: i8,
    pace: Pace,
) -> Option<Counter> {
    let part = |part: usize| parts.get(part)?.at(place);
    let position = |number, meter| {
        let meter = read_meter(meter)?;
        Some(Position { number, at: None, meter, resolution: scaler, kilowatts: 0, confirmed: false })
    };
    let number = least.wrapping_add(part(0)?);
    let first = position(number, part(3)?)?;
    let last = position(number.wrapping_add(part(1)?), part(4)?)?;
    Some(Counter::of_line(Line { first, last, counted: part(1)?.wrapping_add(part(2)?) }, pace))
}

fn departs(counter: &Counter) -> bool {
    !counter.is_plain() || counter.held.is_some()
}

/// What was counted on the line beyond the difference between its first and its last position.
fn beyond(counter: &Counter) -> i128 {
    let between = counter.now.last.number.wrapping_sub(counter.first.number);
    counter.now.counted.wrapping_sub(between)
}

fn write_line(line: Option<&Line>, out: &mut Vec<u8>) {
    out.count(usize::from(line.is_some()));
    if let Some(Line { first, last, counted }) = line {
        write_position(first, out);
        write_position(last, out);
        out.signed(*counted);
    }
}

/// The outer `None` is damage.
fn read_line(bytes: &mut Bytes<'_>) -> Option<Option<Line>> {
    if bytes.count(1)? == 0 {
        return Some(None);
    }
    let (first, last) = (read_position(bytes)?, read_position(bytes)?);
    Some(Some(Line { first, last, counted: bytes.signed()? }))
}

fn write_position(position: &Position, out: &mut Vec<u8>) {
    out.signed(position.number);
    out.signed(time(position));
    out.optional(position.meter.map(u64::from));
    out.signed(resolution(position));
    out.number(position.kilowatts.into());
}

fn read_position(bytes: &mut Bytes<'_>) -> Option<Position> {
    let (number, at, meter) = (bytes.signed()?, moment(bytes.signed()?)?, bytes.optional()?);
    let (resolution, confirmed) = read_resolution(bytes.signed()?)?;
    Some(Position { number, at, meter, resolution, kilowatts: bytes.narrow()?, confirmed })
}

/// The earliest possible moment stands for `None`.
fn time(position: &Position) -> i128 {
    position.at.map_or(i64::MIN, |at| at.0).into()
}

fn moment(time: i128) -> Option<Option<Moment>> {
    let time = i64::try_from(time).ok()?;
    Some((time > i64::MIN).then_some(Moment(time)))
}

fn resolution(position: &Position) -> i128 {
    i128::from(position.resolution) * 2 + i128::from(position.confirmed)
}

fn read_resolution(number: i128) -> Option<(i8, bool)> {
    Some((number.div_euclid(2).try_into().ok()?, number.rem_euclid(2) == 1))
}

fn meter(position: &Position) -> i128 {
    position.meter.map_or(0, |checksum| i128::from(checksum) + 1)
}

fn read_meter(number: i128) -> Option<Option<u32>> {
    match number {
        0 => Some(None),
        number => u32::try_from(number.checked_sub(1)?).ok().map(Some),
    }
}
