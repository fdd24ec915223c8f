//! What a user needs to read a meter in each country, from `countries.toml`.

/// A country.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Country {
    /// Its English name.
    pub name: &'static str,
    /// The time zones of browsers in this country.
    pub zones: &'static [&'static str],
    /// What a user needs, in a sentence.
    pub needs: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/countries.rs"));
