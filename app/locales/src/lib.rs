//! The texts of the page. Each language has a TOML file. This crate checks that all of them have the same keys. It
//! generates the functions that the page calls (`app/build.rs`) and the files that the page fetches
//! (`xtask/src/seal.rs`).
//!
//! A text is a string, or a table with the plural forms `one` and `other`. In a text, `{name}` stands for an argument,
//! and `[…]` is a link or another element within the sentence. The first argument of a text with plural forms is
//! `count`, which chooses the form.

mod code;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use toml::Table;

pub use self::code::code;
pub use self::text::Text;

/// The codes of the languages. The file of the first one, English, defines the keys.
pub const LANGUAGES: [&str; 6] = ["en", "de", "fr", "nl", "nb", "sv"];

/// The tables whose texts are fetched at the start of a visit, in the order in which the fetched file has them.
/// `begin.js` relies on `frame` being the first. The texts of all other tables are fetched together when one of them is
/// first needed.
pub const FIRST: [&str; 8] =
    ["frame", "age", "card", "chart", "page_faults", "quantities", "shell", "welcome"];

/// The tables with the texts of faults. Their keys are the codes of the faults.
pub const FAULTS: [&str; 2] = ["page_faults", "faults"];

/// All texts of all languages.
#[derive(Debug)]
pub struct Locales {
    /// The texts of the tables in [`FIRST`], in that order, then all others. Within a table, they are sorted by their
    /// key in the file.
    pub texts: [Vec<Entry>; 2],
}

/// A text in all languages.
#[derive(Debug)]
pub struct Entry {
    /// The table that it is in.
    pub table: String,
    /// Its key.
    pub key: String,
    /// The text in each of [`LANGUAGES`].
    pub texts: Vec<Text>,
}

impl Locales {
    /// Reads and checks the files of all languages in a folder.
    ///
    /// # Errors
    /// If a file cannot be read or parsed, if the files differ in their keys, or if a text does not fit the English one
    /// ([`Text::fits`]). The message names the file.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut all = Vec::new();
        for language in LANGUAGES {
            let path = folder.join(format!("{language}.toml"));
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            all.push(text.parse().map_err(|error| format!("{}: {error}", path.display()))?);
        }
        Self::of(&all)
    }

    /// Checks the parsed files of all languages, in the order of [`LANGUAGES`].
    ///
    /// # Errors
    /// See [`Self::read`].
    pub fn of(languages: &[Table]) -> Result<Self, String> {
        let mut flat = Vec::new();
        for (table, language) in languages.iter().zip(LANGUAGES) {
            flat.push(flattened(table).map_err(|problem| format!("{language}.toml: {problem}"))?);
        }
        let keys: Vec<BTreeSet<_>> =
            flat.iter().map(|all| all.iter().map(|(table, key, _)| (table, key)).collect()).collect();
        let english = keys.first().ok_or("no language")?;
        for (own, language) in keys.iter().zip(LANGUAGES) {
            if let Some((table, key)) = english.difference(own).next() {
                return Err(format!("{language}.toml: {table}.{key} is missing"));
            }
            if let Some((table, key)) = own.difference(english).next() {
                return Err(format!("{language}.toml: {table}.{key} is not in en.toml"));
            }
        }
        let mut texts = [Vec::new(), Vec::new()];
        for (place, (table, key, text)) in flat.first().into_iter().flatten().enumerate() {
            let all: Vec<Text> = flat.iter().filter_map(|all| Some(all.get(place)?.2.clone())).collect();
            for (own, language) in all.iter().zip(LANGUAGES) {
                own.fits(text).map_err(|problem| format!("{language}.toml: {table}.{key} {problem}"))?;
            }
            let entry = Entry { table: table.clone(), key: key.clone(), texts: all };
            texts[usize::from(!FIRST.contains(&table.as_str()))].push(entry);
        }
        let place = |entry: &Entry| FIRST.iter().position(|table| *table == entry.table);
        texts[0].sort_by_key(place);
        Ok(Self { texts })
    }

    /// Returns the name and the content of each file that the page fetches. A file has a line for each text.
    pub fn files(&self) -> impl Iterator<Item = (String, String)> {
        LANGUAGES.iter().enumerate().flat_map(move |(language, code)| {
            ["first", "rest"]
                .into_iter()
                .zip(0..)
                .map(move |(name, part)| (format!("{code}-{name}.txt"), self.lines(language, part)))
        })
    }

    /// Returns the content of one file. `language` and `part` are indices in [`LANGUAGES`] and `texts`.
    fn lines(&self, language: usize, part: usize) -> String {
        let Some(english) = LANGUAGES.first().and(self.texts.get(part)) else { return String::new() };
        let line = |entry: &Entry| {
            let names = entry.texts.first().map(Text::arguments).unwrap_or_default();
            entry.texts.get(language).map(|text| text.numbered(&names)).unwrap_or_default()
        };
        english.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Returns the texts of a file, each with its table and key. A fault has three texts in a row.
fn flattened(file: &Table) -> Result<Vec<(String, String, Text)>, String> {
    let mut all = Vec::new();
    // Sorted here, because a table keeps the order of its file if any crate enables that feature of `toml`.
    for (table, rows) in file.iter().collect::<BTreeMap<_, _>>() {
        let rows = rows.as_table().ok_or(format!("{table} is not a table"))?;
        for (key, value) in rows.iter().collect::<BTreeMap<_, _>>() {
            let name = format!("{table}.{key}");
            if !FAULTS.contains(&table.as_str()) {
                let text = Text::of(value).ok_or(format!("{name} is not a text"))?;
                all.push((table.clone(), key.clone(), text));
                continue;
            }
            let fault =
                value.as_table().filter(|fault| fault.len() == 3).ok_or(format!("{name} is not a fault"))?;
            for part in ["title", "means", "todo"] {
                let text = fault.get(part).filter(|text| text.is_str()).and_then(Text::of);
                all.push((
                    table.clone(),
                    format!("{key} {part}"),
                    text.ok_or(format!("{name} has no {part}"))?,
                ));
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(german: &str) -> Result<Locales, String> {
        let english = "[card]\nold = \"{age} old\"\nlink = \"See [more]\"\ncount = { one = \"{count} meter\", other = \"{count} meters\" }";
        let mut all = vec![english.parse::<Table>().unwrap(); LANGUAGES.len()];
        all[1] = german.parse().unwrap();
        Locales::of(&all)
    }

    const COUNT: &str = "count = { one = \"{count} Zähler\", other = \"{count} Zähler\" }";
    const LINK: &str = "link = \"[Mehr] sehen\"";
    const OLD: &str = "old = \"{age} alt\"";

    fn card(rows: &[&str]) -> String {
        format!("[card]\n{}", rows.join("\n"))
    }

    #[test]
    fn a_missing_an_unknown_and_a_different_text_are_refused() {
        let refused = |rows: &[&str]| with(&card(rows)).unwrap_err();
        assert!(with(&card(&[COUNT, LINK, OLD])).is_ok());
        assert_eq!(refused(&[COUNT, LINK]), "de.toml: card.old is missing");
        assert_eq!(refused(&[LINK, OLD]), "de.toml: card.count is missing");
        assert_eq!(refused(&[COUNT, LINK, OLD, "new = \"neu\""]), "de.toml: card.new is not in en.toml");
        let other = refused(&[COUNT, LINK, "old = \"{alter} alt\""]);
        assert!(other.contains("arguments"), "{other}");
        let bare = refused(&[COUNT, "link = \"Mehr sehen\"", OLD]);
        assert!(bare.contains("[…]"), "{bare}");
        let single = refused(&["count = \"{count} Zähler\"", LINK, OLD]);
        assert!(single.contains("plural"), "{single}");
    }

    #[test]
    fn a_file_has_a_line_for_each_text_with_numbered_arguments() {
        let files: Vec<_> = with(&card(&[COUNT, LINK, OLD])).unwrap().files().collect();
        assert_eq!(files.len(), 2 * LANGUAGES.len());
        let of = |name: &str| files.iter().find(|(own, _)| own == name).unwrap().1.clone();
        assert_eq!(of("en-first.txt"), "{0} meter\u{1f}{0} meters\nSee [more]\n{0} old");
        assert_eq!(of("de-first.txt"), "{0} Zähler\u{1f}{0} Zähler\n[Mehr] sehen\n{0} alt");
        assert_eq!(of("de-rest.txt"), "");
    }

    /// Checks the files of this folder, and those rules of tone that a program can check.
    #[test]
    fn the_files_of_all_languages_fit_and_no_text_shouts() {
        let locales = Locales::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        for entry in locales.texts.iter().flatten() {
            for (text, language) in entry.texts.iter().zip(LANGUAGES) {
                for form in text.forms() {
                    let name = format!("{language}: {}.{}: {form}", entry.table, entry.key);
                    let is_title = entry.key.ends_with(" title");
                    assert!(!is_title || !form.ends_with('.') && form.chars().count() <= 80, "{name}");
                    assert!(!form.contains('!') && !form.contains("  ") && !form.is_empty(), "{name}");
                }
            }
        }
    }

    /// Before the program runs, `begin.js` sorts the links of `index.html` by address and gives them the first texts.
    #[test]
    fn the_first_texts_are_the_names_of_the_links_in_index_html() {
        let markup = include_str!("../../../index.html");
        let mut links = Vec::new();
        for link in markup.split("<a data-screen=\"").skip(1) {
            let (screen, rest) = link.split_once('"').unwrap();
            let (name, _) = rest.split_once("<span>").unwrap().1.split_once('<').unwrap();
            links.push((screen.to_owned(), name.to_owned()));
        }
        links.sort();
        let locales = Locales::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let frame = locales.texts[0].iter().filter(|entry| entry.table == "frame");
        let names: Vec<_> = frame.map(|entry| (entry.key.clone(), entry.texts[0].forms().concat())).collect();
        assert_eq!(names, links);
    }

    /// The code `broker.busy` stands for both a busy broker and one that has moved.
    #[test]
    fn the_texts_for_a_busy_broker_also_mention_one_that_has_moved() {
        let locales = Locales::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let english = |key: &str| {
            let entry = locales.texts.iter().flatten().find(|entry| entry.key == key);
            entry.unwrap().texts[0].forms().concat()
        };
        assert!(english("broker.busy means").contains("moved"));
        assert!(english("broker.busy todo").contains("address"));
    }
}
