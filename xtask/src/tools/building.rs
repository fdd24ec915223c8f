//! Tools that cargo installs, each in one fixed version, in the background.

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::Duration,
};

use crate::{failure::Failure, run, workspace::Workspace};

pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) options: &'static [&'static str],
}

impl Tool {
    /// Whether the tool is installed in that version.
    pub(super) fn is_there(&self, workspace: &Workspace) -> bool {
        let said =
            workspace.locate(self.name).and_then(|path| Command::new(path).arg("--version").output().ok());
        said.is_some_and(|said| {
            String::from_utf8_lossy(&said.stdout).split_whitespace().any(|word| word == self.version)
        })
    }
}

/// A tool that is being built. Dropping it stops the build. The parts already built stay and are not built again.
#[derive(Debug)]
pub(crate) struct Building {
    tool: String,
    process: Child,
    said: PathBuf,
}

impl Building {
    /// Starts the build of a tool. Returns `None` if the tool is installed.
    pub(super) fn begin(workspace: &Workspace, tool: &Tool) -> Result<Option<Self>, Failure> {
        if tool.is_there(workspace) {
            return Ok(None);
        }
        let version = format!("{}@{}", tool.name, tool.version);
        // This folder is ours and stays, so that a stopped build can continue.
        let folder = workspace.target.join("install");
        let said = folder.join(format!("{}.log", tool.name));
        fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
        let log = File::options().create(true).append(true).open(&said).map_err(Failure::file(&said))?;
        // Cargo inherits the lock, and holds it for as long as it writes to the log. If an earlier build outlived its
        // parent, we wait for that build.
        if log.try_lock().is_err() {
            println!("Waiting for {version}, which is being built here already.");
            log.lock().map_err(Failure::file(&said))?;
            if tool.is_there(workspace) {
                return Ok(None);
            }
        }
        log.set_len(0).map_err(Failure::file(&said))?;
        forget(&folder, tool);
        // Without optimisation, because optimising a tool takes longer than the tool will ever run.
        let install = ["install", "--force", "--locked", "--debug", &version, "--root", ".tools"];
        let mut install = workspace.command_in_background("cargo", &install);
        install.arg("--target-dir").arg(&folder).args(tool.options).env("CARGO_PROFILE_DEV_DEBUG", "0");
        install.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "80");
        install.stdout(log.try_clone().map_err(Failure::file(&said))?).stderr(log);
        let process =
            install.spawn().map_err(|error| Failure::NotStarted { program: "cargo".into(), error })?;
        Ok(Some(Self { tool: version, process, said }))
    }

    /// Waits for the end of the build, and shows its progress.
    ///
    /// # Errors
    /// If the tool could not be fetched, or did not build.
    pub(crate) fn finish(mut self, workspace: &Workspace) -> Result<(), Failure> {
        let mut shown = None;
        let status = loop {
            if let Some(status) = self.process.try_wait().map_err(Failure::file(&self.said))? {
                break status;
            }
            let progress = progress(&self.said());
            if shown.is_none() || shown != Some(progress) && io::stdout().is_terminal() {
                self.show(progress);
                shown = Some(progress);
            }
            thread::sleep(Duration::from_millis(300));
        };
        if shown.is_some() {
            println!();
        }
        if status.success() {
            return Ok(());
        }
        eprintln!("{}", lines(&self.said()));
        let known = ["info", "--quiet", "--registry", "crates-io", &self.tool];
        let known = run::hear(&mut workspace.command("cargo", &known));
        let what = self.tool.clone();
        Err(if matches!(known, Ok((_, false))) {
            Failure::NotFetched { what }
        } else {
            Failure::NotBuilt { what }
        })
    }

    fn show(&self, progress: Option<(u32, u32)>) {
        let (start, tool) = (if io::stdout().is_terminal() { "\r" } else { "" }, &self.tool);
        match progress {
            Some((done, all)) => print!("{start}Waiting for {tool}: {done} of {all} parts are built. "),
            None => print!("{start}Waiting for {tool}. "),
        }
        let _ = io::stdout().flush();
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.said).unwrap_or_default()).into_owned()
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        // This fails if the process has ended, which is fine.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Removes the tool's program that an earlier build left in cargo's folder. The program may be damaged, and cargo would
/// use it again without a check.
fn forget(folder: &Path, tool: &Tool) {
    let debug = folder.join("debug");
    let _ = fs::remove_file(debug.join(tool.name));
    let built = format!("{}-", tool.name.replace('-', "_"));
    for entry in fs::read_dir(debug.join("deps")).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&built) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The progress in cargo's last progress bar: the number of parts that are built, and the number of all parts.
fn progress(said: &str) -> Option<(u32, u32)> {
    said.rmatch_indices("] ").find_map(|(place, _)| {
        let (done, rest) = said.get(place + 2..)?.split_once('/')?;
        let all = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        Some((done.parse().ok()?, all.parse().ok()?))
    })
}

/// The lines that a terminal would show at the end, without the progress bar.
fn lines(said: &str) -> String {
    let lines = said.lines().map(|line| line.rsplit('\r').next().unwrap_or(line));
    let lines: Vec<&str> = lines.filter(|line| !line.trim_start().starts_with("Building [")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shortened copy of what cargo 1.95 wrote to a file.
    const SAID: &str = "   Compiling tokio v1.44.2\n\r    Building [==>      ] 120/471: tokio, h2(build)\r\
                        \r    Building [===>     ] 131/471: h2\rerror: could not compile `h2`\n";

    #[test]
    fn cargos_progress_bar_is_parsed() {
        assert_eq!(progress(SAID), Some((131, 471)));
        assert_eq!(progress("    Updating crates.io index\n"), None);
        assert_eq!(progress("[a] b/c\n"), None);
    }

    #[test]
    fn errors_are_shown_without_the_progress_bar() {
        assert_eq!(lines(SAID), "   Compiling tokio v1.44.2\nerror: could not compile `h2`");
    }
}
