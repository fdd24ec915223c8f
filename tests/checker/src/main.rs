//! `metertap-checker FOLDER`: reports the errors in what a page has stored. [`metertap_checker::Evidence::open`]
//! describes the folder.

use std::path::PathBuf;
use std::process::ExitCode;

use metertap_checker::{Evidence, check};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("A folder is needed: metertap-checker FOLDER");
        return ExitCode::FAILURE;
    };
    let verdict = match Evidence::open(&folder) {
        Ok(evidence) => check(&evidence),
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    };
    verdict.findings.iter().for_each(|finding| println!("{finding}"));
    let (readings, found, named, tables) = (verdict.readings, verdict.found, verdict.named, verdict.tables);
    println!(
        "{readings} readings stored; of those that windows were told about, {found} are there and {named} are \
         excused; {tables} tables"
    );
    println!("{} findings", verdict.findings.len());
    if verdict.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
