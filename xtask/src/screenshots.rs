//! `cargo xtask screenshots`: the pictures that the README shows, taken of the page as it is.

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

/// Builds the page, and has a browser take its pictures into `docs/`.
///
/// # Errors
/// Something needed could not be installed or built, or the page does not show what is to be seen.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::for_the_tests(workspace)?;
    setup::page(workspace)?;
    let mut test =
        workspace.command("cargo", &["test", "--package", "metertap-e2e", "--test", "screenshots"]);
    test.env("METERTAP_DIST", workspace.page());
    run::run(test.args(["--", "--nocapture"]))
}
