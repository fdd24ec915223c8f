//! Installs missing tools. Those that cargo builds have one fixed version each and are installed into the project's own
//! folders. Programs of the system come from apt, in any version.

mod building;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) use self::building::Building;
use self::building::Tool;
use crate::{failure::Failure, run, workspace::Workspace};

/// Fetches the libraries of the project if they are missing.
///
/// # Errors
/// If there is no network.
pub(crate) fn libraries(workspace: &Workspace) -> Result<(), Failure> {
    if run::hear(fetch(workspace).arg("--offline")).is_ok_and(|(_, well)| well) {
        return Ok(());
    }
    let what = "the libraries that Metertap is built from".to_owned();
    run::run(&mut fetch(workspace)).map_err(|_| Failure::NotFetched { what })
}

/// Whether Trunk, which builds the page, is installed.
pub(crate) fn has_trunk(workspace: &Workspace) -> bool {
    TRUNK.is_there(workspace)
}

pub(crate) fn trunk(workspace: &Workspace) -> Result<Option<Building>, Failure> {
    Building::begin(workspace, &TRUNK)
}

pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<Option<Building>, Failure> {
    Building::begin(workspace, &CARGO_DENY)
}

pub(crate) fn cargo_hack(workspace: &Workspace) -> Result<Option<Building>, Failure> {
    Building::begin(workspace, &CARGO_HACK)
}

pub(crate) fn cargo_semver_checks(workspace: &Workspace) -> Result<Option<Building>, Failure> {
    Building::begin(workspace, &CARGO_SEMVER_CHECKS)
}

/// Waits until a tool is installed.
pub(crate) fn finish(workspace: &Workspace, building: Option<Building>) -> Result<(), Failure> {
    building.map_or(Ok(()), |building| building.finish(workspace))
}

/// Installs wasm-bindgen. It is built from our own lock file, so that it always matches the version with which the page
/// is compiled.
pub(crate) fn bindgen(workspace: &Workspace) -> Result<(), Failure> {
    build(workspace, "xtask-bindgen")
}

/// Installs wasm-bindgen optimised. It takes a minute to build, and saves eight seconds at each change of the page.
pub(crate) fn quick_bindgen(workspace: &Workspace) -> Result<(), Failure> {
    let build = ["build", "--profile", QUICK, "--package", "xtask-bindgen"];
    run::run(&mut workspace.command("cargo", &build))
}

/// Installs the runner of wasm tests, which comes from the same lock file.
pub(crate) fn test_runner(workspace: &Workspace) -> Result<(), Failure> {
    build(workspace, "xtask-test-runner")
}

fn build(workspace: &Workspace, package: &str) -> Result<(), Failure> {
    run::run(&mut workspace.command("cargo", &["build", "--profile", "tools", "--package", package]))
}

/// Adds the page's target to the compiler if it is missing.
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

/// The folder of the compiler's own LLVM tools, which are added if they are missing. The coverage tool must have the
/// compiler's version of LLVM.
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

/// Installs what every wasm program needs: the target and wasm-bindgen.
pub(crate) fn for_wasm(workspace: &Workspace) -> Result<(), Failure> {
    wasm_target(workspace)?;
    bindgen(workspace)
}

/// Installs what the tests need from the system: a browser, its driver, a broker, a compressor for measurements, and a
/// C++ compiler.
///
/// # Errors
/// If a program is missing and cannot be installed, for example because the user is not root.
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

// Newer versions need a newer compiler than ours. Here, Trunk does not fetch, minify, unpack or resolve names. Without
// the libraries for these tasks, it builds in half the time.
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

const CARGO_SEMVER_CHECKS: Tool = Tool { name: "cargo-semver-checks", version: "0.51.0", options: &[] };

/// Programs of the system, each with its Debian package.
const SYSTEM: [(&str, &str); 6] = [
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("mosquitto", "mosquitto"),
    ("mosquitto_sub", "mosquitto-clients"),
    ("brotli", "brotli"),
    // libFuzzer is written in C++.
    ("c++", "g++"),
];

/// The compiler's name for the host's target.
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
    // Packages for other systems are not fetched.
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
