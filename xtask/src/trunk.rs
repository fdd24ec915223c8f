//! Runs Trunk, prints its output and the compiler's without useless lines, and reports each build.

use std::{
    env,
    io::{self, IsTerminal},
    process::Command,
    time::{Duration, Instant},
};

use anstream::adapter::strip_str;

use crate::{failure::Failure, run};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    Begun,
    /// The build succeeded in that time.
    Done(Duration),
    /// The first lines of the first error, as far as they are known. Reported again with each further line.
    Failed(String),
}

/// Runs Trunk to its end, and reports each build.
///
/// # Errors
/// If Trunk could not be started, or failed.
pub(crate) fn run(command: &mut Command, mut tell: impl FnMut(Build)) -> Result<(), Failure> {
    // Trunk and cargo write to a pipe, so neither sees the terminal.
    if io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none() {
        command.args(["--color", "always"]).env("CARGO_TERM_COLOR", "always");
    }
    // With this variable, Trunk would add a stack trace of itself to its errors.
    command.env_remove("RUST_BACKTRACE");
    let (mut words, mut begun) = (Words::default(), Instant::now());
    run::overhear(command, |line| {
        let line = strip_str(line).to_string();
        let heard = words.hear(&line);
        match &heard {
            LineKind::Begun => {
                begun = Instant::now();
                tell(Build::Begun);
            }
            LineKind::Done => tell(Build::Done(begun.elapsed())),
            LineKind::Error(lines) => tell(Build::Failed(lines.clone())),
            LineKind::Line | LineKind::Noise => {}
        }
        matches!(heard, LineKind::Error(_) | LineKind::Line)
    })
}

/// The meaning of a line of output.
#[derive(Clone, Debug, PartialEq, Eq)]
enum LineKind {
    Begun,
    Done,
    /// The line belongs to the first error. These are the lines of that error so far.
    Error(String),
    /// A line to print.
    Line,
    /// A line not to print.
    Noise,
}

/// The state of the build under way.
#[derive(Debug, Default)]
struct Words {
    /// The first lines of the first error.
    error: Vec<String>,
}

impl Words {
    fn hear(&mut self, line: &str) -> LineKind {
        if let Some((_, said)) = line.split_once(" INFO ") {
            if said.ends_with("starting build") {
                self.error.clear();
                return LineKind::Begun;
            }
            return if said.ends_with("success") { LineKind::Done } else { LineKind::Noise };
        }
        if line.contains(NOISE) {
            return LineKind::Noise;
        }
        let belongs = match self.error.len() {
            0 => line.starts_with("error"),
            lines => lines < MOST_LINES,
        };
        if !belongs {
            return LineKind::Line;
        }
        self.error.push(line.to_owned());
        LineKind::Error(self.error.join("\n"))
    }
}

/// Trunk starts cargo many times at once, and these processes wait for each other's lock.
const NOISE: &str = "waiting for file lock";
/// Enough for a compiler error and its location.
const MOST_LINES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_and_end_of_a_build_are_recognised() {
        let mut words = Words::default();
        // The lines are those that Trunk 0.21.14 and cargo 1.95 write.
        assert_eq!(words.hear("2026-11-28T22:37:36.182199Z  INFO 📦 starting build"), LineKind::Begun);
        assert_eq!(words.hear("2026-11-28T22:37:37.721886Z  INFO finished hook cargo"), LineKind::Noise);
        assert_eq!(words.hear("    Blocking waiting for file lock on package cache"), LineKind::Noise);
        assert_eq!(words.hear("   Compiling metertap-app v0.1.0"), LineKind::Line);
        assert_eq!(words.hear("2026-11-28T22:38:19.194549Z  INFO ✅ success"), LineKind::Done);
    }

    #[test]
    fn the_first_error_is_shown_until_the_next_build() {
        let mut words = Words::default();
        let first = "error[E0425]: cannot find value `x` in this scope";
        assert_eq!(words.hear(first), LineKind::Error(first.to_owned()));
        let place = " --> app/src/lib.rs:1:1";
        assert_eq!(words.hear(place), LineKind::Error(format!("{first}\n{place}")));
        for _ in 2..MOST_LINES {
            words.hear("error: another");
        }
        assert_eq!(words.hear("error: one more"), LineKind::Line);
        assert_eq!(words.hear("2026-11-28T22:37:36.182199Z  INFO 📦 starting build"), LineKind::Begun);
        assert_eq!(words.hear("warning: unused"), LineKind::Line);
    }
}
