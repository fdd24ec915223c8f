//! Readings of other files: what a file would become, column by column, and what was imported.

use leptos::ev::Event;
use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::fault::{Code, words};
use metertap_readings::files::import::{
    FORMATS, Import as Imported, Kind, Plan, Planned, REGISTERS, Register, Sight,
};
use metertap_readings::store::MeterKey;
use metertap_readings::view::figure::grouped;

use super::progress::{Read, ReadSoFar};
use crate::model::{Action, Actions, ImportRequest, Locale, PageModel};
use crate::parts::switch::Switch;
use crate::protocol::{Command, ImportReport, ImportState};

/// A file is chosen, looked at, and imported.
#[component]
pub fn Import() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let meter = RwSignal::new(None::<MeterKey>);
    let into = move |event: Event| {
        let key = event_target_value(&event);
        meter.set((!key.is_empty()).then_some(MeterKey(key)));
        // What is new depends on what the meter has.
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

/// What would become of the file, or has.
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
        {move || seen.get().map(|(sight, report)| view! { <Preview sight report meter /> })}
    }
}

/// What the file looks like, what its columns mean, and what would become of it.
#[component]
fn Preview(sight: Sight, report: ImportReport, meter: RwSignal<Option<MeterKey>>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let request = move |plan: Plan, run: bool| {
        actions.run(Action::Import(ImportRequest { meter: meter.get_untracked(), plan: Some(plan), run }));
    };
    let look = UnsyncCallback::new(move |plan| request(plan, false));
    let nothing = report.new == 0;
    let plan = sight.plan.clone();
    let row = |(moment, values): &(Moment, Vec<String>)| {
        view! { <li>{(locale.date_time)(*moment)} ": " {values.join(", ")}</li> }
    };
    let problem = |(line, code): &(u64, Code)| {
        view! { <li data-problem=code.to_string()>"Line " {*line} ": " {words(code).title}</li> }
    };
    view! {
        <h3>{title(&sight)}</h3>
        {(sight.plan.kind == Kind::Table).then(|| view! { <TablePlan sight look /> })}
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

/// What kind of file it is.
fn title(sight: &Sight) -> &'static str {
    let known = FORMATS.iter().find(|format| Some(format.name) == sight.format.as_deref());
    match (known, sight.plan.kind) {
        (Some(format), _) => format.title,
        (None, Kind::Amsreader) => "Hours and days of the amsreader firmware",
        (None, Kind::JsonLines) => "JSON Lines of this page",
        (None, Kind::Statements | Kind::Table) => "A table",
    }
}

/// How to understand a table: its columns, and what a row says.
#[component]
fn TablePlan(sight: Sight, look: UnsyncCallback<Plan>) -> impl IntoView {
    let plan = sight.plan.clone();
    let (with_difference, with_until, with_comma) = (plan.clone(), plan.clone(), plan.clone());
    view! {
        <Columns sight look />
        <Switch
            name="difference"
            on=plan.difference
            turn=move |difference| look.run(Plan { difference, ..with_difference.clone() })
        >
            "A row says what was counted, not what the counter showed"
        </Switch>
        {plan
            .difference
            .then(|| {
                view! {
                    <Switch
                        name="until"
                        on=plan.until
                        turn=move |until| look.run(Plan { until, ..with_until.clone() })
                    >
                        "Its time is the end of what it counted"
                    </Switch>
                }
            })}
        <Switch
            name="import-comma"
            on=plan.decimal_comma
            turn=move |decimal_comma| look.run(Plan { decimal_comma, ..with_comma.clone() })
        >
            "Decimal comma"
        </Switch>
    }
}

/// A column of a table is a row here: its name, a value of it, and what it means.
#[component]
fn Columns(sight: Sight, look: UnsyncCallback<Plan>) -> impl IntoView {
    let columns = sight.rows.first().map_or(0, Vec::len).max(sight.titles.len());
    let row = |column: usize| {
        let title = sight.titles.get(column).cloned().unwrap_or_else(|| format!("Column {}", column + 1));
        let value = sight.rows.first().and_then(|row| row.get(column)).cloned().unwrap_or_default();
        let (day, clock) = sight.plan.time;
        let meaning = if column == day || Some(column) == clock {
            "time".into_any()
        } else {
            view! { <Meaning column title=title.clone() plan=sight.plan.clone() look /> }.into_any()
        };
        view! {
            <li class="choice">
                <div>{title.clone()} <br /> <span class="small">{value}</span></div>
                <div class="row">{meaning}</div>
            </li>
        }
    };
    view! { <ul class="choices">{(0..columns.min(MOST_COLUMNS)).map(row).collect_view()}</ul> }
}

/// What a column means, and in which unit it is.
#[component]
fn Meaning(column: usize, title: String, plan: Plan, look: UnsyncCallback<Plan>) -> impl IntoView {
    let now = plan.columns.iter().find(|planned| planned.column == column).cloned();
    let registers = REGISTERS.iter().map(|register| {
        let selected = now.as_ref().is_some_and(|now| now.register == register.name);
        view! { <option value=register.name selected=selected>{register.title}</option> }
    });
    let with = plan.clone();
    let scale = now.as_ref().map_or(0, |now| now.scale);
    let choose = move |event: Event| {
        let mut plan = with.clone();
        plan.columns.retain(|planned| planned.column != column);
        let register = event_target_value(&event);
        if !register.is_empty() {
            plan.columns.push(Planned { column, register, scale, only: None });
        }
        look.run(plan);
    };
    let scales = now.as_ref().and_then(|now| Register::named(&now.register)?.unit()).map(|unit| {
        let each = SCALES.iter().map(|(power, prefix)| {
            let selected = *power == scale;
            view! { <option value=power.to_string() selected=selected>{format!("{prefix}{unit}")}</option> }
        });
        each.collect_view()
    });
    let rescale = move |event: Event| {
        let mut plan = plan.clone();
        if let Some(planned) = plan.columns.iter_mut().find(|planned| planned.column == column) {
            planned.scale = event_target_value(&event).parse().unwrap_or_default();
        }
        look.run(plan);
    };
    view! {
        <select aria-label=format!("What {title} means") data-column=column.to_string() on:change=choose>
            <option value="">"left out"</option>
            {registers.collect_view()}
        </select>
        {scales
            .map(|scales| {
                view! { <select aria-label=format!("Unit of {title}") on:change=rescale>{scales}</select> }
            })}
    }
}

/// What was imported before, each to be undone.
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
        ImportState::Seen((ref sight, _)) => Some(sight.plan.clone()),
        _ => None,
    })
}

fn counted(report: &ImportReport, locale: Locale) -> String {
    let number = |number: u64| grouped(&number.to_string(), locale.decimal_mark);
    let span = report
        .span
        .map(|(from, to)| format!(", from {} to {}", (locale.date_time)(from), (locale.date_time)(to)))
        .unwrap_or_default();
    format!(
        "{} readings are new, {} are of times that are known already, {} lines make none{span}.",
        number(report.new),
        number(report.doubles),
        number(report.refused)
    )
}

/// Powers of ten and how units are called with them.
const SCALES: [(i8, &str); 4] = [(0, ""), (-3, "1/1000 "), (3, "1000 "), (6, "1,000,000 ")];
/// More columns than a person maps.
const MOST_COLUMNS: usize = 60;
