//! Checks our dependencies (`deny.toml`): licences that we may ship, one version of each crate, crates.io as the only
//! source.

use crate::{failure::Failure, run, tools, workspace::Workspace};

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
