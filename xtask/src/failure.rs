//! Errors of a command, as sentences that say what to do if that is known.

use std::{
    fmt::{self, Display, Formatter},
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

/// What went wrong. If a program failed, it has already printed its own reason.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is not valid, for this reason.
    Usage { wrong: String },
    /// A program could not be started.
    NotStarted { program: String, error: io::Error },
    /// A program ended with an error.
    Ended { line: String, status: ExitStatus },
    /// Tests ran and some failed. The summary has the numbers.
    TestsFailed { line: String },
    /// A step that should run tests ran none, and so proved nothing.
    NoTests,
    /// A crate, a tool or a part of the compiler could not be fetched.
    NotFetched { what: String },
    /// A tool was fetched but did not build.
    NotBuilt { what: String },
    /// Programs that the command needs are missing, and it cannot install them itself.
    Missing { programs: Vec<&'static str> },
    /// A file or folder could not be read or written.
    File { path: PathBuf, error: io::Error },
    /// The output of `cargo metadata` could not be read.
    Metadata(serde_json::Error),
    /// A command that only Trunk may call was called by something else.
    NotInTrunk,
    /// The texts of the page are invalid.
    Texts { problem: String },
    /// The page has no Content-Security-Policy.
    NoPolicy,
    /// The port of the server is in use, or may not be opened.
    Port { port: u16, error: io::Error },
    /// A file is not a WebAssembly module, or is truncated.
    NotWasm { path: PathBuf },
    /// A module that must stand alone has imports.
    Imports { path: PathBuf, first: String, count: u32 },
    /// A fuzz target fails on the bytes in `file`. If there is no file, the fuzzer itself failed.
    Found { program: PathBuf, file: Option<PathBuf> },
    /// The first visit, or a file that is fetched later, is larger than its budget.
    TooLarge { what: String, bytes: u64, budget: u64 },
}

impl Failure {
    /// Adds the path to an I/O error. For `map_err`.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { wrong } => write!(f, "{wrong}.\n\n{USAGE}"),
            Self::NotStarted { program, error } => write!(f, "`{program}` could not be started: {error}."),
            Self::Ended { line, status } => write!(f, "`{line}` failed ({status}); the reason is above."),
            Self::TestsFailed { line } => write!(f, "Some tests of `{line}` failed; they are named above."),
            Self::NoTests => f.write_str("This step ran no test, so it proves nothing."),
            Self::NotFetched { what } => {
                write!(f, "Could not fetch {what}. Check the network and start again. Finished builds are kept.")
            }
            Self::NotBuilt { what } => write!(f, "{what} did not build; the reason is above."),
            Self::Missing { programs } => {
                let programs = programs.join(", ");
                write!(
                    f,
                    "Please install {programs} and start again. As root on Debian, all but node and npm are installed for you."
                )
            }
            Self::File { path, error } => write!(f, "{}: {error}.", path.display()),
            Self::Metadata(error) => write!(f, "`cargo metadata` printed something unexpected: {error}."),
            Self::NotInTrunk => {
                f.write_str("Only Trunk may call `cargo xtask compile` and `cargo xtask seal`, during `trunk build`.")
            }
            Self::Texts { problem } => write!(f, "The texts of the page: {problem}."),
            Self::NoPolicy => f.write_str(
                "index.html states no Content-Security-Policy in a meta element. A page without a policy is not built.",
            ),
            Self::Port { port, error } => {
                write!(
                    f,
                    "Cannot serve on port {port}: {error}. Choose another port with `--port N`."
                )
            }
            Self::NotWasm { path } => write!(f, "{} is not a complete WebAssembly module.", path.display()),
            Self::Imports { path, first, count } => {
                write!(
                    f,
                    "{} must import nothing, but imports {count}, the first being {first}.",
                    path.display()
                )
            }
            Self::Found { program, file } => {
                let program = program.display();
                match file.as_deref().map(Path::display) {
                    Some(file) => write!(f, "Fuzzing found an input that fails: run `{program} {file}` to see how."),
                    None => write!(f, "The fuzzer itself failed: run `{program}` to see why."),
                }
            }
            Self::TooLarge { what, bytes, budget } => {
                write!(
                    f,
                    "{what} is {bytes} bytes in brotli, but its budget is {budget}. Find out what made it grow."
                )
            }
        }
    }
}

/// The help text with all commands.
pub(crate) const USAGE: &str = "\
cargo xtask serve [--port N] [--lan]
                               build the page and serve it at http://localhost:8080, with --lan to other devices too
cargo xtask dev [--port N]     serve the page unoptimised, and rebuild it at each change
cargo xtask test               run every check and every test, the browser's included
cargo xtask test quick         run the native part only
cargo xtask screenshots        take the pictures that the README shows
cargo xtask soak               run random events for an hour, kill a browser fifty times, and simulate a day
cargo xtask bench decoder      compare the decoder with others, and write the table
cargo xtask bench log          compare the log with database rows in one browser, and write the table
cargo xtask bench start        measure first visits, from two kinds of servers and over a slow line, and write the table
cargo xtask bench latency      compare how soon our page and a bare page paint a number, and write the table
cargo xtask bench chart        compare the charts of History with uPlot in one page, and write the tables
cargo xtask fuzz [TIME]        run hostile files, then fuzz each target for 60s or for TIME, such as 10m
cargo xtask audit              check our dependencies, and the decoder as a published crate
cargo xtask audit page         check the accessibility of the screens in the navigation with axe-core";
