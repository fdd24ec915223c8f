//! Serves the page, either as released, or unoptimised and rebuilt after each change.

use std::net::{Ipv4Addr, TcpListener};

use xtask::serve::{Builds, Host, Site};

use crate::{
    failure::Failure,
    run::show,
    setup, tools,
    trunk::{self, Build},
    workspace::Workspace,
};

/// Builds the page for release and serves it until the process ends. With `to_all`, other machines can reach it too.
///
/// # Errors
/// If a tool could not be installed, the page does not build, or the port is in use.
pub(crate) fn serve(workspace: &Workspace, port: u16, to_all: bool) -> Result<(), Failure> {
    let address = if to_all { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let host = Host { address: address.into(), ..Host::default() };
    let taken = |error| Failure::Port { port, error };
    // If the port is in use, this reports it at once, and not after minutes of building.
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

/// Serves the page unoptimised, rebuilds it after each change, and reloads open pages.
///
/// # Errors
/// If a tool could not be installed, or the port is in use.
pub(crate) fn dev(workspace: &Workspace, port: u16) -> Result<(), Failure> {
    let folder = workspace.target.join("dev-page");
    let builds = Builds::default();
    let host = Host { builds: Some(builds.clone()), ..Host::default() };
    let site = Site::open_as(&folder, port, host).map_err(|error| Failure::Port { port, error })?;
    setup::dev(workspace)?;
    println!("\nMetertap is at {}, rebuilt at each change (Ctrl+C ends it).", site.url());
    println!("The first build takes two to three minutes on two cores.\n");
    let workspace = workspace.preferring(tools::QUICK);
    let mut trunk = workspace.command("trunk", &["watch", "--dist"]);
    trunk::run(trunk.arg(&folder), |build| match build {
        Build::Begun => builds.begun(),
        Build::Done(time) => println!("Built in {}: see {}.", show(time), site.url()),
        Build::Failed(why) => builds.failed(why),
    })
}
