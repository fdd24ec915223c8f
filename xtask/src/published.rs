//! The decoder as a crate of its own, as somebody else would use it: with each of its features, and packed.

use crate::{failure::Failure, run, tools, workspace::Workspace};

/// Checks it with each feature alone, with none, and with all; then packs it as if to publish it, and builds what was packed.
///
/// # Errors
/// It does not build so, or cargo-hack could not be installed.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    hack(workspace, &["--each-feature"])?;
    let mut publish = workspace.command("cargo", &["publish", "--dry-run", "--package", DECODER]);
    // What is not committed yet is packed as well: CI has nothing of that kind.
    run::run(publish.args(["--allow-dirty", "--target-dir"]).arg(workspace.target.join("package")))
}

/// Checks it with any two features, by the oldest compiler that it names.
///
/// # Errors
/// It does not build so, or cargo-hack could not be installed.
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
