//! [`Locale`]: how numbers and times are written in the user's language. The window determines it and puts it into
//! context.

use leptos::prelude::use_context;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;

/// How numbers and times are written in the user's language, and the time zone of days and hours.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    /// The decimal sign.
    pub decimal_mark: char,
    /// Formats a date and a time of day.
    pub date_time: fn(Moment) -> String,
    /// Formats a time of day.
    pub clock: fn(Moment) -> String,
    /// Formats the span from the first moment to the second. Equal moments are written as one. Otherwise the parts of
    /// the date that they share are written once.
    pub date: fn(DateForm, Moment, Moment) -> String,
    /// The time zone in which days and hours begin.
    pub zone: Zone,
    /// When a local day such as `2026-11-21` began; `None` if there is no such day.
    pub day: fn(&str) -> Option<Moment>,
}

/// Which parts of a date are written, and how. The examples are in British English.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DateForm {
    /// `Tuesday 24 November 2026`.
    LongDay,
    /// `24 November 2026`, or for several days `23–29 November 2026`.
    Days,
    /// `November 2026`.
    Month,
    /// `Tue, 24 Nov`.
    ShortDay,
    /// `24 Nov 2026`.
    ShortDate,
    /// `24 Nov`.
    DayOfMonth,
    /// `Nov 2026`.
    ShortMonth,
    /// `Mon`.
    Weekday,
    /// `10:00`, or for a span `10:00–11:00`.
    Time,
    /// `24 Nov, 10:00`.
    DayAndTime,
    /// `24 Nov 2026, 10:00`, or for a span `24 Nov 2026, 10:00–11:00`.
    DateAndTime,
    /// The same with seconds.
    DateAndSeconds,
}

impl Locale {
    /// The locale that the window has determined; without one, a neutral default.
    #[must_use]
    pub fn of_context() -> Self {
        use_context().unwrap_or(Self {
            decimal_mark: '.',
            date_time: |moment| moment.to_string(),
            clock: |moment| moment.to_string(),
            date: |_, from, to| format!("{from} – {to}"),
            zone: Zone::UTC,
            day: |day| format!("{day}T00:00:00Z").parse().ok(),
        })
    }
}
