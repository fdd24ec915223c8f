//! What a user states about a meter: a factor for its numbers, or how far its clock is off. Each applies from a
//! given day on.

use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_decoder::reading::{Quantity, Scaling, Unit};
use metertap_decoder::register::RegisterId;
use metertap_readings::entry::Moment;
use metertap_readings::stated::{COUNTED, Correction, CorrectionKind, NotARatio, Ratio, product};
use metertap_readings::store::{ClockOff, MeterKey};
use metertap_readings::view::figure::symbol;
use metertap_readings::view::newest::Newest;

use super::label::quantity;
use crate::model::{Actions, Locale, MeterModel};
use crate::protocol::Command;
use crate::texts;

/// All statements about a meter's readings, and a form for another one.
#[component]
pub fn Statements(
    /// The meter.
    meter: MeterModel,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let MeterModel { key, state, newest, .. } = meter;
    let stated = Memo::new(move |_| {
        let of_readings = |statement: &&Correction| statement.what.is_of_readings();
        state.with(|state| state.record.stated.iter().filter(of_readings).cloned().collect::<Vec<_>>())
    });
    let off = Memo::new(move |_| state.with(|state| state.record.clock_off));
    let countable = Memo::new(move |_| newest.with(countable));
    let (kept, taken) = (key.clone(), StoredValue::new(key));
    let keep = UnsyncCallback::new(move |statement| {
        actions.send(Command::State { meter: kept.clone(), statement });
    });
    let title = move || match stated.with(Vec::len) {
        0 => texts::stated::title().to_owned(),
        count => texts::stated::title_kept(&count),
    };
    view! {
        <details data-part="stated">
            <summary>{title}</summary>
            <Show when=move || !stated.with(Vec::is_empty)>
                <ul class="choices">
                    {move || {
                        let row = |statement| view! { <Row meter=taken.get_value() statement /> };
                        stated.get().into_iter().map(row).collect_view()
                    }}
                </ul>
            </Show>
            {move || off.get().map(|off| view! { <p>{clock_is_off(off)}</p> })}
            {move || view! { <StatementForm countable=countable.get() keep /> }}
        </details>
    }
}

#[component]
fn Row(meter: MeterKey, statement: Correction) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let (words, from) = (words(&statement.what), (locale.date_time)(statement.from));
    let take_back = move |_| {
        actions.send(Command::TakeBack { meter: meter.clone(), statement: statement.clone() });
    };
    view! {
        <li class="choice" data-statement="">
            <div>{words} <br /> <span class="small">{texts::stated::since(&from)}</span></div>
            <button class="quiet" data-action="take-back" on:click=take_back>
                {texts::corrections::take_back()}
            </button>
        </li>
    }
}

/// The form: what is stated, how much, and from which day on.
#[component]
fn StatementForm(
    /// Counters without a unit.
    countable: Vec<(RegisterId, Option<u8>)>,
    /// Called with the user's statement.
    keep: UnsyncCallback<Correction>,
) -> impl IntoView {
    let locale = Locale::of_context();
    let (kind, of) = (NodeRef::<Select>::new(), NodeRef::<Select>::new());
    let (amount, day) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let (is_count, set_is_count) = signal(false);
    let (problem, tell) = signal("");
    let registers = countable.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let chosen = |field: NodeRef<Select>| field.get().map(|field| field.value()).unwrap_or_default();
        let typed = |field: NodeRef<Input>| field.get().map(|field| field.value()).unwrap_or_default();
        let counted = chosen(kind).parse().ok().and_then(|place: usize| registers.get(place).copied());
        let what = what(&chosen(kind), &typed(amount), &chosen(of), counted);
        match what.and_then(|what| statement(what, (locale.day)(&typed(day)))) {
            Ok(statement) => {
                tell.set("");
                keep.run(statement);
            }
            Err(words) => tell.set(words),
        }
    };
    let choose = move |event| set_is_count.set(event_target_value(&event).parse::<usize>().is_ok());
    view! {
        <form class="settings" data-form="state" on:submit=submit>
            <label>
                {texts::stated::what()}
                <select name="stated-kind" node_ref=kind on:change=choose>
                    <option value=CURRENT>{texts::stated::current_ratio()}</option>
                    <option value=VOLTAGE>{texts::stated::voltage_ratio()}</option>
                    <CountOptions countable />
                    <option value=CLOCK>{texts::stated::clock_hours()}</option>
                </select>
            </label>
            <label>
                {texts::stated::value()}
                <input
                    type="text"
                    name="stated-amount"
                    required
                    autocomplete="off"
                    maxlength="40"
                    node_ref=amount
                />
            </label>
            <label hidden=move || !is_count.get()>
                {texts::stated::of_what()}
                <select name="stated-quantity" node_ref=of>
                    <UnitOptions />
                </select>
            </label>
            <label>
                {texts::stated::from_day()}
                <input type="date" name="stated-from" required node_ref=day />
            </label>
            <p role="status" class="small">{problem}</p>
            <p class="actions">
                <button type="submit" data-action="state">
                    {texts::corrections::keep()}
                </button>
            </p>
            <p class="small">
                {texts::stated::help()}
            </p>
        </form>
    }
}

/// The counters for which a user can say what a count stands for.
#[component]
fn CountOptions(countable: Vec<(RegisterId, Option<u8>)>) -> impl IntoView {
    let option = |(place, (register, channel)): (usize, (RegisterId, Option<u8>))| {
        let title = texts::stated::one_count(&named(register, channel));
        view! { <option value=place.to_string()>{title}</option> }
    };
    countable.into_iter().enumerate().map(option).collect_view()
}

#[component]
fn UnitOptions() -> impl IntoView {
    let option = |counted: &Quantity| {
        let title = format!("{} – {}", symbol(counted.unit()), quantity(*counted));
        view! { <option value=counted.as_str()>{title}</option> }
    };
    COUNTED.iter().map(option).collect_view()
}

/// Reads the statement that was typed, or says what is wrong with it.
fn what(
    kind: &str,
    amount: &str,
    of: &str,
    counted: Option<(RegisterId, Option<u8>)>,
) -> Result<CorrectionKind, &'static str> {
    if kind == CLOCK {
        let hours: Number =
            amount.trim().replace(',', ".").parse().map_err(|_| texts::stated::wants_hours())?;
        let minutes = product(hours, Number::whole(60)).and_then(|minutes| minutes.mantissa_at(0));
        let minutes =
            minutes.and_then(|minutes| i16::try_from(minutes).ok()).ok_or_else(texts::stated::wants_hours)?;
        return Ok(CorrectionKind::Clock { minutes });
    }
    let ratio: Ratio = amount.parse().map_err(|why| match why {
        NotARatio::Form => texts::stated::bad_form(),
        NotARatio::Endless => texts::stated::endless(),
        NotARatio::Size => texts::stated::bad_size(),
    })?;
    match (kind, counted) {
        (CURRENT, _) => Ok(CorrectionKind::CurrentTransformer { ratio }),
        (VOLTAGE, _) => Ok(CorrectionKind::VoltageTransformer { ratio }),
        (_, Some((register, channel))) => {
            let quantity = COUNTED.iter().find(|quantity| quantity.as_str() == of);
            let quantity = *quantity.ok_or_else(texts::stated::choose_counted)?;
            Ok(CorrectionKind::Count { register, channel, quantity, ratio })
        }
        _ => Err(texts::stated::choose_what()),
    }
}

fn statement(what: CorrectionKind, from: Option<Moment>) -> Result<Correction, &'static str> {
    let from = from.ok_or_else(texts::stated::choose_day)?;
    Correction { from, what }.possible().ok_or_else(texts::stated::wants_hours)
}

fn words(what: &CorrectionKind) -> String {
    match what {
        CorrectionKind::CurrentTransformer { ratio } => texts::stated::current_is(ratio),
        CorrectionKind::VoltageTransformer { ratio } => texts::stated::voltage_is(ratio),
        CorrectionKind::Count { register, channel, quantity: of, ratio } => {
            let register = named(*register, *channel);
            texts::stated::count_is(&register, ratio, &symbol(of.unit()), &quantity(*of))
        }
        CorrectionKind::Clock { minutes } => {
            let hours = Number::new(i128::from(*minutes) * 100 / 60, -2);
            texts::stated::clock_is(&hours)
        }
        // History lists these.
        CorrectionKind::Replaced { .. } | CorrectionKind::LeftOut { .. } => String::new(),
    }
}

fn clock_is_off(ClockOff { hours, .. }: ClockOff) -> String {
    let (count, put) = (hours.unsigned_abs(), -i16::from(hours));
    if hours > 0 { texts::stated::ahead(&count, &put) } else { texts::stated::behind(&count, &put) }
}

fn named(register: RegisterId, channel: Option<u8>) -> String {
    let register = register.to_string();
    channel.map_or_else(|| register.clone(), |channel| texts::details::of_channel(&register, &channel))
}

/// The current counters for which the meter sends no unit.
fn countable(newest: &Newest) -> Vec<(RegisterId, Option<u8>)> {
    let values = newest.values.iter().map(|known| &known.measurement);
    let counts = values.filter(|value| {
        let is_counter = value
            .quantity
            .is_some_and(|quantity| quantity == Quantity::Pulses || COUNTED.contains(&quantity));
        let is_sized = !matches!(value.unit, None | Some(Unit::One));
        is_counter && value.storage.is_none() && (!is_sized || value.scaling == Scaling::Stated)
    });
    counts.map(|value| (value.register, value.channel)).collect()
}

const CURRENT: &str = "current";
const VOLTAGE: &str = "voltage";
const CLOCK: &str = "clock";
