//! `cargo xtask`: everything that is done to the project, tools included, from a machine that has only rustup.
//!
//! Each command is a file: [`host`] serves the page, [`test`] proves, [`soak`] does so for an hour, [`bench`] measures,
//! [`fuzz`] looks for what breaks the decoder, [`audit`] looks at what we depend on. Trunk calls [`page::compile`] at the
//! beginning of each build and [`seal`] at its end.
//!
//! [`setup`] brings what must be there the first time, [`tools`] each of it, [`page`] is the build, [`packages`] says what
//! is built together, [`run`] starts programs.

mod audit;
mod bench;
mod failure;
mod fuzz;
mod host;
mod packages;
mod page;
mod run;
mod seal;
mod setup;
mod size;
mod soak;
mod test;
mod tools;
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
    match arguments {
        ["serve", options @ ..] => {
            let (port, to_all) = served(options, PORT)?;
            host::serve(&Workspace::find()?, port, to_all).map(done)
        }
        ["dev", options @ ..] => {
            let (port, false) = served(options, DEV_PORT)? else { return Err(Failure::Usage) };
            host::dev(&Workspace::find()?, port).map(done)
        }
        ["test"] => Ok(test::run(&Workspace::find()?, test::Scope::Everything)),
        ["test", "quick"] => Ok(test::run(&Workspace::find()?, test::Scope::Quick)),
        ["bench", "decoder"] => bench::decoder::run(&Workspace::find()?).map(done),
        ["bench", "log"] => bench::log::run(&Workspace::find()?).map(done),
        ["fuzz"] => fuzz::run(&Workspace::find()?, fuzz::DEFAULT_TIME).map(done),
        ["fuzz", time] => {
            let time = fuzz::duration(time).ok_or(Failure::Usage)?;
            fuzz::run(&Workspace::find()?, time).map(done)
        }
        ["soak"] => soak::run(&Workspace::find()?).map(done),
        ["audit"] => audit::run(&Workspace::find()?).map(done),
        ["compile"] => {
            let profile = env::var("TRUNK_PROFILE").map_err(|_| Failure::NotInTrunk)?;
            page::compile(&Workspace::find()?, page::profile(&profile)).map(done)
        }
        ["seal"] => seal::run().map(done),
        _ => Err(Failure::Usage),
    }
}

/// The port to serve at, and whether to serve to others than this machine.
fn served(options: &[&str], port: u16) -> Result<(u16, bool), Failure> {
    match options {
        [] => Ok((port, false)),
        ["--lan", options @ ..] => Ok((served(options, port)?.0, true)),
        ["--port", port, options @ ..] => served(options, port.parse().map_err(|_| Failure::Usage)?),
        _ => Err(Failure::Usage),
    }
}

const PORT: u16 = 8080;
/// Another one, so that a page of a release that the browser keeps is not in the way.
const DEV_PORT: u16 = 8081;
