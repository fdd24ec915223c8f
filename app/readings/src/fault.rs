//! The one place where the code of a trouble becomes words for a person.

/// What a person is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Words {
    /// What happened, in a few words.
    pub title: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do about it.
    pub todo: &'static str,
}

/// The words for a code.
#[must_use]
pub fn words(code: &str) -> Words {
    TABLE.iter().find(|(known, _)| *known == code).map_or(UNKNOWN, |(_, words)| *words)
}

const UNKNOWN: Words = Words { title: "", means: "", todo: "" };
const TABLE: &[(&str, Words)] = &[];
