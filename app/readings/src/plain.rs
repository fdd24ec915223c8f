//! Texts of any origin: from a file, or typed.

/// A text of at most `most` letters, without characters that are invisible or change its direction.
pub(crate) fn plain(text: &str, most: usize) -> String {
    text.chars().filter(|letter| !is_unseen(*letter)).take(most).collect()
}

/// Whether a spreadsheet would take the text for a formula (OWASP, CSV Injection).
pub(crate) fn is_formula(text: &str) -> bool {
    text.starts_with(FORMULA)
}

fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}')
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The characters that begin a formula, some of them also as full-width characters.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];
