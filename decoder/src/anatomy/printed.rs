//! Printed data: codes with values in parentheses, as in P1 telegrams and IEC 62056-21 readouts (IEC 62056-21, 6.5).

use memchr::memchr;

use super::Stage::{self, Structure};
use super::layout::{Layout, printed, text};
use super::told::{Told, label, value};
use crate::error::ParseError;
use crate::iec62056::character::ACK;
use crate::reading::Measurement;
use crate::register::{Obis, RegisterId};
use crate::stack::Stack;

pub(super) fn data(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    between(layout);
    while !layout.rest().is_empty() {
        data_set(layout, told);
        between(layout);
    }
}

/// Lays out the bytes between data sets: line ends, and the computer's acknowledgement if the optical head echoes it.
pub(super) fn between(layout: &mut Layout<'_>) {
    line_end(layout);
    while layout.rest().first() == Some(&ACK) {
        layout.field(line(layout.rest()), Stage::Framing, "acknowledgement");
        line_end(layout);
    }
}

/// Lays out line ends and other white space.
pub(super) fn line_end(layout: &mut Layout<'_>) {
    let length = layout.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    layout.field(length, Stage::Framing, "line end");
}

/// Lays out a data set: a code and its values, which may continue on the next line. Any other line is unknown.
fn data_set(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let rest = layout.rest();
    let line = line(rest);
    let code = rest.get(..line).and_then(|line| memchr(b'(', line)).unwrap_or_default();
    let register = RegisterId::from_ascii(rest.get(..code).unwrap_or_default());
    let Some(register) = register else {
        layout.field(line, Stage::Unknown, "line");
        // An error message takes the place of values, and has no name (IEC 62056-21, 6.6).
        let is_refusal = told.stack == Stack::Iec62056 && rest.first() == Some(&b'(');
        return layout.doubt(if is_refusal { ParseError::Refused(0) } else { ParseError::Line });
    };
    let opened = layout.open(Structure, "data set");
    let measured = told.of(register);
    layout.field(code, Stage::Name, "address");
    match &measured {
        Some(measured) => {
            layout.says(label(measured));
            layout.says_of(&opened, label(measured));
        }
        None => {
            layout.says(text(&register));
            layout.doubt(ParseError::Line);
        }
    }
    let mut count = 0;
    let mut last = None;
    while let Some(place) = parenthesis(layout) {
        count += 1;
        // In a profile of past periods, every third value after the head is a register (e-MUCS P1 1.7, 98.1.0).
        let past = told.ahead().filter(|_| count > 3 && count % 3 == 0).and_then(period_of);
        match past.and_then(|past| told.of(past)) {
            Some(past) => says(layout, place, &[&label(&past), ": ", &value(&past)].concat()),
            None => last = Some(place),
        }
        let blanks = layout.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if layout.rest().get(blanks) == Some(&b'(') {
            line_end(layout);
        }
    }
    // Two temperatures in one value are two registers with the same name.
    let second = told.ahead().filter(|ahead| ahead.register == register).map(value);
    if let (Some(place), Some(measured)) = (last, &measured) {
        let mut both = value(measured);
        if let Some(second) = second {
            told.next();
            both = [&both, " and ", &second].concat();
        }
        says(layout, place, &both);
    }
    layout.close(opened);
}

/// Lays out a value in parentheses with its unit; returns the index of the value's field.
fn parenthesis(layout: &mut Layout<'_>) -> Option<usize> {
    let rest = layout.rest();
    let inside = rest.strip_prefix(b"(")?;
    let length = memchr(b')', inside).unwrap_or(inside.len());
    let inside = inside.get(..length)?;
    layout.field(1, Structure, "front boundary");
    let number = memchr(b'*', inside).unwrap_or(length);
    let place = layout.fields.len();
    layout.field(number, Stage::Value, "value");
    if number > 0 {
        layout.says(printed(inside.get(..number)?));
    }
    if number < length {
        layout.field(1, Structure, "separator");
        layout.field(length - number - 1, Stage::Value, "unit");
    }
    layout.field(1, Structure, "rear boundary");
    Some(place)
}

/// The number of bytes before the end of the line.
fn line(text: &[u8]) -> usize {
    text.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(text.len())
}

fn says(layout: &mut Layout<'_>, place: usize, text: &str) {
    if let Some(field) = layout.fields.get_mut(place) {
        field.value = Some(text.into());
    }
}

/// The name of a register, if it belongs to a past period.
fn period_of(measured: &Measurement) -> Option<RegisterId> {
    match measured.register {
        RegisterId::Obis(Obis([.., 1..=15])) => Some(measured.register),
        _ => None,
    }
}
