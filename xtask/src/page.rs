//! Building the page and serving it.

use std::net::{Ipv4Addr, TcpListener};

use xtask::serve::{Host, Site};

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

/// Builds the page for release and serves it until the process is ended, to this machine or to all that reach it.
///
/// # Errors
/// Something needed could not be installed, the page does not build, or the port is taken.
pub(crate) fn serve(workspace: &Workspace, port: u16, to_all: bool) -> Result<(), Failure> {
    let address = if to_all { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let host = Host { address: address.into(), ..Host::default() };
    let taken = |error| Failure::Port { port, error };
    // A port that is taken is told before minutes of building.
    drop(TcpListener::bind((address, port)).map_err(taken)?);
    setup::page(workspace)?;
    let site = Site::open_as(&workspace.page(), port, host).map_err(taken)?;
    println!("\nMetertap is at {} (Ctrl+C ends it)", site.url());
    if to_all {
        println!("Other devices reach it at this machine's address. Without https they cannot read a meter.");
    }
    site.wait();
    Ok(())
}

/// Serves the page unoptimised, builds it anew at each change, and has open pages reload themselves.
///
/// # Errors
/// Something needed could not be installed, or the port is taken.
pub(crate) fn dev(workspace: &Workspace, port: u16) -> Result<(), Failure> {
    setup::tools(workspace)?;
    tools::quick_bindgen(workspace)?;
    let folder = workspace.target.join("dev-page");
    let host = Host { reloads: true, ..Host::default() };
    let site = Site::open_as(&folder, port, host).map_err(|error| Failure::Port { port, error })?;
    println!("\nThe page will be at {}, and is built anew at each change (Ctrl+C ends it)", site.url());
    let workspace = workspace.preferring(tools::QUICK);
    let mut trunk = workspace.command("trunk", &["watch", "--dist"]);
    run::run(trunk.arg(&folder))
}

/// Builds the page for release with Trunk, which calls [`compile`] first and [`crate::seal`] at the end.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    // Trunk puts the page together in one folder, whoever calls it.
    let _alone = workspace.alone("page")?;
    run::run(&mut workspace.command("trunk", &["build", "--release"]))
}

/// Builds the page's programs in one go, so that each is linked by a core of its own. Trunk by itself would build one
/// after the other, and finds them built.
pub(crate) fn compile(workspace: &Workspace, profile: &str) -> Result<(), Failure> {
    let programs =
        ["build", "--target", tools::WASM, "--package", "metertap-app", "--bins", "--profile", profile];
    run::run(&mut workspace.command("cargo", &programs))
}

/// The profile of Cargo.toml that Trunk builds with, by the name it has for it.
pub(crate) fn profile(trunks: &str) -> &'static str {
    if trunks == RELEASE { RELEASE } else { "page" }
}

pub(crate) const RELEASE: &str = "release";
