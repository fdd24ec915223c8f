//! [`ListResponse`]: an SML file while it is being written, with its true values (SML 1.04: coding in clause 6,
//! messages in 5, transport in 8).
//!
//! ```text
//! start │ open response │ list response: server id, time, entries │ close response │ fill │ end, checksum
//! ```

use metertap_decoder::crc::{crc16_kermit, crc16_x25};
use metertap_decoder::hex;
use metertap_decoder::register::Obis;

use crate::truth::{TrueValue, Truth};

/// The differences between the makers' encodings of the same file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// Whether a time is sent as bare seconds, without the tag for its kind.
    pub(crate) bare_seconds: bool,
    /// Computes the checksum of a message or of the file. Returns its two bytes in the order in which they are sent.
    pub(crate) checksum: fn(&[u8]) -> [u8; 2],
}

pub(crate) const STANDARD: Dialect =
    Dialect { bare_seconds: false, checksum: |bytes| crc16_x25(bytes).to_le_bytes() };

pub(crate) const HOLLEY: Dialect =
    Dialect { bare_seconds: true, checksum: |bytes| crc16_kermit(bytes).to_be_bytes() };

/// The entries written so far, with their truth.
#[derive(Clone, Debug)]
pub(crate) struct ListResponse {
    dialect: Dialect,
    server: [u8; 10],
    entries: Vec<Vec<u8>>,
    truth: Truth,
}

/// The fields beside the value of a numeric entry.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beside {
    pub(crate) status: Option<u32>,
    /// The unit's number in the table of IEC 62056-6-2.
    pub(crate) unit: u8,
    pub(crate) scaler: i8,
}

impl ListResponse {
    /// Begins the list of a meter with this server id and identification.
    pub(crate) fn new(dialect: Dialect, server: [u8; 10], meter: String) -> Self {
        let truth = Truth { meter: Some(meter), ..Truth::default() };
        Self { dialect, server, entries: Vec::new(), truth }
    }

    /// Adds a register with an octet string.
    pub(crate) fn bytes(&mut self, bytes: &[u8], value: TrueValue, register: Obis) {
        let beside = [ABSENT; 4].concat();
        self.entry(register, &beside, &octet_string(bytes), value);
    }

    pub(crate) fn server_id(&mut self, register: Obis) {
        let server = self.server;
        self.bytes(&server, TrueValue::new(register, "meter-id", hex::lower(&server)), register);
    }

    /// Adds a register with a number that is encoded already.
    pub(crate) fn number(&mut self, register: Obis, beside: Beside, coded: &[u8], value: TrueValue) {
        let status = beside.status.map_or(ABSENT.to_vec(), |status| unsigned(status.into()));
        let scaler = [0x52, beside.scaler.cast_unsigned()];
        let beside = [&status[..], ABSENT, &[0x62, beside.unit], &scaler].concat();
        self.entry(register, &beside, coded, value);
    }

    /// The whole file, sent `second` seconds after the meter was first switched on.
    pub(crate) fn file(self, second: u32) -> (Vec<u8>, Truth) {
        let Self { dialect, server, entries, truth } = self;
        let server = octet_string(&server);
        let seconds = [&[0x65][..], &second.to_be_bytes()].concat();
        let time = if dialect.bare_seconds { seconds } else { [&[0x72, 0x62, 0x01][..], &seconds].concat() };
        let open = [head(0x70, 6), ABSENT.to_vec(), ABSENT.to_vec(), octet_string(&second.to_be_bytes())];
        let open = [&open.concat()[..], &server, ABSENT, ABSENT].concat();
        let list = [head(0x70, 7), ABSENT.to_vec(), server, ABSENT.to_vec(), time, head(0x70, entries.len())];
        let list = [&list.concat()[..], &entries.concat(), ABSENT, ABSENT].concat();
        let close = [head(0x70, 1), ABSENT.to_vec()].concat();
        let mut messages = Vec::new();
        for (number, tag, body) in [(0, 0x0101, open), (1, 0x0701, list), (2, 0x0201, close)] {
            let transaction = second.wrapping_mul(3).wrapping_add(number);
            messages.extend(message(dialect, transaction, tag, &body));
        }
        (transport(dialect, &messages), truth)
    }

    fn entry(&mut self, register: Obis, beside: &[u8], value: &[u8], truth: TrueValue) {
        let Obis(name) = register;
        self.entries.push([&head(0x70, 7)[..], &octet_string(&name), beside, value, ABSENT].concat());
        self.truth.values.push(truth);
    }
}

/// A number in two's complement, in the fewest bytes that hold it.
pub(crate) fn signed(number: i64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let filling = if number < 0 { 0xFF } else { 0 };
    let spare = bytes.windows(2).take_while(|pair| pair[0] == filling && (pair[0] ^ pair[1]) < 0x80).count();
    [head(0x50, 8 - spare + 1), bytes[spare..].to_vec()].concat()
}

/// A number in the fewest bytes that hold it.
pub(crate) fn unsigned(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let spare = bytes.iter().take(7).take_while(|byte| **byte == 0).count();
    [head(0x60, 8 - spare + 1), bytes[spare..].to_vec()].concat()
}

/// A non-negative number in the fewest bytes that hold its magnitude, although it is tagged as signed. Older DZG meters
/// do this.
pub(crate) fn short(number: i64) -> Vec<u8> {
    if number < 0 {
        return signed(number);
    }
    let mut coded = unsigned(number.unsigned_abs());
    coded[0] ^= 0x30;
    coded
}

fn message(dialect: Dialect, transaction: u32, tag: u16, body: &[u8]) -> Vec<u8> {
    let transaction = octet_string(&transaction.to_be_bytes());
    let tag = [&[0x63][..], &tag.to_be_bytes()].concat();
    let bytes = [&head(0x70, 6)[..], &transaction, &[0x62, 0x00, 0x62, 0x00, 0x72], &tag, body].concat();
    let checksum = (dialect.checksum)(&bytes);
    [&bytes[..], &[0x63], &checksum, &[0x00]].concat()
}

fn transport(dialect: Dialect, messages: &[u8]) -> Vec<u8> {
    let fill = (4 - messages.len() % 4) % 4;
    let mut bytes = [&ESCAPE[..], &[0x01; 4]].concat();
    let mut rest = messages;
    while let Some((first, behind)) = rest.split_first() {
        if rest.starts_with(&ESCAPE) {
            bytes.extend([ESCAPE, ESCAPE].concat());
            rest = &rest[ESCAPE.len()..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    bytes.extend([0, 0, 0].iter().take(fill));
    bytes.extend([&ESCAPE[..], &[0x1A, u8::try_from(fill).unwrap_or_default()]].concat());
    bytes.extend((dialect.checksum)(&bytes));
    bytes
}

fn octet_string(bytes: &[u8]) -> Vec<u8> {
    let heads = if bytes.len() < 15 { 1 } else { 2 };
    [head(0x00, bytes.len() + heads), bytes.to_vec()].concat()
}

/// Type and length in one byte, or in two if the length needs them.
fn head(kind: u8, length: usize) -> Vec<u8> {
    let length = u8::try_from(length).unwrap_or_default();
    if length < 16 { vec![kind | length] } else { vec![0x80 | kind | length >> 4, length & 0x0F] }
}

const ABSENT: &[u8] = &[0x01];
const ESCAPE: [u8; 4] = [0x1B; 4];

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples are those of SML 1.04, clause 6.
    #[test]
    fn encodes_a_number_in_as_few_bytes_as_possible() {
        assert_eq!(signed(-2), [0x52, 0xFE]);
        assert_eq!(signed(128), [0x53, 0x00, 0x80]);
        assert_eq!(signed(-32769), [0x54, 0xFF, 0x7F, 0xFF]);
        assert_eq!(unsigned(0), [0x62, 0x00]);
        assert_eq!(unsigned(256), [0x63, 0x01, 0x00]);
        assert_eq!(short(35_624), [0x53, 0x8B, 0x28]);
        assert_eq!(short(-10_550), [0x53, 0xD6, 0xCA]);
        assert_eq!(octet_string(&[7; 48])[..2], [0x83, 0x02]);
        assert_eq!(head(0x70, 20), [0xF1, 0x04]);
    }

    #[test]
    fn doubles_escapes_and_pads_to_four() {
        let bytes = transport(STANDARD, &[1, 0x1B, 0x1B, 0x1B, 0x1B, 2]);
        let plain = [ESCAPE, [1; 4]].concat();
        assert_eq!(bytes[..8], plain);
        assert_eq!(bytes[8..20], [1, 0x1B, 0x1B, 0x1B, 0x1B, 0x1B, 0x1B, 0x1B, 0x1B, 2, 0, 0]);
        assert_eq!(bytes[20..26], [0x1B, 0x1B, 0x1B, 0x1B, 0x1A, 2]);
        assert_eq!(bytes.len(), 28);
    }
}
