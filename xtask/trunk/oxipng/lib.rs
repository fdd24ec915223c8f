//! Stands in for what Trunk makes pictures smaller with, for the reason that stands in `../minify-html`.

use std::io;

/// Not looked at.
#[derive(Debug)]
pub struct Options;

impl Options {
    /// What Trunk begins with.
    pub fn from_preset(_: u8) -> Self {
        Self
    }
}

/// # Errors
/// Always: nothing is minified here.
pub fn optimize_from_memory(_: &[u8], _: &Options) -> io::Result<Vec<u8>> {
    Err(io::Error::other("this Trunk is built without its minifier: see minify in Trunk.toml"))
}
