//! TIC frames and their groups (Enedis-NOI-CPT_54E, 5.3.6).

use alloc::vec::Vec;

use super::Stage;
use super::layout::{Layout, printed};
use super::told::{Told, label, value};
use crate::error::{Flaw, FrameError};
use crate::register::{Printed, RegisterId};
use crate::tic::character::{ETX, STX, strip};
use crate::tic::frame::groups;
use crate::tic::group::Rule;

/// The characters in these bytes, with damaged ones marked.
pub(super) fn characters(bytes: &[u8]) -> Vec<u8> {
    let mut characters = Vec::new();
    strip(bytes, &mut characters);
    characters
}

pub(super) fn frame(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let rule = usual(layout.rest());
    while let Some(first) = layout.rest().first() {
        let rest = layout.rest();
        let is_line_end = |byte: &u8| matches!(*byte, b'\r' | b'\n');
        let is_border = |byte: &u8| is_line_end(byte) || matches!(*byte, STX | ETX);
        match *first {
            STX => _ = layout.field(1, Stage::Framing, "STX"),
            ETX => _ = layout.field(1, Stage::Framing, "ETX"),
            b'\r' | b'\n' => {
                let length = rest.iter().take_while(|byte| is_line_end(byte)).count();
                layout.field(length, Stage::Framing, "line end");
            }
            _ => {
                let length = rest.iter().position(is_border).unwrap_or(rest.len());
                let outer = layout.bound(length);
                group(layout, told, rule);
                layout.unbound(outer);
            }
        }
    }
    if layout.fields.last().is_some_and(|last| last.name != "ETX") {
        layout.doubt(FrameError::Truncated);
    }
}

/// The rule by which most groups are valid.
fn usual(frame: &[u8]) -> Rule {
    let held = |rule: &Rule| groups(frame).filter(|(_, text)| rule.read(text).is_ok()).count();
    Rule::ALL.into_iter().rev().max_by_key(held).unwrap_or(Rule::First)
}

fn group(layout: &mut Layout<'_>, told: &mut Told<'_>, rule: Rule) {
    let text = layout.rest();
    let measured =
        rule.read(text).ok().and_then(|group| told.of(RegisterId::Tic(Printed::new(group.label)?)));
    let opened = layout.open(Stage::Structure, "group");
    let separator = |byte: &u8| *byte == rule.separator();
    let fields = text.get(..text.len().saturating_sub(2)).unwrap_or_default();
    let end = fields.iter().position(separator).unwrap_or(fields.len());
    layout.field(end, Stage::Name, "label");
    if let Some(measured) = &measured {
        layout.says(label(measured));
        layout.says_of(&opened, label(measured));
    }
    let mut rest = fields.get(end..).unwrap_or_default();
    if let Some(behind) = rest.strip_prefix(&[rule.separator()]) {
        layout.field(1, Stage::Structure, "separator");
        rest = behind;
    }
    // Data may contain blanks in historic mode; time stamps occur only in standard mode.
    if let Some(length) =
        rest.iter().position(separator).filter(|length| *length > 0 && rule == Rule::Standard)
    {
        layout.field(length, Stage::Value, "moment");
        layout.says(printed(rest.get(..length).unwrap_or_default()));
        if length + 1 == rest.len()
            && let Some(measured) = &measured
        {
            layout.says(value(measured));
        }
        layout.field(1, Stage::Structure, "separator");
        rest = rest.get(length + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        layout.field(rest.len(), Stage::Value, "data");
        layout.says(measured.as_ref().map_or_else(|| printed(rest), value));
    }
    if text.len() > 1 {
        layout.field(1, Stage::Structure, "separator");
    }
    check(layout, rule, text, measured.is_some());
    layout.close(opened);
}

/// Lays out the checksum character. If the group was not read, the field is doubtful because of the group's error.
fn check(layout: &mut Layout<'_>, rule: Rule, text: &[u8], is_read: bool) {
    layout.field(1, Stage::Checksum, "checksum");
    match rule.read(text) {
        _ if is_read => layout.says("holds"),
        Err(error) => {
            layout.says(if matches!(error, FrameError::Checksum { .. }) { "does not hold" } else { "holds" });
            layout.doubt(error);
        }
        Ok(_) => {
            layout.says("holds");
            layout.doubt(FrameError::Malformed(Flaw::Group));
        }
    }
}
