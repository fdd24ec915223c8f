//! How to understand a table: which columns hold the time, what the others mean, and what a line stands for.

use leptos::ev::Event;
use leptos::prelude::*;
use metertap_readings::files::import::{
    Dates, Only, Plan, Planned, Preview, REGISTERS, Register, Step, Times,
};

use super::units::{POWER, units};
use crate::parts::label::of_tariff;
use crate::parts::switch::Switch;
use crate::texts;

/// A table's columns, the kinds of its lines, and how to read both.
#[component]
pub fn Layout(
    /// The preview of the file.
    preview: Preview,
    /// Called with a changed plan.
    look: UnsyncCallback<Plan>,
) -> impl IntoView {
    let plan = preview.plan.clone();
    view! {
        <Columns preview=preview.clone() look />
        <Lines preview=preview.clone() look />
        <Writing plan=plan.clone() look />
        <Counting plan look />
    }
}

/// The columns of a table, each shown as a row: its name, one of its values, and its meaning.
#[component]
fn Columns(preview: Preview, look: UnsyncCallback<Plan>) -> impl IntoView {
    let columns = preview.rows.first().map_or(0, Vec::len).max(preview.titles.len());
    let is_like_the_first =
        |column: &usize| preview.plan.across.iter().skip(1).any(|(across, _)| across == column);
    let row = |column: usize| {
        let value = preview.rows.first().and_then(|row| row.get(column)).cloned().unwrap_or_default();
        let title = match preview.plan.across.first() {
            Some((first, begin)) if *first == column => texts::importing::columns_from(
                u64::try_from(preview.plan.across.len()).unwrap_or_default(),
                begin,
            ),
            _ => title(&preview, column),
        };
        view! {
            <li class="choice">
                <div>{title.clone()} <br /> <span class="small">{value}</span></div>
                <div class="row"><Meaning column only=None title preview=preview.clone() look /></div>
            </li>
        }
    };
    let shown = (0..columns).filter(|column| !is_like_the_first(column)).take(MOST_COLUMNS);
    view! { <ul class="choices">{shown.map(row).collect_view()}</ul> }
}

/// The kinds of lines, which differ by the text in one column. Each kind may be a register of its own.
#[component]
fn Lines(preview: Preview, look: UnsyncCallback<Plan>) -> impl IntoView {
    let value = preview.plan.columns.first().map(|planned| planned.column);
    let value =
        value.or_else(|| preview.plan.across.first().map(|(column, _)| *column)).or_else(|| preview.value());
    let kinds =
        preview.texts.iter().flat_map(|(column, texts)| texts.iter().map(|text| (*column, text.clone())));
    let row = |(column, text): (usize, String)| {
        let only = Some(Only { column, cell: text.clone() });
        let of = title(&preview, column);
        view! {
            <li class="choice">
                <div>{text.clone()} <br /> <span class="small">{of}</span></div>
                <div class="row">
                    <Meaning column=value.unwrap_or_default() only title=text preview=preview.clone() look />
                </div>
            </li>
        }
    };
    let kinds: Vec<_> = kinds.take(MOST_COLUMNS).collect();
    (value.is_some() && !kinds.is_empty()).then(|| {
        view! {
            <details open=preview.plan.columns.iter().any(|planned| planned.only.is_some())>
                <summary>{texts::importing::kinds_of_lines()}</summary>
                <ul class="choices">{kinds.into_iter().map(row).collect_view()}</ul>
            </details>
        }
    })
}

/// The meaning and the unit of a column, or of the lines with this text.
#[component]
fn Meaning(
    column: usize,
    only: Option<Only>,
    title: String,
    preview: Preview,
    look: UnsyncCallback<Plan>,
) -> impl IntoView {
    let plan = preview.plan.clone();
    let is_it = {
        let only = only.clone();
        move |planned: &Planned| planned.column == column && planned.only == only
    };
    let now = plan.columns.iter().find(|planned| is_it(planned)).cloned();
    let (day, clock) = plan.time;
    let is_time = only.is_none() && column == day && plan.across.is_empty();
    let is_clock = only.is_none() && Some(column) == clock;
    let registers = REGISTERS.iter().map(|register| {
        let selected = now.as_ref().is_some_and(|now| now.register == register.name);
        view! { <option value=register.name selected=selected>{of_tariff(register.quantity(), register.tariff())}</option> }
    });
    let times = only.is_none().then(|| {
        view! {
            <option value=TIME selected=is_time>{texts::importing::is_time()}</option>
            <option value=CLOCK selected=is_clock>{texts::importing::is_clock()}</option>
        }
    });
    let name = only.as_ref().map(|only| only.cell.clone());
    let (seen, kept) = (preview.clone(), only.clone());
    let choose = move |event: Event| {
        let (plan, (day, clock)) = (seen.plan.clone(), seen.plan.time);
        look.run(match event_target_value(&event).as_str() {
            TIME => Plan { time: (column, clock.filter(|clock| *clock != column)), ..plan },
            CLOCK => Plan { time: (day, Some(column)), ..plan },
            name => {
                let clock = clock.filter(|clock| *clock != column);
                let plan = Plan { time: (day, clock), ..plan };
                seen.choose(&plan, column, kept.clone(), Register::named(name))
            }
        });
    };
    let scale = now.as_ref().map_or(0, |now| now.scale);
    let units = now.as_ref().and_then(|now| units(now, scale));
    let rescale = move |event: Event| {
        let mut plan = plan.clone();
        if let Some(planned) = plan.columns.iter_mut().find(|planned| is_it(planned)) {
            let value = event_target_value(&event);
            let (power, scale) = value.split_once(' ').unwrap_or_default();
            (planned.power, planned.scale) = (power == POWER, scale.parse().unwrap_or_default());
            plan.difference |= planned.power;
        }
        look.run(plan);
    };
    view! {
        <select
            aria-label=texts::importing::means(&title)
            data-column=column.to_string()
            data-text=name
            on:change=choose
        >
            <option value="">{texts::importing::left_out()}</option>
            {times}
            {registers.collect_view()}
        </select>
        {units
            .map(|units| {
                view! { <select aria-label=texts::importing::unit_of(&title) on:change=rescale>{units}</select> }
            })}
    }
}

#[component]
fn Writing(plan: Plan, look: UnsyncCallback<Plan>) -> impl IntoView {
    let dates = plan.times.dates;
    let (with_dates, with_utc, with_comma, with_heads) =
        (plan.clone(), plan.clone(), plan.clone(), plan.clone());
    let times = move |plan: &Plan, times: Times| look.run(Plan { times, ..plan.clone() });
    let choose_dates = move |event: Event| {
        let dates = match event_target_value(&event).as_str() {
            "day" => Some(Dates::DayFirst),
            "month" => Some(Dates::MonthFirst),
            "year" => Some(Dates::YearFirst),
            _ => None,
        };
        times(&with_dates, Times { dates, ..with_dates.times });
    };
    let choose_heads = move |event: Event| {
        if let Ok(heads) = event_target_value(&event).parse() {
            look.run(Plan { heads, ..with_heads.clone() });
        }
    };
    view! {
        <label>
            {texts::importing::dates_begin()}
            <select name="import-dates" aria-invalid=dates.is_none().then_some("true") on:change=choose_dates>
                <option value="" selected=dates.is_none()>
                    {texts::importing::choose()}
                </option>
                <option value="day" selected=dates == Some(Dates::DayFirst)>
                    {texts::importing::the_day()}
                </option>
                <option value="month" selected=dates == Some(Dates::MonthFirst)>
                    {texts::importing::the_month()}
                </option>
                <option value="year" selected=dates == Some(Dates::YearFirst)>
                    {texts::importing::the_year()}
                </option>
            </select>
        </label>
        <label>
            {texts::importing::heads()}
            <input
                type="number"
                name="import-heads"
                min="0"
                prop:value=plan.heads.to_string()
                on:change=choose_heads
            />
        </label>
        <ZoneChoice plan=plan.clone() look />
        <Switch
            name="import-utc"
            on=plan.times.utc
            turn=move |utc| times(&with_utc, Times { utc, ..with_utc.times })
        >
            {texts::importing::utc()}
        </Switch>
        <Switch
            name="import-comma"
            on=plan.decimal_comma
            turn=move |decimal_comma| look.run(Plan { decimal_comma, ..with_comma.clone() })
        >
            {texts::data::decimal_comma()}
        </Switch>
    }
}

/// The zone of times without an offset.
#[component]
fn ZoneChoice(plan: Plan, look: UnsyncCallback<Plan>) -> impl IntoView {
    let (chosen, utc) = (plan.zone.clone(), plan.times.utc);
    let option = |name: &&'static str| {
        let selected = chosen.as_deref() == Some(*name);
        view! { <option value=*name selected=selected>{name.replace('_', " ")}</option> }
    };
    let choose = move |event: Event| {
        let name = event_target_value(&event);
        look.run(Plan { zone: (!name.is_empty()).then_some(name), ..plan.clone() });
    };
    view! {
        <label>
            {texts::importing::zone()}
            <select name="import-zone" disabled=utc on:change=choose>
                <option value="" selected=chosen.is_none()>
                    {texts::importing::own_zone()}
                </option>
                {ZONES.iter().map(option).collect_view()}
            </select>
        </label>
    }
}

/// Whether a line holds counter values or amounts, and for amounts the interval that each line covers.
#[component]
fn Counting(plan: Plan, look: UnsyncCallback<Plan>) -> impl IntoView {
    let (with_difference, with_until, with_step) = (plan.clone(), plan.clone(), plan.clone());
    let choose_step = move |event: Event| {
        let value = event_target_value(&event);
        let step = STEPS.iter().find(|(name, _)| *name == value).map(|(_, step)| *step);
        look.run(Plan { step, ..with_step.clone() });
    };
    let steps = STEPS.iter().map(|(name, step)| {
        let selected = plan.step == Some(*step);
        view! { <option value=*name selected=selected>{long(*step)}</option> }
    });
    let is_listed = STEPS.iter().any(|(_, step)| plan.step == Some(*step));
    let other = plan.step.map_or_else(|| texts::importing::choose().to_owned(), long);
    let other = (!is_listed).then(|| view! { <option value="" selected=true>{other}</option> });
    view! {
        <Switch
            name="difference"
            on=plan.difference
            turn=move |difference| look.run(Plan { difference, ..with_difference.clone() })
        >
            {texts::importing::difference()}
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
                        {texts::importing::until()}
                    </Switch>
                    <label>
                        {texts::importing::step()}
                        <select name="import-step" on:change=choose_step>
                            {other}
                            {steps.collect_view()}
                        </select>
                    </label>
                }
            })}
    }
}

fn title(preview: &Preview, column: usize) -> String {
    let title = preview.titles.get(column).filter(|title| !title.is_empty());
    title.cloned().unwrap_or_else(|| texts::importing::column(&(column + 1)))
}

fn long(step: Step) -> String {
    match step {
        Step::Minutes(minutes) => texts::importing::minutes(minutes.into()),
        Step::Days(days) => texts::importing::days(days.into()),
        Step::Months(months) => texts::importing::months(months.into()),
    }
}

/// The lengths of time that a line can stand for.
const STEPS: &[(&str, Step)] = &[
    ("5", Step::Minutes(5)),
    ("10", Step::Minutes(10)),
    ("15", Step::Minutes(15)),
    ("30", Step::Minutes(30)),
    ("60", Step::Minutes(60)),
    ("day", Step::Days(1)),
    ("month", Step::Months(1)),
    ("year", Step::Months(12)),
];
/// Zones of places whose meters are supported, and of fixed offsets: some portals keep standard time all year. Fixed
/// offsets have the signs of the IANA database: `Etc/GMT-1` is an hour ahead of UTC.
const ZONES: &[&str] = &[
    "Europe/Amsterdam",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Brussels",
    "Europe/Bucharest",
    "Europe/Budapest",
    "Europe/Copenhagen",
    "Europe/Dublin",
    "Europe/Helsinki",
    "Europe/Kyiv",
    "Europe/Lisbon",
    "Europe/Ljubljana",
    "Europe/London",
    "Europe/Luxembourg",
    "Europe/Madrid",
    "Europe/Oslo",
    "Europe/Paris",
    "Europe/Prague",
    "Europe/Riga",
    "Europe/Rome",
    "Europe/Stockholm",
    "Europe/Tallinn",
    "Europe/Vienna",
    "Europe/Vilnius",
    "Europe/Warsaw",
    "Europe/Zagreb",
    "Europe/Zurich",
    "Atlantic/Azores",
    "Atlantic/Canary",
    "Atlantic/Madeira",
    "Atlantic/Reykjavik",
    "Etc/GMT-1",
    "Etc/GMT-2",
    "Etc/GMT-3",
];
const TIME: &str = "@time";
const CLOCK: &str = "@clock";
/// The most columns, and the most kinds of lines, that are shown: more than a user assigns.
const MOST_COLUMNS: usize = 60;
