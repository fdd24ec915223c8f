//! Turns words of the tables into Rust.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

/// `main-extension` → `Table::MainExtension`; the compiler refuses an unknown name.
pub(crate) fn variant(kind: &str, word: &str) -> String {
    let camel: String = word
        .split('-')
        .map(|part| {
            part.chars()
                .next()
                .map(|c| c.to_ascii_uppercase())
                .into_iter()
                .chain(part.chars().skip(1))
                .collect::<String>()
        })
        .collect();
    format!("{kind}::{camel}")
}

/// `kWh` → `Unit::KilowattHour`, by the lists of `src/vocabulary.rs`.
pub(crate) fn word(list: &str, word: &str, file: &str) -> String {
    let words = VOCABULARY.split_once(&format!("    {list} {{\n")).expect("the vocabulary has the list").1;
    let words = words.split_once("\n    }").expect("each list ends with a brace").0;
    let variant = words.lines().find_map(|line| {
        let (variant, literal) = line.trim().strip_suffix(',')?.split_once(" = ")?;
        (literal.trim_matches('"') == word).then_some(variant)
    });
    let variant = variant
        .unwrap_or_else(|| panic!("{file}: `{word}` is not a word of {list} in decoder/src/vocabulary.rs"));
    format!("{list}::{variant}")
}

pub(crate) fn option<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "None".into(), |value| format!("Some({value})"))
}

pub(crate) fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a String succeeds");
}

pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

const VOCABULARY: &str = include_str!("../src/vocabulary.rs");
