//! Texts that a spreadsheet would take for formulas.

/// The characters that begin a formula (OWASP, CSV Injection), some of them also as full-width characters. Tables put an
/// apostrophe before them.
pub(crate) const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];
