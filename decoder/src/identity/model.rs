//! Which texts are models, and which are a meter's number in place of the model.

use core::fmt::{self, Display, Write};

use super::identifies;
use super::spelling::{is_digits, runs, tells};
use crate::hex;
use crate::reading::{Measurement, Protocol, Quantity};
use crate::register::Value;

/// Whether `text` may be stated as the model of the meter with this name and these values.
///
/// A text is not a model if it is, contains, or is contained in an identification of the same telegram, in any
/// spelling. A contained part counts from five characters on. Zeros, spaces, and long numbers without a letter are not
/// models either.
///
/// In place of the model, an identification line (IEC 62056-21, 6.3.2) may have a number that no register repeats. So
/// in telegrams with such a line, a text with a long number is a model only if a register states it as the model.
#[must_use]
pub fn is_model(text: &str, protocol: Protocol, meter: Option<&str>, values: &[Measurement]) -> bool {
    let named = Letters::of(text);
    let is_told = || {
        let mut models = values.iter().filter(|value| value.quantity == Some(Quantity::MeterModel));
        models.any(|model| Letters::of(&model.value) == named)
    };
    let is_number = named.count >= LONGEST_ROW && is_digits(named.as_slice());
    if named.is_nothing() || is_number || has_identification_line(protocol) && is_serial(text) && !is_told() {
        return false;
    }
    let values = values.iter().filter(|value| identifies(value)).map(|value| Letters::of(&value.value));
    let meter = meter.map(|name| Letters::of(own_number(name)));
    !meter.into_iter().chain(values).any(|number| named.is_related(&number))
}

/// A hash of the texts and values on which [`is_model`] depends. Meters send the same ones in each telegram, and
/// comparing the hash is faster.
pub(crate) fn fingerprint(text: &str, meter: Option<&str>, values: &[Measurement]) -> u64 {
    let matters = |value: &&Measurement| match value.quantity {
        Some(Quantity::MeterModel) => true,
        Some(Quantity::MeterId | Quantity::Message) | None => identifies(value),
        // Nearly all values.
        Some(_) => false,
    };
    let mut hash = Fnv::default();
    hash.add(text.as_bytes());
    hash.add(meter.unwrap_or_default().as_bytes());
    for value in values.iter().filter(matters) {
        match &value.value {
            Value::Text(text) => hash.add(text.as_bytes()),
            Value::Octets(bytes) => hash.add(bytes),
            Value::Number(number) => hash.add(&number.mantissa.to_le_bytes()),
        }
    }
    hash.0
}

/// The text in place of the model in an identification line, given without its `/`: the maker's three letters, a baud
/// rate character, then the model. A backslash before the model is followed by one character for the mode: a digit, or
/// the `@` of some makers, but never a letter.
pub(crate) fn introduced(line: &str) -> Option<&str> {
    let rest = line.get(4..)?;
    let model = match rest.strip_prefix('\\') {
        Some(escaped) => {
            escaped.strip_prefix(|mode: char| mode.is_ascii_digit() || mode == '@').unwrap_or(escaped)
        }
        None => rest,
    };
    Some(model.trim().trim_start_matches('-')).filter(|model| !model.is_empty())
}

/// Whether a text in place of a model is the number of one meter: many digits in a row, or digits and no letter.
pub(crate) fn is_serial(text: &str) -> bool {
    if is_article(text) {
        return false;
    }
    let (mut row, mut longest, mut count) = (0, 0, 0);
    for letter in text.bytes().filter(|letter| *letter != b' ') {
        let is_digit = letter.is_ascii_digit();
        row = if is_digit { row + 1 } else { 0 };
        count += usize::from(is_digit);
        longest = longest.max(row);
    }
    let has_letters = text.bytes().any(|letter| letter.is_ascii_alphabetic());
    longest >= LONGEST_ROW || !has_letters && count >= FEWEST_DIGITS
}

/// Whether a text is the article number of a Sagemcom model. The meters send `\253769484_A`, with the 2 in place of the
/// mode.
fn is_article(text: &str) -> bool {
    let digits = text
        .strip_suffix(|revision: char| revision.is_ascii_uppercase())
        .and_then(|text| text.strip_suffix('_'));
    digits.is_some_and(|digits| {
        digits.starts_with("53") && digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// The meter's own identification, without the three letters that a reading puts before it.
pub(super) fn own_number(name: &str) -> &str {
    match name.split_once('-') {
        Some((maker, number)) if maker.len() == 3 => number,
        _ => name,
    }
}

/// Whether telegrams of this protocol begin with an identification line, and may send texts as hex digits.
pub(super) fn has_identification_line(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::P1 | Protocol::P1Encrypted | Protocol::Iec62056)
}

/// Like FNV-1a (Fowler, Noll and Vo), but with another multiplier, and over words instead of bytes. This takes fewer
/// multiplications, each of which waits for the one before it.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Fnv {
    /// Adds bytes, and how many they are.
    fn add(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
        self.mix(u64::from_le_bytes(last));
        self.mix(bytes.len() as u64);
    }

    /// Folds the high bits onto the low ones: a multiplication alone never carries them there.
    fn mix(&mut self, word: u64) {
        let product = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = product ^ product >> 32;
    }
}

/// The first letters and digits of a text, in upper case. Allocates nothing.
#[derive(Clone, Copy)]
struct Letters {
    bytes: [u8; LONGEST],
    count: usize,
}

impl Letters {
    const NONE: Self = Self { bytes: [0; LONGEST], count: 0 };

    fn of(text: impl Display) -> Self {
        let mut letters = Self::NONE;
        // `write_str` never fails.
        let _ = write!(letters, "{text}");
        letters
    }

    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.count).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        if let (true, Some(place)) = (byte.is_ascii_alphanumeric(), self.bytes.get_mut(self.count)) {
            *place = byte.to_ascii_uppercase();
            self.count += 1;
        }
    }

    fn is_nothing(&self) -> bool {
        self.as_slice().iter().all(|byte| *byte == b'0')
    }

    /// The text that these letters spell as hex digits; empty if they spell none.
    fn decoded(&self) -> Self {
        let mut letters = Self::NONE;
        for byte in hex::pairs(self.as_slice()) {
            match byte {
                Some(byte) if byte.is_ascii_graphic() || matches!(byte, b' ' | 0) => letters.push(byte),
                _ => return Self::NONE,
            }
        }
        letters
    }

    /// Whether either of the two is, or contains, the other.
    fn is_related(&self, number: &Self) -> bool {
        [*self, self.decoded()].iter().any(|named| {
            [*number, number.decoded()]
                .iter()
                .any(|number| !named.is_nothing() && !number.is_nothing() && named.shares(number))
        })
    }

    fn shares(&self, number: &Self) -> bool {
        let (named, number) = (self.as_slice(), number.as_slice());
        let contains = |whole: &[u8], part: &[u8], least| {
            part.len() >= least && whole.windows(part.len()).any(|window| window == part)
        };
        let start = number.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
        let digits = without_zeros(number.get(start..).unwrap_or_default());
        named == number
            || contains(named, number, SHORTEST)
            || contains(number, named, SHORTEST)
            || contains(named, digits, FEWEST_DIGITS)
            || runs(named)
                .any(|run| contains(number, without_zeros(named.get(run).unwrap_or_default()), FEWEST_DIGITS))
            || digits.len() >= FEWEST_DIGITS && spells(named, digits)
            || digits.last_chunk::<8>().is_some_and(|end| tells(end) && contains(named, end, SHORTEST))
    }
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

/// Whether `named` contains the hex digits of a number.
fn spells(named: &[u8], number: &[u8]) -> bool {
    let spells = |run| hex::pairs(run).eq(number.iter().copied().map(Some));
    named.windows(2 * number.len()).any(spells)
}

impl PartialEq for Letters {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Write for Letters {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.push(byte));
        Ok(())
    }
}

/// More letters than a model or an identification has.
const LONGEST: usize = 64;
/// Shorter texts occur in identifications by chance: a model may be called `5`.
const SHORTEST: usize = 5;
/// This many digits are a meter's number.
const FEWEST_DIGITS: usize = 6;
/// This many digits in a row are not a model: Landis+Gyr's models have seven, `ZMD4104407`.
const LONGEST_ROW: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;
    use crate::reading::Scaling;
    use alloc::vec::Vec;

    fn sent(registers: &[(&str, Option<Quantity>, &str)]) -> Vec<Measurement> {
        let value = |(register, quantity, text): &(&str, Option<Quantity>, &str)| Measurement {
            register: register.parse().unwrap(),
            quantity: *quantity,
            phase: None,
            tariff: None,
            channel: None,
            storage: None,
            time: None,
            value: Value::Text((*text).into()),
            unit: None,
            error: None,
            scaling: Scaling::Unstated,
        };
        registers.iter().map(value).collect()
    }

    fn with_number(text: &str, number: &str) -> bool {
        is_model(text, Protocol::DlmsHdlc, None, &sent(&[("0-0:96.1.0", Some(Quantity::MeterId), number)]))
    }

    #[test]
    fn a_text_that_shares_digits_with_an_identification_is_not_a_model() {
        for (text, number) in [
            ("3210987", "3210987"),
            ("SN-43210987/B", "43210987"),
            ("4321 098", "4321098"),
            ("210987", "0043210987"),
            ("SN3433323130393837", "SN43210987"),
            ("SN43210987", "534E3433323130393837"),
            ("ka6u001660297912", "204B413655303031363630323937393132"),
            ("X1660297912", "KA6U001660297912"),
            ("X-210987/B", "43210987"),
            ("V 43210987", "9900000043210987"),
            ("X99", "X99"),
        ] {
            assert!(!with_number(text, number), "{text} beside {number}");
            assert!(is_model(text, Protocol::DlmsHdlc, None, &[]), "{text} by itself");
            assert!(
                !is_model(text, Protocol::DlmsHdlc, Some(&alloc::format!("ISK-{number}")), &[]),
                "{text}"
            );
        }
    }

    #[test]
    fn a_text_unrelated_to_any_identification_is_a_model() {
        for (text, number) in [
            ("5", "5706567274389702"),
            ("ME382", "0-0:96.1.0"),
            ("6525", "7359992890941742"),
            ("MA304H3E", "6970631405353535"),
            ("6841121BN243101040", "5706567274389702"),
            ("iEM3135", "18230517"),
            ("E350", "0000000000"),
            ("6841121BN000000001", "5700000000000001"),
        ] {
            assert!(with_number(text, number), "{text} beside {number}");
        }
        let unnamed = [("1-1:0.0.1", None, "10000000")];
        assert!(!is_model("SN 10000000", Protocol::DlmsHdlc, None, &sent(&unnamed)));
        let counted =
            Measurement { value: Value::Number(Number::whole(7_654_321)), ..sent(&unnamed).remove(0) };
        assert!(!is_model("SN 7654321", Protocol::DlmsHdlc, None, &[counted]));
    }

    /// Lines that real meters of these makers send.
    #[test]
    fn a_long_number_in_an_identification_line_is_not_a_model() {
        let model = |line: &str| {
            let named = introduced(line)?;
            is_model(named, Protocol::P1, None, &[]).then(|| named.into())
        };
        let none: Option<alloc::string::String> = None;
        for (line, wanted) in [
            ("ISk5\\2MT382-1000", "MT382-1000"),
            ("Ene5\\T210-D ESMR5.0", "T210-D ESMR5.0"),
            ("ELS5\\@V9.30 ", "V9.30"),
            ("LGZ5\\2ZMD4104407.B31", "ZMD4104407.B31"),
            ("ESY5Q3DA1024 V3.03", "Q3DA1024 V3.03"),
            ("EMH5----eHZ-E0018E", "eHZ-E0018E"),
            ("FLU5\\253769484_A", "53769484_A"),
            ("KFM5KAIFA-METER", "KAIFA-METER"),
        ] {
            assert_eq!(model(line).as_deref(), Some(wanted), "{line}");
        }
        for line in [
            "AUX59900000001",
            "AUX599 0000 0001",
            "AUX5\\29900000001_A",
            "AUX599-00-01",
            "KMP5 ZABF001587315111",
            "XMX5LGBBFG1012530239",
            "ESO5\\2000",
            "ELS5\\2  ",
            "ISK5",
            "IS",
        ] {
            assert_eq!(model(line), none, "{line}");
        }
        let told = |text| {
            is_model(text, Protocol::P1, None, &sent(&[("0-0:96.1.7", Some(Quantity::MeterModel), text)]))
        };
        assert!(told("6841121BN243101040") && !told("9900000001"));
    }
}
