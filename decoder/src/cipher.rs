//! Stage 3: ciphered payload → plain payload, and whether its origin is proven.
//!
//! ```text
//! DB | 08 4B 41 4D … | 81 A7 | 30 | 00 00 12 34 | … | tag
//!  │    │               │       │     │            │    12 bytes, if the security byte has bit 4
//!  │    │               │       │     │            ciphertext
//!  │    │               │       │     invocation counter
//!  │    │               │       security control: bit 4 authenticated, bit 5 encrypted, bit 6 another key set, bit 7
//!  │    │               │       compressed, low bits the suite
//!  │    │               length of all that follows
//!  │    system title, 8 bytes; with the counter it is the nonce
//!  general-glo-ciphering; DC is general-ded-ciphering
//! ```
//!
//! DLMS Green Book 9.2.7 and IEC 62056-5-3, suites 0 and 1: AES-128-GCM with a tag of 12 bytes. Suite 2, with keys of
//! 256 bits, is not supported. With both keys, a correct tag proves the telegram's origin. Without an authentication
//! key, the text is deciphered and must look like a telegram.
//!
//! M-Bus uses AES-128 in CBC mode instead; its plain text begins with two known bytes.

use alloc::vec::Vec;
use core::fmt;

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyIvInit, StreamCipher};
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, KeyInit};

use crate::cursor::Cursor;
use crate::dlms::ciphering::{
    AUTHENTICATED, COMPRESSED, DED_EVENT_NOTIFICATION, ENCRYPTED, GENERAL_DED, GENERAL_GLO,
    GLO_EVENT_NOTIFICATION, SUITE, TAG, TITLE,
};
use crate::dlms::{apdu, axdr, block};
use crate::error::CipherError;
use crate::reading::Integrity;

/// The keys of one meter, as the grid operator provides them. `Debug` does not print them.
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

/// A deciphered payload, and how certain its origin is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Plain<'a> {
    pub(crate) payload: &'a [u8],
    pub(crate) integrity: Integrity,
    /// The system title of the sender: the maker's three letters, and a number.
    pub(crate) title: [u8; TITLE],
}

pub(crate) fn is_ciphered(payload: &[u8]) -> bool {
    payload.first().is_some_and(|tag| GENERAL.contains(tag) || WITHOUT_TITLE.contains(tag))
}

/// Deciphers a payload into `plain`.
///
/// # Errors
/// [`CipherError::KeyMissing`] for an encrypted text without a key. [`CipherError::KeyWrong`] if the deciphered text is
/// not a telegram. [`CipherError::TagMismatch`] if the text is a telegram, but damage or another authentication key
/// makes the tag wrong. Other errors name an unsupported suite or compression, a header that is cut short, or a system
/// title that does not have 8 bytes.
pub(crate) fn decipher<'a>(
    keys: &Keys,
    payload: &'a [u8],
    plain: &'a mut Vec<u8>,
) -> Result<Plain<'a>, CipherError> {
    let sealed = header(payload)?;
    if sealed.security & COMPRESSED != 0 || sealed.security & SUITE > LAST_SUITE_OF_128_BITS {
        return Err(CipherError::SuiteUnsupported(sealed.security));
    }
    let (text, tag) = if sealed.security & AUTHENTICATED != 0 {
        let (text, tag) = sealed.text.split_last_chunk::<TAG>().ok_or(CipherError::Truncated)?;
        (text, Some(tag))
    } else {
        (sealed.text, None)
    };
    plain.clear();
    plain.extend_from_slice(text);
    let proof = match (keys.encryption, keys.authentication, tag) {
        (None, ..) if sealed.security & ENCRYPTED != 0 => return Err(CipherError::KeyMissing),
        (Some(key), Some(authentication), Some(tag)) => {
            Some(sealed.proves(&key, &authentication, plain, tag))
        }
        (Some(key), ..) => {
            sealed.decrypt(&key, plain);
            None
        }
        (None, ..) => None,
    };
    let integrity = match proof {
        Some(true) => Integrity::Authenticated,
        _ if !looks_like_a_telegram(plain) => return Err(CipherError::KeyWrong),
        Some(false) => return Err(CipherError::TagMismatch),
        None => Integrity::Unchecked,
    };
    Ok(Plain { payload: plain, integrity, title: sealed.title })
}

/// Deciphers the first `count` bytes of an M-Bus telegram in security mode 5 (EN 13757-7:2018, 7.7.2) into `plain`. The
/// mode is CBC without padding; filler bytes complete the last block. The bytes after the first `count` are plain.
///
/// # Errors
/// [`CipherError::KeyMissing`] without a key, [`CipherError::KeyWrong`] if the first two bytes do not become fillers,
/// [`CipherError::Truncated`] if the telegram is shorter than `count`.
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
        plain.extend(opened.iter().zip(before).map(|(byte, before)| byte ^ before));
        before = block;
    }
    if !plain.starts_with(&FILLERS) {
        return Err(CipherError::KeyWrong);
    }
    plain.extend_from_slice(behind);
    Ok(plain)
}

/// Replaces the text and the tag of a payload: enciphers `plain` with `keys`, as the header of the payload states.
/// `plain` must have at least the length of the old text. `None` if the header is invalid, `plain` is too short, the
/// encryption key is missing, or the header announces a tag and the authentication key is missing.
pub(crate) fn encipher(keys: &Keys, payload: &mut [u8], plain: &[u8]) -> Option<()> {
    let sealed = header(payload).ok()?;
    let (security, nonce, start, end) =
        (sealed.security, sealed.nonce, sealed.end - sealed.text.len(), sealed.end);
    let key = keys.encryption?;
    if security & AUTHENTICATED == 0 {
        let text = payload.get_mut(start..end)?;
        text.copy_from_slice(plain.get(..text.len())?);
        if security & ENCRYPTED != 0 {
            count(&key, &nonce, text);
        }
        return Some(());
    }
    let (text, tag) = payload.get_mut(start..end)?.split_last_chunk_mut::<TAG>()?;
    text.copy_from_slice(plain.get(..text.len())?);
    let gcm = AesGcm::<Aes128, U12, U12>::new(&key.into());
    let mut additional = [&[security][..], &keys.authentication?].concat();
    *tag = if security & ENCRYPTED == 0 {
        additional.extend_from_slice(text);
        gcm.encrypt_inout_detached(&nonce.into(), &additional, (&mut [][..]).into())
    } else {
        gcm.encrypt_inout_detached(&nonce.into(), &additional, text.into())
    }
    .ok()?
    .into();
    Some(())
}

/// Enciphers whole blocks in place: the reverse of [`decipher_blocks`]. `None` without an encryption key.
pub(crate) fn encipher_blocks(keys: &Keys, initial: &[u8; 16], text: &mut [u8]) -> Option<()> {
    let aes = Aes128::new(&keys.encryption?.into());
    let mut before = *initial;
    for block in text.as_chunks_mut::<16>().0 {
        for (byte, before) in block.iter_mut().zip(before) {
            *byte ^= before;
        }
        aes.encrypt_block(block.into());
        before = *block;
    }
    Some(())
}

struct Sealed<'a> {
    title: [u8; TITLE],
    security: u8,
    nonce: [u8; 12],
    text: &'a [u8],
    /// The end of the text in the payload.
    end: usize,
}

impl Sealed<'_> {
    /// Decrypts the text, and returns whether the tag is correct. The tag also covers the security byte and the
    /// authentication key, and the text if it is not encrypted.
    fn proves(&self, key: &[u8; 16], authentication: &[u8; 16], text: &mut Vec<u8>, tag: &[u8; TAG]) -> bool {
        let gcm = AesGcm::<Aes128, U12, U12>::new(&(*key).into());
        let (nonce, tag) = (&self.nonce.into(), tag.into());
        let mut additional = [self.security; 17];
        if let Some(behind) = additional.get_mut(1..) {
            behind.copy_from_slice(authentication);
        }
        if self.security & ENCRYPTED == 0 {
            let additional = [&additional, text.as_slice()].concat();
            return gcm.decrypt_inout_detached(nonce, &additional, (&mut [][..]).into(), tag).is_ok();
        }
        let holds = gcm.decrypt_inout_detached(nonce, &additional, text.as_mut_slice().into(), tag).is_ok();
        if !holds {
            text.clear();
            text.extend_from_slice(self.text.get(..self.text.len() - TAG).unwrap_or_default());
            self.decrypt(key, text);
        }
        holds
    }

    fn decrypt(&self, key: &[u8; 16], text: &mut [u8]) {
        if self.security & ENCRYPTED != 0 {
            count(key, &self.nonce, text);
        }
    }
}

fn header(payload: &[u8]) -> Result<Sealed<'_>, CipherError> {
    let mut cursor = Cursor::new(payload);
    let tag = cursor.u8().ok_or(CipherError::Truncated)?;
    // Services without a title rely on the titles of an association. A push has no association.
    let title_length = if GENERAL.contains(&tag) { axdr::length(&mut cursor) } else { Some(0) };
    let title_length = title_length.ok_or(CipherError::Truncated)?;
    let title = cursor.take(title_length).ok_or(CipherError::Truncated)?;
    let title = title.as_array::<TITLE>().ok_or(CipherError::SystemTitle { length: title_length })?;
    let length = axdr::length(&mut cursor).ok_or(CipherError::Truncated)?;
    let body = cursor.take(length).ok_or(CipherError::Truncated)?;
    let end = cursor.position();
    let mut cursor = Cursor::new(body);
    let security = cursor.u8().ok_or(CipherError::Truncated)?;
    let counter = cursor.array::<4>().ok_or(CipherError::Truncated)?;
    let mut nonce = [0; 12];
    let (first, last) = nonce.split_at_mut(title.len());
    first.copy_from_slice(title);
    last.copy_from_slice(&counter);
    Ok(Sealed { title: *title, security, nonce, text: cursor.rest(), end })
}

/// Applies only the key stream of GCM (NIST SP 800-38D, 7.1): counter mode from block 2, since block 1 belongs to the
/// tag.
fn count(key: &[u8; 16], nonce: &[u8; 12], text: &mut [u8]) {
    let mut block = [0; 16];
    let (first, last) = block.split_at_mut(nonce.len());
    first.copy_from_slice(nonce);
    last.copy_from_slice(&2_u32.to_be_bytes());
    ctr::Ctr32BE::<Aes128>::new(&(*key).into(), &block.into()).apply_keystream(text);
}

/// Whether the text is a notification, a block of a notification, or a P1 telegram: a wrong key hardly ever produces
/// any of these.
fn looks_like_a_telegram(plain: &[u8]) -> bool {
    matches!(plain, [b'/', b'A'..=b'Z', ..] | [block::TAG, _, _, _, 0, 0, ..]) || apdu::could_be(plain)
}

const GENERAL: [u8; 2] = [GENERAL_GLO, GENERAL_DED];
const WITHOUT_TITLE: [u8; 2] = [GLO_EVENT_NOTIFICATION, DED_EVENT_NOTIFICATION];
/// Suite 1 is suite 0 with signatures and key agreement. A push uses neither.
const LAST_SUITE_OF_128_BITS: u8 = 1;
/// The first bytes of every M-Bus telegram in security mode 5.
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

    fn seal(security: u8, text: &[u8]) -> Vec<u8> {
        let keys = keys();
        let head = [security, 0, 0, 0, 9];
        let nonce: [u8; 12] = *b"SAG12345\0\0\0\x09";
        let mut additional = [&[security][..], &keys.authentication.unwrap()].concat();
        let mut text = text.to_vec();
        let gcm = AesGcm::<Aes128, U12, U12>::new(&keys.encryption.unwrap().into());
        let tag = if security & ENCRYPTED == 0 {
            additional.extend_from_slice(&text);
            gcm.encrypt_inout_detached(&nonce.into(), &additional, (&mut [][..]).into())
        } else {
            gcm.encrypt_inout_detached(&nonce.into(), &additional, text.as_mut_slice().into())
        };
        let tag = if security & AUTHENTICATED == 0 { Vec::new() } else { tag.unwrap().to_vec() };
        let length = u8::try_from(head.len() + text.len() + tag.len()).unwrap();
        [&[0xDB, 8][..], b"SAG12345", &[length], &head, &text, &tag].concat()
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
    fn missing_key_wrong_key_and_wrong_tag_have_different_errors() {
        assert_eq!(read(&Keys::default(), SEALED), Err(CipherError::KeyMissing));
        let notification = seal(0x30, &[0x0F, 0, 0, 0, 1, 0, 2, 1, 6, 0, 0, 0, 7]);
        assert_eq!(read(&keys(), &notification).unwrap().1, Integrity::Authenticated);
        let wrong = Keys { encryption: Some([7; 16]), ..keys() };
        assert_eq!(read(&wrong, &notification), Err(CipherError::KeyWrong));
        let mut damaged = notification.clone();
        damaged[27] ^= 1;
        assert_eq!(read(&keys(), &damaged), Err(CipherError::TagMismatch));
        let other = Keys { authentication: Some([7; 16]), ..keys() };
        assert_eq!(read(&other, &notification), Err(CipherError::TagMismatch));
    }

    /// The tag covers the security control byte as sent, suite and key set included.
    #[test]
    fn suites_0_and_1_encipher_alike_with_either_key_set() {
        let text = [0x0F, 0, 0, 0, 1, 0, 2, 1, 6, 0, 0, 0, 7];
        for security in [0x21, 0x31, 0x70, 0x71] {
            let sealed = seal(security, &text);
            let proof =
                if security & AUTHENTICATED == 0 { Integrity::Unchecked } else { Integrity::Authenticated };
            assert_eq!(read(&keys(), &sealed), Ok((text.to_vec(), proof)), "{security:X}");
        }
    }

    #[test]
    fn without_an_authentication_key_the_text_must_be_a_telegram() {
        let unproven = Keys { authentication: None, ..keys() };
        let wrong = Keys { encryption: Some([7; 16]), authentication: None };
        for security in [0x20, 0x30] {
            let notification = seal(security, &[0x0F, 0, 0, 0, 1, 0, 2, 1, 6, 0, 0, 0, 7]);
            let (text, integrity) = read(&unproven, &notification).unwrap();
            assert_eq!((text.len(), integrity), (13, Integrity::Unchecked));
            assert_eq!(read(&wrong, &notification), Err(CipherError::KeyWrong));
        }
    }

    #[test]
    fn an_unencrypted_authenticated_text_needs_no_key() {
        let text = [0x0F, 0, 0, 0, 1, 0, 2, 1, 6, 0, 0, 0, 7];
        let sealed = seal(0x10, &text);
        assert_eq!(read(&Keys::default(), &sealed), Ok((text.to_vec(), Integrity::Unchecked)));
        assert_eq!(read(&keys(), &sealed), Ok((text.to_vec(), Integrity::Authenticated)));
        let mut damaged = sealed;
        damaged[28] ^= 1;
        assert_eq!(read(&keys(), &damaged), Err(CipherError::TagMismatch));
    }

    #[test]
    fn unsupported_suites_and_missing_titles_are_named() {
        let with = |security: u8| {
            let mut sealed = SEALED.to_vec();
            sealed[11] = security;
            read(&keys(), &sealed)
        };
        for security in [0x32, 0x3F, 0xB0] {
            assert_eq!(with(security), Err(CipherError::SuiteUnsupported(security)));
        }
        let untitled = [&[0xDB, 0][..], &SEALED[10..]].concat();
        assert_eq!(read(&keys(), &untitled), Err(CipherError::SystemTitle { length: 0 }));
        let event = [&[0xCA][..], &SEALED[10..]].concat();
        assert_eq!(read(&keys(), &event), Err(CipherError::SystemTitle { length: 0 }));
        for cut in 0..30 {
            assert!(read(&keys(), &SEALED[..cut]).is_err());
        }
        assert!(is_ciphered(SEALED) && is_ciphered(&event) && !is_ciphered(&[0x0F]));
    }

    /// The key stream alone gives the same text as GCM.
    #[test]
    fn without_an_authentication_key_the_text_is_the_same() {
        let mut text = SEALED[16..47].to_vec();
        let nonce: [u8; 12] = [0x4D, 0x4D, 0x4D, 0, 0, 0xBC, 0x61, 0x4E, 0x01, 0x23, 0x45, 0x67];
        count(&keys().encryption.unwrap(), &nonce, &mut text);
        assert_eq!(text, PLAIN);
    }
}
