//! `cargo xtask screenshots`: takes the README's pictures of the current page.

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

/// Builds the page and makes a browser take the pictures into `docs/`.
///
/// # Errors
/// If a tool could not be installed or built, or the page does not show what a picture needs.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::for_the_tests(workspace)?;
    setup::page(workspace)?;
    let mut test =
        workspace.command("cargo", &["test", "--package", "metertap-e2e", "--test", "screenshots"]);
    test.env("METERTAP_DIST", workspace.page());
    run::run(test.args(["--", "--nocapture"]))
}
