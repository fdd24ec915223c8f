//! Saves everything that is kept as one file, and restores it.

use leptos::prelude::*;
use metertap_readings::view::figure::grouped;

use super::daily::EveryDay;
use super::progress::{Progress, Read, ReadSoFar};
use crate::model::{Action, Actions, Locale, PageModel};
use crate::parts::switch::Switch;
use crate::protocol::{BackupContents, RestoreHow, RestoreState};

/// Writes and restores backups.
#[component]
pub fn Backup() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let secrets = RwSignal::new(false);
    let running = Memo::new(move |_| {
        model.export.with(|export| export.as_ref().is_some_and(|export| export.end.is_none()))
    });
    view! {
        <section class="card">
            <h2>"Backup"</h2>
            <p>"All readings, totals, meters and settings in one file, for another browser or another computer."</p>
            <Switch name="secrets" on=secrets turn=move |wanted| secrets.set(wanted)>
                <span>
                    "With the meters\u{2019} keys and the broker\u{2019}s password" <br />
                    <span class="small">"Whoever has the file can read them then."</span>
                </span>
            </Switch>
            <p class="actions">
                <button
                    class="main"
                    data-action="back-up"
                    disabled=running
                    on:click=move |_| actions.run(Action::BackUp { secrets: secrets.get() })
                >
                    "Save a backup"
                </button>
                <label class="button">
                    "Open a backup"
                    <input
                        class="unseen"
                        type="file"
                        name="backup"
                        accept=".metertap"
                        on:change=move |event| actions.run(Action::ChooseBackup(event))
                    />
                </label>
            </p>
            <Progress backup=true />
            <Restoring />
            <EveryDay secrets />
        </section>
    }
}

/// The contents of the backup that was chosen, and what to do with it.
#[component]
fn Restoring() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let read = Memo::new(move |_| model.restore.with(|restore| restore.as_ref().map(Read::from)));
    let word = move || read.with(|read| read.as_ref().map(|read| read.word));
    let locale = Locale::of_context();
    let said = move || {
        model.restore.with(|restore| match restore.as_ref()?.state {
            RestoreState::Complete(readings) => Some(format!(
                "Restored: {} new readings.",
                grouped(&readings.to_string(), locale.decimal_mark)
            )),
            RestoreState::Seen(ref contents) => Some(told(contents, locale)),
            _ => None,
        })
    };
    let seen = Memo::new(move |_| word() == Some("seen"));
    view! {
        <div role="status" data-restore=word>
            <ReadSoFar read />
            <p>{said}</p>
            <Show when=move || seen.get()>
                <Choice />
            </Show>
        </div>
    }
}

/// The choice between merging and replacing.
#[component]
fn Choice() -> impl IntoView {
    let actions = expect_context::<Actions>();
    view! {
        <p class="small">
            "Adding brings meters that are not here, and readings of times that nothing is known of. Nothing that is here
            changes or goes. Readings of meters that are new are kept for ever, until you choose otherwise."
        </p>
        <p class="small">
            "Replacing brings the backup\u{2019}s meters with their names, places, schedules and settings, and removes all
            that is here once they are complete. A port or key that works here stays."
        </p>
        <p class="small">
            "An address out of the file is off until you switch it on: a broker\u{2019}s under Forward, a bridge\u{2019}s with
            Read on the meter\u{2019}s card."
        </p>
        <p class="actions">
            <button
                class="main"
                data-action="restore-merge"
                on:click=move |_| actions.run(Action::Restore(RestoreHow::Merge))
            >
                "Add what is not here"
            </button>
            <button data-action="restore-replace" on:click=move |_| actions.run(Action::Restore(RestoreHow::Replace))>
                "Replace everything here"
            </button>
        </p>
    }
}

fn told(contents: &BackupContents, locale: Locale) -> String {
    let number = |number: u64| grouped(&number.to_string(), locale.decimal_mark);
    let span = contents.span.map(|(from, to)| {
        format!(", received from {} to {}", (locale.date_time)(from), (locale.date_time)(to))
    });
    let secrets = if contents.secrets { " Keys and passwords are in it." } else { "" };
    format!(
        "The file is whole. Backup of {}: {} {}, {} readings{}.{secrets}",
        (locale.date_time)(contents.at),
        number(contents.meters),
        if contents.meters == 1 { "meter" } else { "meters" },
        number(contents.readings),
        span.unwrap_or_default()
    )
}
