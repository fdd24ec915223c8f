//! Brings what is missing, each at its one version, into the project's own folder; what is there is left alone.

use std::process::Command;

use crate::{failure::Failure, run, workspace::Workspace};

/// What building the page needs: the wasm target, Trunk, and wasm-bindgen with its test runner.
pub(crate) fn for_the_page(workspace: &Workspace) -> Result<(), Failure> {
    installed(workspace, &TRUNK)?;
    for_wasm(workspace)
}

/// What anything in wasm needs: the target, and wasm-bindgen.
pub(crate) fn for_wasm(workspace: &Workspace) -> Result<(), Failure> {
    wasm_target(workspace)?;
    // Built from our own lock file, so that it always matches the wasm-bindgen the page is compiled with.
    run::run(&mut workspace.command("cargo", &["build", "--profile", "tools", "--package", "xtask-bindgen"]))
}

/// What the audit needs.
pub(crate) fn for_the_audit(workspace: &Workspace) -> Result<(), Failure> {
    installed(workspace, &CARGO_DENY)
}

/// What fuzzing needs: a nightly compiler, and cargo-fuzz.
pub(crate) fn for_fuzzing(workspace: &Workspace) -> Result<(), Failure> {
    if run::read(&mut workspace.command("rustc", &["+nightly", "--version"])).is_err() {
        println!("Adding a nightly compiler, which is used for fuzzing alone.");
        let install = ["toolchain", "install", "nightly", "--profile", "minimal"];
        run::run(&mut workspace.command("rustup", &install))?;
    }
    installed(workspace, &CARGO_FUZZ)
}

/// What the tests need from the system: a browser, its driver, a broker, and a compressor to measure with.
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

/// A tool that cargo installs.
struct Tool {
    name: &'static str,
    version: &'static str,
    features: &'static [&'static str],
}

// Newer ones want a newer compiler than ours.
const TRUNK: Tool =
    Tool { name: "trunk", version: "0.21.14", features: &["--no-default-features", "--features", "rustls"] };

const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", features: &[] };

const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2", features: &[] };

/// Programs that come from the system, each with its Debian package.
const SYSTEM: [(&str, &str); 5] = [
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("mosquitto", "mosquitto"),
    ("mosquitto_sub", "mosquitto-clients"),
    ("brotli", "brotli"),
];

/// The target of the page.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

fn wasm_target(workspace: &Workspace) -> Result<(), Failure> {
    let mut rustc = workspace.command("rustc", &["--print", "target-libdir", "--target", WASM]);
    let libraries = String::from_utf8_lossy(&run::read(&mut rustc)?).trim().to_owned();
    if std::path::Path::new(&libraries).is_dir() {
        return Ok(());
    }
    println!("Adding the compiler's target {WASM}.");
    run::run(&mut workspace.command("rustup", &["target", "add", WASM]))
}

fn installed(workspace: &Workspace, tool: &Tool) -> Result<(), Failure> {
    let Tool { name, version, features } = tool;
    let found = workspace.locate(name).and_then(|path| {
        let said = Command::new(path).arg("--version").output().ok()?.stdout;
        Some(String::from_utf8_lossy(&said).split_whitespace().any(|word| word == *version))
    });
    if found == Some(true) {
        return Ok(());
    }
    println!("Installing {name} {version} into .tools; this happens once and takes some minutes.");
    let version = format!("{name}@{version}");
    let mut install = workspace.command("cargo", &["install", "--locked", &version, "--root", ".tools"]);
    run::run(install.args(*features))
}

fn is_root(workspace: &Workspace) -> bool {
    run::read(&mut workspace.command("id", &["-u"])).is_ok_and(|id| id.trim_ascii() == b"0")
}

fn apt_get(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = workspace.command("apt-get", arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
