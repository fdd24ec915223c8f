//! HDLC frames: ISO/IEC 13239, 4.9.3 (frame format type 3), with the LLC header of IEC 62056-46.

use alloc::vec::Vec;

use super::layout::{Layout, text};
use super::told::Told;
use super::{Stage, dlms};
use crate::crc::crc16_x25;
use crate::dlms::block;
use crate::error::{Flaw, FrameError};
use crate::hdlc::frame::{CHECK, FORMAT_TYPE_3, LONGEST_ADDRESS, SEGMENTED, length};
use crate::hdlc::stuffing::{FLAG, unstuff};

pub(super) fn frames(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let mut is_behind_frame = false;
    while let Some(first) = layout.rest().first() {
        if *first == FLAG {
            let name = if is_behind_frame { "closing flag" } else { "opening flag" };
            layout.field(1, Stage::Framing, name);
            is_behind_frame = false;
            continue;
        }
        let bytes = layout.rest();
        let stated = stated_length(bytes);
        let is_plain = bytes.get(stated) == Some(&FLAG);
        let next_flag = bytes.iter().position(|byte| *byte == FLAG).unwrap_or(bytes.len());
        let length = if is_plain { stated } else { next_flag };
        let stuffed = bytes.get(..length).unwrap_or_default();
        match unstuffed(stuffed) {
            Some(plain) if !is_plain && told.goes_deeper() => {
                layout.field(length, Stage::Framing, "frame with octet stuffing");
                told.layer("Without octet stuffing", &plain, frame);
            }
            _ => {
                let outer = layout.bound(length);
                frame(layout, told);
                layout.unbound(outer);
                if !is_plain && bytes.get(length) == Some(&FLAG) {
                    layout.doubt(FrameError::Malformed(Flaw::NoClosingFlag));
                }
            }
        }
        is_behind_frame = true;
    }
}

/// Lays out the bytes between two flags.
fn frame(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let bytes = layout.rest();
    if bytes.first().is_none_or(|format| format & 0xF0 != FORMAT_TYPE_3) {
        return layout.unknown();
    }
    let opened = layout.open(Stage::Framing, "frame");
    let begin = layout.at;
    let cut = FrameError::Truncated;
    let format = layout.whole(2, Stage::Framing, "frame format", cut);
    let is_segment = format.first().is_some_and(|format| format & SEGMENTED != 0);
    let mut says = text(&stated_length(bytes));
    says.push_str(if is_segment { " octets, more segments follow" } else { " octets" });
    layout.says(says);
    for name in ["destination address", "source address"] {
        let rest = layout.rest();
        let length = rest.iter().take(LONGEST_ADDRESS).position(|byte| byte & 1 == 1);
        layout.field(length.map_or(LONGEST_ADDRESS, |last| last + 1), Stage::Framing, name);
        if length.is_none() {
            layout.doubt(FrameError::Malformed(Flaw::Address));
        }
    }
    layout.whole(1, Stage::Framing, "control", cut);
    // A frame shorter than its stated length has lost its end, and with it the check sequence.
    let check_length = if bytes.len() < stated_length(bytes) { 0 } else { CHECK };
    if layout.rest().len() > check_length {
        check(layout, bytes, begin, "HCS");
        let outer = layout.bound(layout.rest().len().saturating_sub(check_length));
        information(layout, is_segment, told);
        layout.unbound(outer);
    }
    if check_length > 0 {
        check(layout, bytes, begin, "FCS");
    }
    layout.unknown();
    layout.close(opened);
}

/// Lays out the LLC header, and a payload or a segment of one.
fn information(layout: &mut Layout<'_>, is_segment: bool, told: &mut Told<'_>) {
    let goes_on = !told.segments.is_empty();
    match layout.rest() {
        [0xE6, 0xE6 | 0xE7, 0, ..] => {
            layout.field(1, Stage::Framing, "LLC destination LSAP");
            layout.field(1, Stage::Framing, "LLC source LSAP");
            layout.field(1, Stage::Framing, "LLC quality");
        }
        // Landis+Gyr's meters send the LLC header only before the first block.
        [block::TAG, ..] => {}
        [] => return,
        _ if goes_on => {}
        _ => {
            layout.field(3, Stage::Unknown, "no LLC header");
            layout.doubt(FrameError::Malformed(Flaw::Llc));
        }
    }
    if !is_segment && !goes_on {
        return dlms::payload(layout, told);
    }
    let segment = layout.field(usize::MAX, Stage::Structure, "segment");
    // Segments have no numbers, so only the session can report that one is missing.
    layout.doubt(FrameError::Malformed(Flaw::OutOfSequence));
    told.segments.extend_from_slice(segment);
    if !is_segment {
        let joined = core::mem::take(&mut told.segments);
        told.layer("Joined from segments", &joined, dlms::payload);
    }
}

/// Lays out a check sequence over all bytes of the frame before it.
fn check(layout: &mut Layout<'_>, frame: &[u8], begin: usize, name: &'static str) {
    let found = layout.rest().first_chunk().map_or(0, |bytes| u16::from_le_bytes(*bytes));
    let covered = frame.get(..layout.at - begin).unwrap_or_default();
    layout.check(CHECK, name, found, crc16_x25(covered));
}

/// The number of bytes between the flags, as the frame states it; 0 if the frame is too short to state it.
fn stated_length(bytes: &[u8]) -> usize {
    length(bytes).unwrap_or_default()
}

/// The bytes without their stuffing; `None` if they are not stuffed, or if the result does not have the stated length.
fn unstuffed(stuffed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    unstuff(stuffed, &mut plain)?;
    (stated_length(&plain) == plain.len()).then_some(plain)
}
