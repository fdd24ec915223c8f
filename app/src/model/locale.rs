//! [`Locale`]: how numbers and times are written here. The window finds it out once and puts it into context.

use leptos::prelude::use_context;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;

/// How numbers and times are written here.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    /// Between whole units and tenths.
    pub decimal_mark: char,
    /// Date and time of day.
    pub date_time: fn(Moment) -> String,
    /// Time of day.
    pub clock: fn(Moment) -> String,
    /// Whose clocks days and hours here are by.
    pub zone: Zone,
    /// When the day `2026-11-21` began here.
    pub day: fn(&str) -> Option<Moment>,
}

impl Locale {
    /// What the window found out; the one that programs agree on, where nobody has.
    #[must_use]
    pub fn of_context() -> Self {
        use_context().unwrap_or(Self {
            decimal_mark: '.',
            date_time: |moment| moment.to_string(),
            clock: |moment| moment.to_string(),
            zone: Zone::UTC,
            day: |day| format!("{day}T00:00:00Z").parse().ok(),
        })
    }
}
