//! [`read`] decodes one whole telegram, for programs that receive complete telegrams instead of the bytes of a line.

use alloc::vec::Vec;

use crate::error::{Error, FrameError};
use crate::notice::Notice;
use crate::output::Output;
use crate::reading::Reading;
use crate::session::Session;
use crate::setup::Setup;
use crate::time::Instant;

/// Decodes a telegram: the bytes of one frame, or of several frames that belong together, from first to last. Returns
/// the first reading; further ones in the same bytes are ignored.
///
/// Nothing is kept for later telegrams. A [`Session`] keeps, for example, the identification that a meter sends only
/// now and then.
///
/// ```
/// use metertap_decoder::session::Setup;
/// use metertap_decoder::telegram;
///
/// let reading = telegram::read(&Setup::default(), b"/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!\r\n")?;
/// assert_eq!(reading.values[0].value.to_string(), "1193");
/// # Ok::<(), metertap_decoder::error::Error>(())
/// ```
///
/// # Errors
/// The error of the stage that got furthest, if several stages refuse the bytes. [`FrameError::Truncated`] if no
/// telegram begins in them.
pub fn read(setup: &Setup, bytes: &[u8]) -> Result<Reading, Error> {
    let mut session = Session::new(Setup { ask: None, ..setup.clone() }, Instant(0));
    session.handle_bytes(Instant(0), bytes);
    let mut complaints = Vec::new();
    loop {
        match session.poll() {
            Output::Reading(reading, _) => return Ok(reading),
            Output::Notice(Notice::Fault(error, _)) => complaints.push(error),
            // After the telegram the line is silent, for as long as the session needs.
            Output::Wait(Some(until)) => session.handle_timeout(until),
            Output::Wait(None) => break,
            _ => {}
        }
    }
    Err(complaints.into_iter().max_by_key(Error::depth).unwrap_or(Error::Frame(FrameError::Truncated)))
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::error::CipherError;
    use crate::frame::testing::with_crc;
    use crate::stack::Stack;

    /// DSMR 5.0.2, 5.2.1, with the values of its example.
    #[test]
    fn a_whole_telegram_is_read_and_half_of_one_is_an_error() {
        let telegram = with_crc("/ISk5\\2MT382-1000\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!");
        let reading = read(&Setup::default(), telegram.as_bytes()).unwrap();
        assert_eq!(reading.values[0].value.to_string(), "1193");
        let (half, _) = telegram.split_at(telegram.len() / 2);
        assert_eq!(read(&Setup::default(), half.as_bytes()), Err(Error::Frame(FrameError::Truncated)));
        let wrong = telegram.replace("01.193", "01.194");
        assert_eq!(read(&Setup::default(), wrong.as_bytes()).unwrap_err().code(), "frame.checksum");
    }

    /// Green Book 9.2.7: general-glo-ciphering of 24 bytes, with a system title and without a key for it.
    #[test]
    fn the_error_of_the_furthest_attempt_is_returned() {
        let bytes =
            [&[0xDB, 8][..], b"MTP\x00\x00\x00\x00\x01", &[24, 0x30, 0, 0, 0, 1], &[0xAA; 19]].concat();
        let setup = Setup { stack: Stack::RawDlms, ..Setup::default() };
        assert_eq!(read(&setup, &bytes), Err(Error::Cipher(CipherError::KeyMissing)));
        assert_eq!(read(&setup, b"nothing"), Err(Error::Frame(FrameError::Truncated)));
    }
}
