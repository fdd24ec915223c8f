//! Decimals as whole numbers, in thousandths.

/// A plain decimal with up to three places, in thousandths; `None` for anything else.
pub(crate) fn thousandths(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    if places.len() > 3
        || whole.is_empty()
        || !digits.bytes().all(|digit| digit.is_ascii_digit() || digit == b'.')
    {
        return None;
    }
    let number: i64 = format!("{whole}{places:0<3}").parse().ok()?;
    Some(sign * number)
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn decimals_are_thousandths() {
        for (text, number) in [("10329.481", 10_329_481), ("0.5", 500), ("7", 7000), ("-0.025", -25)] {
            assert_eq!(thousandths(text), Some(number), "{text}");
        }
        for text in ["", ".5", "1.2345", "1e3", "x", "1.2.3"] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }
}
