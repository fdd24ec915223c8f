//! `cargo xtask audit` checks our dependencies (`deny.toml`): licences that we may ship, one version of each crate,
//! crates.io as the only source. `cargo xtask audit page` checks the accessibility of the page.

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

/// Checks the lock file against `deny.toml`.
///
/// # Errors
/// A rule of `deny.toml` is broken, or cargo-deny could not be installed.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::finish(workspace, tools::cargo_deny(workspace)?)?;
    let deny =
        ["deny", "--workspace", "--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    run::run(&mut workspace.command("cargo", &deny))
}

/// Builds the page and checks each screen in the navigation with axe-core, which npm fetches.
///
/// # Errors
/// If a tool could not be installed or built, or a screen breaks a rule.
pub(crate) fn page(workspace: &Workspace) -> Result<(), Failure> {
    tools::for_the_tests(workspace)?;
    setup::page(workspace)?;
    let mut test =
        workspace.command("cargo", &["test", "--package", "metertap-e2e", "--test", "accessibility"]);
    run::run(test.env("METERTAP_DIST", workspace.page()))
}
