//! Brings what is missing, each at its one version, into the project's own folder; what is there is left alone.

mod building;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) use self::building::Building;
use self::building::Tool;
use crate::{failure::Failure, run, workspace::Workspace};

/// Fetches the libraries that everything is built from, where they are not there.
///
/// # Errors
/// There is no network.
pub(crate) fn libraries(workspace: &Workspace) -> Result<(), Failure> {
    if run::hear(fetch(workspace).arg("--offline")).is_ok_and(|(_, well)| well) {
        return Ok(());
    }
    let what = "the libraries that Metertap is built from".to_owned();
    run::run(&mut fetch(workspace)).map_err(|_| Failure::NotFetched { what })
}

/// Whether Trunk, which puts the page together, is there.
pub(crate) fn has_trunk(workspace: &Workspace) -> bool {
    TRUNK.is_there(workspace)
}

/// Begins to build Trunk, if it is not there.
pub(crate) fn trunk(workspace: &Workspace) -> Result<Option<Building>, Failure> {
    Building::begin(workspace, &TRUNK)
}

/// Begins to build what the audit needs, if it is not there.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<Option<Building>, Failure> {
    Building::begin(workspace, &CARGO_DENY)
}

/// Begins to build what takes features apart, if it is not there.
pub(crate) fn cargo_hack(workspace: &Workspace) -> Result<Option<Building>, Failure> {
    Building::begin(workspace, &CARGO_HACK)
}

/// Waits until a tool is there.
pub(crate) fn finish(workspace: &Workspace, building: Option<Building>) -> Result<(), Failure> {
    building.map_or(Ok(()), |building| building.finish(workspace))
}

/// wasm-bindgen. Built from our own lock file, so that it always matches the wasm-bindgen the page is compiled with.
pub(crate) fn bindgen(workspace: &Workspace) -> Result<(), Failure> {
    build(workspace, "xtask-bindgen")
}

/// The same, optimised: it takes a minute to build, and saves eight seconds at each change of the page.
pub(crate) fn quick_bindgen(workspace: &Workspace) -> Result<(), Failure> {
    let build = ["build", "--profile", QUICK, "--package", "xtask-bindgen"];
    run::run(&mut workspace.command("cargo", &build))
}

/// The runner of tests in wasm, which comes from the same lock file.
pub(crate) fn test_runner(workspace: &Workspace) -> Result<(), Failure> {
    build(workspace, "xtask-test-runner")
}

fn build(workspace: &Workspace, package: &str) -> Result<(), Failure> {
    run::run(&mut workspace.command("cargo", &["build", "--profile", "tools", "--package", package]))
}

/// Adds the compiler's target of the page, where it is not there.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<(), Failure> {
    let mut rustc = workspace.command("rustc", &["--print", "target-libdir", "--target", WASM]);
    let is_there = |libraries: String| Path::new(libraries.trim()).is_dir();
    if run::hear(&mut rustc).is_ok_and(|(libraries, _)| is_there(libraries)) {
        return Ok(());
    }
    let what = format!("the compiler's target {WASM}");
    run::run(&mut workspace.command("rustup", &["target", "add", WASM]))
        .map_err(|_| Failure::NotFetched { what })
}

/// The folder of the compiler's own tools, which are added where they are not there: what counts lines is of its version.
pub(crate) fn llvm(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let root = run::read(&mut workspace.command("rustc", &["--print", "sysroot"]))?;
    let root = PathBuf::from(String::from_utf8_lossy(&root).trim());
    let folder = root.join("lib/rustlib").join(host(workspace)?).join("bin");
    if !folder.join("llvm-cov").is_file() {
        let what = "the compiler's tools for counting lines".to_owned();
        run::run(&mut workspace.command("rustup", &["component", "add", "llvm-tools"]))
            .map_err(|_| Failure::NotFetched { what })?;
    }
    Ok(folder)
}

/// What anything in wasm needs: the target, and wasm-bindgen.
pub(crate) fn for_wasm(workspace: &Workspace) -> Result<(), Failure> {
    wasm_target(workspace)?;
    bindgen(workspace)
}

/// What the tests need from the system: a browser, its driver, a broker, a compressor to measure with, and a compiler of C++.
///
/// # Errors
/// Something is missing, and this is no Debian or we are not root.
pub(crate) fn for_the_tests(workspace: &Workspace) -> Result<(), Failure> {
    let missing = || SYSTEM.iter().filter(|(program, _)| workspace.locate(program).is_none());
    if missing().next().is_none() {
        return Ok(());
    }
    if workspace.locate("apt-get").is_some() && is_root(workspace) {
        println!("Installing what the tests need from the system.");
        run::run(&mut apt_get(workspace, &["update"]))?;
        let packages: Vec<&str> = missing().map(|(_, package)| *package).collect();
        let mut install = apt_get(workspace, &["install", "--yes", "--no-install-recommends"]);
        run::run(install.args(packages))?;
    }
    let programs: Vec<&str> = missing().map(|(_, package)| *package).collect();
    if programs.is_empty() { Ok(()) } else { Err(Failure::Missing { programs }) }
}

// Newer ones want a newer compiler than ours. It fetches nothing here, and needs no TLS for it. Nor does it minify, unpack
// or look up names: without the libraries for that it is built in half the time.
const TRUNK: Tool = Tool {
    name: "trunk",
    version: "0.21.14",
    options: &[
        "--no-default-features",
        "--config=patch.crates-io.hickory-resolver.path='xtask/trunk/hickory-resolver'",
        "--config=patch.crates-io.lightningcss.path='xtask/trunk/lightningcss'",
        "--config=patch.crates-io.minify-html.path='xtask/trunk/minify-html'",
        "--config=patch.crates-io.minify-js.path='xtask/trunk/minify-js'",
        "--config=patch.crates-io.oxipng.path='xtask/trunk/oxipng'",
        "--config=patch.crates-io.zip.path='xtask/trunk/zip'",
    ],
};

const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", options: &[] };

const CARGO_HACK: Tool = Tool { name: "cargo-hack", version: "0.6.46", options: &[] };

/// Programs that come from the system, each with its Debian package.
const SYSTEM: [(&str, &str); 6] = [
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("mosquitto", "mosquitto"),
    ("mosquitto_sub", "mosquitto-clients"),
    ("brotli", "brotli"),
    // libFuzzer is C++.
    ("c++", "g++"),
];

/// What the compiler calls this machine.
pub(crate) fn host(workspace: &Workspace) -> Result<String, Failure> {
    let host = run::read(&mut workspace.command("rustc", &["--print", "host-tuple"]))?;
    Ok(String::from_utf8_lossy(&host).trim().to_owned())
}

/// The profile of [`quick_bindgen`].
pub(crate) const QUICK: &str = "quick-tools";

/// The target of the page.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

fn fetch(workspace: &Workspace) -> Command {
    let mut fetch = workspace.command("cargo", &["fetch", "--locked", "--target", WASM]);
    // What is of other systems is not fetched.
    if let Ok(host) = host(workspace) {
        fetch.args(["--target", &host]);
    }
    fetch
}

fn is_root(workspace: &Workspace) -> bool {
    run::read(&mut workspace.command("id", &["-u"])).is_ok_and(|id| id.trim_ascii() == b"0")
}

fn apt_get(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = workspace.command("apt-get", arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
