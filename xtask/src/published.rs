//! Checks the decoder as a separate crate, as other projects use it: with each of its features, and as a package.

use crate::{failure::Failure, run, tools, workspace::Workspace};

/// Checks the crate with each feature alone, without features, and with all of them. Then packs it as for publication,
/// and builds the package.
///
/// # Errors
/// If a check fails, or cargo-hack could not be installed.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    hack(workspace, &["--each-feature"])?;
    let mut publish = workspace.command("cargo", &["publish", "--dry-run", "--package", DECODER]);
    // Also packs changes that are not committed. CI has none.
    run::run(publish.args(["--allow-dirty", "--target-dir"]).arg(workspace.target.join("package")))
}

/// Checks the crate with every pair of features, using the oldest compiler that it supports.
///
/// # Errors
/// If a check fails, or cargo-hack could not be installed.
pub(crate) fn audit(workspace: &Workspace) -> Result<(), Failure> {
    hack(workspace, &["--feature-powerset", "--depth", "2", "--rust-version"])
}

fn hack(workspace: &Workspace, which: &[&str]) -> Result<(), Failure> {
    tools::finish(workspace, tools::cargo_hack(workspace)?)?;
    let mut hack = workspace.command("cargo", &["hack", "check", "--package", DECODER, "--lib"]);
    hack.env("CARGO_TERM_QUIET", "true");
    run::run(hack.args(which))
}

const DECODER: &str = "metertap-decoder";
