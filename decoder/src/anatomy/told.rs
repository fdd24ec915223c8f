//! [`Told`]: what a session told of a stretch of octets, to be put where it belongs.

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

/// Octets that the session took for one thing.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// The number of octets.
    pub(super) length: usize,
    pub(super) is_noise: bool,
    /// Those of the reading that they became.
    pub(super) values: Vec<Measurement>,
    pub(super) faults: Vec<Error>,
}

/// The pieces that octets fall into, one behind the other.
pub(super) fn pieces(setup: &Setup, before: &[u8], octets: &[u8]) -> Vec<Piece> {
    let setup = Setup { ask: None, ..setup.clone() };
    let mut session = Session::new(setup, Instant(0));
    session.handle_octets(Instant(0), before);
    listen(&mut session, &mut |_| {});
    session.handle_octets(Instant(0), octets);
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

/// Everything that the session has to say, and what it says to silence.
fn listen(session: &mut Session, hear: &mut dyn FnMut(Output)) {
    loop {
        match session.poll() {
            Output::Wait(Some(deadline)) => session.handle_timeout(deadline),
            Output::Wait(None) => return,
            output => hear(output),
        }
    }
}

/// What the walkers are told, and what they have gathered for later.
#[derive(Debug)]
pub(super) struct Told<'s> {
    pub(super) stack: Stack,
    pub(super) keys: &'s Keys,
    pub(super) zone: Zone,
    /// Values that no field has yet.
    values: VecDeque<Measurement>,
    /// What was made of the octets.
    pub(super) layers: Vec<Layer>,
    /// Segments whose last one is still to come.
    pub(super) segments: Vec<u8>,
    /// Blocks, likewise.
    pub(super) blocks: Vec<u8>,
    /// How many of them.
    pub(super) count: u16,
    /// The number of the next segment, where segments have one.
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

    /// The next value.
    pub(super) fn next(&mut self) -> Option<Measurement> {
        self.values.pop_front()
    }

    /// The next value of the register of that name.
    pub(super) fn of(&mut self, register: RegisterId) -> Option<Measurement> {
        let place = self.values.iter().position(|value| value.register == register)?;
        self.values.remove(place)
    }

    /// The value that comes next, and stays it.
    pub(super) fn ahead(&self) -> Option<&Measurement> {
        self.values.front()
    }

    /// Whether one more transformation can be followed: no telegram has more.
    pub(super) fn goes_deeper(&self) -> bool {
        self.layers.len() < MOST_LAYERS
    }

    /// Adds a layer. Those that its own octets became come behind it.
    pub(super) fn layer(
        &mut self,
        title: &'static str,
        octets: &[u8],
        lay_out: fn(&mut Layout<'_>, &mut Self),
    ) {
        if octets.is_empty() || !self.goes_deeper() {
            return;
        }
        let place = self.layers.len();
        let mut layout = Layout::new(octets);
        // Its place is taken before the layers that come of it.
        self.layers.push(Layer { title, octets: Vec::new(), fields: Vec::new() });
        lay_out(&mut layout, self);
        if let Some(layer) = self.layers.get_mut(place) {
            *layer = layout.finish(title);
        }
    }
}

/// What a value means: its register, what it measures, and which of several it is.
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

/// A value with its unit, and what is to be known of it.
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

/// Joined, deciphered, joined again, deciphered again, for each of a few frames.
const MOST_LAYERS: usize = 16;
