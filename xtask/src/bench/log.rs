//! `cargo xtask bench log`: measures the log against rows in Dexie in the same browser, and writes the table.

use std::fs;
use std::path::Path;

use crate::{failure::Failure, run, tools, workspace::Workspace};

/// Builds both contenders, measures them, and writes the table into `BENCHMARKS.md`.
///
/// # Errors
/// If a tool could not be installed or built, there is no npm, or the two contenders drew different charts.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::for_the_tests(workspace)?;
    tools::for_wasm(workspace)?;
    let folder = workspace.target.join("bench/log");
    build(workspace, &folder)?;
    let test = ["test", "--package", "metertap-e2e", "--test", "log-bench", "--", "--nocapture"];
    let mut test = workspace.command("cargo", &test);
    let mut said = String::new();
    run::overhear(test.env("METERTAP_LOG_BENCH", &folder), |line| {
        said.extend([line, "\n"]);
        true
    })?;
    super::write(workspace, "log", &table(&said))
}

/// Builds the benchmark page, with our log built as for the released page, and with Dexie as npm publishes it.
fn build(workspace: &Workspace, folder: &Path) -> Result<(), Failure> {
    let source = workspace.root.join("tests/bench/log");
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    for name in PAGE.iter().map(|name| format!("page/{name}")).chain(PACKAGE.map(str::to_owned)) {
        let file = name.rsplit('/').next().unwrap_or(&name);
        fs::copy(source.join(&name), folder.join(file)).map_err(Failure::file(&source.join(&name)))?;
    }
    if workspace.locate("npm").is_none() {
        return Err(Failure::Missing { programs: vec!["npm"] });
    }
    run::run(workspace.command("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    let dexie = folder.join("node_modules/dexie/dist/modern/dexie.mjs");
    fs::copy(&dexie, folder.join("dexie.js")).map_err(Failure::file(&dexie))?;
    let build = ["build", "--release", "--target", tools::WASM, "--package", "metertap-log-bench", "--lib"];
    run::run(&mut workspace.command("cargo", &build))?;
    let module = workspace.target.join(tools::WASM).join("release/metertap_log_bench.wasm");
    let bindgen = ["--target", "web", "--out-dir", &folder.to_string_lossy(), &module.to_string_lossy()];
    run::run(&mut workspace.command("wasm-bindgen", &bindgen))
}

fn table(said: &str) -> String {
    let head = [
        "| what | ratio | the log | rows in Dexie | to reach |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    let rows = said.lines().filter_map(|line| {
        let mut fields = line.strip_prefix("log-bench\t")?.split('\t');
        let (what, ours, theirs) = (fields.next()?, fields.next()?, fields.next()?);
        let (ratio, goal) = (fields.next()?, fields.next()?);
        Some(format!("| {what} | **{ratio} ×** | {ours} | {theirs} | {goal} |"))
    });
    head.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

const PAGE: [&str; 5] = ["index.html", "bench.js", "worker.js", "columns.js", "rows.js"];
const PACKAGE: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_the_bench_becomes_a_table() {
        let said = "running 1 test\nlog-bench\treadings a second\t900\t10\t90\t≥ 50 ×\ntest a_year ... ok";
        assert!(table(said).ends_with("|\n| readings a second | **90 ×** | 900 | 10 | ≥ 50 × |"));
    }
}
