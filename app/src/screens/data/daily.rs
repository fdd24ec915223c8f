//! The daily backup into a folder: choosing the folder, and the progress.

use leptos::prelude::*;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::daily::KEPT;

use crate::model::{Action, Actions, DailyBackup, Locale, PageModel};
use crate::parts::fault_card::FaultCard;
use crate::protocol::Command;
use crate::texts;

/// The form of the daily backup. It is not shown if the browser lets no page write into a folder.
#[component]
pub fn EveryDay(
    /// Whether backups are to contain keys and passwords.
    secrets: RwSignal<bool>,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let step = Memo::new(move |_| model.daily.with(Step::next));
    let chosen = Memo::new(move |_| model.daily.with(|daily| daily.daily.is_some()));
    let trouble = Memo::new(move |_| model.daily.with(|daily| daily.trouble.clone()));
    let go_on = move |_| match step.get_untracked() {
        Step::Choose => actions.run(Action::ChooseFolder { secrets: secrets.get_untracked() }),
        Step::Allow => actions.run(Action::AllowFolder),
        Step::Now => actions.send(Command::DailyNow),
    };
    model.page.folders.then(|| {
        view! {
            <h3>{texts::data::daily()}</h3>
            <p>
                {texts::data::daily_what(&KEPT)}
            </p>
            <div role="status" data-daily=move || model.daily.with(word)>
                <FaultCard trouble />
                <p>{move || model.daily.with(|daily| told(daily, locale))}</p>
            </div>
            <p class="actions">
                <button
                    data-action=move || step.get().action()
                    disabled=move || model.daily.with(|daily| daily.writing)
                    on:click=go_on
                >
                    {move || step.get().title()}
                </button>
                <Show when=move || chosen.get()>
                    <button data-action="daily-stop" on:click=move |_| actions.send(Command::DailyStop)>
                        {texts::data::no_more()}
                    </button>
                </Show>
            </p>
        }
    })
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    /// Choose a folder, or another one if it is gone.
    Choose,
    /// Renew the permission that the browser has dropped.
    Allow,
    /// Make a backup now.
    Now,
}

impl Step {
    fn next(daily: &DailyBackup) -> Self {
        match (&daily.daily, &daily.trouble) {
            (None, _) => Self::Choose,
            (Some(_), Some(trouble)) => match trouble.code {
                Code::FolderGone => Self::Choose,
                Code::FolderPermission => Self::Allow,
                _ => Self::Now,
            },
            (Some(_), None) => Self::Now,
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Choose => "daily-choose",
            Self::Allow => "daily-allow",
            Self::Now => "daily-now",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Choose => texts::data::choose_folder(),
            Self::Allow => texts::data::allow_again(),
            Self::Now => texts::data::save_now(),
        }
    }
}

/// The word in the DOM.
fn word(daily: &DailyBackup) -> &'static str {
    match daily {
        DailyBackup { daily: None, .. } => "none",
        DailyBackup { writing: true, .. } => "writing",
        DailyBackup { trouble: Some(_), .. } => "failed",
        DailyBackup { .. } => "made",
    }
}

fn told(state: &DailyBackup, locale: Locale) -> Option<String> {
    let daily = state.daily.as_ref()?;
    let folder = texts::data::into_folder(&daily.folder);
    let last = match daily.made {
        _ if state.writing => texts::data::being_saved().to_owned(),
        Some(made) => texts::data::last_saved(&(locale.date_time)(made)),
        None => texts::data::none_saved().to_owned(),
    };
    let secrets = daily.secrets.then(|| texts::data::has_secrets().to_owned());
    Some([folder, last].into_iter().chain(secrets).collect::<Vec<_>>().join(" "))
}
