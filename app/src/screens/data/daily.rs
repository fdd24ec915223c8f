//! A backup into a folder every day: choosing the folder, and how it goes.

use leptos::prelude::*;
use metertap_readings::backup::daily::KEPT;

use crate::parts::fault_card::FaultCard;
use crate::parts::place::Place;
use crate::protocol::{Command, DailyState, DailyWish};
use crate::screens::shown::Shown;
use crate::screens::wishes::Wishes;

/// Not offered where the browser lets no page write into a folder.
#[component]
pub fn EveryDay(
    /// Whether keys and passwords are to be in the backups.
    secrets: RwSignal<bool>,
) -> impl IntoView {
    let shown = expect_context::<Shown>();
    let wishes = expect_context::<Wishes>();
    let chosen = Memo::new(move |_| shown.daily.with(Option::is_some));
    shown.page.folders.then(|| {
        view! {
            <h3>"A backup every day"</h3>
            <p>
                "On each day that this page is open, a backup is saved into a folder of yours, under a name with the day.
                The newest " {KEPT.to_string()} " are kept; other files are left alone."
            </p>
            <Show
                when=move || chosen.get()
                fallback=move || {
                    view! {
                        <p class="actions">
                            <button
                                data-action="daily-choose"
                                on:click=move |_| wishes.choose_folder.run(secrets.get())
                            >
                                "Choose a folder"
                            </button>
                        </p>
                    }
                }
            >
                <Chosen />
            </Show>
        }
    })
}

/// Where the backups go, when the last was made, what failed, and what can be done.
#[component]
fn Chosen() -> impl IntoView {
    let shown = expect_context::<Shown>();
    let wishes = expect_context::<Wishes>();
    let place = Place::here();
    let trouble = Memo::new(move |_| shown.daily.with(|daily| daily.as_ref()?.trouble.clone()));
    let asks = Memo::new(move |_| {
        trouble.with(|trouble| trouble.as_ref().is_some_and(|trouble| trouble.code == "folder.permission"))
    });
    let writing =
        Memo::new(move |_| shown.daily.with(|daily| daily.as_ref().is_some_and(|daily| daily.writing)));
    let word = move || {
        let failed = trouble.with(Option::is_some);
        let made = shown.daily.with(|daily| daily.as_ref().is_some_and(|daily| daily.daily.made.is_some()));
        match (writing.get(), failed, made) {
            (true, ..) => "writing",
            (_, true, _) => "failed",
            (_, _, true) => "made",
            _ => "none",
        }
    };
    let said = move || shown.daily.with(|daily| daily.as_ref().map(|daily| told(daily, place)));
    let wish = move |wish: DailyWish| wishes.command.run(Command::Daily { wish });
    view! {
        <div role="status" data-daily=word>
            <p>{said}</p>
            <FaultCard trouble />
        </div>
        <p class="actions">
            <Show
                when=move || asks.get()
                fallback=move || {
                    view! {
                        <button
                            data-action="daily-now"
                            disabled=writing
                            on:click=move |_| wish(DailyWish::Now)
                        >
                            "Save one now"
                        </button>
                    }
                }
            >
                <button
                    class="main"
                    data-action="daily-allow"
                    on:click=move |_| wishes.allow_folder.run(())
                >
                    "Allow it again"
                </button>
            </Show>
            <button data-action="daily-stop" on:click=move |_| wish(DailyWish::Stop)>
                "No more"
            </button>
        </p>
    }
}

fn told(state: &DailyState, place: Place) -> String {
    let daily = &state.daily;
    let last = match daily.made {
        _ if state.writing => "One is being saved.".to_owned(),
        Some(made) => format!("The last one was saved {}.", (place.date_time)(made)),
        None => "None was saved yet.".to_owned(),
    };
    let secrets = if daily.secrets { " Keys and passwords are in it." } else { "" };
    format!("Into the folder \u{201c}{}\u{201d}. {last}{secrets}", daily.folder)
}
