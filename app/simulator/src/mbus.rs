//! [`Answer`]: a meter's answer on a wired M-Bus, with its true values.
//!
//! ```text
//! 68 L L 68  08 address 72  identification maker version device access status configuration  records  sum 16
//! ```
//!
//! A record consists of its header (DIF, DIFEs, VIF, VIFEs) and its data, low byte first (EN 13757-2, 5.2; EN 13757-3,
//! 6). Callers give the header as bytes. Records are numbered by their position.

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use metertap_decoder::hex;

use crate::clock::Clock;
use crate::household::Household;
use crate::noise::Topic;
use crate::truth::{TrueValue, Truth, decimal};

/// The fields that identify a meter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address {
    /// The maker's three letters.
    pub(crate) maker: &'static str,
    pub(crate) version: u8,
    /// The device type, by its number in EN 13757-7.
    pub(crate) device: u8,
}

/// An answer while it is being built.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    serial: i64,
    access: u8,
    status: u8,
    records: Vec<u8>,
    truth: Truth,
}

impl Answer {
    /// An answer that is sent in this second, without records yet.
    pub(crate) fn new(household: &Household, second: i64) -> Self {
        let serial = household.noise().between(Topic::Serial, 0, 10_000_000, 99_999_999);
        // Every answer increments the access number. If a reader asks every ten seconds, the number wraps after 43
        // minutes.
        let access = u8::try_from((second / 10).rem_euclid(256)).unwrap_or_default();
        Self { serial, access, status: 0, records: Vec::new(), truth: Truth::default() }
    }

    pub(crate) fn record(&mut self, header: &[u8], data: &[u8], value: TrueValue) {
        self.records.extend_from_slice(header);
        self.records.extend_from_slice(data);
        let register = format!("mbus:{}", self.truth.values.len());
        self.truth.values.push(TrueValue { register, ..value });
    }

    pub(crate) fn fabrication_number(&mut self) {
        let value = TrueValue::new("", "meter-id", format!("{:08}", self.serial));
        self.record(&[0x0C, 0x78], &digits::<4>(self.serial), value);
    }

    /// Adds the meter's clock to the minute: type F.
    pub(crate) fn clock(&mut self, clock: Clock) {
        let text = clock.to_the_minute().rfc3339();
        self.record(&[0x04, 0x6D], &clock.type_f(), TrueValue::new("", "clock", &text));
        self.truth.time = Some(text);
    }

    /// Adds the meter's clock to the second: type I.
    pub(crate) fn exact_clock(&mut self, clock: Clock) {
        let text = clock.rfc3339();
        self.record(&[0x06, 0x6D], &clock.type_i(), TrueValue::new("", "clock", &text));
        self.truth.time = Some(text);
    }

    /// Adds manufacturer-specific data, which fill the rest of the telegram.
    pub(crate) fn makers_own(&mut self, bytes: &[u8]) {
        self.record(&[0x0F], bytes, TrueValue::new("", None, hex::lower(bytes)));
    }

    /// Announces that more records follow, so the master must ask again.
    pub(crate) fn more_follows(&mut self) {
        self.records.push(0x1F);
    }

    pub(crate) fn status(&mut self, status: u8) {
        self.status = status;
    }

    pub(crate) fn bytes(mut self, address: Address) -> (Vec<u8>, Truth) {
        let records = std::mem::take(&mut self.records);
        self.framed(address, [0, 0], &records)
    }

    /// Like [`Self::bytes`], with encrypted records: security mode 5, AES-128 in CBC mode. Two bytes of 2F precede the
    /// records, and more of them pad the end (EN 13757-7, 7.7.2).
    pub(crate) fn encrypted(mut self, address: Address, key: [u8; 16]) -> (Vec<u8>, Truth) {
        let mut text = [&[0x2F, 0x2F], &self.records[..]].concat();
        text.resize(text.len().next_multiple_of(16), 0x2F);
        // The initialisation vector: maker, identification, version, device type, and the access number eight times.
        let header = self.header(address, [0, 0]);
        let mut before = [&header[4..6], &header[..4], &header[6..8], &[self.access; 8]].concat();
        let aes = Aes128::new(&key.into());
        for block in text.chunks_exact_mut(16) {
            for (byte, before) in block.iter_mut().zip(&before) {
                *byte ^= before;
            }
            let mut sealed = <[u8; 16]>::try_from(&*block).unwrap_or_default().into();
            aes.encrypt_block(&mut sealed);
            block.copy_from_slice(&sealed);
            before.copy_from_slice(block);
        }
        let blocks = u8::try_from(text.len() / 16).unwrap_or_default();
        self.records.clear();
        self.framed(address, [blocks << 4, 0x05], &text)
    }

    fn header(&self, address: Address, configuration: [u8; 2]) -> Vec<u8> {
        let letters = address.maker.bytes().map(|letter| u16::from(letter) - 64);
        let maker = letters.fold(0, |maker, letter| maker << 5 | letter);
        let mut header = digits::<4>(self.serial).to_vec();
        header.extend(maker.to_le_bytes());
        header.extend([address.version, address.device, self.access, self.status]);
        header.extend(configuration);
        header
    }

    fn framed(mut self, address: Address, configuration: [u8; 2], records: &[u8]) -> (Vec<u8>, Truth) {
        let body = [&[0x08, 0x01, 0x72], &self.header(address, configuration)[..], records].concat();
        let length = u8::try_from(body.len()).unwrap_or(u8::MAX);
        let sum = body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let bytes = [&[0x68, length, length, 0x68], &body[..], &[sum, 0x16]].concat();
        if self.status != 0 {
            let flags = hex::lower(&[self.status]);
            self.truth.values.push(TrueValue::new("status", "error-flags", flags));
        }
        self.truth.meter = Some(format!("{}-{:08}", address.maker, self.serial));
        (bytes, self.truth)
    }
}

/// The truth of a value `digits × 10^scaler` in this unit.
pub(crate) fn said(
    quantity: impl Into<Option<&'static str>>,
    (digits, scaler): (i64, i8),
    unit: &'static str,
) -> TrueValue {
    TrueValue::new("", quantity, decimal(digits, scaler)).unit(unit)
}

/// A number in BCD, two digits per byte. Leading digits that do not fit are cut off, as when a counter overflows.
pub(crate) fn digits<const BYTES: usize>(number: i64) -> [u8; BYTES] {
    let mut rest = number.unsigned_abs();
    std::array::from_fn(|_| {
        let pair = u8::try_from(rest % 100).unwrap_or_default();
        rest /= 100;
        ((pair / 10) << 4) | (pair % 10)
    })
}

/// A number in two's complement, low byte first.
pub(crate) fn binary<const BYTES: usize>(number: i64) -> [u8; BYTES] {
    number.to_le_bytes().first_chunk().copied().unwrap_or([0; BYTES])
}

/// Letters in reverse order.
pub(crate) fn letters(text: &str) -> Vec<u8> {
    text.bytes().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: Address = Address { maker: "PAD", version: 1, device: 7 };

    /// The record and the maker's code are those of the example in the M-Bus documentation 4.8, 6.5.
    #[test]
    fn writes_the_example_of_the_documentation() {
        let mut answer = Answer::new(&Household::new(1, 1), 0);
        answer.serial = 12_345_678;
        answer.record(&[0x03, 0x13], &binary::<3>(12_565), said("water-volume", (12_565, -3), "m3"));
        answer.access = 0x55;
        let (bytes, truth) = answer.bytes(ADDRESS);
        let wanted = [
            0x68, 0x14, 0x14, 0x68, 0x08, 0x01, 0x72, 0x78, 0x56, 0x34, 0x12, 0x24, 0x40, 0x01, 0x07, 0x55,
            0x00, 0x00, 0x00, 0x03, 0x13, 0x15, 0x31, 0x00,
        ];
        assert_eq!(bytes[..wanted.len()], wanted);
        assert_eq!(
            (truth.meter.as_deref(), truth.values[0].value.as_str()),
            (Some("PAD-12345678"), "12.565")
        );
    }

    #[test]
    fn numbers_have_their_low_byte_first() {
        assert_eq!(digits::<3>(1_234_567), [0x67, 0x45, 0x23]);
        assert_eq!(binary::<2>(-2), [0xFE, 0xFF]);
        assert_eq!(letters("abc"), b"cba");
    }

    #[test]
    fn encrypted_records_fill_whole_blocks() {
        let mut answer = Answer::new(&Household::new(1, 1), 0);
        answer.makers_own(&[0; 20]);
        let (bytes, truth) = answer.encrypted(ADDRESS, [7; 16]);
        assert_eq!(bytes.len(), 4 + 3 + 12 + 32 + 2);
        assert_eq!(bytes[17..19], [0x20, 0x05]);
        assert_eq!(truth.values.len(), 1);
    }
}
