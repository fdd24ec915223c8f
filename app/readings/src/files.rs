//! Files written from the log, and files read into it.

pub mod backup;
pub mod capture;
pub mod corrections;
pub mod export;
pub mod import;

/// Whether a file that begins with these bytes is UTF-16 text. It has the byte order mark (Unicode, clause 23.8), or at
/// least nine in ten letters have a zero high byte, as in Latin text.
#[must_use]
pub fn is_utf_16(beginning: &[u8]) -> bool {
    let (letters, _) = beginning.as_chunks::<2>();
    let letters = letters.get(..LETTERS).unwrap_or(letters);
    let latin = |high: usize| {
        let of_latin =
            |letter: &&[u8; 2]| letter.iter().enumerate().all(|(at, byte)| (*byte == 0) == (at == high));
        letters.len() >= FEWEST_LETTERS && letters.iter().filter(of_latin).count() * 10 >= letters.len() * 9
    };
    matches!(beginning, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) || latin(0) || latin(1)
}

/// The most letters that are looked at.
const LETTERS: usize = 512;
/// Shorter text without a mark is not recognised.
const FEWEST_LETTERS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_text_is_recognised() {
        let text = "Zeit;Wert in kWh\r\n21.11.2026 00:15;0,25\r\n";
        let [low, high]: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];
        for order in [low, high] {
            let bytes = |text: &str| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
            assert!(is_utf_16(&bytes(text)), "without its mark");
            assert!(is_utf_16(&bytes(&format!("\u{FEFF}{text}"))));
            assert!(is_utf_16(&bytes("\u{FEFF}Ζεύς")), "by its mark");
        }
        for other in [text.as_bytes(), b"", b"\0", &[0; 100], &[7; 100], "\u{FEFF}a".as_bytes()] {
            assert!(!is_utf_16(other), "{other:?}");
        }
        assert!(!is_utf_16(&(0..=255).collect::<Vec<u8>>()));
    }
}
