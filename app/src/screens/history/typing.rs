//! The form for a counter reading that a user has read off a meter.

use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_readings::store::MeterKey;
use metertap_readings::typed::{COUNTERS, NoPosition, TypedCounter, TypedPosition, Typing, written_position};
use metertap_readings::view::figure::{grouped, symbol};
use metertap_readings::view::newest::Newest;

use super::correcting::at;
use crate::model::{Action, Actions, Locale, PageModel, TypedRequest};
use crate::parts::label::{label, quantity};
use crate::protocol::bytes;
use crate::texts;

/// The form for a counter reading of this meter, or of a meter that cannot be connected.
#[component]
pub fn TypePosition(
    /// The meter in view, if there is one.
    meter: Signal<Option<MeterKey>>,
    /// The counter readings typed for it.
    typed: Signal<Vec<TypedPosition>>,
) -> impl IntoView {
    let locale = Locale::of_context();
    let (actions, model) = (expect_context::<Actions>(), expect_context::<PageModel>());
    let of_meter = Memo::new(move |_| {
        let looked_at = meter.get();
        let found = model.meters.get().into_iter().find(|meter| Some(&meter.key) == looked_at.as_ref());
        let heard = found.map(|meter| meter.newest.with(counters)).unwrap_or_default();
        with_typed(heard, &typed.get())
    });
    let (chosen, name) = (NodeRef::<Select>::new(), NodeRef::<Input>::new());
    let (time, value) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let is_new = RwSignal::new(false);
    let (problem, answer) = (RwSignal::new(String::new()), RwSignal::new(None::<Vec<u8>>));
    Effect::new(move |_| {
        if let Some(octets) = answer.get() {
            let kept: Result<MeterKey, NoPosition> = bytes::read(&octets).unwrap_or(Err(NoPosition::Unkept));
            problem.set(match kept {
                Ok(_) => texts::corrections::kept().to_owned(),
                Err(why) => words(why, locale.decimal_mark),
            });
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = |field: NodeRef<Input>| field.get().map(|field| field.value()).unwrap_or_default();
        let choice = chosen.get().map(|field| field.value()).unwrap_or_default();
        let counter = of_meter.with_untracked(|of_meter| counter(&choice, of_meter));
        let Some((counter, of_new)) = counter else {
            return problem.set(texts::corrections::choose_counter().to_owned());
        };
        let Some(at) = at(&typed(time), locale.zone) else {
            return problem.set(texts::corrections::wants_time().to_owned());
        };
        let Some(value) = written_position(&typed(value), locale.decimal_mark) else {
            return problem.set(texts::corrections::wants_number().to_owned());
        };
        let typing = bytes::write(&Typing::Keep(TypedPosition { at, counter, value }));
        let meter = meter.get_untracked().filter(|_| !of_new);
        problem.set(String::new());
        answer.set(None);
        actions.run(Action::Type(TypedRequest { meter, name: typed(name), typing }, answer));
    };
    view! {
        <form class="settings" data-form="type" on:submit=submit>
            <h4>{texts::corrections::type_title()}</h4>
            <p class="small">
                {texts::corrections::type_help()}
            </p>
            <label>
                {texts::corrections::counter()}
                <ChooseCounter of_meter chosen is_new />
            </label>
            <label hidden=move || !is_new.get()>
                {texts::corrections::meter_name()}
                <input type="text" name="typed-name" maxlength="60" autocomplete="off" node_ref=name />
            </label>
            <label>
                {texts::corrections::read_at()}
                <input type="datetime-local" name="typed-at" required node_ref=time />
            </label>
            <label>
                {texts::corrections::showed()}
                <input type="text" name="typed-value" required inputmode="decimal" autocomplete="off" node_ref=value />
            </label>
            <p role="status" class="small" data-part="typed-problem">{problem}</p>
            <p class="actions">
                <button type="submit" data-action="type">
                    {texts::corrections::keep()}
                </button>
            </p>
        </form>
    }
}

/// The choice of the counter. A new list of counters gets a new element, so that a choice from another list is not
/// kept.
#[component]
fn ChooseCounter(
    of_meter: Memo<Vec<TypedCounter>>,
    chosen: NodeRef<Select>,
    is_new: RwSignal<bool>,
) -> impl IntoView {
    let select = move |of_meter: Vec<TypedCounter>| {
        is_new.set(of_meter.is_empty());
        let choose = move |event| is_new.set(event_target_value(&event).starts_with(NEW));
        view! {
            <select name="typed-counter" node_ref=chosen on:change=choose>
                <CounterOptions of_meter />
            </select>
        }
    };
    view! { <For each=move || [of_meter.get()] key=Clone::clone children=select /> }
}

/// The counters of the meter in view, and those that a new meter may have.
#[component]
fn CounterOptions(of_meter: Vec<TypedCounter>) -> impl IntoView {
    let own = |(place, counter): (usize, TypedCounter)| {
        let words = label(&counter.measurement(Number::whole(0)));
        let words = counter
            .channel
            .map_or_else(|| words.clone(), |channel| texts::details::of_channel(&words, &channel));
        let unit = symbol(counter.quantity.unit());
        let title = format!("{words} ({}), {unit}", counter.register);
        view! { <option value=place.to_string()>{title}</option> }
    };
    let own = of_meter.into_iter().enumerate().map(own).collect_view();
    let new = COUNTERS.into_iter().enumerate().map(|(place, (of, _))| {
        let words = texts::corrections::own_meter(&quantity(of), &symbol(of.unit()));
        view! { <option value=format!("{NEW}{place}")>{words}</option> }
    });
    view! { {own} {new.collect_view()} }
}

/// The counters that a meter sends in the usual unit of their quantity.
fn counters(newest: &Newest) -> Vec<TypedCounter> {
    let values = newest.values.iter().map(|known| &known.measurement);
    let counters = values.filter(|value| {
        let counts = value.quantity.is_some_and(|of| COUNTERS.iter().any(|(known, _)| *known == of));
        counts && value.storage.is_none() && value.phase.is_none() && value.error.is_none()
    });
    let counter = |value: &metertap_decoder::reading::Measurement| {
        let quantity = value.quantity.filter(|quantity| quantity.unit() == value.unit)?;
        Some(TypedCounter {
            register: value.register,
            quantity,
            tariff: value.tariff,
            channel: value.channel,
        })
    };
    counters.filter_map(counter).collect()
}

fn with_typed(mut counters: Vec<TypedCounter>, typed: &[TypedPosition]) -> Vec<TypedCounter> {
    for position in typed {
        if !counters.contains(&position.counter) {
            counters.push(position.counter);
        }
    }
    counters
}

/// The counter of a choice, and whether it belongs to a new meter.
fn counter(choice: &str, of_meter: &[TypedCounter]) -> Option<(TypedCounter, bool)> {
    let Some(place) = choice.strip_prefix(NEW) else {
        return Some((*of_meter.get(choice.parse::<usize>().ok()?)?, false));
    };
    let (quantity, register) = *COUNTERS.get(place.parse::<usize>().ok()?)?;
    let register = register.parse().ok()?;
    Some((TypedCounter { register, quantity, tariff: None, channel: None }, true))
}

/// Why a counter reading was not stored, and what to do.
fn words(why: NoPosition, mark: char) -> String {
    let text = |number: Number| grouped(&number.to_string(), mark);
    match why {
        NoPosition::Future => texts::corrections::future().to_owned(),
        NoPosition::Past => texts::corrections::past().to_owned(),
        NoPosition::Size => texts::corrections::size().to_owned(),
        NoPosition::Heard => texts::corrections::heard().to_owned(),
        NoPosition::Lower { before } => texts::corrections::lower(&text(before)),
        NoPosition::Higher { after } => texts::corrections::higher(&text(after)),
        NoPosition::Many => texts::corrections::many().to_owned(),
        NoPosition::Nobody => texts::corrections::nobody().to_owned(),
        NoPosition::Unkept => texts::corrections::unkept().to_owned(),
    }
}

const NEW: &str = "new-";
