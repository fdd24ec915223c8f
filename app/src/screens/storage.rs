//! How much room the log takes, whether the browser may clear it, and for how long readings are kept.

use leptos::ev::Event;
use leptos::prelude::*;
use metertap_readings::log::journal::held::Held;
use metertap_readings::store::retention::Retention;
use metertap_readings::view::figure::grouped;

use crate::model::{Action, Actions, Locale, MeterModel, PageModel};
use crate::parts::fault_card::FaultCard;
use crate::protocol::Command;
use crate::texts;

/// The browser's space, and what each meter uses of it.
#[component]
pub fn StorageCard() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    actions.send(Command::Room);
    view! {
        <section class="card" data-part="room">
            <h2>{texts::storage::title()}</h2>
            <Space />
            <For each=move || model.meters.get() key=|meter| meter.key.clone() let:meter>
                <Kept meter />
            </For>
            <Clock />
            <p class="small">
                {texts::storage::totals_for_ever()}
            </p>
        </section>
    }
}

#[component]
fn Space() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let space = Memo::new(move |_| model.space.get());
    let used = move || {
        space.get().map(|space| {
            let (used, quota) = (megabytes(space.used, locale), megabytes(space.quota, locale));
            view! { <p>{texts::storage::used(&used, &quota)}</p> }
        })
    };
    let promised = move || space.get().is_some_and(|space| space.persistent);
    let ask = move || {
        view! {
            <p class="small">
                {texts::storage::may_clear()}
            </p>
            <button data-action="persist" on:click=move |_| actions.run(Action::Persist)>
                {texts::storage::ask()}
            </button>
        }
    };
    view! {
        {used}
        <Show when=move || space.get().is_some()>
            <Show when=promised fallback=ask>
                <p class="small">{texts::storage::promised()}</p>
            </Show>
        </Show>
    }
}

/// Why nothing is deleted if the computer's clock went ahead, and a button that confirms the clock.
#[component]
fn Clock() -> impl IntoView {
    let clock = expect_context::<PageModel>().clock;
    let actions = expect_context::<Actions>();
    view! {
        <FaultCard trouble=clock />
        <Show when=move || clock.with(Option::is_some)>
            <button data-action="trust-clock" on:click=move |_| actions.send(Command::TrustClock)>
                {texts::storage::clock_is_right()}
            </button>
        </Show>
    }
}

#[component]
fn Kept(meter: MeterModel) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let (titled, key) = (meter.clone(), meter.key.clone());
    let held = {
        let key = key.clone();
        Memo::new(move |_| model.held.with(|held| held.get(&key).copied()))
    };
    let chosen = Memo::new(move |_| meter.state.with(|state| state.record.retention));
    let choose = {
        let key = key.clone();
        move |event: Event| {
            let place: Option<usize> = event_target_value(&event).parse().ok();
            if let Some(retention) = place.and_then(|place| Retention::CHOICES.get(place)) {
                actions.send(Command::Retain { meter: key.clone(), retention: *retention });
            }
        }
    };
    let choices = move || {
        let octets_a_day = held.get().and_then(|held| held.octets_a_day);
        let choice = |(number, retention): (usize, &Retention)| {
            let is_chosen = *retention == chosen.get();
            view! {
                <option value=number selected=is_chosen>
                    {named(*retention, octets_a_day, locale)}
                </option>
            }
        };
        Retention::CHOICES.iter().enumerate().map(choice).collect_view()
    };
    let octets = move || held.get().map(|held| held.octets);
    view! {
        <div class="fields" data-meter=key.0 data-octets=octets>
            <label>
                {move || titled.title()}
                <select data-action="retain" on:change=choose>
                    {choices}
                </select>
            </label>
            <p class="small">{move || held.get().map(|held| told(&held, locale))}</p>
        </div>
    }
}

fn told(held: &Held, locale: Locale) -> String {
    let readings = grouped(&held.readings.to_string(), locale.decimal_mark);
    let size = megabytes(held.octets, locale);
    let mut text = match held.since {
        // A size of 0.0 MB is left out: the newest readings are not counted in it yet.
        _ if held.octets < LEAST_SHOWN => texts::data::readings(held.readings, &readings),
        Some(since) => texts::storage::readings_since(&readings, &size, &(locale.date_time)(since)),
        None => texts::storage::readings(&readings, &size),
    };
    if let Some(octets) = held.octets_a_day {
        let year = megabytes(Retention::Forever.octets(octets), locale);
        text = texts::storage::and_year(&text, &year);
    }
    if held.gone > 0 {
        let gone = grouped(&held.gone.to_string(), locale.decimal_mark);
        text = texts::storage::and_gone(&text, &gone);
    }
    text + "."
}

/// A retention in words, with the size that it leads to.
fn named(retention: Retention, octets_a_day: Option<u64>, locale: Locale) -> String {
    let name = match retention {
        Retention::Forever => texts::storage::for_ever().to_owned(),
        Retention::Days(31) => texts::storage::month().to_owned(),
        Retention::Days(92) => texts::storage::three_months().to_owned(),
        Retention::Days(366) => texts::storage::year().to_owned(),
        Retention::Days(days) if days % 366 == 0 => texts::storage::years((days / 366).into()),
        Retention::Days(days) => texts::storage::days(days.into()),
    };
    match octets_a_day {
        Some(octets) => {
            let size = megabytes(retention.octets(octets), locale);
            match retention {
                Retention::Forever => texts::storage::size_a_year(&name, &size),
                Retention::Days(_) => texts::storage::size(&name, &size),
            }
        }
        None => name,
    }
}

/// Megabytes: one decimal place below 10, none from 10 on.
fn megabytes(octets: u64, locale: Locale) -> String {
    let tenths = octets / 100_000;
    let text =
        if tenths < 100 { format!("{}.{}", tenths / 10, tenths % 10) } else { (tenths / 10).to_string() };
    grouped(&text, locale.decimal_mark)
}

/// The smallest size that is not written as 0.0 MB.
const LEAST_SHOWN: u64 = 100_000;
