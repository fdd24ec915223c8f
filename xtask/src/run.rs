//! Starts programs. Before most commands run, they are printed as one would type them.

use std::{
    io::{self, BufRead, BufReader, Write},
    ops::AddAssign,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::failure::Failure;

/// How many tests or checks passed, failed or were ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) ignored: u32,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl Tally {
    /// Parses the line with which libtest and wasm-bindgen's test runner end each run.
    fn of_line(line: &str) -> Option<Self> {
        let (_, counts) = line.split_once("test result: ")?.1.split_once(". ")?;
        let count = |word: &str| {
            let part = counts.split(';').find(|part| part.trim_end().ends_with(word))?;
            part.split_whitespace().next()?.parse().ok()
        };
        Some(Self { passed: count(" passed")?, failed: count(" failed")?, ignored: count(" ignored")? })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Timed {
    pub(crate) time: Duration,
    pub(crate) name: String,
}

impl Timed {
    /// Parses the line that libtest writes at the end of each test if it reports times.
    fn of_line(line: &str) -> Option<Self> {
        let (name, result) = line.split_once("test ")?.1.split_once(" ... ")?;
        let seconds = result.split_once('<')?.1.strip_suffix("s>")?.parse().ok()?;
        Some(Self { time: Duration::try_from_secs_f64(seconds).ok()?, name: name.to_owned() })
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tests {
    pub(crate) tally: Tally,
    /// The tests that reported their duration.
    pub(crate) times: Vec<Timed>,
}

impl AddAssign for Tests {
    fn add_assign(&mut self, other: Self) {
        self.tally += other.tally;
        self.times.extend(other.times);
    }
}

pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    announce(command);
    let status = command.status().map_err(|error| not_started(command, error))?;
    if status.success() { Ok(()) } else { Err(Failure::Ended { line: line(command), status }) }
}

/// Runs a command to its end and returns its standard output. Does not print the command.
pub(crate) fn read(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| not_started(command, error))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Failure::Ended { line: line(command), status: output.status })
    }
}

/// Runs a command to its end without printing it. Returns its output and whether it succeeded.
pub(crate) fn hear(command: &mut Command) -> Result<(String, bool), Failure> {
    let output = command.output().map_err(|error| not_started(command, error))?;
    let said = [output.stdout, output.stderr].concat();
    Ok((String::from_utf8_lossy(&said).into_owned(), output.status.success()))
}

/// Runs a command to its end without printing it. Adds its command line and its output to `said`.
pub(crate) fn note(command: &mut Command, said: &mut String) -> Result<(), Failure> {
    let output = command.output().map_err(|error| not_started(command, error))?;
    let bytes = [output.stdout, output.stderr].concat();
    said.push_str(&format!("$ {}\n{}", line(command), String::from_utf8_lossy(&bytes)));
    if output.status.success() {
        Ok(())
    } else {
        Err(Failure::Ended { line: line(command), status: output.status })
    }
}

/// Runs `cargo test` to its end, prints its output, and adds its tests to `tests`.
pub(crate) fn count(command: &mut Command, tests: &mut Tests) -> Result<(), Failure> {
    announce(command);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, error))?;
    let mut here = Tally::default();
    if let Some(output) = child.stdout.take() {
        for said in BufReader::new(output).split(b'\n') {
            let said = said.map_err(|error| not_started(command, error))?;
            let said = String::from_utf8_lossy(&said);
            println!("{said}");
            here += Tally::of_line(&said).unwrap_or_default();
            tests.times.extend(Timed::of_line(&said));
        }
    }
    let status = child.wait().map_err(|error| not_started(command, error))?;
    tests.tally += here;
    match (here.failed, status.success()) {
        (0, true) => Ok(()),
        (0, false) => Err(Failure::Ended { line: line(command), status }),
        _ => Err(Failure::TestsFailed { line: line(command) }),
    }
}

/// Runs a command to its end. Passes each line of its standard output and standard error to `hear`, and prints the line
/// if that returns true.
pub(crate) fn overhear(command: &mut Command, mut hear: impl FnMut(&str) -> bool) -> Result<(), Failure> {
    announce(command);
    let (said, output) = io::pipe().map_err(|error| not_started(command, error))?;
    let errors = output.try_clone().map_err(|error| not_started(command, error))?;
    let child = command.stdout(output).stderr(errors).spawn();
    // The command holds the write ends of the pipe. Reading ends only when they are closed.
    command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut child = child.map_err(|error| not_started(command, error))?;
    for said in BufReader::new(said).split(b'\n') {
        let said = said.map_err(|error| not_started(command, error))?;
        let said = String::from_utf8_lossy(&said);
        if hear(&said) {
            println!("{said}");
        }
    }
    let status = child.wait().map_err(|error| not_started(command, error))?;
    if status.success() { Ok(()) } else { Err(Failure::Ended { line: line(command), status }) }
}

/// Formats minutes, seconds and tenths.
pub(crate) fn show(time: Duration) -> String {
    format!("{}:{:04.1}", time.as_secs() / 60, (time.as_millis() % 60_000) as f64 / 1000.0)
}

fn announce(command: &Command) {
    println!("$ {}", line(command));
    let _ = io::stdout().flush();
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn not_started(command: &Command, error: io::Error) -> Failure {
    Failure::NotStarted { program: command.get_program().to_string_lossy().into_owned(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_test_run_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s";
        assert_eq!(Tally::of_line(line), Some(Tally { passed: 12, failed: 3, ignored: 1 }));
        let wasm = "test result: ok. 4 passed; 0 failed; 0 ignored; 0 filtered out; finished in 1.20s";
        assert_eq!(Tally::of_line(wasm), Some(Tally { passed: 4, failed: 0, ignored: 0 }));
        assert_eq!(Tally::of_line("test session::tests::drains ... ok"), None);
    }

    #[test]
    fn the_time_of_a_test_is_read() {
        let line = "test tabs::two_tabs ... ok <12.345s>";
        let time = Duration::from_millis(12_345);
        assert_eq!(Timed::of_line(line), Some(Timed { time, name: "tabs::two_tabs".to_owned() }));
        assert_eq!(Timed::of_line("test tabs::two_tabs ... ok"), None);
        assert_eq!(Timed::of_line("test result: ok. 4 passed; 0 failed; finished in 1.20s"), None);
    }

    #[test]
    fn a_run_that_prints_success_but_exits_with_an_error_is_a_failure() {
        let mut tests = Tests::default();
        let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured'; exit 3";
        let result = count(Command::new("sh").args(["-c", script]), &mut tests);
        assert!(matches!(result, Err(Failure::Ended { .. })), "{result:?}");
        assert_eq!(tests.tally.passed, 2);
    }

    #[test]
    fn what_a_command_wrote_is_noted_even_if_it_failed() {
        let mut said = String::new();
        assert!(note(Command::new("sh").args(["-c", "echo one"]), &mut said).is_ok());
        let failed = note(Command::new("sh").args(["-c", "echo two >&2; exit 3"]), &mut said);
        assert!(matches!(failed, Err(Failure::Ended { .. })), "{failed:?}");
        assert_eq!(said, "$ sh -c echo one\none\n$ sh -c echo two >&2; exit 3\ntwo\n");
    }
}
