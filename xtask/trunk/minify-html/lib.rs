//! Stands in for Trunk's minifier of HTML while Trunk is built: the real one takes a fifth of that time, and
//! `minify = "never"` in Trunk.toml means that it would never be called.

/// What Trunk sets before it calls.
#[derive(Debug, Default)]
pub struct Cfg {
    /// Not looked at.
    pub keep_closing_tags: bool,
    /// Not looked at.
    pub minify_css: bool,
    /// Not looked at.
    pub minify_js: bool,
}

impl Cfg {
    /// What Trunk begins with.
    pub fn spec_compliant() -> Self {
        Self::default()
    }
}

/// # Panics
/// Always: nothing is minified here.
pub fn minify(_: &[u8], _: &Cfg) -> Vec<u8> {
    panic!("this Trunk is built without its minifier: see minify in Trunk.toml")
}
