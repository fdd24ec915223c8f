//! What a user needs to read a meter in each country, from `countries.toml`.

/// A country.
#[derive(Clone, Copy, Debug)]
pub struct Country {
    /// Its key in the texts of countries.
    pub name: &'static str,
    /// Its name.
    pub title: fn() -> &'static str,
    /// The time zones of browsers in this country.
    pub zones: &'static [&'static str],
    /// What a user needs, in a sentence.
    pub needs: fn() -> &'static str,
}

include!(concat!(env!("OUT_DIR"), "/countries.rs"));
