//! Curves in the address of a view: what the user has added to a chart or switched off can be bookmarked.

use std::fmt::Write;
use std::str::FromStr;

use super::question::Curve;

/// Writes a curve as part of an address: `net-power`, or `1-0:32.7.0,voltage,l1,,,V` with register, quantity, phase,
/// tariff, channel and unit. It has no slash and nothing that a browser would escape in an address.
#[must_use]
pub fn written(curve: Curve) -> String {
    let Curve::Register { register, quantity, phase, tariff, channel, unit } = curve else {
        return NET_POWER.to_owned();
    };
    let parts = [
        register.to_string(),
        quantity.to_string(),
        phase.map(|phase| phase.to_string()).unwrap_or_default(),
        tariff.map(|tariff| tariff.to_string()).unwrap_or_default(),
        channel.map(|channel| channel.to_string()).unwrap_or_default(),
        unit.map(|unit| unit.to_string()).unwrap_or_default(),
    ];
    parts.map(|part| escaped(&part)).join(",")
}

/// Reads a curve from the text that [`written`] returns; `None` if this version does not know it.
#[must_use]
pub fn read(text: &str) -> Option<Curve> {
    if text == NET_POWER {
        return Some(Curve::NetPower);
    }
    let parts: Vec<String> = text.split(',').map(plain).collect::<Option<_>>()?;
    let [register, quantity, phase, tariff, channel, unit] = <[String; 6]>::try_from(parts).ok()?;
    Some(Curve::Register {
        register: register.parse().ok()?,
        quantity: quantity.parse().ok()?,
        phase: optional(&phase)?,
        tariff: optional(&tariff)?,
        channel: optional(&channel)?,
        unit: optional(&unit)?,
    })
}

/// `Some(None)` for an empty part; `None` for an invalid one.
fn optional<T: FromStr>(part: &str) -> Option<Option<T>> {
    if part.is_empty() { Some(None) } else { part.parse().ok().map(Some) }
}

/// Percent-encodes a part (RFC 3986, 2.1).
fn escaped(part: &str) -> String {
    let mut text = String::new();
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b":.-_*".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn plain(part: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), part.as_bytes());
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match byte {
            b'%' => {
                let (digits, behind) = rest.split_at_checked(2)?;
                rest = behind;
                u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?
            }
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

const NET_POWER: &str = "net-power";

#[cfg(test)]
mod tests {
    use super::*;
    use metertap_decoder::reading::{Phase, Quantity, Unit};
    use proptest::prelude::*;

    fn register(register: &str, quantity: Quantity, unit: Option<Unit>) -> Curve {
        let register = register.parse().unwrap();
        Curve::Register { register, quantity, phase: None, tariff: None, channel: None, unit }
    }

    #[test]
    fn a_curve_round_trips_through_an_address() {
        let mut voltage = register("1-0:32.7.0", Quantity::Voltage, Some(Unit::Volt));
        if let Curve::Register { phase, tariff, channel, .. } = &mut voltage {
            (*phase, *tariff, *channel) = (Some(Phase::L1), Some(2), Some(1));
        }
        let flow = register("kmp:74", Quantity::VolumeFlow, Quantity::VolumeFlow.unit());
        for (curve, text) in [
            (Curve::NetPower, "net-power"),
            (voltage, "1-0:32.7.0,voltage,l1,2,1,V"),
            (flow, "kmp:74,volume-flow,,,,m3%2Fh"),
        ] {
            assert_eq!((written(curve), read(text)), (text.to_owned(), Some(curve)));
        }
    }

    #[test]
    fn an_invalid_curve_is_refused() {
        for text in
            ["", "net", "1-0:32.7.0,voltage,l1,,,V,", "1-0:32.7.0,loudness,,,,", "a,voltage,l9,,,V", "%,,,,,"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_any_part_round_trips(text in "\\PC{0,30}", part in "\\PC{0,12}") {
            let _ = read(&text);
            prop_assert!(escaped(&part).bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/' && byte != b','));
            prop_assert_eq!(plain(&escaped(&part)), Some(part));
        }
    }
}
