//! Names: of meters in topics, of quantities in columns and of units for users, and the hash that replaces an
//! identification that must stay private.

use metertap_decoder::hex;
use metertap_decoder::reading::{Phase, Quantity, Unit};
use sha2::{Digest, Sha256};

/// A meter's name in topics, `[a-z0-9-]`: the user's name for the meter, as a slug; without one, the maker's letters
/// and a short hash of the meter's identification. `None` while the meter has neither a name nor an identification.
///
/// `taken` are the topics of the other meters. Once settled, the name is stored in [`crate::store::MeterRecord::topic`]
/// and changes only when the user renames the meter.
#[must_use]
pub fn topic(
    alias: &str,
    maker: Option<&str>,
    identification: Option<&str>,
    taken: &[&str],
) -> Option<String> {
    let name = match (slug(alias), identification) {
        (alias, _) if !alias.is_empty() => alias,
        (_, Some(identification)) => {
            // A maker's field that has more than letters may contain the meter's number.
            let maker = maker.filter(|maker| is_name(maker)).map(slug);
            format!("{}-{}", maker.as_deref().unwrap_or("meter"), hash(identification, STAND_IN))
        }
        (_, None) => return None,
    };
    let mut numbered = (2..).map(|number: u32| format!("{name}-{number}"));
    if taken.contains(&name.as_str()) {
        numbered.find(|name| !taken.contains(&name.as_str()))
    } else {
        Some(name)
    }
}

/// A quantity as one word: `active_power_import`, followed by `_l1`, `_t1`, `_ch1` where they apply.
pub(crate) fn flat_name(
    quantity: Quantity,
    phase: Option<Phase>,
    tariff: Option<u32>,
    channel: Option<u8>,
) -> String {
    let phase = phase.map(|phase| format!("_{phase}")).unwrap_or_default();
    let tariff = tariff.map(|tariff| format!("_t{tariff}")).unwrap_or_default();
    let channel = channel.map(|channel| format!("_ch{channel}")).unwrap_or_default();
    quantity.as_str().replace('-', "_") + &phase + &tariff + &channel
}

/// A unit's symbol, as users write it. [`Unit::as_str`] is for programs.
pub(crate) const fn symbol(unit: Unit) -> &'static str {
    match unit {
        Unit::One => "",
        Unit::CubicMetre => "m³",
        Unit::CubicMetrePerHour => "m³/h",
        Unit::CubicMetrePerMinute => "m³/min",
        Unit::CubicMetrePerSecond => "m³/s",
        Unit::CubicFoot => "ft³",
        unit => unit.as_str(),
    }
}

/// Lower case with hyphens between words. Letters with diacritics are replaced as is usual in their languages.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        match letter.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => slug.push(letter),
            'æ' | 'ä' | 'Æ' | 'Ä' => slug.push_str("ae"),
            'ø' | 'ö' | 'Ø' | 'Ö' => slug.push_str("oe"),
            'å' | 'Å' => slug.push_str("aa"),
            'ü' | 'Ü' => slug.push_str("ue"),
            'ß' | 'ẞ' => slug.push_str("ss"),
            'é' | 'è' | 'ë' | 'ê' | 'É' | 'È' | 'Ë' | 'Ê' => slug.push('e'),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The first `bytes` bytes of the text's SHA-256, in hex.
pub(crate) fn hash(text: &str, bytes: usize) -> String {
    let digest = Sha256::digest(text);
    hex::lower(digest.get(..bytes).unwrap_or(&digest))
}

/// Whether a text consists of letters only, as a maker's name or its code of three letters does.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_alphabetic())
}

/// How many bytes of a hash replace an identification. A house has few meters, so few bytes are enough to tell them
/// apart.
pub(crate) const STAND_IN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_an_alias_or_a_maker_and_a_hash() {
        assert_eq!(topic("Målerskap Øst, 2", None, None, &[]).as_deref(), Some("maalerskap-oest-2"));
        assert_eq!(topic("ÆBLE 2. ÖG", None, None, &[]).as_deref(), Some("aeble-2-oeg"));
        // SHA-256 of "abc": FIPS 180-2, appendix B.1.
        assert_eq!(topic("", Some("KFM"), Some("abc"), &[]).as_deref(), Some("kfm-ba7816bf"));
        assert_eq!(topic("電気", None, Some("abc"), &[]).as_deref(), Some("meter-ba7816bf"));
        assert_eq!(topic("", Some("KFM-12345678"), Some("abc"), &[]).as_deref(), Some("meter-ba7816bf"));
        assert_eq!(topic("", Some("KFM"), None, &[]), None);
        assert_eq!(topic("Hus", None, None, &["hus", "hus-2"]).as_deref(), Some("hus-3"));
    }
}
