//! The progress of a file that is being written or read, and its result.

use leptos::prelude::*;

use crate::model::{Actions, Export, FileProgress, PageModel};
use crate::parts::fault_card::FaultCard;
use crate::protocol::{Command, ExportEnd, Intake, Trouble};
use crate::texts;

/// The progress, with a button that stops it.
#[component]
pub fn Progress(
    /// Whether the file is a backup. `false` for an export.
    backup: bool,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let with = move |of: fn(&Export) -> Option<String>| {
        model.export.with(|export| export.as_ref().filter(|export| export.backup == backup).and_then(of))
    };
    let part = move |of: fn(&Export) -> u64| {
        move || {
            let is_its = |export: &&Export| export.backup == backup;
            model.export.with(|export| export.as_ref().filter(is_its).map_or(0, of)).to_string()
        }
    };
    let running = move || with(|export| export.end.is_none().then(String::new)).is_some();
    let ended = move || {
        model.export.with(|export| {
            let export = export.as_ref().filter(|export| export.backup == backup)?;
            match export.end.as_ref()? {
                ExportEnd::Complete if backup => Some(texts::data::all_in_file()),
                // A row may stand for many readings, so their number says nothing about the file.
                ExportEnd::Complete => Some(texts::data::is_complete()),
                ExportEnd::Stopped => Some(texts::data::stopped()),
                ExportEnd::Failed(_) => None,
            }
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
    let trouble = Memo::new(move |_| {
        model.export.with(|export| match export.as_ref()?.end {
            Some(ExportEnd::Failed(ref trouble)) if export.as_ref()?.backup == backup => {
                Some(trouble.clone())
            }
            _ => None,
        })
    });
    let stop = move |_| {
        if let Some(id) = model.export.with(|export| export.as_ref().map(|export| export.id)) {
            actions.send(Command::StopExport { id });
        }
    };
    let (exported, backed_up) = if backup { (None, Some(end)) } else { (Some(end), None) };
    view! {
        <div role="status" data-export=exported data-backup=backed_up>
            <Show when=running fallback=move || view! { <p>{ended}</p> }>
                <p class="row">
                    <progress
                        aria-label=texts::data::written()
                        value=part(|export| export.done)
                        max=part(|export| export.of.max(1))
                    ></progress>
                    <button data-action="stop-export" on:click=stop>
                        {texts::data::stop()}
                    </button>
                </p>
            </Show>
            <FaultCard trouble />
        </div>
    }
}

/// The progress of a file that is being read, whatever it contains.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The word in the DOM.
    pub word: &'static str,
    /// The bytes read and the bytes in all, while it is being read.
    pub so_far: Option<(u64, u64)>,
    /// Why it was refused.
    pub trouble: Option<Trouble>,
}

impl<Seen, Done> From<&FileProgress<Seen, Done>> for Read {
    fn from(file: &FileProgress<Seen, Done>) -> Self {
        let read = |word| Self { word, so_far: None, trouble: None };
        match &file.state {
            Intake::Reading => Self { so_far: Some((file.done, file.of)), ..read("reading") },
            Intake::Seen(_) => read("seen"),
            Intake::Refused(trouble) => Self { trouble: Some(trouble.clone()), ..read("refused") },
            Intake::Complete(_) => read("complete"),
        }
    }
}

/// How far a file has been read, and why it was refused.
#[component]
pub fn ReadSoFar(
    /// `None` before a file was chosen.
    #[prop(into)]
    read: Signal<Option<Read>>,
) -> impl IntoView {
    let so_far = Memo::new(move |_| read.with(|read| read.as_ref()?.so_far));
    let trouble = Memo::new(move |_| read.with(|read| read.as_ref()?.trouble.clone()));
    view! {
        <Show when=move || so_far.get().is_some()>
            <progress
                aria-label=texts::data::read()
                value=move || so_far.get().map_or(0, |(done, _)| done).to_string()
                max=move || so_far.get().map_or(1, |(_, of)| of.max(1)).to_string()
            ></progress>
        </Show>
        <FaultCard trouble />
    }
}
