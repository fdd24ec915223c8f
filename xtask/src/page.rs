//! Building the page and serving it.

use crate::{failure::Failure, run, tools, workspace::Workspace};
use xtask::serve::Site;

/// Builds the page for release and serves it until the process is ended.
///
/// # Errors
/// Something needed could not be installed, the page does not build, or the port is taken.
pub(crate) fn serve(workspace: &Workspace, port: u16) -> Result<(), Failure> {
    tools::for_the_page(workspace)?;
    build(workspace)?;
    let site = Site::open(&workspace.page(), port).map_err(|error| Failure::Port { port, error })?;
    println!("\nMetertap is at {} (Ctrl+C ends it)", site.url());
    site.wait();
    Ok(())
}

/// Builds the page for release with Trunk, which calls [`crate::seal`] at the end.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    run::run(&mut workspace.command("trunk", &["build", "--release"]))
}
