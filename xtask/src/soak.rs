//! `cargo xtask soak`: what takes an hour. Fifty kills of a browser while three meters speak, and a day of a meter's life
//! at high speed, with what it takes of memory.

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

/// Builds the page and lets it suffer.
///
/// # Errors
/// Something needed could not be installed or built, or a reading was lost.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::for_the_tests(workspace)?;
    setup::page(workspace)?;
    let mut test = workspace.command("cargo", &["test", "--package", "metertap-e2e", "--test", "soak"]);
    test.env("METERTAP_DIST", workspace.page());
    run::run(test.args(["--", "--nocapture", "--test-threads=1"]))
}
