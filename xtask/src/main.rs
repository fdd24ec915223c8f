//! `cargo xtask`: everything that is done to the project, tools included, from a machine that has only rustup.
//!
//! Each command is a file: [`page`] builds and serves, [`test`] proves, [`soak`] does so for an hour, [`bench`] measures,
//! [`fuzz`] looks for what breaks the decoder, [`audit`] looks at what we depend on, and [`seal`] is what Trunk calls at the end of each build.
//! [`tools`] brings what they need, [`run`] starts programs.

mod audit;
mod bench;
mod failure;
mod fuzz;
mod page;
mod run;
mod seal;
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
    let arguments: Vec<String> = env::args().skip(1).collect();
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
        ["serve"] => page::serve(&Workspace::find()?, DEFAULT_PORT).map(done),
        ["serve", "--port", port] => {
            let port = port.parse().map_err(|_| Failure::Usage)?;
            page::serve(&Workspace::find()?, port).map(done)
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
        ["seal"] => seal::run().map(done),
        _ => Err(Failure::Usage),
    }
}

const DEFAULT_PORT: u16 = 8080;
