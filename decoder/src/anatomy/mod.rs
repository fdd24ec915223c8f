//! [`Anatomy`]: the octets of a telegram, field by field, as the standards name them. It is for eyes.
//!
//! In come the octets of a line, whole telegrams, faults and noise alike. A session reads them first, so that what a
//! field is said to be is what the decoder made of it: its readings give the values, its faults the places where
//! something is wrong. Between these a walker for each protocol goes along the octets and names them. What exists only
//! after a transformation (joined segments, deciphered payloads, octets without their stuffing) is a [`Layer`] of its own.
//!
//! ```text
//!  octets ─► session ─► readings, faults, noise, each with its octets
//!     └────► walker of the protocol ─► fields ◄─┘ values and faults are put where they belong
//! ```
//!
//! Promise: the innermost fields of a layer lie side by side and cover all of its octets, whatever the octets are, and
//! every fault that the session told of them stands at a field.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};

use crate::error::{Error, Flaw, FrameError, ParseError};
use crate::setup::Setup;
use crate::span::Span;
use crate::stack::Stack;

use layout::Layout;
use told::Told;

mod cipher;
mod dlms;
mod hdlc;
mod iec62056;
mod kmp;
mod layout;
mod mbus;
mod modbus;
mod p1;
mod printed;
mod sml;
mod tic;
mod told;

/// What octets consist of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Anatomy {
    /// The octets of the line first, then what they became, in the order of the stages.
    pub layers: Vec<Layer>,
}

/// Octets, and what they consist of.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// What was done to the octets.
    pub title: &'static str,
    /// The octets.
    pub octets: Vec<u8>,
    /// Outer fields before the ones that are in them, all in the order of the octets.
    pub fields: Vec<Field>,
}

/// Octets that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The first octet, counted from 0.
    pub at: usize,
    /// How many octets.
    pub length: usize,
    /// In how many other fields it is.
    pub depth: u8,
    /// Who deals with it.
    pub stage: Stage,
    /// The standard's word for it.
    pub name: &'static str,
    /// What it says.
    pub value: Option<String>,
    /// What is wrong with it.
    pub fault: Option<Error>,
    /// What would be wrong with it, if the session says so as well.
    doubt: Option<Error>,
}

/// What octets are for, named after the stage that deals with them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "lowercase"))]
pub enum Stage {
    /// Begins, ends and addresses frames.
    Framing,
    /// Proves that octets are as they were sent.
    Checksum,
    /// Is ciphered, or says how.
    Cipher,
    /// Types, lengths and whatever else holds a payload together.
    Structure,
    /// Names a register.
    Name,
    /// Says something.
    Value,
    /// Nobody knows.
    Unknown,
}

impl Stage {
    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Framing => "framing",
            Self::Checksum => "checksum",
            Self::Cipher => "cipher",
            Self::Structure => "structure",
            Self::Name => "name",
            Self::Value => "value",
            Self::Unknown => "unknown",
        }
    }
}

impl Anatomy {
    /// The anatomy of what was heard on a line that is set up like this. `before` is what was heard before that, as far as
    /// it is known: what a meter says of itself is not in every telegram.
    #[must_use]
    pub fn of(setup: &Setup, before: &[u8], octets: &[u8]) -> Self {
        let mut line = Layout::new(octets);
        let mut layers = Vec::new();
        let plain = match setup.stack {
            Stack::Iec62056 => iec62056::without_parity(octets),
            Stack::Tic => Some(tic::characters(octets)),
            Stack::P1 if crate::p1::frame::has_parity(octets) => iec62056::without_parity(octets),
            _ => None,
        };
        if let Some(plain) = &plain {
            line = Layout::new(plain);
        }
        for piece in told::pieces(setup, before, octets) {
            let first = line.fields.len();
            let outer = line.bound(piece.length);
            let mut told = Told::new(setup, piece.values);
            lay_out(setup.stack, piece.is_noise, &mut line, &mut told);
            line.unbound(outer);
            settle(&piece.faults, line.fields.get_mut(first..).unwrap_or_default(), &mut told.layers);
            layers.append(&mut told.layers);
        }
        line.unknown();
        layers.insert(0, Layer { title: "As heard", octets: octets.to_owned(), fields: line.fields });
        Self { layers }
    }
}

impl Layer {
    /// The innermost fields, side by side.
    pub fn leaves(&self) -> impl Iterator<Item = &Field> {
        let is_leaf = |(at, field): (usize, &Field)| {
            self.fields.get(at + 1).is_none_or(|next| next.depth <= field.depth)
        };
        self.fields
            .iter()
            .enumerate()
            .filter(move |(at, field)| is_leaf((*at, field)))
            .map(|(_, field)| field)
    }
}

/// The fields of what the decoder took for one thing.
fn lay_out(stack: Stack, is_noise: bool, line: &mut Layout<'_>, told: &mut Told<'_>) {
    match stack {
        Stack::HdlcDlms => hdlc::frames(line, told),
        Stack::MbusDlms | Stack::Mbus => mbus::frames(line, told),
        Stack::Kmp => kmp::frames(line, told),
        Stack::Emi | Stack::Modbus => modbus::frames(line, told, is_noise),
        _ if is_noise => {
            line.field(usize::MAX, Stage::Unknown, "noise");
        }
        Stack::P1 => p1::telegram(line, told),
        Stack::P1Encrypted => p1::packet(line, told),
        Stack::RawDlms => dlms::payload(line, told),
        Stack::Sml => sml::file(line, told),
        Stack::Iec62056 => iec62056::readout(line, told),
        Stack::Tic => tic::frame(line, told),
    }
}

/// Puts each fault at the field that is in doubt for the same reason, or else where one of its kind is to be looked for.
fn settle(faults: &[Error], line: &mut [Field], layers: &mut [Layer]) {
    for fault in faults {
        let is_it = |field: &&mut Field| {
            field.fault.is_none() && field.doubt.is_some_and(|doubt| doubt.code() == fault.code())
        };
        let within = layers.iter_mut().rev().flat_map(|layer| &mut layer.fields);
        let doubted = line.iter_mut().chain(within).find(is_it);
        let field = match doubted {
            Some(field) => Some(field),
            None => fallback(fault, line, layers),
        };
        if let Some(field) = field {
            field.fault = Some(*fault);
        }
    }
}

/// The end for what ends too early, and the beginning for everything else.
fn fallback<'a>(fault: &Error, line: &'a mut [Field], layers: &'a mut [Layer]) -> Option<&'a mut Field> {
    let is_free = |field: &&mut Field| field.fault.is_none();
    let is_about_lists = matches!(fault, Error::Parse(_));
    let fields = match layers.last_mut() {
        Some(layer) if is_about_lists => layer.fields.as_mut_slice(),
        _ => line,
    };
    let is_of_the_end = match fault {
        Error::Frame(FrameError::Malformed(flaw)) => {
            matches!(flaw, Flaw::NoClosingFlag | Flaw::End | Flaw::Block | Flaw::Escape | Flaw::Stop)
        }
        Error::Frame(FrameError::Truncated | FrameError::Checksum { .. })
        | Error::Parse(ParseError::Truncated) => true,
        _ => false,
    };
    if is_of_the_end { fields.iter_mut().rev().find(is_free) } else { fields.iter_mut().find(is_free) }
}

/// As many octets as a span has, where that is a length in memory.
fn length(span: Span) -> usize {
    usize::try_from(span.length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
