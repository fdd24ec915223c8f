//! Which packages are built together. Commands always name the same packages. Otherwise, cargo would compile a library
//! again for each set of packages that enables different features of it.

use std::process::Command;

use crate::workspace::Workspace;

/// `cargo test` for all packages that are built natively, except [`OF_OTHERS`].
pub(crate) fn native(workspace: &Workspace, targets: &[&str]) -> Command {
    let mut test = workspace.command("cargo", &["test", "--workspace", "--no-fail-fast"]);
    // The reported times are an unstable feature of libtest. A released compiler needs RUSTC_BOOTSTRAP for it.
    test.args(["--config", "target.'cfg(unix)'.runner = ['env', 'RUSTC_BOOTSTRAP=1']"]);
    test.args(without(&BROWSER_ONLY)).args(without(&OF_OTHERS)).args(targets);
    test
}

/// Arguments that exclude packages.
pub(crate) fn without<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().flat_map(|package| ["--exclude", package]).collect()
}

/// Arguments that select packages.
pub(crate) fn only<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().flat_map(|package| ["--package", package]).collect()
}

/// Packages that build only for wasm.
pub(crate) const BROWSER_ONLY: [&str; 2] = ["metertap-app", "metertap-browser-tests"];
/// This package has one half for native builds and one for wasm, so both are checked.
pub(crate) const LOG_BENCH: &str = "metertap-log-bench";
/// Programs around other people's libraries. Their tests are not run, and their documentation is not built.
pub(crate) const OF_OTHERS: [&str; 2] = ["xtask-bindgen", "xtask-test-runner"];
