//! [`Layout`]: fields in the making, one behind the other.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Field, Layer, Stage};
use crate::error::{Error, FrameError};
use crate::hex;

/// The fields of a layer, as far as they are laid out. What is laid out ends where the innermost bound is.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    octets: &'a [u8],
    /// Octets laid out.
    pub(super) at: usize,
    /// Where the octets end that may be laid out.
    end: usize,
    depth: u8,
    pub(super) fields: Vec<Field>,
}

/// A field that others are being laid out in.
pub(super) struct Opened(Option<usize>);

impl<'a> Layout<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0, end: octets.len(), depth: 0, fields: Vec::new() }
    }

    /// A layer of its own, whose fields are told by `lay_out`.
    pub(super) fn finish(mut self, title: &'static str) -> Layer {
        self.unknown();
        Layer { title, octets: self.octets.into(), fields: self.fields }
    }

    /// What is not laid out yet, up to the bound.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.octets.get(self.at..self.end).unwrap_or_default()
    }

    /// So many octets are a field; fewer where there are fewer, none where there is none. Returns them.
    pub(super) fn field(&mut self, length: usize, stage: Stage, name: &'static str) -> &'a [u8] {
        let octets = self.rest();
        let octets = octets.get(..length).unwrap_or(octets);
        if octets.is_empty() {
            return octets;
        }
        self.push(octets.len(), stage, name);
        self.at += octets.len();
        octets
    }

    /// Exactly so many octets are a field; where there are fewer, they are in doubt for that reason.
    pub(super) fn whole(
        &mut self,
        length: usize,
        stage: Stage,
        name: &'static str,
        cut: impl Into<Error>,
    ) -> &'a [u8] {
        self.measured(length, stage, name, cut.into())
    }

    fn measured(&mut self, length: usize, stage: Stage, name: &'static str, cut: Error) -> &'a [u8] {
        let octets = self.field(length, stage, name);
        if octets.len() < length {
            self.doubt(cut);
        }
        octets
    }

    /// What the last field says.
    pub(super) fn says(&mut self, value: impl Into<String>) {
        if let Some(field) = self.fields.last_mut() {
            field.value = Some(value.into());
        }
    }

    /// The last field is wrong, if the session agrees.
    pub(super) fn doubt(&mut self, error: impl Into<Error>) {
        if let Some(field) = self.fields.last_mut() {
            field.doubt.get_or_insert(error.into());
        }
    }

    /// A check sequence of so many octets, and what it should be.
    pub(super) fn check(&mut self, length: usize, name: &'static str, found: u16, computed: u16) {
        let octets = self.whole(length, Stage::Checksum, name, FrameError::Truncated);
        if octets.len() < length {
            return;
        }
        if found == computed {
            self.says("holds");
        } else {
            self.says("does not hold");
            self.doubt(FrameError::Checksum { found, computed });
        }
    }

    /// Begins a field that the next ones are in.
    pub(super) fn open(&mut self, stage: Stage, name: &'static str) -> Opened {
        if self.rest().is_empty() || self.depth >= DEEPEST {
            return Opened(None);
        }
        self.push(0, stage, name);
        self.depth += 1;
        Opened(Some(self.fields.len() - 1))
    }

    /// Ends it.
    pub(super) fn close(&mut self, opened: Opened) {
        let Opened(Some(place)) = opened else { return };
        self.depth -= 1;
        let at = self.at;
        match self.fields.get_mut(place) {
            Some(field) if field.at < at => field.length = at - field.at,
            _ => self.fields.truncate(place),
        }
    }

    /// What the field that was opened says.
    pub(super) fn says_of(&mut self, opened: &Opened, value: impl Into<String>) {
        if let Some(field) = opened.0.and_then(|place| self.fields.get_mut(place)) {
            field.value = Some(value.into());
        }
    }

    /// Only the next so many octets may be laid out. Returns where the bound was.
    pub(super) fn bound(&mut self, length: usize) -> usize {
        let end = self.at.saturating_add(length).min(self.end);
        core::mem::replace(&mut self.end, end)
    }

    /// What is left within the bound is unknown, and the bound is where it was.
    pub(super) fn unbound(&mut self, outer: usize) {
        self.unknown();
        self.end = outer;
    }

    /// What is left is unknown.
    pub(super) fn unknown(&mut self) {
        self.field(usize::MAX, Stage::Unknown, "unknown octets");
    }

    fn push(&mut self, length: usize, stage: Stage, name: &'static str) {
        let (at, depth) = (self.at, self.depth);
        self.fields.push(Field { at, length, depth, stage, name, value: None, fault: None, doubt: None });
    }
}

/// Octets as text where they are some, else as hex.
pub(super) fn printed(octets: &[u8]) -> String {
    match core::str::from_utf8(octets) {
        Ok(text) if !text.chars().any(char::is_control) => text.into(),
        _ => hex::lower(octets),
    }
}

/// What anything says of itself.
pub(super) fn text(of: &dyn core::fmt::Display) -> String {
    alloc::string::ToString::to_string(of)
}

/// Fields in fields: a list of A-XDR nests eight deep, within a frame, its payload and a register.
const DEEPEST: u8 = 24;
