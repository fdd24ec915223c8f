//! Runs ten thousand hostile files through the whole engine, and reports the line coverage of the code that reads
//! files.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{failure::Failure, run, tools, workspace::Workspace};

/// Builds the test of hostile files with line coverage, runs it, and prints the coverage.
///
/// # Errors
/// If a file breaks the engine, or a program did not build.
pub(super) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let tools = tools::llvm(workspace)?;
    let folder = workspace.target.join("coverage");
    let program = build(workspace, &folder)?;
    let (raw, merged) = (folder.join("hostile.profraw"), folder.join("hostile.profdata"));
    let mut test =
        workspace.command(&program.to_string_lossy(), &["--nocapture", "hostile_files_do_no_harm"]);
    run::run(test.env("METERTAP_HOSTILE_FILES", FILES).env("LLVM_PROFILE_FILE", &raw))?;
    let mut merge = workspace.command(&tools.join("llvm-profdata").to_string_lossy(), &["merge", "-o"]);
    run::run(merge.arg(&merged).arg(&raw))?;
    let mut export =
        workspace.command(&tools.join("llvm-cov").to_string_lossy(), &["export", "-summary-only"]);
    export.arg("-instr-profile").arg(&merged).arg(&program);
    let told = run::read(export.args(READERS.map(|reader| workspace.root.join(reader))))?;
    print(workspace, &serde_json::from_slice(&told).map_err(Failure::Metadata)?);
    Ok(())
}

fn build(workspace: &Workspace, folder: &Path) -> Result<PathBuf, Failure> {
    let host = tools::host(workspace)?;
    let test = ["test", "--locked", "--no-run", "--package", "metertap-hostile", "--test", "files"];
    let mut cargo = workspace.command("cargo", &test);
    // Without `--target`, cargo would apply the flags to build scripts and macros too. So the host is named as target.
    cargo.args(["--message-format=json-render-diagnostics", "--target", &host, "--target-dir"]).arg(folder);
    let told = run::read(cargo.env("RUSTFLAGS", "-Cinstrument-coverage"))?;
    let told = String::from_utf8_lossy(&told);
    let messages = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from));
    programs.next_back().ok_or(Failure::NoTests)
}

/// Prints the coverage of each source file, and of all of them together.
fn print(workspace: &Workspace, told: &Value) {
    let files = told.pointer("/data/0/files").and_then(Value::as_array).cloned().unwrap_or_default();
    let lines =
        |of: &Value, what: &str| of.pointer(&format!("/summary/lines/{what}")).and_then(Value::as_u64);
    let (mut all, mut reached) = (0, 0);
    for file in &files {
        let name = file.get("filename").and_then(Value::as_str).unwrap_or_default();
        let name = Path::new(name).strip_prefix(&workspace.root).unwrap_or(Path::new(name));
        let (Some(count), Some(covered)) = (lines(file, "count"), lines(file, "covered")) else { continue };
        (all, reached) = (all + count, reached + covered);
        println!("{:>5} % of {count:>4} lines  {}", percent(covered, count), name.display());
    }
    println!("{:>5} % of {all:>4} lines of the code that reads files", percent(reached, all));
}

fn percent(part: u64, of: u64) -> u64 {
    (part * 100).checked_div(of).unwrap_or_default()
}

const FILES: &str = "10000";
/// The code that reads files and the rows in backups.
const READERS: [&str; 7] = [
    "app/readings/src/files/backup",
    "app/readings/src/files/backup.rs",
    "app/readings/src/files/capture",
    "app/readings/src/files/capture.rs",
    "app/readings/src/files/import",
    "app/readings/src/log/format",
    "app/readings/src/log/totals/block",
];
