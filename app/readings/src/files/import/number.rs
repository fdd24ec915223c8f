//! A number in a cell, in any of the ways in which programs write it.

use metertap_decoder::number::Number;

use super::unit::Measured;

/// Reads a number, and its unit if there is one.
pub(super) fn measured(text: &str, decimal_comma: bool) -> Option<(Number, Option<Measured>)> {
    let digits = text.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let (digits, unit) = text.split_at_checked(digits)?;
    // The digit of m3 does not belong to the number.
    let (digits, unit) = match digits.strip_suffix("m3") {
        Some(digits) if unit.is_empty() => (digits, "m3"),
        _ => (digits, unit),
    };
    let unit = unit.trim();
    let measured = if unit.is_empty() { None } else { Some(Measured::exactly(unit)?) };
    Some((number(digits.trim(), decimal_comma)?, measured))
}

/// Whether a cell says that there is no value.
pub(super) fn is_none(text: &str) -> bool {
    NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing))
}

/// Reads a number with this decimal sign. Thousands may be separated by the other sign, an apostrophe or a space, if
/// all groups are complete.
pub(super) fn number(text: &str, decimal_comma: bool) -> Option<Number> {
    let (mark, other) = if decimal_comma { (',', '.') } else { ('.', ',') };
    let text = text.strip_prefix('+').unwrap_or(text);
    let (sign, digits) = text.strip_prefix(['-', '\u{2212}']).map_or(("", text), |digits| ("-", digits));
    let (whole, places) =
        digits.split_once(mark).map_or((digits, None), |(whole, places)| (whole, Some(places)));
    let mut plain = sign.to_owned();
    match whole.find(|letter| letter == other || PARTINGS.contains(&letter)) {
        None => plain.push_str(whole),
        Some(_) => groups(whole, other)?.for_each(|group| plain.push_str(group)),
    }
    if let Some(places) = places {
        plain.push('.');
        plain.push_str(places);
    }
    plain.parse().ok()
}

/// One to three digits, the first of them not zero, followed by groups of three.
fn groups(whole: &str, other: char) -> Option<impl Iterator<Item = &str>> {
    let parting = whole.chars().find(|letter| *letter == other || PARTINGS.contains(letter))?;
    let groups = whole.split(parting);
    let is_whole = |(place, group): (usize, &str)| {
        let length = group.len();
        group.bytes().all(|octet| octet.is_ascii_digit())
            && if place == 0 { (1..=3).contains(&length) && !group.starts_with('0') } else { length == 3 }
    };
    groups.clone().enumerate().all(is_whole).then_some(groups)
}

const NOTHING: &[&str] = &["", "-", "--", "–", "null", "none", "nan", "n/a", "na", "unavailable", "unknown"];
/// What separates thousands: an apostrophe in Switzerland, one of three kinds of space elsewhere.
const PARTINGS: [char; 5] = ['\'', '\u{2019}', ' ', '\u{A0}', '\u{202F}'];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_each_country_writes_them() {
        let read = |text: &str, comma: bool| number(text, comma).map(|number| number.to_string());
        for (text, comma, value) in [
            ("0.196", false, "0.196"),
            ("-5", false, "-5"),
            ("+5,25", true, "5.25"),
            ("\u{2212}5,25", true, "-5.25"),
            ("1.234,5", true, "1234.5"),
            ("1.234", true, "1234"),
            ("1,234", false, "1234"),
            ("1,234", true, "1.234"),
            ("1'234'567.8", false, "1234567.8"),
            ("1\u{2019}234", false, "1234"),
            ("12 345,678", true, "12345.678"),
            ("12\u{202F}345,678", true, "12345.678"),
        ] {
            assert_eq!(read(text, comma).as_deref(), Some(value), "{text}");
        }
        for (text, comma) in [
            ("0.196", true),
            ("1.5", true),
            ("1,5", false),
            ("12.3456", true),
            ("1,23,456", false),
            ("1.234.56", true),
            ("1.234'567", true),
            ("1,5,5", true),
            ("1.5.5", false),
            ("--5", false),
            ("5 kWh", false),
            ("", false),
            (",", true),
            ("=1+1", false),
        ] {
            assert_eq!(read(text, comma), None, "{text}");
        }
    }

    #[test]
    fn a_number_may_have_its_unit_after_it() {
        let read = |text: &str| {
            let (number, unit) = measured(text, true)?;
            Some((number.to_string(), unit))
        };
        assert_eq!(read("1.234,5 kWh"), Some(("1234.5".into(), Measured::exactly("kWh"))));
        assert_eq!(read("0,5 m³"), Some(("0.5".into(), Measured::exactly("m3"))));
        assert_eq!(read("0,5m3"), Some(("0.5".into(), Measured::exactly("m3"))));
        assert_eq!(read("12"), Some(("12".into(), None)));
        for text in ["kWh", "12 apples", "", "1,5 kWh 2", "2026-01-01"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(["", "-", "NULL", "unavailable"].into_iter().all(is_none));
        assert!(!is_none("0"));
    }

    proptest! {
        /// Separating thousands does not change the number.
        #[test]
        fn separated_thousands_are_the_same_number(whole in 0_u64..1_000_000_000_000, places in "[0-9]{0,4}", comma in any::<bool>()) {
            let (mark, other) = if comma { (',', ".") } else { ('.', ",") };
            let digits = whole.to_string();
            let first = (digits.len() - 1) % 3 + 1;
            let mut parted = digits[..first].to_owned();
            for group in digits.as_bytes()[first..].chunks(3) {
                parted += other;
                parted += std::str::from_utf8(group).unwrap();
            }
            let tail = if places.is_empty() { String::new() } else { format!("{mark}{places}") };
            let plain = number(&format!("{digits}{tail}"), comma);
            prop_assert!(plain.is_some());
            prop_assert_eq!(plain, number(&format!("{parted}{tail}"), comma));
        }
    }
}
