//! P1 telegrams, plain and in ciphered packets.

use alloc::vec::Vec;

use super::{Common, Stages};
use crate::cipher::{self, Keys, Plain};
use crate::dlms;
use crate::error::{CipherError, FrameError};
use crate::frame::{Deframe, Heard};
use crate::harmonise::Origin;
use crate::p1::codes::Codes;
use crate::p1::frame::{self, Deframer, Frame};
use crate::p1::telegram;
use crate::reading::{Integrity, Protocol};
use crate::span::Span;

/// Telegrams, one per frame.
#[derive(Debug, Default)]
pub(super) struct Telegrams {
    codes: Codes,
}

impl Stages for Telegrams {
    type Deframer = Deframer;

    const MEMORY: usize = <Deframer as Deframe>::MEMORY + Codes::MEMORY;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        match heard {
            Heard::Noise(span) => common.noise(span),
            Heard::Fault(error, span) => common.fault(error, span),
            // Without a system title, the telegram cannot be deciphered.
            Heard::Frame(Frame { sealed: true, .. }, span) => {
                common.fault(CipherError::SystemTitle { length: 0 }, span);
            }
            Heard::Frame(frame, span) => {
                let integrity = if frame.checked { Integrity::Checked } else { Integrity::Unchecked };
                read(frame, (Protocol::P1, integrity), span, &mut self.codes, common);
            }
        }
    }

    fn held(&self) -> usize {
        self.codes.held()
    }
}

/// Telegrams in packets of general-glo-ciphering, as in Luxembourg (Smarty) and Austria (Sagemcom T210-D-r).
#[derive(Debug, Default)]
pub(super) struct Packets {
    codes: Codes,
}

impl Stages for Packets {
    type Deframer = dlms::frame::Deframer;

    const MEMORY: usize = <dlms::frame::Deframer as Deframe>::MEMORY + Codes::MEMORY;

    fn hear(&mut self, heard: Heard<dlms::frame::Frame<'_>>, common: &mut Common) {
        match heard {
            Heard::Noise(span) => common.noise(span),
            Heard::Fault(error, span) => common.fault(error, span),
            Heard::Frame(packet, span) if !cipher::is_ciphered(packet.bytes) => common.noise(span),
            Heard::Frame(packet, span) => match decipher(&common.keys, packet.bytes, &mut common.plain) {
                Ok(integrity) => packed(integrity, span, &mut self.codes, common),
                Err(error) => common.fault(error, span),
            },
        }
    }

    fn held(&self) -> usize {
        self.codes.held()
    }
}

/// Reads the telegram in a deciphered packet. Its own CRC must be correct as well, unless an authentication tag has
/// already proven more than a CRC can: Luxembourg's own example has a wrong CRC.
fn packed(integrity: Integrity, span: Span, codes: &mut Codes, common: &mut Common) {
    let plain = core::mem::take(&mut common.plain);
    match frame::whole(&plain) {
        None => common.fault(FrameError::Truncated, span),
        Some((_, Some(error))) if integrity != Integrity::Authenticated => common.fault(error, span),
        Some((telegram, _)) => read(telegram, (Protocol::P1Encrypted, integrity), span, codes, common),
    }
    common.plain = plain;
}

/// Deciphers the packet into `plain`. If no authentication key is given, the key of the Smarty specification is tried.
/// Some grid operators use another key; then only the CRC proves the telegram.
pub(crate) fn decipher(keys: &Keys, packet: &[u8], plain: &mut Vec<u8>) -> Result<Integrity, CipherError> {
    let usual =
        Keys { authentication: keys.authentication.or(Some(SMARTY_AUTHENTICATION_KEY)), ..keys.clone() };
    let integrity = match cipher::decipher(&usual, packet, plain) {
        Err(CipherError::TagMismatch) if keys.authentication.is_none() => {
            cipher::decipher(keys, packet, plain)
        }
        answer => answer,
    }
    .map(|Plain { integrity, .. }| integrity)?;
    match plain.first() {
        Some(b'/') => Ok(integrity),
        _ => Err(CipherError::KeyWrong),
    }
}

fn read(
    frame: Frame<'_>,
    (protocol, integrity): (Protocol, Integrity),
    span: Span,
    codes: &mut Codes,
    common: &mut Common,
) {
    let telegram = telegram::parse(frame.bytes, common.zone, codes, &mut common.registers);
    common.known.introduce(telegram.identification);
    let origin = Origin { protocol, integrity, announced: None, time: telegram.time, zone: common.zone };
    common.reading(origin, span, telegram.faults);
    if frame.cut {
        common.fault(FrameError::Truncated, span);
    }
}

/// The authentication key of Luxembourg's meters. It is the same for all of them, and therefore no secret (Luxembourg
/// Smarty P1 specification, 3.2.5).
pub(crate) const SMARTY_AUTHENTICATION_KEY: [u8; 16] =
    [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF];
