//! Searches bytes for a meter's identifications in all spellings. It shares no code with the decoder's own search, so
//! that a mistake in one of the two is found.

use std::collections::BTreeMap;

use metertap_decoder::hex;
use metertap_decoder::reading::{Quantity, Reading};

/// The identifications in a reading, by its quantities and by the codes that standards define for identifications (IEC
/// 62056-6-1, 7.4: 0.0.x, 96.1.x, 42.0.0; C.1 in a readout).
#[must_use]
pub fn identifications(reading: &Reading) -> Vec<String> {
    let is_one = |register: &str, quantity: Option<Quantity>| {
        let groups = register.split_once(':').map_or(register, |(_, groups)| groups);
        let codes = ["0.0.", "96.1.", "42.0.", "C.1.0", "C.1.1"];
        let is_coded = codes.iter().any(|code| groups.starts_with(code)) || groups == "C.1";
        quantity == Some(Quantity::MeterId) || quantity.is_none() && is_coded
    };
    let values = reading.values.iter().filter(|value| is_one(&value.register.to_string(), value.quantity));
    let values = values.map(|value| value.value.to_string());
    reading.meter.iter().map(ToString::to_string).chain(values).collect()
}

/// The bytes by which an identification is found, each with a description. Any telegram may contain a spelling of fewer
/// than six bytes by chance. Such a spelling is left out, unless it has at least four bytes, three of them are not
/// zero, and one of them is not printable.
#[must_use]
pub fn spellings(identification: &str) -> BTreeMap<Vec<u8>, String> {
    let mut found = BTreeMap::new();
    let own = match identification.split_once('-') {
        Some((maker, number)) if maker.len() == 3 => number,
        _ => identification,
    };
    let bytes = hex::read(own).unwrap_or_default();
    let is_printed = bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | 0));
    let is_digits = own.bytes().all(|byte| byte.is_ascii_digit());
    // The identification is the hex digits of a text of zeros.
    if bytes.iter().all(|byte| *byte == b'0') && !bytes.is_empty() {
        return found;
    }
    if !bytes.is_empty() && !is_printed && !is_digits {
        add(&mut found, bytes, "octets");
    } else {
        // The identification is the hex digits of a text, which may itself be hex digits.
        if !bytes.is_empty() && is_printed {
            found = spellings(&String::from_utf8_lossy(&bytes));
        }
        if bytes.is_empty() || is_digits {
            add_text(&mut found, own.as_bytes());
        }
    }
    let is_significant =
        |bytes: &[u8]| bytes.len() >= 4 && bytes.iter().filter(|byte| **byte != 0).count() >= 3;
    let is_word = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    found.retain(|bytes, _| bytes.len() >= FEWEST || is_significant(bytes) && !is_word(bytes));
    found
}

fn add_text(found: &mut BTreeMap<Vec<u8>, String>, text: &[u8]) {
    let letters = text.iter().filter(|byte| byte.is_ascii_alphanumeric());
    let text: String = letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    let runs = text.split(|letter: char| !letter.is_ascii_digit()).map(|run| run.trim_start_matches('0'));
    let is_long = |text: &&str| text.trim_start_matches('0').len() >= FEWEST;
    for text in runs.chain([text.as_str()]).filter(is_long) {
        // A number with only one or two digits other than zero is not searched for backwards: it would look like a
        // count with leading zeros.
        if text.bytes().filter(|byte| *byte != b'0').count() < 3 {
            found.insert(text.into(), "text".to_owned());
            continue;
        }
        add(found, text.into(), "text");
        add(found, text.to_uppercase().into(), "text");
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let even = format!("{}{text}", if text.len() % 2 == 1 { "0" } else { "" });
            add(found, hex::read(&even).unwrap_or_default(), "BCD digits");
            if let Ok(value) = text.parse::<u32>() {
                add(found, value.to_be_bytes().into(), "integer");
            }
        }
    }
}

/// Adds bytes in both orders, and as hex digits in upper and lower case.
fn add(found: &mut BTreeMap<Vec<u8>, String>, bytes: Vec<u8>, what: &str) {
    let backwards: Vec<u8> = bytes.iter().rev().copied().collect();
    for (bytes, order) in [(bytes, ""), (backwards, " backwards")] {
        found.insert(hex::lower(&bytes).into_bytes(), format!("hex of {what}{order}"));
        found.insert(bytes, format!("{what}{order}"));
    }
}

/// Bytes to search.
pub struct Haystack {
    /// A letter for each byte, because the standard library has a fast search for texts.
    plain: String,
    /// The same text in lower case, then also without blanks, then also without the hex digits of blanks.
    read_freely: [String; 3],
}

impl Haystack {
    /// Prepares bytes for searches.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let plain: String = bytes.iter().copied().map(char::from).collect();
        let lower = plain.to_ascii_lowercase();
        let without_blanks = lower.replace(' ', "");
        let without_hex_blanks = without_blanks.replace("20", "");
        Self { plain, read_freely: [lower, without_blanks, without_hex_blanks] }
    }

    /// How an identification is spelled in these bytes, if they contain it. Case and blanks do not matter.
    #[must_use]
    pub fn has(&self, identification: &str) -> Option<String> {
        spellings(identification).into_iter().find_map(|(spelling, what)| {
            let is_text = spelling.iter().all(u8::is_ascii_alphanumeric);
            let spelling: String = spelling.into_iter().map(char::from).collect();
            let is_read = || self.read_freely.iter().any(|text| text.contains(&spelling));
            (self.plain.contains(&spelling) || is_text && is_read()).then_some(what)
        })
    }
}

/// How an identification is spelled in these bytes, if they contain it.
#[must_use]
pub fn found(bytes: &[u8], identification: &str) -> Option<String> {
    Haystack::new(bytes).has(identification)
}

/// The length of the shortest spelling that is searched for, unless it is binary.
const FEWEST: usize = 6;
