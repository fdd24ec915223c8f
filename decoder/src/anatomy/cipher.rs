//! Ciphered payloads: general-glo-ciphering and similar services (DLMS Green Book 9.2.7, IEC 62056-5-3).

use alloc::vec::Vec;

use super::Stage;
use super::layout::{Layout, printed, text};
use super::told::Told;
use crate::cipher::decipher;
use crate::cursor::Cursor;
use crate::dlms::axdr;
use crate::dlms::ciphering::{
    AUTHENTICATED, ENCRYPTED, GENERAL_DED, GENERAL_GLO, GLO_EVENT_NOTIFICATION, TAG,
};
use crate::error::CipherError;
use crate::hex;
use crate::pipeline::decipher_telegram;
use crate::stack::Stack;

/// Lays out a ciphered payload. Returns the deciphered payload; `None` if it cannot be deciphered.
pub(super) fn ciphered(layout: &mut Layout<'_>, told: &Told<'_>) -> Option<Vec<u8>> {
    let bytes = layout.rest();
    let mut plain = Vec::new();
    let is_telegram = told.stack == Stack::P1Encrypted;
    let opened = if is_telegram {
        decipher_telegram(told.keys, bytes, &mut plain).map(drop)
    } else {
        decipher(told.keys, bytes, &mut plain).map(drop)
    };
    let doubt = |layout: &mut Layout<'_>, is_here: fn(&CipherError) -> bool| {
        if let Some(error) = opened.err().filter(is_here) {
            layout.doubt(error);
        }
    };
    let tag = layout.field(1, Stage::Cipher, "ciphered service");
    let (service, has_title) = match tag {
        [GENERAL_GLO] => ("general-glo-ciphering", true),
        [GENERAL_DED] => ("general-ded-ciphering", true),
        [GLO_EVENT_NOTIFICATION] => ("glo-event-notification-request", false),
        _ => ("ded-event-notification-request", false),
    };
    layout.says(service);
    if has_title {
        let title_length = length(layout, "system title length");
        let title = layout.whole(title_length, Stage::Cipher, "system title", CipherError::Truncated);
        layout.says(match title.split_first_chunk::<3>() {
            Some((maker, number)) if maker.iter().all(u8::is_ascii_uppercase) => {
                printed(maker) + " " + &hex::lower(number)
            }
            _ => hex::lower(title),
        });
    }
    doubt(layout, |error| matches!(error, CipherError::SystemTitle { .. }));
    let body = length(layout, "length");
    let outer = layout.bound(body);
    let security = layout.whole(1, Stage::Cipher, "security control", CipherError::Truncated);
    let has = |bit: u8| security.first().is_some_and(|security| security & bit != 0);
    layout.says(match (has(AUTHENTICATED), has(ENCRYPTED)) {
        (true, true) => "authenticated and encrypted",
        (true, false) => "authenticated",
        (false, true) => "encrypted",
        (false, false) => "neither authenticated nor encrypted",
    });
    doubt(layout, |error| matches!(error, CipherError::SuiteUnsupported(_)));
    let counter = layout.whole(4, Stage::Cipher, "invocation counter", CipherError::Truncated);
    if let Ok(counter) = counter.try_into() {
        layout.says(text(&u32::from_be_bytes(counter)));
    }
    let tag = if has(AUTHENTICATED) { TAG } else { 0 };
    let length = layout.rest().len().saturating_sub(tag);
    layout.field(length, Stage::Cipher, if has(ENCRYPTED) { "ciphertext" } else { "plain text" });
    doubt(layout, |error| matches!(error, CipherError::KeyMissing | CipherError::KeyWrong));
    layout.field(tag, Stage::Checksum, "authentication tag");
    doubt(layout, |error| matches!(error, CipherError::TagMismatch));
    layout.unbound(outer);
    doubt(layout, |error| matches!(error, CipherError::Truncated));
    opened.is_ok().then_some(plain)
}

/// Lays out a length in A-XDR encoding and returns it; 0 if it is not a valid length.
pub(super) fn length(layout: &mut Layout<'_>, name: &'static str) -> usize {
    let mut cursor = Cursor::new(layout.rest());
    let length = axdr::length(&mut cursor);
    layout.field(cursor.position().max(1), Stage::Structure, name);
    let length = length.unwrap_or_default();
    layout.says(text(&length));
    length
}
