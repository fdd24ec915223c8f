//! Conversations with meters, byte by byte and to the millisecond: `tests/talks/`.

use std::fs;
use std::path::{Path, PathBuf};

use metertap_tests::talk::play;

#[test]
fn every_talk_runs_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("talks");
    let mut talks: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    talks.sort();
    for talk in &talks {
        play(&talk.file_stem().unwrap().to_string_lossy(), &fs::read_to_string(talk).unwrap());
    }
    println!("{} talks", talks.len());
    assert!(talks.len() >= 20, "talks are missing");
}
