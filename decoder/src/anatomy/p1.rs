//! P1 telegrams, plain or in ciphered packets (DSMR 5.0.2, 6; Luxembourg Smarty P1, 3.2).

use super::Stage;
use super::cipher::ciphered;
use super::layout::{Layout, printed};
use super::printed::{data, line_end};
use super::told::Told;
use crate::cipher::is_ciphered;
use crate::error::{CipherError, FrameError};
use crate::p1::checksum::{checksum, crc, holds_with_line_ends};
use crate::p1::sealed::{Sealed, sealed};

/// Lays out a packet of general-glo-ciphering that contains a telegram.
pub(super) fn packet(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    if is_ciphered(layout.rest())
        && let Some(plain) = ciphered(layout, told)
    {
        told.layer("Deciphered", &plain, telegram);
    }
}

pub(super) fn telegram(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let bytes = layout.rest();
    layout.field(1, Stage::Framing, "start");
    let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let length = layout.rest().iter().position(is_line_end).unwrap_or(bytes.len());
    let identification = layout.field(length, Stage::Value, "identification");
    layout.says(printed(identification));
    if sealed(bytes) != Sealed::No {
        line_end(layout);
        layout.field(usize::MAX, Stage::Cipher, "encrypted telegram");
        return layout.doubt(CipherError::SystemTitle { length: 0 });
    }
    let end = memchr::memrchr(b'!', layout.rest()).unwrap_or(layout.rest().len());
    let outer = layout.bound(end);
    data(layout, told);
    layout.unbound(outer);
    if layout.rest().is_empty() {
        return layout.doubt(FrameError::Truncated);
    }
    layout.field(1, Stage::Framing, "end");
    let digits = layout.rest().iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let digits = layout.rest().get(..digits).unwrap_or_default();
    match checksum(digits) {
        Some(found) => {
            let telegram = bytes.get(..bytes.len() - layout.rest().len()).unwrap_or_default();
            let changed = holds_with_line_ends(telegram, found);
            layout.check(digits.len(), "CRC", found, if changed { found } else { crc(telegram) });
            if changed {
                layout.says("holds if the line ends were sent as CR LF");
            }
        }
        None => layout.doubt(FrameError::ChecksumMissing),
    }
    line_end(layout);
}
