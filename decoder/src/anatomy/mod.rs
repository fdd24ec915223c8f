//! [`Anatomy`]: the bytes of a telegram, field by field, with the standards' names. It is meant for display.
//!
//! A session first decodes the bytes. Then the walker of the protocol lays out the fields. The values and faults that
//! the session reported are attached to these fields. Bytes that exist only after a transformation (joined segments,
//! deciphered payloads, bytes without their stuffing) form a [`Layer`] of their own.
//!
//! ```text
//!  bytes ──► session ─► readings, faults, noise, each with its bytes
//!     └────► walker of the protocol ─► fields ◄─┘ values and faults are attached to fields
//! ```
//!
//! Guarantee: the innermost fields of a layer lie side by side and cover all of its bytes, whatever the bytes are.
//! A fault that the session reports is attached to a field of the same bytes that has no other fault, if there is one.

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

/// The structure of the bytes received on a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Anatomy {
    /// The bytes of the line first, then their transformations. A layer comes before the layers made from it.
    pub layers: Vec<Layer>,
}

/// Bytes and their fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The transformation that produced the bytes.
    pub title: &'static str,
    /// The bytes.
    pub octets: Vec<u8>,
    /// The fields, in the order of their bytes; an outer field comes before the fields inside it.
    pub fields: Vec<Field>,
}

/// Bytes that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The index of its first byte, from 0.
    pub at: usize,
    /// Its length in bytes.
    pub length: usize,
    /// The number of fields that contain it.
    pub depth: u8,
    /// The stage that processes it.
    pub stage: Stage,
    /// Its name in the standard.
    pub name: &'static str,
    /// Its meaning, if it has one.
    pub value: Option<String>,
    /// The error in it, if any.
    pub fault: Option<Error>,
    /// An error in it, if the session reports the same error.
    doubt: Option<Error>,
}

/// The purpose of bytes, named after the stage that processes them.
///
/// Exhaustive: [`Self::Unknown`] stands for all other purposes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "lowercase"))]
pub enum Stage {
    /// Delimits and addresses frames.
    Framing,
    /// Proves that the bytes are as sent.
    Checksum,
    /// Is ciphered, or describes the ciphering.
    Cipher,
    /// Types, lengths and other parts of a payload's structure.
    Structure,
    /// Names a register.
    Name,
    /// Holds a value.
    Value,
    /// Has no known purpose.
    Unknown,
}

impl Stage {
    /// A stable word for the stage.
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
    /// The anatomy of the bytes received on a line with this setup. `before` holds earlier bytes of the line, or
    /// nothing. It helps if a meter does not identify itself in every telegram.
    #[must_use]
    pub fn of(setup: &Setup, before: &[u8], bytes: &[u8]) -> Self {
        let mut line = Layout::new(bytes);
        let mut layers = Vec::new();
        let plain = match setup.stack {
            Stack::Iec62056 => iec62056::without_parity(bytes),
            Stack::Tic => Some(tic::characters(bytes)),
            Stack::P1 if crate::p1::frame::has_parity(bytes) => iec62056::without_parity(bytes),
            _ => None,
        };
        if let Some(plain) = &plain {
            line = Layout::new(plain);
        }
        for piece in told::pieces(setup, before, bytes) {
            let first = line.fields.len();
            let outer = line.bound(piece.length);
            let mut told = Told::new(setup, piece.values);
            lay_out(setup.stack, piece.is_noise, &mut line, &mut told);
            line.unbound(outer);
            settle(&piece.faults, line.fields.get_mut(first..).unwrap_or_default(), &mut told.layers);
            layers.append(&mut told.layers);
        }
        line.unknown();
        layers.insert(0, Layer { title: "As received", octets: bytes.to_owned(), fields: line.fields });
        Self { layers }
    }
}

impl Layer {
    /// The innermost fields, which lie side by side.
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

/// Attaches each fault to the field that is doubtful for the same reason, or otherwise to the likeliest place.
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

/// An error found at the end of a piece goes to the last field without a fault, any other error to the first such
/// field.
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

fn length(span: Span) -> usize {
    usize::try_from(span.length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
