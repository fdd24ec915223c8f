//! [`Locale`]: how numbers and times are written here. The window determines it once and puts it into context.

use leptos::prelude::use_context;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;

/// How numbers and times are written here.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    /// The decimal sign.
    pub decimal_mark: char,
    /// Formats a date and a time of day.
    pub date_time: fn(Moment) -> String,
    /// Formats a time of day.
    pub clock: fn(Moment) -> String,
    /// The time zone of days and hours.
    pub zone: Zone,
    /// When the day `2026-11-21` began here.
    pub day: fn(&str) -> Option<Moment>,
}

impl Locale {
    /// The locale that the window has determined; without one, a neutral default.
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
