//! Building the page.

use crate::{failure::Failure, run, tools, trunk, workspace::Workspace};

/// Builds the page for release with Trunk, which calls [`compile`] first and [`crate::seal`] at the end.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    // Trunk puts the page together in one folder, whoever calls it.
    let _alone = workspace.alone("page")?;
    trunk::run(&mut workspace.command("trunk", &["build", "--release"]), |_| {})
}

/// Builds the page's programs in one go, so that each is linked by a core of its own. Trunk by itself would build one
/// after the other, and finds them built.
pub(crate) fn compile(workspace: &Workspace, profile: &str) -> Result<(), Failure> {
    let programs =
        ["build", "--target", tools::WASM, "--package", "metertap-app", "--bins", "--profile", profile];
    run::run(&mut workspace.command("cargo", &programs))
}

/// The profile of Cargo.toml that Trunk builds with, by the name it has for it.
pub(crate) fn profile(trunks: &str) -> &'static str {
    if trunks == RELEASE { RELEASE } else { "page" }
}

pub(crate) const RELEASE: &str = "release";
