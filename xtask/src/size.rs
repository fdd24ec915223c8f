//! The download size of the page. Prints the size of every file but the icons, uncompressed and in brotli. The first
//! visit and each file that is fetched later have a budget.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{failure::Failure, names::files_below, run, seal::is_fetched_later, workspace::Workspace};

/// Prints the sizes of the built page.
///
/// # Errors
/// If the first visit or a file that is fetched later exceeds its budget, or a file could not be read.
pub(crate) fn print(workspace: &Workspace) -> Result<(), Failure> {
    let (mut raw, mut packed) = (0, 0);
    println!("{:>9} {:>9}", "raw", "brotli");
    for (name, path) in files(&workspace.page())? {
        let mut brotli = workspace.command("brotli", &["--stdout", "--quality=11"]);
        let here = fs::metadata(&path).map_err(Failure::file(&path))?.len();
        let there = run::read(brotli.arg(&path))?.len() as u64;
        if is_fetched_later(&name) {
            println!("{here:>9} {there:>9} {name}, fetched later");
            within(&name, there, PART)?;
            continue;
        }
        println!("{here:>9} {there:>9} {name}");
        raw += here;
        packed += there;
    }
    println!(
        "{raw:>9} {packed:>9} in all; the budget is {BUDGET} in brotli, and {PART} for a file that is fetched later"
    );
    within("The page", packed, BUDGET)
}

fn within(what: &str, bytes: u64, budget: u64) -> Result<(), Failure> {
    if bytes > budget { Err(Failure::TooLarge { what: what.to_owned(), bytes, budget }) } else { Ok(()) }
}

/// The files of the page: all of the build except the icons, of which a browser fetches only some.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let named = |path: PathBuf| {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        (name, path)
    };
    let files = files_below(folder)?.into_iter().map(named);
    Ok(files.filter(|(name, _)| !name.starts_with(ICONS)).collect())
}

const ICONS: &str = "icons/";
/// The budget for a file that is fetched on first use, in bytes of brotli. The largest one writes workbooks.
const PART: u64 = 250_000;
/// The budget for a first visit, in bytes of brotli. Downloading them takes four seconds on a slow mobile connection.
const BUDGET: u64 = 715_000;
