//! Everything that the documents name exists: files, and in the walks of ARCHITECTURE.md also functions and types.

use std::fs;
use std::path::{Path, PathBuf};

use super::words::documents;
use super::{inside, is_rust, root};

/// A name with one of these endings is taken for a file.
const ENDINGS: &[&str] = &["css", "html", "js", "md", "rs", "toml", "tsv"];

#[test]
fn every_file_that_a_document_names_exists() {
    let mut all = Vec::new();
    collect(root(), &mut all);
    let mut missing = Vec::new();
    for document in documents(root()) {
        for (number, line) in read(&document).lines().enumerate() {
            // A name that contains `NAME` is a placeholder.
            let names = quoted(line).filter(|name| is_file_name(name) && !name.contains("NAME"));
            let absent = names.filter(|name| !all.iter().any(|file| file.ends_with(name)));
            missing.extend(absent.map(|name| format!("{}:{}: {name}", inside(&document), number + 1)));
        }
    }
    assert!(missing.is_empty(), "no such files:\n{}", missing.join("\n"));
}

#[test]
fn every_step_of_a_walk_names_files_and_what_is_in_them() {
    let text = read(Path::new("ARCHITECTURE.md"));
    let walks = section(&text, "\n## The path of a reading\n", "\n## ");
    let (main, decoder) = walks.split_once("\n### Inside the decoder\n").expect("the decoder has a walk");
    let (mut steps, mut missing) = (Vec::new(), Vec::new());
    for (walk, folder) in [(main, ""), (decoder, "decoder/src")] {
        let mut files = Vec::new();
        for line in walk.lines() {
            let number: Option<usize> = line.split_once(". ").and_then(|(number, _)| number.parse().ok());
            steps.extend(number);
            for name in quoted(line).filter(|name| is_file_name(name)) {
                match find(name, folder, &files) {
                    Some(file) => files.push(file),
                    None => missing.push(format!("no file {name}: {line}")),
                }
            }
            let text: String = files.iter().filter(|file| is_rust(file)).map(|file| read(file)).collect();
            let names = quoted(line).filter(|_| number.is_some()).filter_map(identifier);
            let absent = names.filter(|name| !defines(&text, name));
            missing.extend(absent.map(|name| format!("no file so far defines {name}: {line}")));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let lengths: Vec<usize> = steps.chunk_by(|one, next| *next == one + 1).map(<[usize]>::len).collect();
    let [to_screen, to_broker, in_decoder] = lengths[..] else { panic!("not three walks: {steps:?}") };
    assert!(to_screen <= 12 && to_broker <= 4 && in_decoder <= 12, "a walk is too long: {lengths:?}");
}

/// The file of this name: from the root, from the walk's own folder, or beside a file that was named before.
fn find(name: &str, folder: &str, before: &[PathBuf]) -> Option<PathBuf> {
    let beside = before.iter().rev().filter_map(|file| file.parent()).map(|parent| parent.join(name));
    let mut places = [PathBuf::from(name), Path::new(folder).join(name)].into_iter().chain(beside);
    places.find(|place| root().join(place).is_file())
}

/// The name of the function or type that a text in backticks refers to. `None` if the text is something else.
fn identifier(quoted: &str) -> Option<&str> {
    let name = quoted.rsplit("::").next()?.split('<').next()?;
    let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let is_unit = name.len() < 3;
    (is_word && !is_unit).then_some(name)
}

/// Whether the text defines a function of this name, or contains the name of a type or variant.
fn defines(text: &str, name: &str) -> bool {
    let is_letter =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let is_type = name.starts_with(|letter: char| letter.is_ascii_uppercase());
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + name.len()..]);
        let is_whole = !is_letter(before.chars().next_back()) && !is_letter(behind.chars().next());
        is_whole && (is_type || before.ends_with("fn "))
    })
}

/// What is between backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn is_file_name(name: &str) -> bool {
    let is_path = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
    is_path
        && name.rsplit_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && ENDINGS.contains(&ending))
}

/// The text between a heading and the next one like it.
fn section<'a>(text: &'a str, heading: &str, next: &str) -> &'a str {
    let (_, behind) = text.split_once(heading).expect("the heading is there");
    behind.split_once(next).map_or(behind, |(section, _)| section)
}

fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Collects all files of the repository, relative to the root, without built and hidden ones.
fn collect(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if matches!(name.as_str(), "target" | "dist" | "node_modules") || name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, all);
        } else {
            all.push(inside(&path).into());
        }
    }
}
