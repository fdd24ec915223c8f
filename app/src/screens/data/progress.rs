//! How a file goes that is being written, and how it ended.

use leptos::prelude::*;

use crate::protocol::{Command, ExportEnd};
use crate::screens::shown::{Export, Shown};
use crate::screens::wishes::Wishes;

/// How it goes, with a button that stops it.
#[component]
pub fn Progress(
    /// Whether it is about the backup, or else about readings in another form.
    backup: bool,
) -> impl IntoView {
    let shown = expect_context::<Shown>();
    let wishes = expect_context::<Wishes>();
    let with = move |of: fn(&Export) -> Option<String>| {
        shown.export.with(|export| export.as_ref().filter(|export| export.backup == backup).and_then(of))
    };
    let part = move |of: fn(&Export) -> u64| {
        move || {
            let is_its = |export: &&Export| export.backup == backup;
            shown.export.with(|export| export.as_ref().filter(is_its).map_or(0, of)).to_string()
        }
    };
    let running = move || with(|export| export.end.is_none().then(String::new)).is_some();
    let ended = move || {
        with(|export| {
            Some(match (export.end.as_ref()?, export.backup) {
                (ExportEnd::Complete, false) => format!("{} readings are in the file.", export.done),
                (ExportEnd::Complete, true) => "Everything is in the file.".to_owned(),
                (ExportEnd::Stopped, false) => format!("Stopped after {} readings.", export.done),
                (ExportEnd::Stopped, true) => "Stopped. There is no file.".to_owned(),
                (ExportEnd::Failed(why), _) => format!("The file could not be written: {why}"),
            })
        })
    };
    let end = move || {
        with(|export| {
            let word = match export.end {
                None => "running",
                Some(ExportEnd::Complete) => "complete",
                Some(ExportEnd::Stopped) => "stopped",
                Some(ExportEnd::Failed(_)) => "failed",
            };
            Some(word.to_owned())
        })
    };
    let stop = move |_| {
        if let Some(id) = shown.export.with(|export| export.as_ref().map(|export| export.id)) {
            wishes.command.run(Command::StopExport { id });
        }
    };
    let (exported, backed_up) = if backup { (None, Some(end)) } else { (Some(end), None) };
    view! {
        <div role="status" data-export=exported data-backup=backed_up>
            <Show when=running fallback=move || view! { <p>{ended}</p> }>
                <p class="row">
                    <progress
                        aria-label="Written so far"
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
