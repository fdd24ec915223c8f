//! Czech Sagemcom meters in the grid of EG.D: a notification without a link layer.
//!
//! Each element of the list is a structure of two: an untagged descriptor (class, OBIS code and attribute), and the
//! value. The meter sends no units. (EG.D, description of the HAN interface of the XT211.)

use metertap_decoder::register::Obis;

use crate::axdr::{Axdr, Stamp};
use crate::carrier::without_llc;
use crate::household::Household;
use crate::noise::Topic;
use crate::register_value::RegisterValue;
use crate::truth::{TrueValue, Truth};

pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let number = format!("51{:08}", household.noise().between(Topic::Serial, 0, 0, 99_999_999));
    let (mut elements, mut values) = (Axdr::default(), vec![TrueValue::new("list:1", None, 1)]);
    let mut says = |elements: &mut Axdr, class: u16, attribute: u8, obis: Obis, value: TrueValue| {
        elements.structure(2);
        elements.descriptor(class, obis, attribute);
        values.push(TrueValue { register: obis.to_string(), ..value });
    };
    let obis = Obis::new(0, 0, 96, 1, 1);
    says(&mut elements, 1, 2, obis, TrueValue::new("", "meter-id", &number));
    elements.octet_string(number.as_bytes());
    says(&mut elements, 70, 3, Obis::new(0, 0, 96, 3, 10), TrueValue::new("", "breaker-state", 1));
    elements.enumeration(1);
    says(&mut elements, 71, 3, Obis::new(0, 0, 17, 0, 0), TrueValue::new("", "limiter-threshold", 0));
    elements.double_long_unsigned(0);
    let tariff = format!("T{}", supply.tariff);
    says(&mut elements, 1, 2, Obis::new(0, 0, 96, 14, 0), TrueValue::new("", "tariff-indicator", &tariff));
    elements.octet_string(tariff.as_bytes());
    for [c, d, e] in CODES {
        let Some(shown) = RegisterValue::of(&supply, [c, d, e]) else { continue };
        let obis = Obis::new(1, 0, c, d, e);
        let digits = shown.digits(shown.kind.finest());
        let value = TrueValue { value: digits.to_string(), unit: None, ..shown.truth(obis, 0) };
        says(&mut elements, 3, 2, obis, value);
        elements.double_long_unsigned(u32::try_from(digits).unwrap_or_default());
    }
    let mut body = Axdr::default();
    body.structure(2);
    body.enumeration(1);
    body.array(values.len() - 1);
    body.append(elements);
    let truth = Truth { meter: Some(number), time: None, values };
    (without_llc(&body.notification([0x80, 0x00, 0xF1, 0xD5], Stamp::Absent)).to_vec(), truth)
}

const CODES: [[u8; 3]; 12] = [
    [1, 7, 0],
    [21, 7, 0],
    [41, 7, 0],
    [61, 7, 0],
    [2, 7, 0],
    [22, 7, 0],
    [42, 7, 0],
    [62, 7, 0],
    [1, 8, 0],
    [1, 8, 1],
    [1, 8, 2],
    [2, 8, 0],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes are those captured from such a meter.
    #[test]
    fn names_have_no_tags() {
        let (bytes, truth) = push(&Household::new(1, 3), 1_795_226_400_000);
        assert_eq!(bytes[..12], [0x0F, 0x80, 0x00, 0xF1, 0xD5, 0x00, 2, 2, 0x16, 1, 1, 16]);
        assert_eq!(bytes[12..26], [2, 2, 0, 1, 0, 0, 0x60, 1, 1, 0xFF, 2, 9, 10, b'5']);
        assert_eq!(truth.values.len(), 17);
    }
}
