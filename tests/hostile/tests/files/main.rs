//! Hostile files through the whole engine. Whatever a file contains, nothing that was in the log changes, no address in
//! the file is contacted, and memory stays bounded. The file is refused with an error about the file, or it can be
//! undone without a trace.
//!
//! `METERTAP_HOSTILE_FILES` sets the number of files; `cargo xtask fuzz` sets it to ten thousand. `METERTAP_SEED` sets
//! the seed of the corpus. A file that fails the test is written to the folder for temporary files. If `METERTAP_SEEDS`
//! names a folder, the seeds of fuzz targets are written there.

mod judge;
mod window;

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use metertap_hostile::{Corpus, House, Kind};

use self::judge::{Judge, Outcome};

/// The outcomes of the files of a kind.
#[derive(Debug, Default)]
struct Count {
    files: u32,
    /// How many passed the outer check.
    passed: u32,
    taken: u32,
    /// The most bytes of memory that were allocated at one time for a file.
    memory: u64,
}

#[test]
fn hostile_files_do_no_harm() {
    let files = number("METERTAP_HOSTILE_FILES").unwrap_or(FILES);
    let seed = number("METERTAP_SEED").unwrap_or(SEED);
    let house = House::begin();
    let corpus = Corpus::new(house.written.clone(), seed);
    let mut judge = Judge::new(house, seed);
    let mut counts = BTreeMap::<Kind, Count>::new();
    for file in corpus.take(usize::try_from(files).expect("a number of files")) {
        let outcome = judge.take(&file).unwrap_or_else(|finding| {
            let path = env::temp_dir().join(&file.name);
            let kept = fs::write(&path, &file.bytes).map(|()| path.display().to_string());
            panic!("METERTAP_SEED={seed}, {} ({kept:?}): {finding}", file.name);
        });
        let Outcome { passed, taken, memory } = outcome;
        let count = counts.entry(file.kind).or_default();
        count.files += 1;
        count.passed += u32::from(passed);
        count.taken += u32::from(taken);
        count.memory = count.memory.max(memory);
    }
    for (kind, Count { files, passed, taken, memory }) in &counts {
        println!(
            "{kind:?}: {files} files, {passed} past the outer check, {taken} imported, at most {memory} bytes held"
        );
    }
    for (kind, Count { files, passed, taken, .. }) in &counts {
        assert!(passed * 10 >= files * 9, "{kind:?}: {passed} of {files} passed the outer check");
        assert!(*taken > 0, "{kind:?}: none was imported");
    }
    assert_eq!(counts.len(), Kind::ALL.len());
}

/// Writes the files that fuzz targets begin with.
#[test]
fn seeds_are_written_to_the_chosen_folder() {
    let Some(folder) = env::var_os("METERTAP_SEEDS") else { return };
    let mut corpus = Corpus::new(House::begin().written, SEED);
    for (kind, target) in [
        (Kind::Backup, "backup"),
        (Kind::Lines, "import"),
        (Kind::Table, "import"),
        (Kind::Capture, "capture"),
    ] {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder).expect("a folder for seeds");
        for _ in 0..SEEDS {
            let file = corpus.file(kind);
            fs::write(folder.join(&file.name), &file.bytes).expect("there is room for it");
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// This many files take a few seconds.
const FILES: u64 = 500;
const SEED: u64 = 1;
/// The number of files of each kind that a fuzz target begins with.
const SEEDS: usize = 30;
