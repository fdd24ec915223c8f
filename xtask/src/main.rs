//! `cargo xtask`: all tasks of the project, including the installation of tools, on a machine that has only rustup and
//! a C compiler.
//!
//! Each command has a file: [`host`] serves the page, [`test`] runs the tests, [`soak`] runs the long tests, [`bench`]
//! measures, [`fuzz`] looks for input that breaks the decoder, and [`audit`] checks our dependencies. Trunk calls
//! [`page::compile`] at the beginning of each build and [`seal`] at its end. [`trunk`] reads Trunk's output.
//!
//! [`setup`] prepares a first build, [`tools`] installs each tool, [`page`] builds the page, [`packages`] says which
//! packages are built together, and [`run`] starts programs.

mod audit;
mod bench;
mod failure;
mod fuzz;
mod host;
mod names;
mod packages;
mod page;
mod published;
mod run;
mod screenshots;
mod seal;
mod setup;
mod size;
mod soak;
mod test;
mod tools;
mod trunk;
mod wasm;
mod workspace;

use std::{env, process::ExitCode};

use failure::Failure;
use workspace::Workspace;

fn main() -> ExitCode {
    let arguments = env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    let arguments: Vec<String> = arguments.collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match begin(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn begin(arguments: &[&str]) -> Result<ExitCode, Failure> {
    let done = |()| ExitCode::SUCCESS;
    if arguments.iter().any(|word| matches!(*word, "help" | "--help" | "-h")) {
        println!("{}", failure::USAGE);
        return Ok(ExitCode::SUCCESS);
    }
    match arguments {
        ["serve", options @ ..] => {
            let Options { port, to_all } = Options::read(options, "serve")?;
            host::serve(&Workspace::find()?, port.unwrap_or(8080), to_all).map(done)
        }
        ["dev", options @ ..] => {
            let Options { port, .. } = Options::read(options, "dev")?;
            // A separate port, because a browser may have cached the released page at the other one.
            host::dev(&Workspace::find()?, port.unwrap_or(8081)).map(done)
        }
        ["test"] => Ok(test::run(&Workspace::find()?, test::Scope::Everything)),
        ["test", "quick"] => Ok(test::run(&Workspace::find()?, test::Scope::Quick)),
        ["bench", "decoder"] => bench::decoder::run(&Workspace::find()?).map(done),
        ["bench", "log"] => bench::log::run(&Workspace::find()?).map(done),
        ["bench", "start"] => bench::page::run(&Workspace::find()?, &bench::page::START).map(done),
        ["bench", "latency"] => bench::page::run(&Workspace::find()?, &bench::page::LATENCY).map(done),
        ["bench", "chart"] => bench::page::run(&Workspace::find()?, &bench::page::CHART).map(done),
        ["bench"] => Err(wrong(
            "`bench` needs to know what to measure: `decoder`, `log`, `start`, `latency` or `chart`",
        )),
        ["fuzz"] => fuzz::run(&Workspace::find()?, fuzz::DEFAULT_TIME).map(done),
        ["fuzz", time] => {
            let time = fuzz::duration(time)
                .ok_or_else(|| wrong(&format!("`{time}` is not a time like 90s or 10m")))?;
            fuzz::run(&Workspace::find()?, time).map(done)
        }
        ["screenshots"] => screenshots::run(&Workspace::find()?).map(done),
        ["soak"] => soak::run(&Workspace::find()?).map(done),
        ["audit"] => {
            let workspace = Workspace::find()?;
            audit::run(&workspace)?;
            published::audit(&workspace).map(done)
        }
        ["audit", "page"] => audit::page(&Workspace::find()?).map(done),
        ["compile"] => {
            let profile = env::var("TRUNK_PROFILE").map_err(|_| Failure::NotInTrunk)?;
            page::compile(&Workspace::find()?, page::profile(&profile)).map(done)
        }
        ["seal"] => seal::run().map(done),
        [
            command @ ("test" | "bench" | "fuzz" | "screenshots" | "soak" | "audit" | "compile" | "seal"),
            words @ ..,
        ] => Err(wrong(&format!("`{command}` does not take `{}`", words.join(" ")))),
        [command, ..] => Err(wrong(&format!("`{command}` is not a command"))),
        [] => Err(wrong("A command is missing")),
    }
}

/// The options of the commands that serve the page.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    port: Option<u16>,
    /// Whether to serve machines other than this one.
    to_all: bool,
}

impl Options {
    fn read(options: &[&str], command: &str) -> Result<Self, Failure> {
        match options {
            [] => Ok(Self { port: None, to_all: false }),
            ["--lan", options @ ..] if command == "serve" => {
                Ok(Self { to_all: true, ..Self::read(options, command)? })
            }
            ["--port", port, options @ ..] => {
                let number = port.parse().map_err(|_| wrong(&format!("`{port}` is not a port like 8080")))?;
                Ok(Self { port: Some(number), ..Self::read(options, command)? })
            }
            ["--port"] => Err(wrong("`--port` needs a number such as 8080")),
            [option, ..] => Err(wrong(&format!("`{option}` is not an option of `{command}`"))),
        }
    }
}

fn wrong(what: &str) -> Failure {
    Failure::Usage { wrong: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_argument_is_named() {
        let said = |words: &[&str]| begin(words).err().map(|failure| failure.to_string()).unwrap_or_default();
        assert!(said(&["serv"]).starts_with("`serv` is not a command.\n\ncargo xtask serve"));
        assert!(said(&["dev", "--lan"]).starts_with("`--lan` is not an option of `dev`."));
        assert!(said(&["serve", "--port", "99999"]).starts_with("`99999` is not a port"));
        assert!(said(&["fuzz", "10h"]).starts_with("`10h` is not a time"));
        assert!(said(&["test", "quik"]).starts_with("`test` does not take `quik`."));
        assert!(said(&[]).starts_with("A command is missing."));
        assert_eq!(
            Options::read(&["--lan", "--port", "1"], "serve").ok(),
            Some(Options { port: Some(1), to_all: true })
        );
    }
}
