//! The notices, and the limits that cause them.

use leptos::prelude::*;
use metertap_readings::notices::list::{Board, Noticed};
use metertap_readings::notices::rule::{Rule, Subject};
use metertap_readings::store::MeterKey;

use super::notice_limits::NoticeLimits;
use crate::model::{Action, Actions, Locale, Notifications, PageModel};
use crate::parts::age::duration;
use crate::protocol::{Command, bytes};

/// The list of notices, how they are shown outside the page, and the limits.
#[component]
pub fn Notices() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let board = Memo::new(move |_| {
        model.noticed.with(|noticed| bytes::read::<Board>(&noticed.as_ref()?.1)).unwrap_or_default()
    });
    let known = Memo::new(move |_| model.noticed.with(Option::is_some));
    view! {
        <h1>"Notices"</h1>
        <Show when=move || known.get() fallback=|| view! { <p class="small">"Nothing is watched yet."</p> }>
            <Noticing board />
            <Telling board />
            <NoticeLimits board />
        </Show>
    }
}

/// The notices, the newest first.
#[component]
fn Noticing(board: Memo<Board>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let list = move || board.with(|board| board.list.iter().rev().cloned().collect::<Vec<_>>());
    let any_over = move || board.with(|board| board.list.iter().any(|noticed| noticed.to.is_some()));
    view! {
        <section class="card" data-part="noticed">
            <h2>"Noticed"</h2>
            <Show
                when=move || board.with(|board| !board.list.is_empty())
                fallback=|| view! { <p>"Nothing was noticed so far."</p> }
            >
                <ul class="noticed">{move || list().into_iter().map(|noticed| view! { <One noticed /> }).collect_view()}</ul>
            </Show>
            <Show when=any_over>
                <p class="actions">
                    <button data-action="clear-notices" on:click=move |_| actions.send(Command::ClearNotices)>
                        "Clear those that are over"
                    </button>
                </p>
            </Show>
            <p class="small">
                "Metertap watches while one of its pages is open in this browser. While none is, nothing is noticed and
                nothing is told; a gap in the record says so afterwards. Notices stay in this browser: brokers get readings
                and no notices."
            </p>
        </section>
    }
}

#[component]
fn One(noticed: Noticed) -> impl IntoView {
    let locale = Locale::of_context();
    let rule = Rule::named(&noticed.rule);
    let (title, means) = rule.map_or(("Something else", ""), |rule| (rule.title, rule.means));
    let going_on = noticed.to.is_none();
    let when = match noticed.to {
        None => format!("since {}", (locale.date_time)(noticed.from)),
        Some(to) if to == noticed.from => (locale.date_time)(to),
        Some(to) => {
            let lasted = duration(to.0.saturating_sub(noticed.from.0));
            format!("{}, for {lasted}", (locale.date_time)(noticed.from))
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
            <h3>{title} {going_on.then_some(" (goes on)")}</h3>
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
    Some(model.meter(meter).map_or_else(|| "a meter that is gone".to_owned(), |meter| meter.title()))
}

/// The worst value in words, with its place; `None` if the time says everything.
fn value(rule: &Rule, noticed: &Noticed, locale: Locale) -> Option<String> {
    let place = match (&noticed.place, rule.subject) {
        (Some(place), Subject::Fall) => format!("{place}: "),
        (Some(place), Subject::Night) => format!("channel {place}: "),
        (Some(place), _) => format!("{}: ", place.to_uppercase()),
        (None, _) => String::new(),
    };
    let number = noticed.value.replace('.', &locale.decimal_mark.to_string());
    let value = match rule.subject {
        Subject::Silence | Subject::Gap | Subject::Sink => return None,
        Subject::Clock => duration(noticed.value.parse::<i64>().ok()?.saturating_mul(1000)),
        Subject::Storage | Subject::Peak => format!("{number} %"),
        Subject::Night => {
            format!("at least {number} {} in each hour", noticed.unit.as_deref().unwrap_or_default())
        }
        Subject::Power | Subject::Current | Subject::Voltage | Subject::Fall => {
            format!("{number} {}", noticed.unit.as_deref().unwrap_or_default())
        }
    };
    Some(place + &value)
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
        (Some(Notifications::Allowed), true) => "New notices are shown by your system while a page is open.",
        (Some(Notifications::Refused), _) => {
            "The browser does not allow notifications of this page. Allow them in its settings for this site."
        }
        (Some(Notifications::Missing), _) => "This browser has no notifications.",
        _ => "New notices are shown here and nowhere else.",
    };
    let may_begin = move || {
        matches!(
            (allowed.get(), wanted.get()),
            (Some(Notifications::Unasked), _) | (Some(Notifications::Allowed), false)
        )
    };
    view! {
        <section class="card" data-part="telling">
            <h2>"Notifications"</h2>
            <p>{words}</p>
            <p class="actions">
                <Show when=may_begin>
                    <button data-action="allow-notifications" on:click=begin>
                        "Show notifications"
                    </button>
                </Show>
                <Show when=move || wanted.get() && allowed.get() == Some(Notifications::Allowed)>
                    <button data-action="stop-notifications" on:click=move |_| want(false)>
                        "Show none"
                    </button>
                </Show>
            </p>
        </section>
    }
}
