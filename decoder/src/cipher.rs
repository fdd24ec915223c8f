//! Stage 3: ciphered payload → plain payload, and whether its origin is proven.
//!
//! ```text
//! DB | 08 4B 41 4D … | 81 A7 | 30 | 00 00 12 34 | … | tag
//!  │    │               │       │     │            │    12 octets, if the security byte has bit 4
//!  │    │               │       │     │            ciphertext
//!  │    │               │       │     invocation counter
//!  │    │               │       security control: bit 4 authenticated, bit 5 encrypted, low bits the suite
//!  │    │               length of all that follows
//!  │    system title, 8 octets; with the counter it is the nonce
//!  general-glo-ciphering
//! ```
//!
//! DLMS Green Book 9.2.7 and IEC 62056-5-3, suite 0: AES-128-GCM with a tag of 12 octets. With an authentication key the
//! tag is verified and proves the telegram; without one the text is deciphered and must look like a telegram.
//!
//! M-Bus has blocks of AES-128 in CBC mode instead, which begin with two octets that are known ([`decipher_blocks`]).

use alloc::vec::Vec;
use core::fmt;

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, KeyIvInit, StreamCipher};
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, KeyInit};

use crate::dlms::axdr;
use crate::error::CipherError;
use crate::octets::Cursor;
use crate::reading::Integrity;

/// The keys of one meter, as the grid operator gives them. They are never printed.
#[derive(Clone, Default, PartialEq)]
pub struct Keys {
    /// The encryption key (GUEK).
    pub encryption: Option<[u8; 16]>,
    /// The authentication key (GAK).
    pub authentication: Option<[u8; 16]>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys { .. }")
    }
}

/// A payload that can be parsed, and how sure it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Plain<'a> {
    pub(crate) payload: &'a [u8],
    pub(crate) integrity: Integrity,
}

/// Deciphers a payload into `plain`; one that is not ciphered passes as it is, proven by its frame's checksum.
///
/// # Errors
/// One of the three answers to three troubles: no key, a wrong key or damage that the tag shows, a suite not supported.
pub(crate) fn decipher<'a>(
    keys: &Keys,
    payload: &'a [u8],
    plain: &'a mut Vec<u8>,
) -> Result<Plain<'a>, CipherError> {
    if payload.first() != Some(&GENERAL_GLO_CIPHERING) {
        return Ok(Plain { payload, integrity: Integrity::Checked });
    }
    let sealed = header(payload).ok_or(CipherError::Truncated)?;
    if sealed.security & ENCRYPTED == 0 || sealed.security & !(ENCRYPTED | AUTHENTICATED) != 0 {
        return Err(CipherError::SuiteUnsupported(sealed.security));
    }
    let key = keys.encryption.ok_or(CipherError::KeyMissing)?;
    let authenticated = sealed.security & AUTHENTICATED != 0;
    let (text, tag) = if authenticated {
        sealed.text.split_last_chunk::<TAG>().ok_or(CipherError::Truncated)?
    } else {
        (sealed.text, &[0; TAG])
    };
    plain.clear();
    plain.extend_from_slice(text);
    match keys.authentication {
        Some(authentication) if authenticated => {
            let mut additional = [sealed.security; 17];
            if let Some(behind) = additional.get_mut(1..) {
                behind.copy_from_slice(&authentication);
            }
            let gcm = AesGcm::<Aes128, U12, U12>::new(&key.into());
            gcm.decrypt_inout_detached(
                &sealed.nonce.into(),
                &additional,
                plain.as_mut_slice().into(),
                tag.into(),
            )
            .map_err(|_| CipherError::TagMismatch)?;
            Ok(Plain { payload: plain, integrity: Integrity::Authenticated })
        }
        _ => {
            count(&key, &sealed.nonce, plain);
            if !looks_like_a_telegram(plain) {
                return Err(CipherError::KeyWrong);
            }
            Ok(Plain { payload: plain, integrity: Integrity::Unchecked })
        }
    }
}

/// Deciphers the first `count` octets of an M-Bus telegram in security mode 5 (EN 13757-7:2018, 7.7.2): CBC without
/// padding, where fillers take the room that is left. What stands behind them is plain.
///
/// # Errors
/// No key; a key that does not make fillers of the first two octets; a telegram shorter than it says.
pub(crate) fn decipher_blocks<'a>(
    keys: &Keys,
    initial: &[u8; 16],
    payload: &[u8],
    count: usize,
    plain: &'a mut Vec<u8>,
) -> Result<&'a [u8], CipherError> {
    let (text, behind) = payload.split_at_checked(count).ok_or(CipherError::Truncated)?;
    let aes = Aes128::new(&keys.encryption.ok_or(CipherError::KeyMissing)?.into());
    plain.clear();
    let mut before = initial;
    for block in text.as_chunks().0 {
        let mut opened = (*block).into();
        aes.decrypt_block(&mut opened);
        plain.extend(opened.iter().zip(before).map(|(octet, before)| octet ^ before));
        before = block;
    }
    if !plain.starts_with(&FILLERS) {
        return Err(CipherError::KeyWrong);
    }
    plain.extend_from_slice(behind);
    Ok(plain)
}

struct Sealed<'a> {
    security: u8,
    nonce: [u8; 12],
    text: &'a [u8],
}

fn header(payload: &[u8]) -> Option<Sealed<'_>> {
    let mut cursor = Cursor::new(payload);
    cursor.u8()?;
    let title_length = axdr::length(&mut cursor)?;
    let title = <[u8; 8]>::try_from(cursor.take(title_length)?).ok()?;
    let length = axdr::length(&mut cursor)?;
    let body = cursor.take(length)?;
    let mut cursor = Cursor::new(body);
    let security = cursor.u8()?;
    let counter = cursor.array::<4>()?;
    let mut nonce = [0; 12];
    let (first, last) = nonce.split_at_mut(title.len());
    first.copy_from_slice(&title);
    last.copy_from_slice(&counter);
    Some(Sealed { security, nonce, text: cursor.rest() })
}

/// GCM's key stream alone (NIST SP 800-38D, 7.1): counter mode from block 2, block 1 being the tag's.
fn count(key: &[u8; 16], nonce: &[u8; 12], text: &mut [u8]) {
    let mut block = [0; 16];
    let (first, last) = block.split_at_mut(nonce.len());
    first.copy_from_slice(nonce);
    last.copy_from_slice(&2_u32.to_be_bytes());
    ctr::Ctr32BE::<Aes128>::new(&(*key).into(), &block.into()).apply_keystream(text);
}

/// A data notification whose date-time has one of its two lengths, or a P1 telegram.
fn looks_like_a_telegram(plain: &[u8]) -> bool {
    matches!(
        plain,
        [b'/', b'A'..=b'Z', ..] | [0x0F, _, _, _, _, 0x00 | 0x0C, ..] | [0x0F, _, _, _, _, 0x09, 0x0C, ..]
    )
}

const GENERAL_GLO_CIPHERING: u8 = 0xDB;
const AUTHENTICATED: u8 = 0x10;
const ENCRYPTED: u8 = 0x20;
/// Octets of the tag.
const TAG: usize = 12;
/// What every M-Bus telegram in security mode 5 begins with.
const FILLERS: [u8; 2] = [0x2F, 0x2F];

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the DLMS Green Book, 9.2.7.2: an initiate request, here as general-glo-ciphering.
    const SEALED: &[u8] = &[
        0xDB, 0x08, 0x4D, 0x4D, 0x4D, 0x00, 0x00, 0xBC, 0x61, 0x4E, 0x30, 0x30, 0x01, 0x23, 0x45, 0x67, 0x80,
        0x13, 0x02, 0xFF, 0x8A, 0x78, 0x74, 0x13, 0x3D, 0x41, 0x4C, 0xED, 0x25, 0xB4, 0x25, 0x34, 0xD2, 0x8D,
        0xB0, 0x04, 0x77, 0x20, 0x60, 0x6B, 0x17, 0x5B, 0xD5, 0x22, 0x11, 0xBE, 0x68, 0x41, 0xDB, 0x20, 0x4D,
        0x39, 0xEE, 0x6F, 0xDB, 0x8E, 0x35, 0x68, 0x55,
    ];
    const PLAIN: &[u8] = &[
        0x01, 0x01, 0x10, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD,
        0xEE, 0xFF, 0x00, 0x00, 0x06, 0x5F, 0x1F, 0x04, 0x00, 0x00, 0x7E, 0x1F, 0x04, 0xB0,
    ];

    fn keys() -> Keys {
        let row = |from: u8| core::array::from_fn(|at| from + u8::try_from(at).unwrap());
        Keys { encryption: Some(row(0)), authentication: Some(row(0xD0)) }
    }

    fn read(keys: &Keys, payload: &[u8]) -> Result<(Vec<u8>, Integrity), CipherError> {
        let mut buffer = Vec::new();
        decipher(keys, payload, &mut buffer).map(|plain| (plain.payload.to_vec(), plain.integrity))
    }

    #[test]
    fn deciphers_the_green_books_example() {
        assert_eq!(read(&keys(), SEALED), Ok((PLAIN.to_vec(), Integrity::Authenticated)));
    }

    #[test]
    fn three_troubles_have_three_answers() {
        assert_eq!(read(&Keys::default(), SEALED), Err(CipherError::KeyMissing));
        let wrong = Keys { encryption: Some([7; 16]), ..keys() };
        assert_eq!(read(&wrong, SEALED), Err(CipherError::TagMismatch));
        let mut damaged = SEALED.to_vec();
        damaged[20] ^= 1;
        assert_eq!(read(&keys(), &damaged), Err(CipherError::TagMismatch));
        let unproven = Keys { encryption: Some([7; 16]), authentication: None };
        assert_eq!(read(&unproven, SEALED), Err(CipherError::KeyWrong));
        assert_eq!(read(&keys(), &SEALED[..30]), Err(CipherError::Truncated));
        assert_eq!(read(&keys(), &[0x0F, 1]).unwrap().1, Integrity::Checked);
    }

    /// The key stream alone gives the same text as GCM does.
    #[test]
    fn without_an_authentication_key_the_text_is_the_same() {
        let mut text = SEALED[16..47].to_vec();
        let nonce: [u8; 12] = [0x4D, 0x4D, 0x4D, 0, 0, 0xBC, 0x61, 0x4E, 0x01, 0x23, 0x45, 0x67];
        count(&keys().encryption.unwrap(), &nonce, &mut text);
        assert_eq!(text, PLAIN);
    }
}
