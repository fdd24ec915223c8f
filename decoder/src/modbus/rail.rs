//! Stage 4 of Modbus meters on a rail: the words of an answer → registers, according to the profile.

use alloc::vec::Vec;

use smol_str::SmolStr;

use crate::number::Number;
use crate::rail::{Profile, RailForm, RailRegister};
use crate::register::{RawUnit, Register, RegisterId, Value};

/// Parses the words that `function` has read from address `first` on. Words without a row in the profile are kept as
/// bytes. A value that the meter marks as absent is left out.
pub(crate) fn registers(
    profile: &Profile,
    (function, first): (u8, u16),
    data: &[u8],
    found: &mut Vec<Register>,
) {
    let (words, _) = data.as_chunks::<2>();
    let mut at = first;
    let mut rest = words;
    let mut unknown: Option<(u16, Vec<u8>)> = None;
    while let Some(word) = rest.first() {
        let row = profile.register(function, at);
        let whole = row.and_then(|row| Some((row, rest.get(..usize::from(row.form.words()))?)));
        let count = whole.map_or(1, |(_, words)| words.len());
        match whole {
            Some((row, words)) => {
                found.extend(unknown.take().map(|(at, bytes)| kept(function, at, bytes)));
                let id = RegisterId::Modbus { function, address: at };
                let register = |value| Register { id, value, unit: RawUnit::None, time: None };
                found.extend(value(row, words).map(register));
            }
            None => unknown.get_or_insert((at, Vec::new())).1.extend(word),
        }
        at = at.wrapping_add(u16::try_from(count).unwrap_or(1));
        rest = rest.get(count..).unwrap_or_default();
    }
    found.extend(unknown.map(|(at, bytes)| kept(function, at, bytes)));
}

/// Removes the registers from index `from` on that have no row in the profile.
pub(crate) fn only_named(profile: &Profile, from: usize, registers: &mut Vec<Register>) {
    let mut place = 0;
    registers.retain(|register| {
        place += 1;
        let is_named = match register.id {
            RegisterId::Modbus { function, address } => profile.register(function, address).is_some(),
            _ => true,
        };
        place <= from || is_named
    });
}

fn kept(function: u8, address: u16, bytes: Vec<u8>) -> Register {
    let id = RegisterId::Modbus { function, address };
    Register { id, value: Value::Octets(bytes.into()), unit: RawUnit::None, time: None }
}

/// The value of a register, scaled to the unit that readings use. `None` if a text is not printable, or if the meter
/// marks the value as absent: all ones, the largest signed number, infinity, or NaN (ABB B series, Carlo Gavazzi
/// EM340).
fn value(row: &RailRegister, words: &[[u8; 2]]) -> Option<Value> {
    let bytes = words.as_flattened();
    if row.form == RailForm::TextOf7 {
        let text = str::from_utf8(bytes).ok()?.trim_matches([' ', '\0']);
        return text.bytes().all(|letter| letter.is_ascii_graphic()).then(|| Value::Text(SmolStr::new(text)));
    }
    let unsigned = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let bits = 8 * u32::try_from(bytes.len()).ok()?;
    let all_ones = u64::MAX.checked_shr(64_u32.checked_sub(bits)?)?;
    let low_first = || match words {
        [low, high] => u64::from(u16::from_be_bytes(*high)) << 16 | u64::from(u16::from_be_bytes(*low)),
        _ => unsigned,
    };
    let natural = |number: u64| (number != all_ones).then(|| Number::whole(number.into()));
    let signed = |number: u64| {
        let shift = 64 - bits;
        let is_there = number != all_ones >> 1;
        is_there.then(|| Number::whole(((number << shift).cast_signed() >> shift).into()))
    };
    let number = match row.form {
        RailForm::U16 | RailForm::U32 | RailForm::U64 => natural(unsigned),
        RailForm::I16 | RailForm::I32 | RailForm::I64 => signed(unsigned),
        RailForm::U32LowFirst => natural(low_first()),
        RailForm::I32LowFirst => signed(low_first()),
        RailForm::F32 => Number::from_real32(u32::try_from(unsigned).ok()?),
        RailForm::FourQuadrantFactor => leading(Number::from_real32(u32::try_from(unsigned).ok()?)?),
        RailForm::TextOf7 => None,
    }?;
    if let Some((_, name)) = row.names.iter().find(|(code, _)| u64::from(*code) == unsigned) {
        return Some(Value::Text(SmolStr::new_static(name)));
    }
    Some(Value::Number(number.shifted(row.shift)?))
}

/// Converts a four-quadrant power factor. A value above 1 is 2 minus a leading factor.
fn leading(factor: Number) -> Option<Number> {
    if factor.compare(Number::whole(1)).is_le() {
        return Some(factor);
    }
    let two = Number::whole(2).mantissa_at(factor.scaler)?;
    Some(Number::new(two.checked_sub(factor.mantissa)?, factor.scaler))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;
    use alloc::string::String;
    use std::format;

    fn read(profile: &str, from: (u8, u16), data: &str) -> Vec<String> {
        let mut found = Vec::new();
        registers(Profile::named(profile).unwrap(), from, &hex::read(data).unwrap(), &mut found);
        found.iter().map(|register| format!("{} {}", register.id, register.value)).collect()
    }

    /// Answers from published captures. Reals become the shortest decimal with the same 32 bits.
    #[test]
    fn numbers_have_the_order_and_scale_of_their_profile() {
        assert_eq!(read("eastron-1p", (4, 0), "436BD73D"), ["modbus:4:0000 235.84077"]);
        assert_eq!(read("eastron-1p", (4, 0x0C), "C22C923C"), ["modbus:4:000C -43.142807"]);
        assert_eq!(read("cg-em1xx", (3, 0), "091B0000"), ["modbus:3:0000 233.1"]);
        let pzem = read("pzem-004t-v3", (4, 0), "08D1006C000000F400000026000001F400640000");
        let values: Vec<&str> = pzem.iter().map(|text| text.split(' ').nth(1).unwrap()).collect();
        assert_eq!(values, ["225.7", "0.108", "24.4", "0.038", "50.0", "1.00", "0"]);
        assert_eq!(read("schneider-iem3x55", (3, 0x0BED), "38303029"), ["modbus:3:0BED 0.042006523"]);
    }

    /// ABB B series and Schneider DOCA0005: absent values are marked.
    #[test]
    fn a_value_that_is_marked_as_absent_is_left_out() {
        assert_eq!(read("abb-b2x", (3, 0x5B00), "000008FDFFFFFFFF"), ["modbus:3:5B00 230.1"]);
        assert_eq!(read("abb-b2x", (3, 0x5B14), "7FFFFFFF"), [""; 0]);
        assert_eq!(read("eastron-3p", (4, 0), "7F800000FFC00000"), [""; 0]);
        assert_eq!(read("eastron-3p", (4, 0x0C), "80000000"), ["modbus:4:000C 0"]);
    }

    #[test]
    fn a_register_without_a_row_is_kept() {
        assert_eq!(read("chint-ddsu666", (3, 0x0C), "00001388"), ["modbus:3:000C 00001388"]);
        // Half of a number is kept as bytes.
        assert_eq!(read("eastron-1p", (4, 0), "436B"), ["modbus:4:0000 436b"]);
    }

    /// Schneider DOCA0005: 1.9922 is leading.
    #[test]
    fn a_leading_power_factor_is_below_one() {
        assert_eq!(leading(Number::new(19922, -4)).unwrap(), Number::new(78, -4));
        assert_eq!(leading(Number::new(95, -2)).unwrap(), Number::new(95, -2));
    }
}
