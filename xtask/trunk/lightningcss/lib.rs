//! Stands in for Trunk's minifier of CSS, for the reason that `../minify-html` gives.

/// The items that Trunk uses.
pub mod stylesheet {
    /// Ignored.
    #[derive(Debug, Default)]
    pub struct ParserOptions;

    /// Ignored.
    #[derive(Debug, Default)]
    pub struct MinifyOptions;

    /// Ignored.
    #[derive(Debug, Default)]
    pub struct PrinterOptions {
        /// Ignored.
        pub minify: bool,
        /// Ignored.
        pub others: (),
    }

    /// A style sheet as text.
    #[derive(Debug)]
    pub struct Printed {
        /// The text.
        pub code: String,
    }

    /// A parsed style sheet, which never exists here.
    #[derive(Debug)]
    pub struct StyleSheet;

    impl StyleSheet {
        /// # Errors
        /// Always: nothing is minified here.
        pub fn parse(_: &str, _: ParserOptions) -> Result<Self, &'static str> {
            Err("this Trunk is built without its minifier: see minify in Trunk.toml")
        }

        /// # Errors
        /// None.
        pub fn minify(&mut self, _: MinifyOptions) -> Result<(), &'static str> {
            Ok(())
        }

        /// # Errors
        /// None.
        pub fn to_css(&self, _: PrinterOptions) -> Result<Printed, &'static str> {
            Ok(Printed { code: String::new() })
        }
    }
}
