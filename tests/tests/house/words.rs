//! Words that comments and documents must not use, because readers had to read them twice.

use std::fs;
use std::path::{Path, PathBuf};

use super::{everything, inside, root};

/// One word or phrase per line, and after a tab what to write instead.
const WORDS: &str = include_str!("words.tsv");

#[test]
fn comments_and_documents_use_plain_words() {
    let words: Vec<(&str, &str)> = WORDS.lines().filter_map(|line| line.split_once('\t')).collect();
    let mut found = Vec::new();
    for file in everything().into_iter().chain(documents(root())) {
        let text = fs::read_to_string(&file).unwrap();
        let is_rust = super::is_rust(&file);
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_start();
            let prose = if is_rust { line.strip_prefix("//") } else { Some(line) };
            let Some(prose) = prose.map(str::to_lowercase) else { continue };
            let used = words.iter().filter(|(word, _)| contains(&prose, word));
            found.extend(used.map(|(word, instead)| {
                format!("{}:{}: {word:?}: write {instead:?}", inside(&file), number + 1)
            }));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_word_is_found_only_as_a_whole() {
    assert!(contains("lest it be lost", "lest"));
    assert!(contains("(hence)", "hence"));
    assert!(!contains("the smallest one", "lest"));
}

/// Whether the text contains the word, with no letter before or after it.
fn contains(text: &str, word: &str) -> bool {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next())
    })
}

/// The Markdown files of the repository.
pub(super) fn documents(root: &Path) -> Vec<PathBuf> {
    let folders = ["", "docs", "decoder", "tests"].into_iter();
    let entries = folders.filter_map(|folder| fs::read_dir(root.join(folder)).ok()).flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}
