//! [`spelled`]: names that meters send as hex digits, as the text that is printed on them.

use metertap_decoder::reading::{Protocol, Quantity};

/// What hex digits spell. P1 meters send identifications and messages so (DSMR P1 companion standard 5.0.2, clause 6.12,
/// octet strings); `None` for another protocol or quantity, and where it spells no text.
#[must_use]
pub fn spelled(protocol: Option<Protocol>, quantity: Option<Quantity>, digits: &str) -> Option<String> {
    let is_spelled = matches!(protocol, Some(Protocol::P1 | Protocol::P1Encrypted))
        && matches!(quantity, Some(Quantity::MeterId | Quantity::Message));
    if !is_spelled || digits.is_empty() {
        return None;
    }
    let pairs = digits.as_bytes().chunks(2).map(|pair| {
        let [high, low] = pair else { return None };
        let digit = |digit: &u8| char::from(*digit).to_digit(16);
        let letter = char::from_u32(digit(high)? << 4 | digit(low)?)?;
        (letter == ' ' || letter.is_ascii_graphic()).then_some(letter)
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the example telegram of the companion standard, clause 6.12.
    #[test]
    fn the_standards_number_and_message_are_text() {
        let number = "4B384547303034303436333935353037";
        assert_eq!(of(Quantity::MeterId, number).as_deref(), Some("K8EG004046395507"));
        let message = "303132333435363738393A3B3C3D3E3F";
        assert_eq!(of(Quantity::Message, message).as_deref(), Some("0123456789:;<=>?"));
    }

    #[test]
    fn what_spells_no_text_stays_as_it_is() {
        for digits in ["", "4B3", "0001", "4Bx8", "ÿ1"] {
            assert_eq!(of(Quantity::MeterId, digits), None, "{digits}");
        }
        assert_eq!(of(Quantity::TariffIndicator, "4B38"), None);
        assert_eq!(spelled(Some(Protocol::Sml), Some(Quantity::MeterId), "4B38"), None);
    }

    fn of(quantity: Quantity, digits: &str) -> Option<String> {
        spelled(Some(Protocol::P1), Some(quantity), digits)
    }
}
