//! Encryption: puts a plaintext into a packet of general-glo-ciphering, suite 0 (IEC 62056-5-3, 5.3; DLMS Green Book
//! 9.2.7).
//!
//! ```text
//! DB | 08 title | length | 30 | counter | ciphertext | 12 bytes of the tag
//! ```

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, KeyInit};

use crate::keys::Keys;

/// Encrypts the text with the meter's title and its invocation counter. The packet has a tag only if there is an
/// authentication key.
pub(crate) fn seal(keys: &Keys, title: [u8; 8], counter: u32, text: &[u8]) -> Vec<u8> {
    let security: u8 = if keys.authentication.is_some() { 0x30 } else { 0x20 };
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&title);
    nonce[8..].copy_from_slice(&counter.to_be_bytes());
    let additional = [&[security][..], &keys.authentication.unwrap_or_default()].concat();
    let mut sealed = text.to_vec();
    let gcm = AesGcm::<aes::Aes128, U12, U12>::new(&keys.encryption.into());
    let tag = gcm.encrypt_inout_detached(&nonce.into(), &additional, sealed.as_mut_slice().into());
    if let (Ok(tag), Some(_)) = (tag, keys.authentication) {
        sealed.extend_from_slice(&tag);
    }
    let body = [&[security][..], &counter.to_be_bytes(), &sealed].concat();
    [&[0xDB, 8][..], &title, &length(body.len()), &body].concat()
}

/// An invocation counter that never repeats: the seconds since 1970.
pub(crate) fn counter(millisecond: i64) -> u32 {
    u32::try_from(millisecond.div_euclid(1000)).unwrap_or_default()
}

/// Encodes a length: one byte below 0x80, otherwise 0x81 or 0x82 and one or two bytes.
fn length(bytes: usize) -> Vec<u8> {
    match bytes.to_be_bytes() {
        [.., 0, low @ 0..=0x7F] => vec![low],
        [.., 0, low] => vec![0x81, low],
        [.., high, low] => vec![0x82, high, low],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example is that of the DLMS Green Book, 9.2.7.2, in a packet of general-glo-ciphering.
    #[test]
    fn seals_the_green_books_example() {
        let row = |from: u8| std::array::from_fn(|at| from + u8::try_from(at).unwrap());
        let keys = Keys { encryption: row(0), authentication: Some(row(0xD0)) };
        let plain = [
            0x01, 0x01, 0x10, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC,
            0xDD, 0xEE, 0xFF, 0x00, 0x00, 0x06, 0x5F, 0x1F, 0x04, 0x00, 0x00, 0x7E, 0x1F, 0x04, 0xB0,
        ];
        let packet = seal(&keys, [0x4D, 0x4D, 0x4D, 0, 0, 0xBC, 0x61, 0x4E], 0x0123_4567, &plain);
        let sealed = [
            0xDB, 0x08, 0x4D, 0x4D, 0x4D, 0x00, 0x00, 0xBC, 0x61, 0x4E, 0x30, 0x30, 0x01, 0x23, 0x45, 0x67,
            0x80, 0x13, 0x02, 0xFF, 0x8A, 0x78, 0x74, 0x13, 0x3D, 0x41, 0x4C, 0xED, 0x25, 0xB4, 0x25, 0x34,
            0xD2, 0x8D, 0xB0, 0x04, 0x77, 0x20, 0x60, 0x6B, 0x17, 0x5B, 0xD5, 0x22, 0x11, 0xBE, 0x68, 0x41,
            0xDB, 0x20, 0x4D, 0x39, 0xEE, 0x6F, 0xDB, 0x8E, 0x35, 0x68, 0x55,
        ];
        assert_eq!(packet, sealed);
    }
}
