//! Finds the fuzz targets whose code has changed.

use crate::{run, workspace::Workspace};

/// The files that have changed since the last tag, or since this branch left `main`. `None` if there is no such commit
/// before the current one, for example on a `main` that is pushed and has no tag.
pub(super) fn files(workspace: &Workspace) -> Option<Vec<String>> {
    let git = |arguments: &[&str]| {
        let (said, well) = run::hear(&mut workspace.command("git", arguments)).ok()?;
        well.then(|| said.trim().to_owned())
    };
    let head = git(&["rev-parse", "HEAD"])?;
    let places = [
        git(&["describe", "--tags", "--abbrev=0"]),
        git(&["merge-base", "HEAD", "origin/main"]),
        git(&["merge-base", "HEAD", "main"]),
    ];
    let commits = places.into_iter().flatten();
    let commits = commits.filter_map(|place| git(&["rev-parse", &format!("{place}^{{commit}}")]));
    let since = commits.into_iter().find(|commit| *commit != head)?;
    let changed = git(&["diff", "--name-only", &since])?;
    let new = git(&["ls-files", "--others", "--exclude-standard"])?;
    Some(changed.lines().chain(new.lines()).map(str::to_owned).collect())
}

/// Whether a target may run code in a file. A target whose name begins with one of [`PROTOCOLS`] runs only that
/// protocol and the code that all protocols share.
pub(super) fn concerns(target: &str, file: &str) -> bool {
    let of = |protocol: &str| target.split('_').next() == Some(protocol);
    if EVERYWHERE.contains(&file) {
        return true;
    }
    if LOG.contains(&target) && file.starts_with("app/readings/") {
        return true;
    }
    if target == BROKER && file.starts_with("app/") && !file.starts_with("app/src/") {
        return true;
    }
    let Some(file) = file.strip_prefix("decoder/") else { return false };
    match file.strip_prefix("src/").and_then(|file| file.split_once('/')) {
        Some((folder, _)) if PROTOCOLS.contains(&folder) => {
            of(folder) || !PROTOCOLS.iter().any(|other| of(other))
        }
        _ => true,
    }
}

/// Files that affect every build.
const EVERYWHERE: [&str; 3] = ["Cargo.toml", "rust-toolchain.toml", "xtask/src/fuzz.rs"];
/// Folders of the decoder with one protocol each. A change in any other folder of the decoder concerns all targets.
const PROTOCOLS: [&str; 7] = ["dlms", "hdlc", "iec62056", "kmp", "mbus", "p1", "sml"];
/// The targets that read files or the contents of the log.
const LOG: [&str; 5] = ["backup", "capture", "import", "log", "records"];
/// The target that runs the whole engine.
const BROKER: &str = "broker";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_changed_protocol_selects_its_targets_and_the_general_ones() {
        assert!(concerns("p1_telegram", "decoder/src/p1/telegram.rs"));
        assert!(!concerns("sml_frame", "decoder/src/p1/telegram.rs"));
        assert!(concerns("session", "decoder/src/p1/telegram.rs"));
        assert!(concerns("sml_frame", "decoder/src/reading/value.rs"));
        assert!(concerns("sml_frame", "decoder/Cargo.toml"));
        assert!(concerns("backup", "app/readings/src/backup.rs"));
        assert!(concerns("log", "app/readings/Cargo.toml"));
        assert!(concerns("broker", "app/engine/src/broker/carrier.rs"));
        assert!(!concerns("broker", "app/src/worker/disk.rs"));
        assert!(!concerns("sml_frame", "app/readings/src/backup.rs"));
        assert!(!concerns("session", "app/src/engine/desk.rs"));
        assert!(concerns("sml_frame", "Cargo.toml"));
    }

    #[test]
    fn each_protocol_has_a_folder() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../decoder/src");
        for protocol in PROTOCOLS {
            assert!(source.join(protocol).is_dir(), "{protocol}");
        }
    }
}
