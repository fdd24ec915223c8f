//! `cargo xtask soak`: the tests that take long. First, the whole engine runs on a simulated computer with random
//! events for an hour. Then a browser is killed fifty times while three meters send, and a day of a meter is played at
//! high speed while the memory use is measured.

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
