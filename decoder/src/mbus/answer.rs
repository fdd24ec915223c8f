//! Stage 2 of M-Bus: the meaning of a frame's user bytes, and the header that identifies the meter.
//!
//! ```text
//! 45 23 01 00 | 2D 2C | 01 | 04 | 07 | 00 | 20 05 | records
//!  │             │       │    │    │    │    configuration: how many blocks of 16 bytes are encrypted, and how
//!  │             │       │    │    │    status: errors of the meter
//!  │             │       │    │    access number
//!  │             │       │    device type: what it measures
//!  │             │       version
//!  │             maker, three letters of five bits
//!  identification, eight decimal digits, the low byte first
//! ```
//!
//! EN 13757-7:2018, clause 7. The CI field states which header follows: a long one of twelve bytes, a short one that
//! begins with the access number, or none. EN 13757-3:2004 defined all of this earlier; there, the configuration field
//! was a signature.

use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::vif::MakersOwn;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer<'a> {
    /// Records, perhaps encrypted.
    Records(Header, &'a [u8]),
    /// Two counters, from a meter of the first generation.
    Fixed(&'a [u8]),
    /// The meter could not do as asked, for the reason with this code.
    Refusal(u8),
    /// The flags of an alarm.
    Alarm(Header, u8),
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Header {
    /// The meter that answers; only a long header states it.
    pub(crate) address: Option<Address>,
    pub(crate) access: u8,
    /// Error flags of the meter; 0 means no error.
    pub(crate) status: u8,
    pub(crate) configuration: [u8; 2],
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Address {
    pub(crate) identification: [u8; 4],
    pub(crate) maker: [u8; 2],
    pub(crate) version: u8,
    pub(crate) device_type: u8,
}

impl<'a> Answer<'a> {
    /// Interprets the bytes after a CI field; `None` if no answer has this CI field.
    ///
    /// # Errors
    /// [`ParseError::Truncated`] if the header is incomplete.
    pub(crate) fn of(ci: u8, user: &'a [u8]) -> Option<Result<Self, ParseError>> {
        let mut cursor = Cursor::new(user);
        let header = match ci {
            0x6F | 0x72 | 0x75 => Header::long(&mut cursor),
            0x6E | 0x74 | 0x7A => Header::short(&mut cursor),
            0x70 | 0x71 | 0x73 | 0x78 => Some(Header::default()),
            _ => return None,
        };
        let Some(header) = header else { return Some(Err(ParseError::Truncated)) };
        // A refusal without a code counts as unspecified.
        let code = cursor.rest().first().copied().unwrap_or_default();
        Some(Ok(match ci {
            0x73 => Self::Fixed(cursor.rest()),
            0x6E..=0x70 => Self::Refusal(code),
            0x71 | 0x74 | 0x75 => Self::Alarm(header, code),
            _ => Self::Records(header, cursor.rest()),
        }))
    }
}

impl Header {
    /// The meanings that the standard leaves to this meter's maker, if they are known.
    pub(crate) fn makers_own(&self) -> Option<&'static MakersOwn> {
        let Address { maker, version, device_type, .. } = self.address?;
        MakersOwn::of(u16::from_le_bytes(maker), version, device_type)
    }

    fn long(cursor: &mut Cursor<'_>) -> Option<Self> {
        let (identification, maker) = (cursor.array()?, cursor.array()?);
        let address = Address { identification, maker, version: cursor.u8()?, device_type: cursor.u8()? };
        Some(Self { address: Some(address), ..Self::short(cursor)? })
    }

    fn short(cursor: &mut Cursor<'_>) -> Option<Self> {
        let [access, status, low, high] = cursor.array()?;
        Some(Self { address: None, access, status, configuration: [low, high] })
    }

    pub(crate) fn security(&self) -> Security {
        let [low, high] = self.configuration;
        let mode = high & MODE;
        match mode {
            5 => match usize::from(low >> 4) {
                0 => Security::None,
                blocks => Security::Mode5 { bytes: 16 * blocks },
            },
            // The modes that the standard names. Other values are not modes: meters from before 2005 have a signature
            // here.
            2..=4 | 7..=10 | 13 => Security::Unsupported(mode),
            _ => Security::None,
        }
    }

    /// The initialisation vector of mode 5 (EN 13757-7:2018, 7.7.2): the meter's identity and the access number.
    pub(crate) fn initial_block(&self) -> Option<[u8; 16]> {
        let Address { identification: [a, b, c, d], maker: [m, n], version, device_type } = self.address?;
        let x = self.access;
        Some([m, n, a, b, c, d, version, device_type, x, x, x, x, x, x, x, x])
    }
}

/// How the records are encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Security {
    None,
    /// AES-128 in CBC mode; this many bytes are encrypted, counted from the first record.
    Mode5 {
        bytes: usize,
    },
    /// Any other mode that the standard names.
    Unsupported(u8),
}

/// The bits of the configuration's high byte that hold the mode.
const MODE: u8 = 0x1F;

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &[u8] = &[0x45, 0x23, 0x01, 0x00, 0x2D, 0x2C, 0x01, 0x04, 0x07, 0x10, 0x20, 0x05, 0xAA];

    fn header(answer: Option<Result<Answer<'_>, ParseError>>) -> Header {
        match answer {
            Some(Ok(Answer::Records(header, [0xAA]))) => header,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_ci_field_says_which_header_comes() {
        let long = header(Answer::of(0x72, LONG));
        let address = long.address.unwrap();
        assert_eq!((address.identification, address.maker), ([0x45, 0x23, 0x01, 0x00], [0x2D, 0x2C]));
        assert_eq!((address.version, address.device_type, long.access, long.status), (1, 4, 7, 0x10));
        let short = header(Answer::of(0x7A, &LONG[8..]));
        assert_eq!(short, Header { address: None, ..long });
        assert_eq!(header(Answer::of(0x78, &LONG[12..])), Header::default());
        assert_eq!(Answer::of(0x72, &LONG[..11]), Some(Err(ParseError::Truncated)));
        // CI 51: data sent to the meter; CI 00: a segment of DLMS.
        assert_eq!((Answer::of(0x51, LONG), Answer::of(0x00, LONG)), (None, None));
    }

    #[test]
    fn refusals_and_alarms_have_one_byte() {
        assert_eq!(Answer::of(0x70, &[8]), Some(Ok(Answer::Refusal(8))));
        assert_eq!(Answer::of(0x70, &[]), Some(Ok(Answer::Refusal(0))));
        assert_eq!(Answer::of(0x6E, &[1, 0, 0, 0, 3]), Some(Ok(Answer::Refusal(3))));
        assert_eq!(Answer::of(0x71, &[4]), Some(Ok(Answer::Alarm(Header::default(), 4))));
    }

    #[test]
    fn the_configuration_field_gives_the_encryption() {
        let security = |configuration| Header { configuration, ..Header::default() }.security();
        assert_eq!(security([0x00, 0x00]), Security::None);
        assert_eq!(security([0x20, 0x85]), Security::Mode5 { bytes: 32 });
        assert_eq!(security([0x00, 0x05]), Security::None);
        assert_eq!(security([0x10, 0x07]), Security::Unsupported(7));
        // The signature of a heat meter from before 2005.
        assert_eq!(security([0x27, 0xB6]), Security::None);
    }

    #[test]
    fn the_initialisation_vector_has_the_identity_and_the_access_number() {
        let block = header(Answer::of(0x72, LONG)).initial_block().unwrap();
        assert_eq!(block, [0x2D, 0x2C, 0x45, 0x23, 0x01, 0x00, 1, 4, 7, 7, 7, 7, 7, 7, 7, 7]);
        assert_eq!(Header::default().initial_block(), None);
    }
}
