//! Checks the decoder as a separate crate, as other projects use it: with each of its features, and as a package.

use std::{
    process::Command,
    thread::{self, JoinHandle},
};

use crate::{failure::Failure, run, tools, workspace::Workspace};

/// Checks that run in the background, with the output that they have written.
pub(crate) struct Checking(JoinHandle<(String, Result<(), Failure>)>);

impl Checking {
    /// Begins to check the crate with each feature alone, without features, and with all of them. Then packs it as for
    /// publication, and builds the package. Builds into separate folders, so that other builds need not wait.
    ///
    /// # Errors
    /// If cargo-hack could not be installed.
    pub(crate) fn begin(workspace: &Workspace) -> Result<Self, Failure> {
        let mut each = hack(workspace, &["--each-feature"])?;
        each.env("CARGO_TARGET_DIR", workspace.target.join("features"));
        let publish = ["publish", "--dry-run", "--package", DECODER, "--allow-dirty", "--target-dir"];
        // `--allow-dirty` also packs changes that are not committed. CI has none.
        let mut publish = workspace.command_in_background("cargo", &publish);
        publish.arg(workspace.target.join("package"));
        Ok(Self(thread::spawn(move || {
            let mut said = String::new();
            let checked = [each, publish].iter_mut().try_for_each(|command| run::note(command, &mut said));
            (said, checked)
        })))
    }

    /// Waits for the end of the checks, and prints what they have written.
    ///
    /// # Errors
    /// If a check failed.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        // A panic of the thread is a panic of ours.
        let (said, checked) = self.0.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        print!("{said}");
        checked
    }
}

/// Checks the crate with every pair of features, using the oldest compiler that it supports. Then compares its public
/// interface with that of the last published version.
///
/// # Errors
/// If a check fails, the interface changed more than the version says, or a tool could not be installed.
pub(crate) fn audit(workspace: &Workspace) -> Result<(), Failure> {
    run::run(&mut hack(workspace, &["--feature-powerset", "--depth", "2", "--rust-version"])?)?;
    let last = ["describe", "--tags", "--match", PUBLISHED, "--abbrev=0"];
    let (tag, is_known) = run::hear(&mut workspace.command("git", &last))?;
    if !is_known {
        println!(
            "No tag `{PUBLISHED}`: no version of {DECODER} was published, so there is none to compare with."
        );
        return Ok(());
    }
    tools::finish(workspace, tools::cargo_semver_checks(workspace)?)?;
    let compare =
        ["semver-checks", "check-release", "--all-features", "--package", DECODER, "--baseline-rev"];
    run::run(workspace.command("cargo", &compare).arg(tag.trim()))
}

fn hack(workspace: &Workspace, which: &[&str]) -> Result<Command, Failure> {
    tools::finish(workspace, tools::cargo_hack(workspace)?)?;
    let mut hack =
        workspace.command_in_background("cargo", &["hack", "check", "--package", DECODER, "--lib"]);
    hack.args(which).env("CARGO_TERM_QUIET", "true");
    Ok(hack)
}

/// The tags of published versions.
const PUBLISHED: &str = "metertap-decoder-v*";
const DECODER: &str = "metertap-decoder";
