//! Builds the page.

use crate::{failure::Failure, run, tools, trunk, workspace::Workspace};

/// Builds the page for release with Trunk, which calls [`compile`] first and [`crate::seal`] at the end.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    // Trunk assembles the page in one folder, so only one build may run at a time.
    let _alone = workspace.alone("page")?;
    trunk::run(&mut workspace.command("trunk", &["build", "--release"]), |_| {})
}

/// Builds all programs of the page in one call of cargo, so that several cores link at once. Trunk would build one
/// after the other. It now finds all of them up to date.
pub(crate) fn compile(workspace: &Workspace, profile: &str) -> Result<(), Failure> {
    let programs =
        ["build", "--target", tools::WASM, "--package", "metertap-app", "--bins", "--profile", profile];
    run::run(&mut workspace.command("cargo", &programs))
}

/// The profile in `Cargo.toml` to use for a profile of Trunk.
pub(crate) fn profile(trunks: &str) -> &'static str {
    if trunks == RELEASE { RELEASE } else { "page" }
}

pub(crate) const RELEASE: &str = "release";
