//! Properties of stage 1 that must hold for any bytes.

use alloc::vec::Vec;

use super::{account, piece};
use crate::frame::{Deframe, Heard, testing};
use crate::{dlms, hdlc, iec62056, kmp, mbus, modbus, p1, sml, tic};

/// Runs stage 1 of P1.
pub fn p1_frame(bytes: &[u8]) {
    deframe::<p1::frame::Deframer>(bytes);
}

/// Runs stage 1 of HDLC.
pub fn hdlc_frame(bytes: &[u8]) {
    deframe::<hdlc::frame::Deframer>(bytes);
}

/// Runs stage 1 of M-Bus.
pub fn mbus_frame(bytes: &[u8]) {
    deframe::<mbus::frame::Deframer>(bytes);
}

/// Runs stage 1 of SML.
pub fn sml_frame(bytes: &[u8]) {
    deframe::<sml::frame::Deframer>(bytes);
}

/// Runs stage 1 of DLMS without a link layer.
pub fn dlms_frame(bytes: &[u8]) {
    deframe::<dlms::frame::Deframer>(bytes);
}

/// Runs stage 1 of KMP.
pub fn kmp_frame(bytes: &[u8]) {
    deframe::<kmp::frame::Deframer>(bytes);
}

/// Runs stage 1 of IEC 62056-21.
pub fn iec62056_frame(bytes: &[u8]) {
    deframe::<iec62056::frame::Deframer>(bytes);
}

/// Runs stage 1 of Modbus.
pub fn modbus_frame(bytes: &[u8]) {
    deframe::<modbus::frame::Deframer>(bytes);
}

/// Runs stage 1 of TIC.
pub fn tic_frame(bytes: &[u8]) {
    deframe::<tic::frame::Deframer>(bytes);
}

/// Checks that frames and faults do not depend on how the bytes were cut, and that every byte is in a frame, in a fault
/// or in noise.
fn deframe<D: Deframe + 'static>(bytes: &[u8]) {
    let Some((length, bytes)) = bytes.split_first() else { return };
    let heard = hear::<D>(bytes.chunks(piece(*length)));
    assert_eq!(heard, hear::<D>([bytes]), "the cut makes a difference");
    account(
        heard.iter().map(|heard| match heard {
            Heard::Frame((), span) | Heard::Fault(_, span) | Heard::Noise(span) => *span,
        }),
        bytes,
    );
}

/// Everything found, with consecutive noise merged.
fn hear<'o, D: Deframe + 'static>(pieces: impl IntoIterator<Item = &'o [u8]>) -> Vec<Heard<()>> {
    let heard = testing::hear::<D, _>(pieces, |heard| match heard {
        Heard::Frame(_, span) => Heard::Frame((), span),
        Heard::Fault(error, span) => Heard::Fault(error, span),
        Heard::Noise(span) => Heard::Noise(span),
    });
    let mut all: Vec<Heard<()>> = Vec::new();
    for heard in heard {
        match (all.last_mut(), heard) {
            (Some(Heard::Noise(before)), Heard::Noise(more)) => before.length += more.length,
            (_, heard) => all.push(heard),
        }
    }
    all
}
