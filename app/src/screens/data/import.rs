//! Imports readings from other files: what a file would become, column by column, and the imports so far.

use leptos::ev::Event;
use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::fault::words;
use metertap_readings::files::import::{FORMATS, FileKind, Import as Imported, Plan, Preview};
use metertap_readings::store::MeterKey;
use metertap_readings::view::figure::grouped;

use super::layout::Layout;
use super::progress::{Read, ReadSoFar};
use crate::model::{Action, Actions, ImportRequest, Locale, PageModel};
use crate::protocol::{Command, ImportProblem, ImportReport, ImportState};

/// Choosing, previewing and importing a file.
#[component]
pub fn Import() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let meter = RwSignal::new(None::<MeterKey>);
    let into = move |event: Event| {
        let key = event_target_value(&event);
        meter.set((!key.is_empty()).then_some(MeterKey(key)));
        // Which readings are new depends on what the meter already has.
        if let Some(plan) = plan(model) {
            actions.run(Action::Import(ImportRequest {
                meter: meter.get_untracked(),
                plan: Some(plan),
                run: false,
            }));
        }
    };
    let meters = move || {
        let option = |key: MeterKey, title: String| view! { <option value=key.0>{title}</option> };
        model.meters.get().into_iter().map(|meter| option(meter.key.clone(), meter.title())).collect_view()
    };
    view! {
        <section class="card fields">
            <h2>"Import readings"</h2>
            <p>
                "JSON Lines of this page, tables (CSV) of other programs and of grid operators, and the configuration file
                of an amsreader. You see what would become of it first, and every import can be undone."
            </p>
            <label>
                "Into"
                <select name="import-meter" on:change=into>
                    <option value="">"a new meter"</option>
                    {meters}
                </select>
            </label>
            <p class="actions">
                <label class="button">
                    "Choose a file"
                    <input
                        class="unseen"
                        type="file"
                        name="import"
                        on:change=move |event| actions.run(Action::ChooseImport(event, meter.get_untracked()))
                    />
                </label>
            </p>
            <Outcome meter />
            <Imports />
        </section>
    }
}

/// The preview or the result of the file.
#[component]
fn Outcome(meter: RwSignal<Option<MeterKey>>) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let locale = Locale::of_context();
    let read = Memo::new(move |_| model.import.with(|import| import.as_ref().map(Read::from)));
    let word = move || read.with(|read| read.as_ref().map(|read| read.word));
    let seen = Memo::new(move |_| {
        model.import.with(|import| match import.as_ref()?.state {
            ImportState::Seen(ref seen) => Some(seen.clone()),
            _ => None,
        })
    });
    let complete = move || {
        model.import.with(|import| match import.as_ref()?.state {
            ImportState::Complete(ref report) => Some(format!("Imported. {}", counted(report, locale))),
            _ => None,
        })
    };
    view! {
        <div role="status" data-import=word>
            <ReadSoFar read />
            <p>{complete}</p>
        </div>
        {move || seen.get().map(|(preview, report)| view! { <ImportPreview preview report meter /> })}
    }
}

/// The beginning of the file, the meaning of its columns, and what would be imported.
#[component]
fn ImportPreview(preview: Preview, report: ImportReport, meter: RwSignal<Option<MeterKey>>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let request = move |plan: Plan, run: bool| {
        actions.run(Action::Import(ImportRequest { meter: meter.get_untracked(), plan: Some(plan), run }));
    };
    let look = UnsyncCallback::new(move |plan| request(plan, false));
    let nothing = report.new == 0;
    let plan = preview.plan.clone();
    let row = |(moment, values): &(Moment, Vec<String>)| {
        view! { <li>{(locale.date_time)(*moment)} ": " {values.join(", ")}</li> }
    };
    let problem = |problem: &ImportProblem| {
        let ImportProblem { line, code, text, lines } = problem;
        let text = if text.is_empty() { String::new() } else { format!(" “{text}”") };
        let lines = if *lines > 1 {
            format!(", and {} lines more", grouped(&(lines - 1).to_string(), locale.decimal_mark))
        } else {
            String::new()
        };
        view! { <li data-problem=code.to_string()>"Line " {*line} ": " {words(code).title} {text} {lines}</li> }
    };
    view! {
        <h3>{title(&preview)}</h3>
        {(preview.plan.kind == FileKind::Table).then(|| view! { <Layout preview look /> })}
        <ul class="small">{report.first.iter().map(row).collect_view()}</ul>
        <p data-count="import-new" data-value=report.new.to_string()>{counted(&report, locale)}</p>
        <ul class="small">{report.problems.iter().map(problem).collect_view()}</ul>
        <p class="actions">
            <button class="main" data-action="import" disabled=nothing on:click=move |_| request(plan.clone(), true)>
                "Import"
            </button>
        </p>
    }
}

/// The kind of the file.
fn title(preview: &Preview) -> &'static str {
    let known = FORMATS.iter().find(|format| Some(format.name) == preview.format.as_deref());
    match (known, preview.plan.kind) {
        (Some(format), _) => format.title,
        (None, FileKind::Amsreader) => "Hours and days of the amsreader firmware",
        (None, FileKind::JsonLines) => "JSON Lines of this page",
        (None, FileKind::Statements | FileKind::Table) => "A table",
    }
}

/// The imports so far, each with a button that undoes it.
#[component]
fn Imports() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let row = move |import: Imported| {
        let Imported { log, file, readings, span: (from, to), .. } = import;
        let readings = grouped(&readings.to_string(), locale.decimal_mark);
        let span = format!("{} to {}", (locale.date_time)(from), (locale.date_time)(to));
        let key = log.0.clone();
        let undo = move |_| actions.send(Command::UndoImport { log: log.clone() });
        view! {
            <li class="choice" data-imported=key>
                <div>{file} <br /> <span class="small">{readings} " readings, " {span}</span></div>
                <button data-action="undo-import" on:click=undo>
                    "Undo"
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || !model.imports.with(Vec::is_empty)>
            <h3>"Imported"</h3>
            <ul class="choices">{move || model.imports.get().into_iter().map(row).collect_view()}</ul>
        </Show>
    }
}

fn plan(model: PageModel) -> Option<Plan> {
    model.import.with_untracked(|import| match import.as_ref()?.state {
        ImportState::Seen((ref preview, _)) => Some(preview.plan.clone()),
        _ => None,
    })
}

fn counted(report: &ImportReport, locale: Locale) -> String {
    let number = |number: u64| grouped(&number.to_string(), locale.decimal_mark);
    let span = report
        .span
        .map(|(from, to)| format!(", from {} to {}", (locale.date_time)(from), (locale.date_time)(to)))
        .unwrap_or_default();
    let corrections = match report.corrections {
        0 => String::new(),
        1 => " A correction comes with them.".to_owned(),
        several => format!(" {several} corrections come with them."),
    };
    format!(
        "{} readings are new, {} are of times that are known already, {} lines make none{span}.{corrections}",
        number(report.new),
        number(report.doubles),
        number(report.refused)
    )
}
