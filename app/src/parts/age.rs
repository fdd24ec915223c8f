//! How long ago something happened, in few words.

use crate::model::Locale;
use crate::texts;
use leptos::prelude::*;
use metertap_readings::entry::Moment;

/// `3 s ago`, with the exact moment as a title.
#[component]
pub fn Age(
    /// When it happened; nothing is shown for `None`.
    #[prop(into)]
    at: Signal<Option<Moment>>,
    /// The computer's clock.
    #[prop(into)]
    now: Signal<Moment>,
) -> impl IntoView {
    let locale = Locale::of_context();
    let words = Memo::new(move |_| at.get().map(|at| ago(now.get().0 - at.0)));
    view! {
        <time
            class="age"
            datetime=move || at.get().map(|at| at.to_string())
            title=move || at.get().map(locale.date_time)
        >
            {words}
        </time>
    }
}

/// How long ago, from milliseconds. Less than a second ago, or in the future, is `now`.
#[must_use]
pub fn ago(milliseconds: i64) -> String {
    match Length::of(milliseconds) {
        Length::Seconds(0) => texts::age::now().to_owned(),
        Length::Seconds(count) => texts::age::seconds_ago(&count),
        Length::Minutes(count) => texts::age::minutes_ago(&count),
        Length::Hours(count) => texts::age::hours_ago(&count),
        Length::Days(count) => texts::age::days_ago(count),
    }
}

/// A span of time in its largest unit, from milliseconds.
#[must_use]
pub fn duration(milliseconds: i64) -> String {
    match Length::of(milliseconds) {
        Length::Seconds(count) => texts::age::seconds(&count),
        Length::Minutes(count) => texts::age::minutes(&count),
        Length::Hours(count) => texts::age::hours(&count),
        Length::Days(count) => texts::age::days(count),
    }
}

/// A span of time in its largest unit. Days count only from two days on.
enum Length {
    Seconds(u64),
    Minutes(u64),
    Hours(u64),
    Days(u64),
}

impl Length {
    fn of(milliseconds: i64) -> Self {
        match milliseconds.max(0).unsigned_abs() / 1000 {
            seconds @ ..MINUTE => Self::Seconds(seconds),
            seconds @ MINUTE..HOUR => Self::Minutes(seconds / MINUTE),
            seconds @ HOUR..TWO_DAYS => Self::Hours(seconds / HOUR),
            seconds => Self::Days(seconds / DAY),
        }
    }
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const TWO_DAYS: u64 = 2 * DAY;
