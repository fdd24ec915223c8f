//! The project's folders, and how to start a program so that the project's own tools are found first.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{failure::Failure, run};

/// The checked-out project.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the top-level `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// The folder that cargo builds to, as configured on this machine.
    pub(crate) target: PathBuf,
    path: OsString,
}

impl Workspace {
    /// Finds the root folder, and asks cargo for the target folder.
    pub(crate) fn find() -> Result<Self, Failure> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here).to_owned();
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root);
        let metadata: Value = serde_json::from_slice(&run::read(&mut cargo)?).map_err(Failure::Metadata)?;
        let target = metadata.get("target_directory").and_then(Value::as_str).unwrap_or("target");
        let target = root.join(target);
        // The project's tools come first. System daemons such as mosquitto may lie outside a user's path.
        let ours = [target.join("tools"), root.join(".tools/bin")];
        let inherited = env::var_os("PATH").unwrap_or_default();
        let theirs = env::split_paths(&inherited).chain(["/usr/sbin".into()]);
        let path = env::join_paths(ours.into_iter().chain(theirs)).unwrap_or(inherited.clone());
        Ok(Self { root, target, path })
    }

    /// The same project, but the tools of this build profile are found before all others.
    pub(crate) fn preferring(&self, profile: &str) -> Self {
        let paths = env::split_paths(&self.path);
        let path = env::join_paths([self.target.join(profile)].into_iter().chain(paths));
        Self {
            root: self.root.clone(),
            target: self.target.clone(),
            path: path.unwrap_or_else(|_| self.path.clone()),
        }
    }

    /// A command that runs in the root folder.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.locate(program).unwrap_or_else(|| program.into()));
        command.args(arguments).current_dir(&self.root).env("PATH", &self.path);
        // Flags and targets for other projects would replace ours, or make cargo build to another folder.
        for other in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            command.env_remove(other);
        }
        // Any value of NO_COLOR disables colours, but Trunk 0.21 accepts only this one.
        if env::var_os("NO_COLOR").is_some() {
            command.env("NO_COLOR", "true");
        }
        command
    }

    /// As [`Self::command`], with the lowest priority if the system supports that.
    pub(crate) fn command_in_background(&self, program: &str, arguments: &[&str]) -> Command {
        if self.locate("nice").is_none() {
            return self.command(program, arguments);
        }
        let mut command = self.command("nice", &["-n", "19", program]);
        command.args(arguments);
        command
    }

    /// The path of a program, if it exists.
    pub(crate) fn locate(&self, program: &str) -> Option<PathBuf> {
        let name = format!("{program}{}", env::consts::EXE_SUFFIX);
        env::split_paths(&self.path).map(|folder| folder.join(&name)).find(|path| path.is_file())
    }

    /// Waits for an exclusive lock with this name in the target folder. The lock is held until the returned file is
    /// dropped.
    pub(crate) fn alone(&self, what: &str) -> Result<File, Failure> {
        let path = self.target.join(format!("{what}.lock"));
        fs::create_dir_all(&self.target).map_err(Failure::file(&self.target))?;
        let lock = File::create(&path).map_err(Failure::file(&path))?;
        lock.lock().map_err(Failure::file(&path))?;
        Ok(lock)
    }

    /// The folder to which the page is built.
    pub(crate) fn page(&self) -> PathBuf {
        self.root.join("dist")
    }
}
