//! Saves all stored data as one file, and restores it.

use leptos::prelude::*;
use metertap_readings::view::figure::grouped;

use super::daily::EveryDay;
use super::progress::{Progress, Read, ReadSoFar};
use crate::model::{Action, Actions, Locale, PageModel};
use crate::parts::switch::Switch;
use crate::protocol::{BackupContents, RestoreHow, RestoreState};
use crate::texts;

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
            <h2>{texts::data::backup()}</h2>
            <p>{texts::data::backup_what()}</p>
            <Switch name="secrets" on=secrets turn=move |wanted| secrets.set(wanted)>
                <span>
                    {texts::data::secrets()} <br />
                    <span class="small">{texts::data::secrets_warning()}</span>
                </span>
            </Switch>
            <p class="actions">
                <button
                    class="main"
                    data-action="back-up"
                    disabled=running
                    on:click=move |_| actions.run(Action::BackUp { secrets: secrets.get() })
                >
                    {texts::data::save_backup()}
                </button>
                <label class="button">
                    {texts::data::open_backup()}
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

#[component]
fn Restoring() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let read = Memo::new(move |_| model.restore.with(|restore| restore.as_ref().map(Read::from)));
    let word = move || read.with(|read| read.as_ref().map(|read| read.word));
    let locale = Locale::of_context();
    let said = move || {
        model.restore.with(|restore| match restore.as_ref()?.state {
            RestoreState::Complete(readings) => {
                let number = grouped(&readings.to_string(), locale.decimal_mark);
                Some(texts::data::restored(readings, &number))
            }
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

#[component]
fn Choice() -> impl IntoView {
    let actions = expect_context::<Actions>();
    view! {
        <p class="small">
            {texts::data::adding()}
        </p>
        <p class="small">
            {texts::data::replacing()}
        </p>
        <p class="small">
            {texts::data::addresses_off()}
        </p>
        <p class="actions">
            <button
                class="main"
                data-action="restore-merge"
                on:click=move |_| actions.run(Action::Restore(RestoreHow::Merge))
            >
                {texts::data::add_missing()}
            </button>
            <button data-action="restore-replace" on:click=move |_| actions.run(Action::Restore(RestoreHow::Replace))>
                {texts::data::replace_all()}
            </button>
        </p>
    }
}

fn told(contents: &BackupContents, locale: Locale) -> String {
    let number = grouped(&contents.readings.to_string(), locale.decimal_mark);
    let readings = texts::data::readings(contents.readings, &number);
    let meters = texts::data::meters(contents.meters);
    let whole = texts::data::backup_of(&(locale.date_time)(contents.at), &meters, &readings);
    let span = contents
        .span
        .map(|(from, to)| texts::data::backup_span(&(locale.date_time)(from), &(locale.date_time)(to)));
    let secrets = contents.secrets.then(|| texts::data::has_secrets().to_owned());
    std::iter::once(whole).chain(span).chain(secrets).collect::<Vec<_>>().join(" ")
}
