//! The notices, and the limits that cause them.

use leptos::prelude::*;
use metertap_readings::notices::list::{Board, Noticed};
use metertap_readings::notices::rule::{Rule, Subject};
use metertap_readings::store::MeterKey;

use super::notice_limits::{NoticeLimits, rule_words};
use crate::model::{Action, Actions, Locale, Notifications, PageModel};
use crate::parts::age::duration;
use crate::protocol::{Command, bytes};
use crate::texts;

/// The list of notices, how they are shown outside the page, and the limits.
#[component]
pub fn Notices() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let board = Memo::new(move |_| {
        model.noticed.with(|noticed| bytes::read::<Board>(&noticed.as_ref()?.1)).unwrap_or_default()
    });
    let known = Memo::new(move |_| model.noticed.with(Option::is_some));
    view! {
        <h1>{texts::notices::title()}</h1>
        <Show when=move || known.get() fallback=|| view! { <p class="small">{texts::notices::not_watched()}</p> }>
            <Noticing board />
            <Telling board />
            <NoticeLimits board />
        </Show>
    }
}

#[component]
fn Noticing(board: Memo<Board>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let list = move || board.with(|board| board.list.iter().rev().cloned().collect::<Vec<_>>());
    let any_over = move || board.with(|board| board.list.iter().any(|noticed| noticed.to.is_some()));
    view! {
        <section class="card" data-part="noticed">
            <h2>{texts::notices::noticed()}</h2>
            <Show
                when=move || board.with(|board| !board.list.is_empty())
                fallback=|| view! { <p>{texts::notices::nothing()}</p> }
            >
                <ul class="noticed">{move || list().into_iter().map(|noticed| view! { <One noticed /> }).collect_view()}</ul>
            </Show>
            <Show when=any_over>
                <p class="actions">
                    <button data-action="clear-notices" on:click=move |_| actions.send(Command::ClearNotices)>
                        {texts::notices::clear()}
                    </button>
                </p>
            </Show>
            <p class="small">
                {texts::notices::limits_of_watch()}
            </p>
        </section>
    }
}

#[component]
fn One(noticed: Noticed) -> impl IntoView {
    let locale = Locale::of_context();
    let rule = Rule::named(&noticed.rule);
    let (title, means) = rule.and_then(rule_words).unwrap_or((texts::notices::something_else(), ""));
    let going_on = noticed.to.is_none();
    let when = match noticed.to {
        None => texts::notices::since(&(locale.date_time)(noticed.from)),
        Some(to) if to == noticed.from => (locale.date_time)(to),
        Some(to) => {
            let lasted = duration(to.0.saturating_sub(noticed.from.0));
            texts::notices::lasted(&(locale.date_time)(noticed.from), &lasted)
        }
    };
    let value = rule.and_then(|rule| value(rule, &noticed, locale));
    view! {
        <li
            data-notice=noticed.rule.clone()
            data-open=going_on.to_string()
            data-value=noticed.value.clone()
            data-meter=noticed.meter.as_ref().map(|meter| meter.0.clone())
        >
            <h3>{if going_on { texts::notices::goes_on(&title) } else { title.to_owned() }}</h3>
            <p>{[name(noticed.meter.as_ref()), value].into_iter().flatten().collect::<Vec<_>>().join(", ")}</p>
            <p class="small">{when}</p>
            {going_on.then(|| view! { <p class="small">{means}</p> })}
        </li>
    }
}

/// The name of the meter; `None` for the page itself.
fn name(meter: Option<&MeterKey>) -> Option<String> {
    let meter = meter?;
    let model = expect_context::<PageModel>();
    Some(model.meter(meter).map_or_else(|| texts::notices::gone_meter().to_owned(), |meter| meter.title()))
}

/// The worst value in words, with its place; `None` for a rule without a value.
fn value(rule: &Rule, noticed: &Noticed, locale: Locale) -> Option<String> {
    let place = noticed.place.as_ref().map(|place| match rule.subject {
        Subject::Fall => place.clone(),
        Subject::Night => texts::notices::channel(place),
        _ => place.to_uppercase(),
    });
    let number = noticed.value.replace('.', &locale.decimal_mark.to_string());
    let value = match rule.subject {
        Subject::Silence | Subject::Gap | Subject::Sink => return None,
        Subject::Clock => duration(noticed.value.parse::<i64>().ok()?.saturating_mul(1000)),
        Subject::Storage | Subject::Peak => format!("{number} %"),
        Subject::Night => {
            texts::notices::each_hour(&format!("{number} {}", noticed.unit.as_deref().unwrap_or_default()))
        }
        Subject::Power | Subject::Current | Subject::Voltage | Subject::Fall => {
            format!("{number} {}", noticed.unit.as_deref().unwrap_or_default())
        }
    };
    Some(match place {
        Some(place) => texts::notices::at_place(&place, &value),
        None => value,
    })
}

/// Whether notices become system notifications.
#[component]
fn Telling(board: Memo<Board>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let allowed = RwSignal::new(None::<Notifications>);
    actions.run(Action::Notifications { ask: false, heard: allowed });
    let wanted = Memo::new(move |_| board.with(|board| board.limits.system));
    let want = move |system: bool| {
        let mut limits = board.with_untracked(|board| board.limits.clone());
        limits.system = system;
        actions.send(Command::Watch { limits: bytes::write(&limits) });
    };
    let begin = move |_| {
        actions.run(Action::Notifications { ask: true, heard: allowed });
        want(true);
    };
    let words = move || match (allowed.get(), wanted.get()) {
        (Some(Notifications::Allowed), true) => texts::notices::by_system(),
        (Some(Notifications::Refused), _) => texts::notices::not_allowed(),
        (Some(Notifications::Missing), _) => texts::notices::no_notifications(),
        _ => texts::notices::here_only(),
    };
    let may_begin = move || {
        matches!(
            (allowed.get(), wanted.get()),
            (Some(Notifications::Unasked), _) | (Some(Notifications::Allowed), false)
        )
    };
    view! {
        <section class="card" data-part="telling">
            <h2>{texts::notices::notifications()}</h2>
            <p>{words}</p>
            <p class="actions">
                <Show when=may_begin>
                    <button data-action="allow-notifications" on:click=begin>
                        {texts::notices::show()}
                    </button>
                </Show>
                <Show when=move || wanted.get() && allowed.get() == Some(Notifications::Allowed)>
                    <button data-action="stop-notifications" on:click=move |_| want(false)>
                        {texts::notices::show_none()}
                    </button>
                </Show>
            </p>
        </section>
    }
}
