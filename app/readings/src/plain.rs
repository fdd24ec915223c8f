//! Texts of any origin: from a file, or typed.

/// A text of at most `most` letters, without characters that are invisible or change its direction.
pub(crate) fn plain(text: &str, most: usize) -> String {
    text.chars().filter(|letter| !is_unseen(*letter)).take(most).collect()
}

fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}')
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
