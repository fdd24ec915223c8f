//! Which packages are built together. The same ones are named each time, so that a library is compiled once, and not again
//! for each set of packages that wants other features of it.

use std::process::Command;

use crate::workspace::Workspace;

/// `cargo test` of everything that runs without a browser around it.
pub(crate) fn native(workspace: &Workspace, targets: &[&str]) -> Command {
    let mut test = workspace.command("cargo", &["test", "--workspace", "--no-fail-fast"]);
    // What libtest says of times is not settled yet, and a released compiler has it only for those who ask.
    test.args(["--config", "target.'cfg(unix)'.runner = ['env', 'RUSTC_BOOTSTRAP=1']"]);
    test.args(without(&BROWSER_ONLY)).args(without(&OF_OTHERS)).args(targets);
    test
}

/// Has cargo leave out packages.
pub(crate) fn without<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().flat_map(|package| ["--exclude", package]).collect()
}

/// Has cargo take these packages only.
pub(crate) fn only<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().flat_map(|package| ["--package", package]).collect()
}

/// Packages that exist on wasm only.
pub(crate) const BROWSER_ONLY: [&str; 2] = ["metertap-app", "metertap-browser-tests"];
/// Half of it is for a JavaScript host.
pub(crate) const LOG_BENCH: &str = "metertap-log-bench";
/// Programs around a library of others: nothing to test, nothing to document.
pub(crate) const OF_OTHERS: [&str; 2] = ["xtask-bindgen", "xtask-test-runner"];
