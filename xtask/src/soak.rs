//! `cargo xtask soak`: what takes long. An hour of chance against the whole engine on a computer that never existed, then
//! fifty kills of a browser while three meters speak, and a day of a meter's life at high speed, with what it takes of
//! memory.

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

/// Builds the page and lets it suffer.
///
/// # Errors
/// Something needed could not be installed or built, or a reading was lost.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let mut chaos = workspace.command("cargo", &["test", "--package", "metertap-native", "--test", "chaos"]);
    chaos.env("METERTAP_CHAOS_SECONDS", CHAOS_SECONDS);
    run::run(chaos.args(["--", "--nocapture", "nothing_is_lost"]))?;
    tools::for_the_tests(workspace)?;
    setup::page(workspace)?;
    let mut test = workspace.command("cargo", &["test", "--package", "metertap-e2e", "--test", "soak"]);
    test.env("METERTAP_DIST", workspace.page());
    run::run(test.args(["--", "--nocapture", "--test-threads=1"]))
}

/// An hour.
const CHAOS_SECONDS: &str = "3600";
