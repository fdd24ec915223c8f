//! Imports readings from other files: what a file would become, column by column, and the imports so far.

use leptos::ev::Event;
use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_readings::entry::Moment;
use metertap_readings::files::import::{
    FORMATS, FileKind, Import as Imported, Plan, Preview, REGISTERS, Register,
};
use metertap_readings::store::MeterKey;
use metertap_readings::view::figure::grouped;

use super::layout::Layout;
use super::progress::{Read, ReadSoFar};
use crate::model::{Action, Actions, ImportRequest, Locale, PageModel};
use crate::parts::label::of_tariff;
use crate::protocol::{Command, ImportProblem, ImportReport, ImportState};
use crate::texts::{self, fault_words};

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
            <h2>{texts::importing::title()}</h2>
            <p>
                {texts::importing::what()}
            </p>
            <label>
                {texts::importing::into()}
                <select name="import-meter" on:change=into>
                    <option value="">{texts::importing::new_meter()}</option>
                    {meters}
                </select>
            </label>
            <p class="actions">
                <label class="button">
                    {texts::importing::choose_file()}
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
            ImportState::Complete(ref report) => {
                Some(format!("{} {}", texts::importing::imported(), counted(report, locale)))
            }
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
        let values = values.iter().map(|value| named(value)).collect::<Vec<_>>().join(", ");
        view! { <li>{(locale.date_time)(*moment)} ": " {values}</li> }
    };
    let problem = |problem: &ImportProblem| {
        let ImportProblem { line, code, text, lines } = problem;
        let problem = texts::importing::line(line, &fault_words(code).title);
        let text = (!text.is_empty()).then(|| texts::importing::quoted(text));
        let more = lines.saturating_sub(1);
        let lines = (more > 0)
            .then(|| texts::importing::more_lines(more, &grouped(&more.to_string(), locale.decimal_mark)));
        let words = std::iter::once(problem).chain(text).chain(lines).collect::<Vec<_>>().join(" ");
        view! { <li data-problem=code.to_string()>{words}</li> }
    };
    view! {
        <h3>{title(&preview)}</h3>
        {(preview.plan.kind == FileKind::Table).then(|| view! { <Layout preview look /> })}
        <ul class="small">{report.first.iter().map(row).collect_view()}</ul>
        <p data-count="import-new" data-value=report.new.to_string()>{counted(&report, locale)}</p>
        <ul class="small">{report.problems.iter().map(problem).collect_view()}</ul>
        <p class="actions">
            <button class="main" data-action="import" disabled=nothing on:click=move |_| request(plan.clone(), true)>
                {texts::importing::import()}
            </button>
        </p>
    }
}

/// A value such as `1-0:1.8.0 18234.567 kWh`. If its register is one of [`REGISTERS`], the name replaces the code.
fn named(value: &str) -> String {
    let Some((code, amount)) = value.split_once(' ') else { return value.to_owned() };
    let has_code = |register: &&Register| {
        let measurement = register.measurement(Number::whole(0));
        measurement.is_some_and(|measurement| measurement.register.to_string() == code)
    };
    let name = REGISTERS.iter().find(has_code).map(|known| of_tariff(known.quantity(), known.tariff()));
    format!("{} {amount}", name.as_deref().unwrap_or(code))
}

fn title(preview: &Preview) -> &'static str {
    let known = FORMATS.iter().find(|format| Some(format.name) == preview.format.as_deref());
    match (known, preview.plan.kind) {
        (Some(format), _) => format.title,
        (None, FileKind::Amsreader) => texts::importing::amsreader(),
        (None, FileKind::JsonLines) => texts::importing::json_lines(),
        (None, FileKind::Statements | FileKind::Table) => texts::importing::table(),
    }
}

#[component]
fn Imports() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let row = move |import: Imported| {
        let Imported { log, file, readings, span: (from, to), .. } = import;
        let number = grouped(&readings.to_string(), locale.decimal_mark);
        let readings = texts::data::readings(readings, &number);
        let words = texts::data::readings_span(&readings, &(locale.date_time)(from), &(locale.date_time)(to));
        let key = log.0.clone();
        let undo = move |_| {
            // The report of the import is no longer true.
            model.import.update(|import| {
                import.take_if(|import| matches!(import.state, ImportState::Complete(_)));
            });
            actions.send(Command::UndoImport { log: log.clone() });
        };
        view! {
            <li class="choice" data-imported=key>
                <div>{file} <br /> <span class="small">{words}</span></div>
                <button data-action="undo-import" on:click=undo>
                    {texts::importing::undo()}
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || !model.imports.with(Vec::is_empty)>
            <h3>{texts::importing::so_far()}</h3>
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
    let (new, doubles, refused) = (report.new, report.doubles, report.refused);
    let span = report
        .span
        .map(|(from, to)| texts::importing::span(&(locale.date_time)(from), &(locale.date_time)(to)));
    let counts = [
        texts::importing::new(new, &number(new)),
        texts::importing::doubles(doubles, &number(doubles)),
        texts::importing::refused(refused, &number(refused)),
    ];
    let corrections =
        (report.corrections > 0).then(|| texts::importing::corrections(report.corrections.into()));
    counts.into_iter().chain(span).chain(corrections).collect::<Vec<_>>().join(" ")
}
