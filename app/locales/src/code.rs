//! [`code`]: the functions that the page calls for its texts.

use std::fmt::Write;

use crate::{Entry, FAULTS, Locales};

/// Returns Rust code: a module for each table, with a function for each text. The function `fault` finds the texts of a
/// fault by its code.
///
/// The compiler therefore reports an unused key as a function that is never called. It reports a code without texts as
/// a `match` that is not exhaustive.
#[must_use]
pub fn code(locales: &Locales) -> String {
    let [first, rest] = &locales.texts;
    let mut out = format!(
        "/// How many texts come with a first visit.\nconst FIRST: u16 = {};\n/// How many others there are.\nconst \
         REST: u16 = {};\n",
        first.len(),
        rest.len()
    );
    let numbered: Vec<(usize, &Entry)> = first.iter().chain(rest).enumerate().collect();
    let mut faults = String::new();
    let mut open = "";
    for (number, entry) in numbered {
        if FAULTS.contains(&entry.table.as_str()) {
            if let Some(name) = entry.key.strip_suffix(" title").filter(|name| *name != UNKNOWN) {
                put(&mut faults, format_args!("        Code::{} => {number},\n", variant(name)));
            }
            continue;
        }
        if open != entry.table {
            out.push_str(if open.is_empty() { "" } else { "}\n" });
            open = &entry.table;
            put(&mut out, format_args!("pub(crate) mod {open} {{\n"));
        }
        put(&mut out, format_args!("{}", function(number, entry)));
    }
    out.push_str(if open.is_empty() { "" } else { "}\n" });
    let unknown = first.iter().chain(rest).position(|entry| entry.key == format!("{UNKNOWN} title"));
    let unknown = unknown.unwrap_or_default();
    if faults.is_empty() {
        return out;
    }
    let fault = "/// The first of the three texts of a fault.\nconst fn fault(code: &Code) -> u16 {\n    match code {\n";
    put(&mut out, format_args!("{fault}{faults}        Code::Unknown(_) => {unknown},\n    }}\n}}\n"));
    out
}

fn function(number: usize, entry: &Entry) -> String {
    let (key, english) = (&entry.key, entry.texts.first());
    let names = english.map(crate::Text::arguments).unwrap_or_default();
    let arguments = |from: usize| -> String {
        names
            .iter()
            .skip(from)
            .map(|name| format!("{name}: &dyn std::fmt::Display"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let filled = names.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(", ");
    let is_plural = english.is_some_and(crate::Text::is_plural);
    let has_element = english.is_some_and(crate::Text::has_element);
    let (head, body) = match (is_plural, has_element, names.is_empty()) {
        (true, ..) => {
            let others = arguments(1);
            let filled = names.iter().skip(1).map(|name| format!(", {name}")).collect::<String>();
            (
                format!("{key}(count: u64, {others}) -> String"),
                format!("super::counted({number}, count, &[&count{filled}])"),
            )
        }
        (_, true, _) => (format!("{key}() -> [&'static str; 3]"), format!("super::around({number})")),
        (_, _, true) => (format!("{key}() -> &'static str"), format!("super::text({number})")),
        (..) => {
            (format!("{key}({}) -> String", arguments(0)), format!("super::filled({number}, &[{filled}])"))
        }
    };
    format!("    pub(crate) fn {head} {{\n        {body}\n    }}\n")
}

/// Converts a code to the name of its variant: `frame.checksum-missing` becomes `FrameChecksumMissing`.
fn variant(code: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    code.split(['.', '-']).map(capital).collect()
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = out.write_fmt(text);
}

/// The key of the texts for a code that has none of its own.
const UNKNOWN: &str = "unknown";
