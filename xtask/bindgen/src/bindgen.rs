//! `wasm-bindgen`, as Trunk and our benches call it, at the version of our lock file.
//!
//! The library's own command line comes with its test runner, which takes long to build. The runner is in
//! `xtask/test-runner`, because only the tests need it.

mod parts;

use std::{env, fs, path::PathBuf, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut bindgen, mut input, mut folder, mut stem) = (Bindgen::new(), None, None, None);
    // As with wasm-bindgen's own command line, the generated script loads the module from the script's folder.
    bindgen.omit_default_module_path(false);
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value =
            || value.clone().or_else(|| arguments.next()).ok_or_else(|| format!("{name} needs a value"));
        match name {
            "--version" | "-V" => {
                println!("wasm-bindgen {}", env!("CARGO_PKG_VERSION"));
                return Ok(());
            }
            "--target" => match value()?.as_str() {
                "web" => drop(bindgen.web(true).map_err(told)?),
                "nodejs" => drop(bindgen.nodejs(true).map_err(told)?),
                other => return Err(format!("this wasm-bindgen has no target {other}")),
            },
            "--out-dir" => folder = Some(value()?),
            "--out-name" => stem = Some(value()?),
            "--keep-debug" => drop(bindgen.keep_debug(true)),
            "--no-demangle" => drop(bindgen.demangle(false)),
            "--no-typescript" => drop(bindgen.typescript(false)),
            _ if name.starts_with('-') => return Err(format!("this wasm-bindgen has no option {name}")),
            _ => input = Some(argument),
        }
    }
    let (input, folder) = input.zip(folder).ok_or("a module and --out-dir are required")?;
    let (input, folder) = (PathBuf::from(input), PathBuf::from(folder));
    if let Some(stem) = &stem {
        bindgen.out_name(stem);
    }
    let stem = stem.or_else(|| Some(input.file_stem()?.to_string_lossy().into_owned()));
    let stem = stem.ok_or("the module has no name")?;
    let bytes = fs::read(&input).map_err(|error| format!("{}: {error}", input.display()))?;
    let whole = parts::divide(&bytes, &stem, &folder)?;
    bindgen.keep_lld_exports(whole.is_some());
    bindgen.input_bytes(&stem, whole.unwrap_or(bytes)).generate(folder).map_err(told)
}

fn told(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
