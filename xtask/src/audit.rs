//! What we depend on: licences we may ship, one version of each crate, crates.io as the only source (`deny.toml`).

use crate::{failure::Failure, run, tools, workspace::Workspace};

/// Judges the lock file by `deny.toml`.
///
/// # Errors
/// A rule of `deny.toml` is broken, or cargo-deny could not be installed.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::finish(workspace, tools::cargo_deny(workspace)?)?;
    let deny =
        ["deny", "--workspace", "--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    run::run(&mut workspace.command("cargo", &deny))
}
