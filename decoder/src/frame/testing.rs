//! What tests of frames share. Checksums come from `crc.rs`, whose tests use published check values.

use alloc::vec::Vec;

use crate::frame::{Deframe, Heard};

/// Everything found in bytes that arrive in these pieces, followed by silence.
pub(crate) fn hear<'o, D: Deframe + 'static, T>(
    pieces: impl IntoIterator<Item = &'o [u8]>,
    mut take: impl FnMut(Heard<D::Frame<'_>>) -> T,
) -> Vec<T> {
    let (mut deframer, mut all) = (D::default(), Vec::new());
    let mut drain = |deframer: &mut D| {
        while let Some(heard) = deframer.next() {
            all.push(take(heard));
        }
    };
    for piece in pieces {
        deframer.push(piece);
        drain(&mut deframer);
    }
    deframer.silence();
    drain(&mut deframer);
    assert_eq!(deframer.patience(), None, "something is left after silence");
    all
}

#[cfg(test)]
pub(crate) use self::words::{in_words, kermit, packet, with_crc, x25};

#[cfg(test)]
mod words {
    use alloc::string::String;
    use std::{format, vec};

    use super::{Deframe, Heard, Vec, hear};
    use crate::crc::{crc16_arc, crc16_kermit, crc16_x25};
    use crate::dlms::ciphering::{AUTHENTICATED, ENCRYPTED, GENERAL_GLO};
    use crate::error::Error;

    /// What [`hear`] returns, in words: the text that `show` gives for a frame, the code of a fault, or `noise`; then
    /// the number of bytes.
    pub(crate) fn in_words<'o, D: Deframe + 'static>(
        pieces: impl IntoIterator<Item = &'o [u8]>,
        show: impl Fn(D::Frame<'_>) -> String,
    ) -> Vec<String> {
        hear::<D, _>(pieces, |heard| match heard {
            Heard::Frame(frame, span) => format!("{} {}", show(frame), span.length),
            Heard::Fault(error, span) => format!("{} {}", Error::from(error).code(), span.length),
            Heard::Noise(span) => format!("noise {}", span.length),
        })
    }

    /// Appends the CRC to a P1 telegram that ends in `!` (DSMR 5.0.2, 5.2.1).
    pub(crate) fn with_crc(telegram: &str) -> String {
        format!("{telegram}{:04X}\r\n", crc16_arc(telegram.as_bytes()))
    }

    /// A packet of general-glo-ciphering (IEC 62056-5-3, 8.5) with this encoded length, and with `text` bytes of text
    /// and tag.
    pub(crate) fn packet(title: &[u8], length: &[u8], text: usize) -> Vec<u8> {
        let head = [GENERAL_GLO, u8::try_from(title.len()).unwrap()];
        [&head[..], title, length, &[AUTHENTICATED | ENCRYPTED, 0, 0, 0, 9], &vec![7; text]].concat()
    }

    /// The CRC of SML as the standard defines it.
    pub(crate) fn x25(bytes: &[u8]) -> [u8; 2] {
        crc16_x25(bytes).to_le_bytes()
    }

    /// The CRC of SML as Holley's DTZ541 sends it.
    pub(crate) fn kermit(bytes: &[u8]) -> [u8; 2] {
        crc16_kermit(bytes).to_be_bytes()
    }
}
