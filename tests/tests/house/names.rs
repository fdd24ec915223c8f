//! Names that only some files may use.

use std::fs;

use super::{everything, inside};

#[test]
fn web_sys_is_named_in_browser_only() {
    let mut elsewhere = naming("web_sys", "app/src/");
    elsewhere.retain(|file| !file.starts_with("app/src/browser"));
    assert_eq!(elsewhere, [""; 0]);
}

/// A part of a program that is loaded separately is called as a foreign function. A macro writes that unsafe call.
#[test]
fn unsafe_code_is_allowed_only_where_parts_begin() {
    let mut allowed = naming("unsafe_code", "");
    allowed.retain(|file| !file.starts_with("tests/tests/house"));
    assert_eq!(allowed, ["app/src/bin/app.rs", "app/src/bin/engine.rs"]);
}

/// Files below a folder that contain a word outside of comment lines.
fn naming(word: &str, folder: &str) -> Vec<String> {
    let names =
        |text: String| text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
    let files = everything().into_iter().filter(|file| names(fs::read_to_string(file).unwrap()));
    let mut files: Vec<_> = files.map(|file| inside(&file)).collect();
    files.retain(|file| file.starts_with(folder));
    files.sort();
    files
}
