//! [`Layout`]: builds fields, one after the other.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Field, Layer, Stage};
use crate::error::{Error, FrameError};
use crate::hex;

/// The fields of a layer so far. No field extends beyond the innermost bound.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    bytes: &'a [u8],
    /// The number of bytes laid out so far.
    pub(super) at: usize,
    /// The innermost bound.
    end: usize,
    depth: u8,
    pub(super) fields: Vec<Field>,
}

/// A field that contains the next fields.
pub(super) struct Opened(Option<usize>);

impl<'a> Layout<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, end: bytes.len(), depth: 0, fields: Vec::new() }
    }

    pub(super) fn finish(mut self, title: &'static str) -> Layer {
        self.unknown();
        Layer { title, octets: self.bytes.into(), fields: self.fields }
    }

    /// The bytes not laid out yet, up to the bound.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }

    /// Lays out the next `length` bytes as a field, or all bytes left if they are fewer. Adds no empty field. Returns
    /// the bytes.
    pub(super) fn field(&mut self, length: usize, stage: Stage, name: &'static str) -> &'a [u8] {
        let bytes = self.rest();
        let bytes = bytes.get(..length).unwrap_or(bytes);
        if bytes.is_empty() {
            return bytes;
        }
        self.push(bytes.len(), stage, name);
        self.at += bytes.len();
        bytes
    }

    /// Lays out a field that needs exactly this length. If fewer bytes are left, the last field is doubtful because of
    /// `cut`.
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
        let bytes = self.field(length, stage, name);
        if bytes.len() < length {
            self.doubt(cut);
        }
        bytes
    }

    /// Sets the meaning of the last field.
    pub(super) fn says(&mut self, value: impl Into<String>) {
        if let Some(field) = self.fields.last_mut() {
            field.value = Some(value.into());
        }
    }

    /// Marks the last field as faulty if the session reports the same error. An earlier doubt stays.
    pub(super) fn doubt(&mut self, error: impl Into<Error>) {
        if let Some(field) = self.fields.last_mut() {
            field.doubt.get_or_insert(error.into());
        }
    }

    pub(super) fn check(&mut self, length: usize, name: &'static str, found: u16, computed: u16) {
        let bytes = self.whole(length, Stage::Checksum, name, FrameError::Truncated);
        if bytes.len() < length {
            return;
        }
        if found == computed {
            self.says("holds");
        } else {
            self.says("does not hold");
            self.doubt(FrameError::Checksum { found, computed });
        }
    }

    /// Begins a field that contains the next fields.
    pub(super) fn open(&mut self, stage: Stage, name: &'static str) -> Opened {
        if self.rest().is_empty() || self.depth >= DEEPEST {
            return Opened(None);
        }
        self.push(0, stage, name);
        self.depth += 1;
        Opened(Some(self.fields.len() - 1))
    }

    /// Ends an opened field, or removes it if it contains no bytes.
    pub(super) fn close(&mut self, opened: Opened) {
        let Opened(Some(place)) = opened else { return };
        self.depth -= 1;
        let at = self.at;
        match self.fields.get_mut(place) {
            Some(field) if field.at < at => field.length = at - field.at,
            _ => self.fields.truncate(place),
        }
    }

    /// Sets the meaning of an opened field.
    pub(super) fn says_of(&mut self, opened: &Opened, value: impl Into<String>) {
        if let Some(field) = opened.0.and_then(|place| self.fields.get_mut(place)) {
            field.value = Some(value.into());
        }
    }

    /// Limits the layout to the next `length` bytes. Returns the previous bound.
    pub(super) fn bound(&mut self, length: usize) -> usize {
        let end = self.at.saturating_add(length).min(self.end);
        core::mem::replace(&mut self.end, end)
    }

    /// Lays out the remaining bytes up to the bound as unknown, and restores the previous bound.
    pub(super) fn unbound(&mut self, outer: usize) {
        self.unknown();
        self.end = outer;
    }

    pub(super) fn unknown(&mut self) {
        self.field(usize::MAX, Stage::Unknown, "unknown octets");
    }

    fn push(&mut self, length: usize, stage: Stage, name: &'static str) {
        let (at, depth) = (self.at, self.depth);
        self.fields.push(Field { at, length, depth, stage, name, value: None, fault: None, doubt: None });
    }
}

/// Bytes as text if they are UTF-8 without control characters, otherwise as hex.
pub(super) fn printed(bytes: &[u8]) -> String {
    match core::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => text.into(),
        _ => hex::lower(bytes),
    }
}

pub(super) fn text(of: &dyn core::fmt::Display) -> String {
    alloc::string::ToString::to_string(of)
}

/// The deepest nesting of fields. Telegrams stay below it: lists nest at most eight deep, inside a frame, its payload
/// and a register.
const DEEPEST: u8 = 24;
