//! What a reader of a meter needs in each country, from `countries.toml`.

/// A country.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Country {
    /// Its English name.
    pub name: &'static str,
    /// The time zones by which a browser says that it is there.
    pub zones: &'static [&'static str],
    /// What one needs, in a sentence.
    pub needs: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/countries.rs"));
