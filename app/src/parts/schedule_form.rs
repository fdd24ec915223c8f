//! How often a meter is polled: an interval in seconds, minutes or hours, which may be aligned to the clock, and quiet
//! hours.

use crate::texts;
use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use metertap_decoder::schedule::{Quiet, Schedule};

use super::whole_number::whole_number;

/// The form; calls `keep` with the schedule as it was typed, or with `None` for the usual one.
#[component]
pub fn ScheduleForm(
    /// The current schedule.
    schedule: Schedule,
    /// Called to keep the schedule.
    keep: UnsyncCallback<Option<Schedule>>,
) -> impl IntoView {
    let (count, unit) = (NodeRef::<Input>::new(), NodeRef::<Select>::new());
    let aligned = NodeRef::<Input>::new();
    let (from, until) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = |field: NodeRef<Input>| field.get().map(|field| field.value()).unwrap_or_default();
        let seconds = unit.get().and_then(|unit| unit.value().parse().ok()).unwrap_or(1_u32);
        let every = whole_number(count).map(|count| count.saturating_mul(seconds));
        let quiet = minutes(&text(from)).zip(minutes(&text(until)));
        keep.run(every.map(|every| Schedule {
            every: every.clamp(1, DAY),
            aligned: aligned.get().is_some_and(|field| field.checked()),
            quiet: quiet.filter(|(from, until)| from != until).map(|(from, until)| Quiet { from, until }),
        }));
    };
    view! {
        <form class="settings" on:submit=submit>
            <IntervalField every=schedule.every count unit />
            <label class="switch">
                <input type="checkbox" name="aligned" node_ref=aligned checked=schedule.aligned />
                {texts::ask::aligned()}
            </label>
            <QuietHours quiet=schedule.quiet from until />
            <p class="actions">
                <button type="submit" data-action="schedule">
                    {texts::ask::keep()}
                </button>
                <button type="button" class="quiet" data-action="schedule-usual" on:click=move |_| keep.run(None)>
                    {texts::ask::as_usual()}
                </button>
            </p>
            <p class="small">
                {texts::ask::battery()}
            </p>
        </form>
    }
}

#[component]
fn IntervalField(every: u32, count: NodeRef<Input>, unit: NodeRef<Select>) -> impl IntoView {
    let (times, chosen) = in_units(every);
    let option = |(seconds, name): &Unit| {
        view! {
            <option value=seconds.to_string() selected=*seconds == chosen>
                {name()}
            </option>
        }
    };
    view! {
        <label>
            {texts::ask::every()}
            <span class="row">
                <input
                    type="number"
                    name="every"
                    min="1"
                    max="86400"
                    required
                    inputmode="numeric"
                    node_ref=count
                    value=times.to_string()
                />
                <select name="unit" aria-label=texts::ask::units() node_ref=unit>
                    {UNITS.iter().map(option).collect_view()}
                </select>
            </span>
        </label>
    }
}

#[component]
fn QuietHours(quiet: Option<Quiet>, from: NodeRef<Input>, until: NodeRef<Input>) -> impl IntoView {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    view! {
        <label>
            {texts::ask::not_from()}
            <input type="time" name="quiet-from" node_ref=from value=quiet.map(|quiet| clock(quiet.from)) />
        </label>
        <label>
            {texts::ask::until()}
            <input type="time" name="quiet-until" node_ref=until value=quiet.map(|quiet| clock(quiet.until)) />
        </label>
    }
}

/// Converts a time of day such as `12:30` to minutes since midnight.
fn minutes(clock: &str) -> Option<u16> {
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.get(..2)?.parse::<u16>().ok()?);
    (hours < 24 && minutes < 60).then_some(60 * hours + minutes)
}

/// The seconds as a multiple of the largest unit that divides them: the count, and the unit in seconds.
fn in_units(seconds: u32) -> (u32, u32) {
    let unit =
        UNITS.iter().rev().map(|(unit, _)| *unit).find(|unit| seconds.is_multiple_of(*unit)).unwrap_or(1);
    (seconds / unit, unit)
}

const UNITS: [Unit; 3] = [(1, texts::ask::seconds), (60, texts::ask::minutes), (3600, texts::ask::hours)];

/// A unit's length in seconds, and its name.
type Unit = (u32, fn() -> &'static str);

/// The longest time between two polls, in seconds.
const DAY: u32 = 86_400;
