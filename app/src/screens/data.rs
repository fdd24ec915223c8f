//! The log as a file, and how much room it takes.

use leptos::ev::Event;
use leptos::prelude::*;
use metertap_readings::figure::grouped;
use metertap_readings::store::MeterKey;

use super::room::Room;
use super::shown::{Export, Meter, Shown};
use super::wishes::{ExportWish, Range, Wishes};
use crate::parts::place::Place;
use crate::protocol::{Command, ExportEnd, ExportFormat};

/// Meters, range, form; progress; room.
#[component]
pub fn Data() -> impl IntoView {
    let shown = expect_context::<Shown>();
    let wishes = expect_context::<Wishes>();
    // What is left out, so that a meter which comes while the screen is open is in.
    let left_out = RwSignal::new(Vec::<MeterKey>::new());
    let range = RwSignal::new(Range::All);
    wishes.measure.run(());
    let save = move |format: ExportFormat| {
        let meters = shown.meters.with(|meters| {
            let keys = meters.iter().map(|meter| meter.key.clone());
            keys.filter(|key| left_out.with(|left_out| !left_out.contains(key))).collect()
        });
        wishes.export.run(ExportWish { meters, range: range.get(), format });
    };
    let running = Memo::new(move |_| {
        shown.export.with(|export| export.as_ref().is_some_and(|export| export.end.is_none()))
    });
    let nothing = Memo::new(move |_| {
        shown.meters.with(|meters| meters.iter().all(|meter| left_out.with(|out| out.contains(&meter.key))))
    });
    view! {
        <h1>"Data"</h1>
        <section class="card">
            <h2>"Save readings as a file"</h2>
            <fieldset>
                <legend>"Meters"</legend>
                <Show
                    when=move || !shown.meters.with(Vec::is_empty)
                    fallback=|| view! { <p class="quiet">"No meter yet."</p> }
                >
                    <For each=move || shown.meters.get() key=|meter| meter.key.clone() let:meter>
                        <MeterChoice meter left_out />
                    </For>
                </Show>
            </fieldset>
            <RangeChoice range />
            <p class="actions">
                <button
                    class="main"
                    data-action="export"
                    data-format="json-lines"
                    disabled=move || running.get() || nothing.get()
                    on:click=move |_| save(ExportFormat::JsonLines)
                >
                    "Save as JSON Lines"
                </button>
                <button
                    class="main"
                    data-action="export"
                    data-format="csv"
                    disabled=move || running.get() || nothing.get()
                    on:click=move |_| save(ExportFormat::Csv)
                >
                    "Save as CSV"
                </button>
            </p>
            <p class="small">
                "JSON Lines keeps everything that the meter sent. CSV has a column for each value, for a spreadsheet."
            </p>
            <Progress />
        </section>
        <Room />
    }
}

/// A meter with what the log has of it.
#[component]
fn MeterChoice(meter: Meter, left_out: RwSignal<Vec<MeterKey>>) -> impl IntoView {
    let place = Place::here();
    let (titled, key) = (meter.clone(), meter.key.clone());
    let count = Memo::new(move |_| meter.newest.with(|newest| newest.seq));
    let span = move || {
        let first = meter.state.with(|state| state.first);
        let last = meter.newest.with(|newest| newest.received);
        match (first, last) {
            (Some(first), Some(last)) => {
                format!(", {} to {}", (place.date_time)(first), (place.date_time)(last))
            }
            _ => String::new(),
        }
    };
    let choose = move |event: Event| {
        let wanted = event_target_checked(&event);
        left_out.update(|left_out| {
            left_out.retain(|other| *other != key);
            if !wanted {
                left_out.push(key.clone());
            }
        });
    };
    view! {
        <label class="switch">
            <input type="checkbox" checked on:change=choose />
            <span>
                {move || titled.title()} <br />
                <span class="small" data-meter=meter.key.0.clone() data-count="readings" data-value=count>
                    {move || grouped(&count.get().to_string(), place.decimal_mark)} " readings" {span}
                </span>
            </span>
        </label>
    }
}

/// From when to when.
#[component]
fn RangeChoice(range: RwSignal<Range>) -> impl IntoView {
    let days = RwSignal::new((String::new(), String::new()));
    let by_days = move || matches!(range.get(), Range::Days(..));
    let set_days = move || range.set(days.with(|(from, to)| Range::Days(from.clone(), to.clone())));
    let option = move |name: &'static str, title: &'static str, which: Range| {
        let chosen = which.clone();
        view! {
            <label class="switch">
                <input
                    type="radio"
                    name="range"
                    value=name
                    checked=which == Range::All
                    on:change=move |_| range.set(chosen.clone())
                />
                {title}
            </label>
        }
    };
    view! {
        <fieldset class="row">
            <legend>"Time"</legend>
            {option("all", "All", Range::All)}
            {option("today", "Today", Range::Today)}
            {option("week", "7 days", Range::Week)}
            <label class="switch">
                <input type="radio" name="range" value="days" on:change=move |_| set_days() />
                "From day to day"
            </label>
        </fieldset>
        <Show when=by_days>
            <p class="row">
                <label>
                    "From " <input
                        type="date"
                        name="from"
                        on:change=move |event| {
                            days.update(|days| days.0 = event_target_value(&event));
                            set_days();
                        }
                    />
                </label>
                <label>
                    "to " <input
                        type="date"
                        name="to"
                        on:change=move |event| {
                            days.update(|days| days.1 = event_target_value(&event));
                            set_days();
                        }
                    />
                </label>
            </p>
        </Show>
    }
}

/// How the export goes, and how it ended.
#[component]
fn Progress() -> impl IntoView {
    let shown = expect_context::<Shown>();
    let wishes = expect_context::<Wishes>();
    let part = move |field: fn(&Export) -> u64| {
        move || shown.export.with(|export| export.as_ref().map(field).unwrap_or_default().to_string())
    };
    let running = move || shown.export.with(|export| export.as_ref().is_some_and(|e| e.end.is_none()));
    let ended = move || {
        shown.export.with(|export| {
            let export = export.as_ref()?;
            Some(match export.end.as_ref()? {
                ExportEnd::Complete => format!("{} readings are in the file.", export.done),
                ExportEnd::Stopped => format!("Stopped after {} readings.", export.done),
                ExportEnd::Failed(why) => format!("The file could not be written: {why}"),
            })
        })
    };
    let end = move || {
        shown.export.with(|export| {
            export.as_ref().map(|export| match export.end {
                None => "running",
                Some(ExportEnd::Complete) => "complete",
                Some(ExportEnd::Stopped) => "stopped",
                Some(ExportEnd::Failed(_)) => "failed",
            })
        })
    };
    let stop = move |_| {
        if let Some(id) = shown.export.with(|export| export.as_ref().map(|export| export.id)) {
            wishes.command.run(Command::StopExport { id });
        }
    };
    view! {
        <div role="status" data-export=end>
            <Show when=running fallback=move || view! { <p>{ended}</p> }>
                <p class="row">
                    <progress
                        aria-label="Readings written"
                        value=part(|export| export.done)
                        max=part(|export| export.of.max(1))
                    ></progress>
                    <button data-action="stop-export" on:click=stop>
                        "Stop"
                    </button>
                </p>
            </Show>
        </div>
    }
}
