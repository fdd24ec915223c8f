//! Stands in for Trunk's optimiser of pictures, for the reason that `../minify-html` gives.

use std::io;

/// Ignored.
#[derive(Debug)]
pub struct Options;

impl Options {
    /// The options that Trunk chooses.
    pub fn from_preset(_: u8) -> Self {
        Self
    }
}

/// # Errors
/// Always: nothing is minified here.
pub fn optimize_from_memory(_: &[u8], _: &Options) -> io::Result<Vec<u8>> {
    Err(io::Error::other("this Trunk is built without its minifier: see minify in Trunk.toml"))
}
