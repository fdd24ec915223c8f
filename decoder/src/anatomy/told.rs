//! [`Told`]: what a session reported about a range of bytes, for the walkers to attach to fields.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use super::Layer;
use super::layout::{Layout, text};
use crate::cipher::Keys;
use crate::error::Error;
use crate::notice::Notice;
use crate::output::Output;
use crate::reading::{Measurement, ValueError};
use crate::register::RegisterId;
use crate::session::Session;
use crate::setup::Setup;
use crate::span::Span;
use crate::stack::Stack;
use crate::time::{Instant, Zone};

/// Bytes that the session treated as one unit.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) length: usize,
    pub(super) is_noise: bool,
    /// The values of the reading made from them.
    pub(super) values: Vec<Measurement>,
    pub(super) faults: Vec<Error>,
}

/// Decodes bytes with a session that has received `before`, and splits them into consecutive pieces.
pub(super) fn pieces(setup: &Setup, before: &[u8], bytes: &[u8]) -> Vec<Piece> {
    let setup = Setup { ask: None, ..setup.clone() };
    let mut session = Session::new(setup, Instant(0));
    session.handle_bytes(Instant(0), before);
    listen(&mut session, &mut |_| {});
    session.handle_bytes(Instant(0), bytes);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut last = None;
    listen(&mut session, &mut |output| {
        let (values, fault, span) = match output {
            Output::Reading(reading, span) | Output::Remembered(reading, span) => {
                (reading.values, None, span)
            }
            Output::Notice(Notice::Fault(error, span)) => (Vec::new(), Some(error), span),
            Output::Notice(Notice::Noise(span) | Notice::Talk(span)) => (Vec::new(), None, span),
            _ => return,
        };
        let is_new = !last.is_some_and(|last: Span| last.has(span)) && span.length > 0;
        let is_noise = values.is_empty() && fault.is_none();
        match pieces.last_mut() {
            Some(noise) if is_noise && noise.is_noise => noise.length += super::length(span),
            Some(piece) if !is_new => piece.faults.extend(fault),
            _ => {
                let faults = fault.into_iter().collect();
                pieces.push(Piece { length: super::length(span), is_noise, values, faults });
            }
        }
        if is_new {
            last = Some(span);
        }
    });
    pieces
}

/// Drains a session and handles its timeouts, as if the line were silent.
fn listen(session: &mut Session, hear: &mut dyn FnMut(Output)) {
    loop {
        match session.poll() {
            Output::Wait(Some(deadline)) => session.handle_timeout(deadline),
            Output::Wait(None) => return,
            output => hear(output),
        }
    }
}

/// The input of the walkers, and what they collect for later.
#[derive(Debug)]
pub(super) struct Told<'s> {
    pub(super) stack: Stack,
    pub(super) keys: &'s Keys,
    pub(super) zone: Zone,
    /// Values not yet attached to a field.
    values: VecDeque<Measurement>,
    pub(super) layers: Vec<Layer>,
    /// The segments of a payload whose last segment is still missing.
    pub(super) segments: Vec<u8>,
    /// The blocks of a payload whose last block is still missing.
    pub(super) blocks: Vec<u8>,
    /// The number of the last block; 0 before the first.
    pub(super) count: u16,
    /// The number of the next segment, if segments are numbered.
    pub(super) next_segment: u8,
}

impl<'s> Told<'s> {
    pub(super) fn new(setup: &'s Setup, values: Vec<Measurement>) -> Self {
        Self {
            stack: setup.stack,
            keys: &setup.keys,
            zone: setup.zone,
            values: values.into(),
            layers: Vec::new(),
            segments: Vec::new(),
            blocks: Vec::new(),
            count: 0,
            next_segment: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<Measurement> {
        self.values.pop_front()
    }

    /// Takes the next value of this register.
    pub(super) fn of(&mut self, register: RegisterId) -> Option<Measurement> {
        let place = self.values.iter().position(|value| value.register == register)?;
        self.values.remove(place)
    }

    /// The next value, without taking it.
    pub(super) fn ahead(&self) -> Option<&Measurement> {
        self.values.front()
    }

    /// Whether another layer may be added.
    pub(super) fn goes_deeper(&self) -> bool {
        self.layers.len() < MOST_LAYERS
    }

    /// Adds a layer, unless it is empty or there are too many. Layers made from its own bytes come after it.
    pub(super) fn layer(
        &mut self,
        title: &'static str,
        bytes: &[u8],
        lay_out: fn(&mut Layout<'_>, &mut Self),
    ) {
        if bytes.is_empty() || !self.goes_deeper() {
            return;
        }
        let place = self.layers.len();
        let mut layout = Layout::new(bytes);
        self.layers.push(Layer { title, octets: Vec::new(), fields: Vec::new() });
        lay_out(&mut layout, self);
        if let Some(layer) = self.layers.get_mut(place) {
            *layer = layout.finish(title);
        }
    }
}

/// The meaning of a value: register, quantity, phase, tariff, channel and storage.
pub(super) fn label(measurement: &Measurement) -> String {
    let mut label = text(&measurement.register);
    if let Some(quantity) = measurement.quantity {
        label.push(' ');
        label.extend(quantity.as_str().chars().map(|letter| if letter == '-' { ' ' } else { letter }));
    }
    if let Some(phase) = measurement.phase {
        label.push(' ');
        label.push_str(&phase.as_str().to_ascii_uppercase());
    }
    let numbers = [
        (" tariff ", measurement.tariff.map(u64::from)),
        (" channel ", measurement.channel.map(u64::from)),
        (" storage ", measurement.storage),
    ];
    for (word, number) in numbers {
        if let Some(number) = number {
            label.push_str(word);
            label.push_str(&text(&number));
        }
    }
    label
}

/// A value with its unit, time and error.
pub(super) fn value(measurement: &Measurement) -> String {
    let mut value = text(&measurement.value);
    if let Some(unit) = measurement.unit {
        value.push(' ');
        value.push_str(unit.as_str());
    }
    if let Some(time) = measurement.time {
        value.push_str(" at ");
        value.push_str(&text(&time));
    }
    value.push_str(match measurement.error {
        Some(ValueError::Invalid) => ", marked invalid",
        Some(ValueError::Implausible) => ", not plausible",
        None => "",
    });
    value
}

/// More than any telegram needs: a few frames, each joined, deciphered, joined again and deciphered again.
const MOST_LAYERS: usize = 16;
