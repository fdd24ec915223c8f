//! IEC 62056-21 readouts (6.3 to 6.5).

use alloc::vec::Vec;

use super::Stage;
use super::layout::{Layout, printed};
use super::printed::{between, data, line_end};
use super::told::Told;
use crate::iec62056::character::{ETX, STX};
use crate::iec62056::checksum::{block_check, block_check_with_line_ends};

/// The bytes without their top bits, which may be parity bits; `None` if no top bit is set.
pub(super) fn without_parity(bytes: &[u8]) -> Option<Vec<u8>> {
    (!bytes.is_ascii()).then(|| bytes.iter().map(|byte| byte & 0x7F).collect())
}

/// Lays out a readout. Identification line, end of data and block check may be missing.
pub(super) fn readout(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let mut name: &[u8] = &[];
    if layout.rest().first() == Some(&b'/') {
        layout.field(1, Stage::Framing, "start");
        let rest = layout.rest();
        let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let length = rest.iter().position(is_line_end).unwrap_or(rest.len());
        layout.field(3, Stage::Value, "manufacturer");
        layout.says(printed(rest.get(..3).unwrap_or(rest)));
        layout.field(1, Stage::Framing, "baud rate identification");
        name = rest.get(..length).unwrap_or_default();
        let model = layout.field(length.saturating_sub(4), Stage::Value, "identification");
        layout.says(printed(model));
        between(layout);
    }
    layout.field(usize::from(layout.rest().first() == Some(&STX)), Stage::Framing, "STX");
    let block = layout.rest();
    let etx = block.iter().position(|byte| *byte == ETX);
    let outer = layout.bound(etx.unwrap_or(block.len()));
    let data_end = end(layout.rest());
    let inner = layout.bound(data_end);
    data(layout, told);
    layout.unbound(inner);
    layout.field(usize::from(layout.rest().first() == Some(&b'!')), Stage::Framing, "end of data");
    line_end(layout);
    layout.unbound(outer);
    if let Some(etx) = etx {
        layout.field(1, Stage::Framing, "ETX");
        let covered = block.get(..=etx).unwrap_or_default();
        if let Some(found) = layout.rest().first().copied() {
            let changed = block_check_with_line_ends(name, covered).filter(|sent| *sent == found);
            let computed = changed.unwrap_or_else(|| block_check(name, covered));
            layout.check(1, "BCC", found.into(), computed.into());
        }
    }
    line_end(layout);
    layout.unknown();
}

/// The position of the `!` after the data, or the end of the data if there is no `!`.
fn end(data: &[u8]) -> usize {
    let is_end = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| data.get(before));
        data.get(*at) == Some(&b'!') && before.is_none_or(|before| matches!(before, b'\r' | b'\n' | b')'))
    };
    (0..data.len()).find(is_end).unwrap_or(data.len())
}
