//! How long ago something happened, in few words.

use crate::model::Locale;
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
    let words = Memo::new(move |_| at.get().map(|at| words(now.get().0 - at.0)));
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

/// How long ago, from milliseconds. Small differences between clocks are shown as `now`.
#[must_use]
pub fn words(milliseconds: i64) -> String {
    if milliseconds < 1000 { "now".to_owned() } else { format!("{} ago", duration(milliseconds)) }
}

/// A span of time in its largest unit, from milliseconds.
#[must_use]
pub fn duration(milliseconds: i64) -> String {
    match milliseconds.max(0) / 1000 {
        seconds @ ..MINUTE => format!("{seconds} s"),
        seconds @ MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        seconds @ HOUR..TWO_DAYS => format!("{} h", seconds / HOUR),
        seconds => format!("{} days", seconds / DAY),
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const TWO_DAYS: i64 = 2 * DAY;
