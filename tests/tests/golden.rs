//! The corpus: every telegram in it is decoded as its case says.

use std::fs;
use std::path::{Path, PathBuf};

use metertap_tests::golden::{Source, hex, is_read, is_refused};

#[test]
fn every_case_is_read_as_stated() {
    let (mut cases, mut verified) = (0, 0);
    for folder in folders("meters") {
        for path in telegrams(&folder) {
            let source = source(&path);
            let expected = text(&path.with_extension("json"));
            is_read(&path.display().to_string(), &source.setup(), &bytes(&path), &expected);
            cases += 1;
            verified += usize::from(source.values != "nobody yet");
        }
    }
    println!("{verified} of {cases} cases independently verified");
    assert!(cases > 0, "the corpus is empty");
}

#[test]
fn every_broken_case_is_refused_with_its_code() {
    let folders = folders("broken");
    assert!(!folders.is_empty(), "the corpus has nothing broken");
    for folder in folders {
        let code = folder.file_name().unwrap().to_str().unwrap();
        for path in telegrams(&folder) {
            is_refused(&path.display().to_string(), code, &source(&path).setup(), &bytes(&path));
        }
    }
}

/// The metadata of a telegram, from its own file, or else from its folder's file.
fn source(path: &Path) -> Source {
    let own = path.with_extension("toml");
    let file = if own.is_file() { own } else { path.with_file_name("source.toml") };
    Source::new(&text(&file))
}

fn bytes(path: &Path) -> Vec<u8> {
    hex(&text(path))
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn folders(below: &str) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(below);
    entries(&corpus).into_iter().filter(|path| path.is_dir()).collect()
}

fn telegrams(folder: &Path) -> Vec<PathBuf> {
    let files = entries(folder).into_iter();
    files.filter(|path| path.extension().is_some_and(|extension| extension == "hex")).collect()
}

fn entries(below: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
