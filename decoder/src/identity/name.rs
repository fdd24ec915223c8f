//! The name of a meter: the number printed on it, derived from what it sends, in the same way for all protocols.

use alloc::string::String;
use alloc::vec::Vec;

use smol_str::{SmolStr, SmolStrBuilder, ToSmolStr, format_smolstr};

use super::model::own_number;
use super::spelling::{decoded, is_digits};
use crate::reading::{Measurement, Protocol, Quantity, Reading};
use crate::register::Value;

/// The identification in a value; `None` if the value has only spaces, zeros or FF bytes, as in registers that were
/// never filled.
///
/// Spaces, tabs and NULs around it are padding. In P1 and IEC 62056-21, hex digits may stand for the text that they
/// spell (DSMR 5.0.2, 6.4). Ten bytes that begin with 09 or 0A and contain a maker's letters are the number on the
/// meter's front (DIN 43863-5).
#[must_use]
pub fn identification(value: &Value, protocol: Protocol) -> Option<SmolStr> {
    let text = match value {
        Value::Number(number) => number.to_smolstr(),
        Value::Text(text) => text.clone(),
        _ if is_blank(value) => return None,
        Value::Octets(bytes) => match inscribed(bytes) {
            Some(inscribed) => inscribed,
            None => printed(bytes).map_or_else(|| value.to_smolstr(), SmolStr::new),
        },
    };
    let text = trimmed(&text);
    let spelled = match protocol {
        // Eight decimal digits may spell four letters by chance.
        Protocol::P1 | Protocol::P1Encrypted => {
            spelled(text).filter(|spelled| !is_digits(text.as_bytes()) || is_like_a_number(spelled))
        }
        Protocol::Iec62056 => spelled(text).filter(|spelled| is_like_a_number(spelled)),
        _ => None,
    };
    let text = spelled.unwrap_or_else(|| text.into());
    (!is_nothing(&text)).then_some(text)
}

/// Whether a value has only spaces, NULs, zeros or FF bytes.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.mantissa == 0,
        Value::Text(text) => is_nothing(text),
        Value::Octets(bytes) => bytes.iter().all(|byte| matches!(byte, 0 | b' ' | b'0' | 0xFF)),
    }
}

/// The identification with the maker's letters in front, unless it begins with them, or has them after the digit of
/// the medium (DIN 43863-5: `1EMH0043210987`).
pub(crate) fn with_maker(maker: &str, identification: &str) -> SmolStr {
    let behind_medium = identification.strip_prefix(|medium: char| medium.is_ascii_hexdigit());
    let names = [Some(identification), behind_medium].into_iter().flatten();
    if names.into_iter().any(|name| name.starts_with(maker)) {
        identification.into()
    } else {
        format_smolstr!("{maker}-{identification}")
    }
}

/// The number on the front of a German meter, `1EMH0012345678`, from its server id (DIN 43863-5): length, medium,
/// maker, block, number.
pub(crate) fn inscribed(bytes: &[u8]) -> Option<SmolStr> {
    let &[9 | 10, medium, _, _, _, block, n1, n2, n3, n4] = bytes else { return None };
    let number = u32::from_be_bytes([n1, n2, n3, n4]);
    maker_of(bytes).map(|maker| format_smolstr!("{medium:X}{maker}{block:02X}{number:08}"))
}

/// The maker's three letters in a server id.
pub(crate) fn maker_of(bytes: &[u8]) -> Option<&str> {
    let &[9 | 10, _, _, _, _, _, _, _, _, _] = bytes else { return None };
    let maker = bytes.get(2..5)?;
    str::from_utf8(maker).ok().filter(|maker| maker.bytes().all(|letter| letter.is_ascii_uppercase()))
}

/// Whether two names belong to the same meter, in any spelling: with or without the maker, as hex or as text, padded or
/// not.
#[must_use]
pub fn is_same_meter(one: &str, other: &str) -> bool {
    let number = |name: &str| -> String {
        let own = trimmed(own_number(trimmed(name)));
        let decoded = decoded(own.as_bytes());
        printed(&decoded).filter(|text| is_like_a_number(text)).map_or_else(|| own.into(), Into::into)
    };
    !is_nothing(one) && number(one) == number(other)
}

/// Whether a name belongs to no meter: zeros or spaces, with or without a maker in front.
#[must_use]
pub fn is_placeholder(name: &str) -> bool {
    is_nothing(own_number(trimmed(name)))
}

/// Whether the meter of a reading has this name in any spelling, or sends it as another of its own identifications. A
/// name from an earlier version of this crate may be such another identification.
#[must_use]
pub fn is_called(reading: &Reading, name: &str) -> bool {
    if is_placeholder(name) {
        return false;
    }
    let is_own = |value: &&Measurement| value.quantity == Some(Quantity::MeterId) && value.channel.is_none();
    let mut own = reading.values.iter().filter(is_own);
    reading.meter.as_deref().is_some_and(|meter| is_same_meter(meter, name))
        || own.any(|value| {
            identification(&value.value, reading.protocol).is_some_and(|own| is_same_meter(&own, name))
        })
}

/// The text in bytes, without padding; `None` if they are not text.
fn printed(bytes: &[u8]) -> Option<&str> {
    let text = trimmed(str::from_utf8(bytes).ok()?);
    let is_printed = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (is_printed && !text.is_empty()).then_some(text)
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\0', '\t'])
}

/// The text that hex digits spell, if it is printable.
fn spelled(digits: &str) -> Option<SmolStr> {
    let bytes: Vec<u8> = decoded(digits.as_bytes());
    let text = printed(&bytes).filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()))?;
    let mut spelled = SmolStrBuilder::new();
    spelled.push_str(text);
    Some(spelled.finish())
}

/// Whether the text that digits spell may be a meter's identification: a decimal number may spell a few letters by
/// chance.
fn is_like_a_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() >= SHORTEST_SPELLED
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && digits * 2 >= text.len()
}

fn is_nothing(text: &str) -> bool {
    let rest = text.trim_matches([' ', '\0', '\t']);
    is_digits(rest.as_bytes()) && rest.bytes().all(|digit| digit == b'0')
}

/// The fewest characters of a text that is like a meter's number.
const SHORTEST_SPELLED: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;

    fn of(text: &str, protocol: Protocol) -> Option<SmolStr> {
        identification(&Value::Text(text.into()), protocol)
    }

    #[test]
    fn padding_is_not_part_of_a_number() {
        let padded = Value::Octets([b"10000000".as_slice(), &[0; 8]].concat().into());
        assert_eq!(identification(&padded, Protocol::DlmsHdlc).as_deref(), Some("10000000"));
        assert_eq!(of("        43210987", Protocol::Iec62056).as_deref(), Some("43210987"));
        assert_eq!(
            identification(&Value::Number(Number::whole(10_000_000)), Protocol::DlmsHdlc).as_deref(),
            Some("10000000")
        );
        let binary = Value::Octets([6, b'D', b'Z', b'G'].into());
        assert_eq!(identification(&binary, Protocol::Sml).as_deref(), Some("06445a47"));
    }

    #[test]
    fn zeros_and_blanks_are_not_a_number() {
        for nothing in ["", "        ", "00000000", " 000 ", "3030303030303030"] {
            assert_eq!(of(nothing, Protocol::P1), None, "{nothing:?}");
        }
        for bytes in [[0; 8].as_slice(), b"00000000", b"  "] {
            assert_eq!(identification(&Value::Octets(bytes.into()), Protocol::DlmsHdlc), None, "{bytes:?}");
        }
        // With a letter, zeros are an identification.
        assert_eq!(of("E0000000000000000", Protocol::P1).as_deref(), Some("E0000000000000000"));
    }

    /// DSMR 5.0.2, 6.4: P1 sends texts as hex. The numbers of D0 readouts are digits, and may look like hex by chance.
    #[test]
    fn hex_digits_become_text_only_where_they_spell_a_name() {
        assert_eq!(of("4B384547", Protocol::P1).as_deref(), Some("K8EG"));
        assert_eq!(of("204B413655303031", Protocol::P1).as_deref(), Some("KA6U001"));
        assert_eq!(of("9900000001", Protocol::P1).as_deref(), Some("9900000001"));
        // Not `"yuG`.
        assert_eq!(of("22797547", Protocol::P1).as_deref(), Some("22797547"));
        assert_eq!(of("4530303434303037", Protocol::P1).as_deref(), Some("E0044007"));
        assert_eq!(
            of("5A42455630303030303030303030303030", Protocol::Iec62056).as_deref(),
            Some("ZBEV0000000000000")
        );
        assert_eq!(of("63355730", Protocol::Iec62056).as_deref(), Some("63355730"));
        assert_eq!(of("4B384547", Protocol::DlmsHdlc).as_deref(), Some("4B384547"));
    }

    /// DIN 43863-5.
    #[test]
    fn a_maker_is_not_written_twice() {
        assert_eq!(with_maker("EMH", "1EMH0043210987"), "1EMH0043210987");
        assert_eq!(with_maker("ISK", "ISK1030700000000"), "ISK1030700000000");
        assert_eq!(with_maker("KAM", "5706567000000000"), "KAM-5706567000000000");
        let server = [10, 1, b'E', b'M', b'H', 0, 0x02, 0x93, 0x58, 0xEB];
        assert_eq!(inscribed(&server).as_deref(), Some("1EMH0043210987"));
        assert_eq!(maker_of(&server), Some("EMH"));
        assert_eq!(inscribed(&server[1..]), None);
    }

    #[test]
    fn two_spellings_of_a_number_name_the_same_meter() {
        for (one, other) in [
            ("EMH-1EMH0043210987", "1EMH0043210987"),
            ("10000000", "LGZ-10000000"),
            ("LGZ-31303030303030300000000000000000", "LGZ-10000000"),
            ("        43210987", "43210987"),
        ] {
            assert!(is_same_meter(one, other) && is_same_meter(other, one), "{one} {other}");
        }
        assert!(!is_same_meter("ISK-00000001", "ISK-00000002") && !is_same_meter("", ""));
    }

    #[test]
    fn zeros_are_not_a_name_for_any_maker() {
        assert!(is_placeholder("00000000") && is_placeholder("LGZ-0000000000") && is_placeholder("        "));
        assert!(!is_placeholder("LGZ-00000001"));
    }
}
