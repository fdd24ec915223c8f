//! [`write()`] and [`read()`]: messages as bytes. Workers and other tabs get the same bytes.
//!
//! Bytes do not describe their own format. Every message therefore begins with the version of the protocol, and a
//! reader of another build rejects the message.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::VERSION;

/// Encodes the message: [`VERSION`], then the message in postcard's format.
#[must_use]
pub fn write(message: &impl Serialize) -> Vec<u8> {
    // Serialising these types cannot fail, and a `Vec` takes every byte. The fallback is an empty message, which no
    // reader accepts.
    postcard::to_extend(&(VERSION, message), Vec::new()).unwrap_or_default()
}

/// Decodes a message. Returns `None` if the bytes are of another version or are not a message.
#[must_use]
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (version, message) = postcard::take_from_bytes::<u32>(bytes).ok()?;
    let (message, rest) = postcard::take_from_bytes(message).ok().filter(|_| version == VERSION)?;
    rest.is_empty().then_some(message)
}

#[cfg(test)]
mod tests {
    use metertap_readings::store::MeterKey;

    use super::*;
    use crate::Command;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let octets = vec![0x2F, 0x00, 0xFF];
        let command = Command::Inspect { meter: MeterKey("m1".to_owned()), octets };
        assert_eq!(read(&write(&command)), Some(command));
    }

    #[test]
    fn messages_of_another_version_are_not_read() {
        // The version and the next number are small enough for one byte of LEB128.
        let mut bytes = write(&Command::Goodbye);
        assert_eq!(u32::from(bytes[0]), VERSION);
        bytes[0] += 1;
        assert_eq!(read::<Command>(&bytes), None);
    }

    #[test]
    fn bytes_that_are_not_a_message_are_not_read() {
        let bytes = write(&Command::TrustClock);
        assert_eq!(read::<Command>(&[]), None);
        assert_eq!(read::<Command>(&bytes[..1]), None);
        assert_eq!(read::<Command>(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(read::<Command>(&[&bytes[..1], &[0x7F]].concat()), None);
    }
}
