//! Stands in for Trunk's minifier of JavaScript, for the reason that `../minify-html` gives.

/// Ignored.
#[derive(Clone, Copy, Debug)]
pub enum TopLevelMode {
    /// A script.
    Global,
    /// A module.
    Module,
}

/// Ignored.
#[derive(Debug, Default)]
pub struct Session;

impl Session {
    /// The session that Trunk creates before it minifies.
    pub fn new() -> Self {
        Self
    }
}

/// # Errors
/// Always: nothing is minified here.
pub fn minify(_: &Session, _: TopLevelMode, _: &[u8], _: &mut Vec<u8>) -> Result<(), &'static str> {
    Err("this Trunk is built without its minifier: see minify in Trunk.toml")
}
