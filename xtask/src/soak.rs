//! `cargo xtask soak`: the tests that take long. An hour of random events for the whole engine on a simulated computer,
//! then fifty kills of a browser while three meters send, and a day of a meter at high speed with its memory use.

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

/// Builds the page and runs the long tests.
///
/// # Errors
/// If a tool could not be installed or built, or a reading was lost.
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

/// One hour.
const CHAOS_SECONDS: &str = "3600";
