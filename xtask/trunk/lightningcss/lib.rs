//! Stands in for Trunk's minifier of CSS, for the reason that stands in `../minify-html`.

/// What Trunk takes from it.
pub mod stylesheet {
    /// Not looked at.
    #[derive(Debug, Default)]
    pub struct ParserOptions;

    /// Not looked at.
    #[derive(Debug, Default)]
    pub struct MinifyOptions;

    /// Not looked at.
    #[derive(Debug, Default)]
    pub struct PrinterOptions {
        /// Not looked at.
        pub minify: bool,
        /// Not looked at.
        pub others: (),
    }

    /// What a style sheet would be printed to.
    #[derive(Debug)]
    pub struct Printed {
        /// The text.
        pub code: String,
    }

    /// There is none.
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
