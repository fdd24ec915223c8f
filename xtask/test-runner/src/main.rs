//! `wasm-bindgen-test-runner`, as `cargo test --target wasm32-unknown-unknown` calls it: opens a headless
//! browser through `CHROMEDRIVER`, runs the tests of one wasm file in it, and prints their output.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
