//! Saves readings as a file: which meters, from when to when, in which form; and the progress.

use leptos::ev::Event;
use leptos::prelude::*;
use metertap_readings::files::export::{ExportForm, Resolution, Separator};
use metertap_readings::store::MeterKey;
use metertap_readings::view::figure::grouped;

use super::progress::Progress;
use crate::model::{Action, Actions, DayRange, ExportRequest, Locale, MeterModel, PageModel};
use crate::parts::switch::Switch;
use crate::protocol::ExportOptions;
use crate::texts;

/// The choice of meters, range and form, and the progress.
#[component]
pub fn Export() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let comma = Locale::of_context().decimal_mark == ',';
    // Lists the meters that are left out, so that a meter connected while the screen is open is included.
    let left_out = RwSignal::new(Vec::<MeterKey>::new());
    let range = RwSignal::new(DayRange::All);
    // In languages with a decimal comma, spreadsheets expect a semicolon between cells.
    let separator = if comma { Separator::Semicolon } else { Separator::Comma };
    let form = ExportForm::Csv;
    let options = RwSignal::new(ExportOptions {
        form,
        separator,
        decimal_comma: comma,
        corrections: true,
        ..ExportOptions::default()
    });
    let save = move |_| {
        let meters = model.meters.with(|meters| {
            let keys = meters.iter().map(|meter| meter.key.clone());
            keys.filter(|key| left_out.with(|left_out| !left_out.contains(key))).collect()
        });
        actions.run(Action::Export(ExportRequest { meters, range: range.get(), options: options.get() }));
    };
    let running = Memo::new(move |_| {
        model.export.with(|export| export.as_ref().is_some_and(|export| export.end.is_none()))
    });
    let nothing = Memo::new(move |_| {
        model.meters.with(|meters| meters.iter().all(|meter| left_out.with(|out| out.contains(&meter.key))))
    });
    view! {
        <section class="card">
            <h2>{texts::data::save_title()}</h2>
            <fieldset>
                <legend>{texts::frame::meters()}</legend>
                <Show
                    when=move || !model.meters.with(Vec::is_empty)
                    fallback=|| view! { <p class="quiet">{texts::data::no_meter()}</p> }
                >
                    <For each=move || model.meters.get() key=|meter| meter.key.clone() let:meter>
                        <MeterChoice meter left_out />
                    </For>
                </Show>
            </fieldset>
            <RangeChoice range />
            <FormChoice options />
            <Show when=move || options.with(|options| matches!(options.form, ExportForm::Csv | ExportForm::Workbook))>
                <TableChoice options />
            </Show>
            <Show when=move || options.with(|options| matches!(options.form, ExportForm::JsonLines | ExportForm::Workbook))>
                <Switch
                    name="corrections"
                    on=options.with_untracked(|options| options.corrections)
                    turn=move |wanted| options.update(|options| options.corrections = wanted)
                >
                    {texts::data::with_corrections()}
                </Switch>
            </Show>
            <p class="actions">
                <button
                    class="main"
                    data-action="export"
                    disabled=move || running.get() || nothing.get()
                    on:click=save
                >
                    {texts::data::save()}
                </button>
            </p>
            <Progress backup=false />
        </section>
    }
}

#[component]
fn FormChoice(options: RwSignal<ExportOptions>) -> impl IntoView {
    let option = move |form: ExportForm| {
        let (title, use_of) = told(form);
        let choose = move |_| options.update(|options| options.form = form);
        view! {
            <label class="switch">
                <input
                    type="radio"
                    name="form"
                    value=form.as_str()
                    checked=options.with_untracked(|options| options.form == form)
                    on:change=choose
                />
                <span>{title} <br /> <span class="small">{use_of}</span></span>
            </label>
        }
    };
    view! {
        <fieldset>
            <legend>{texts::data::form()}</legend>
            {ExportForm::ALL.iter().map(|form| option(*form)).collect_view()}
        </fieldset>
    }
}

/// What a row of a table stands for, and what separates its cells.
#[component]
fn TableChoice(options: RwSignal<ExportOptions>) -> impl IntoView {
    let chosen = options.get_untracked();
    // A workbook needs neither a separator nor a decimal sign.
    let in_workbook = move || options.with(|options| options.form == ExportForm::Workbook);
    let resolution = move |event: Event| {
        let word = event_target_value(&event);
        let found = Resolution::ALL.iter().find(|resolution| resolution.as_str() == word);
        options.update(|options| options.resolution = found.copied().unwrap_or_default());
    };
    let resolutions = Resolution::ALL.iter().map(|resolution| {
        let title = match resolution {
            Resolution::Raw => texts::data::reading(),
            Resolution::Quarter => texts::data::quarter(),
            Resolution::Hour => texts::data::hour(),
            Resolution::Day => texts::data::day(),
            Resolution::Month => texts::data::month(),
        };
        let selected = *resolution == chosen.resolution;
        view! { <option value=resolution.as_str() selected=selected>{title}</option> }
    });
    let separator = move |event: Event| {
        let found =
            event_target_value(&event).parse().ok().and_then(|place: usize| Separator::ALL.get(place));
        options.update(|options| options.separator = found.copied().unwrap_or_default());
    };
    let separators = Separator::ALL.iter().enumerate().map(|(place, separator)| {
        let title = match separator {
            Separator::Comma => texts::data::comma(),
            Separator::Semicolon => texts::data::semicolon(),
            Separator::Tab => texts::data::tab(),
        };
        let selected = *separator == chosen.separator;
        view! { <option value=place.to_string() selected=selected>{title}</option> }
    });
    view! {
        <div class="row fields">
            <label>{texts::data::row_per()} <select name="resolution" on:change=resolution>{resolutions.collect_view()}</select></label>
            <label hidden=in_workbook>
                {texts::data::separator()} <select name="separator" on:change=separator>{separators.collect_view()}</select>
            </label>
        </div>
        <div class="row" hidden=in_workbook>
            <Switch
                name="decimal-comma"
                on=chosen.decimal_comma
                turn=move |wanted| options.update(|options| options.decimal_comma = wanted)
            >
                {texts::data::decimal_comma()}
            </Switch>
            <Switch
                name="marked"
                on=chosen.marked
                turn=move |wanted| options.update(|options| options.marked = wanted)
            >
                {texts::data::marked()}
            </Switch>
        </div>
    }
}

fn told(form: ExportForm) -> (&'static str, &'static str) {
    match form {
        ExportForm::Csv => ("CSV", texts::data::csv()),
        ExportForm::Workbook => (texts::data::workbook(), texts::data::workbook_what()),
        ExportForm::JsonLines => ("JSON Lines", texts::data::json_lines()),
        ExportForm::HomeAssistantCounters => (texts::data::ha_counters(), texts::data::ha_counters_what()),
        ExportForm::HomeAssistantMeasurements => {
            (texts::data::ha_measurements(), texts::data::ha_measurements_what())
        }
        ExportForm::Influx => ("InfluxDB", texts::data::influx()),
        ExportForm::Corrections => (texts::data::corrections(), texts::data::corrections_what()),
    }
}

#[component]
fn MeterChoice(meter: MeterModel, left_out: RwSignal<Vec<MeterKey>>) -> impl IntoView {
    let locale = Locale::of_context();
    let (titled, key) = (meter.clone(), meter.key.clone());
    let held = {
        let (model, key) = (expect_context::<PageModel>(), meter.key.clone());
        Memo::new(move |_| model.held.with(|held| held.get(&key).copied()))
    };
    let count = move || held.get().map(|held| held.readings);
    let words = move || {
        let held = held.get()?;
        let number = grouped(&held.readings.to_string(), locale.decimal_mark);
        let readings = texts::data::readings(held.readings, &number);
        let last = meter.newest.with(|newest| newest.received);
        Some(match (held.since, last) {
            (Some(since), Some(last)) => {
                texts::data::readings_span(&readings, &(locale.date_time)(since), &(locale.date_time)(last))
            }
            _ => readings,
        })
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
                    // The line is there from the start, so that nothing below moves under the user's finger.
                    {move || words().unwrap_or_else(|| "\u{a0}".to_owned())}
                </span>
            </span>
        </label>
    }
}

#[component]
fn RangeChoice(range: RwSignal<DayRange>) -> impl IntoView {
    let days = RwSignal::new((String::new(), String::new()));
    let by_days = move || matches!(range.get(), DayRange::Days(..));
    let set_days = move || range.set(days.with(|(from, to)| DayRange::Days(from.clone(), to.clone())));
    let option = move |name: &'static str, title: &'static str, which: DayRange| {
        let chosen = which.clone();
        view! {
            <label class="switch">
                <input
                    type="radio"
                    name="range"
                    value=name
                    checked=which == DayRange::All
                    on:change=move |_| range.set(chosen.clone())
                />
                {title}
            </label>
        }
    };
    view! {
        <fieldset class="row">
            <legend>{texts::data::time()}</legend>
            {option("all", texts::data::all(), DayRange::All)}
            {option("today", texts::data::today(), DayRange::Today)}
            {option("week", texts::data::seven_days(), DayRange::Week)}
            <label class="switch">
                <input type="radio" name="range" value="days" on:change=move |_| set_days() />
                {texts::data::from_day_to_day()}
            </label>
        </fieldset>
        <Show when=by_days>
            <p class="row">
                <label>
                    {texts::data::from()} " " <input
                        type="date"
                        name="from"
                        on:change=move |event| {
                            days.update(|days| days.0 = event_target_value(&event));
                            set_days();
                        }
                    />
                </label>
                <label>
                    {texts::data::to()} " " <input
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
