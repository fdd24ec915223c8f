//! What surrounds every screen: the name, the navigation, and what concerns the whole page.

use leptos::prelude::*;
use metertap_readings::fault::Code;
use wasm_bindgen_futures::spawn_local;

use super::fetched::Screens;
use super::language;
use super::route::MAIN;
use crate::browser::page;
use crate::model::{Action, Actions, EngineState, PageModel, Screen};
use crate::parts::fault_card::{FaultCard, Notice};
use crate::parts::fetched::Fetched;
use crate::parts::icon::{CONNECT, DATA, FORWARD, HISTORY, Icon, LIVE, MARK, METERS};
use crate::protocol::Breakdown;
use crate::screens::live::Live;
use crate::screens::log_notices::LogNotices;
use crate::texts::{self, Language};

/// The page around a screen.
#[component]
pub fn Shell(
    /// The screen.
    screen: ReadSignal<Screen>,
    /// The screens that are fetched.
    screens: Screens,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    view! {
        <button class="skip" on:click=|_| page::focus(MAIN)>
            {texts::shell::skip()}
        </button>
        <header class="top">
            <a class="brand" href=Screen::Live.hash()>
                <Icon path=MARK />
                "Metertap"
            </a>
            <NoticesLink />
            <Show when=move || model.install.get()>
                <button class="quiet" data-action="install" on:click=move |_| actions.run(Action::Install)>
                    {texts::shell::install()}
                </button>
            </Show>
        </header>
        <nav class="ways" aria-label=texts::shell::main()>
            {Screen::MAIN
                .map(|way| {
                    let here = {
                        let way = way.clone();
                        move || screen.with(|screen| screen.name() == way.name()).then_some("page")
                    };
                    view! {
                        <a data-screen=way.name() href=way.hash() aria-current=here>
                            <Icon path=icon(&way) />
                            <span>{way.title()}</span>
                        </a>
                    }
                })
                .collect_view()}
        </nav>
        <main id=MAIN tabindex="-1">
            <Notices />
            {move || match screen.get() {
                Screen::Live => view! { <Live /> }.into_any(),
                Screen::History(view) => {
                    let view = StoredValue::new(view);
                    view! { <Fetched fetch=move || (screens.history)(view.get_value()) /> }.into_any()
                }
                Screen::Meters => view! { <Fetched fetch=move || (screens.meters)() /> }.into_any(),
                Screen::Connect => view! { <Fetched fetch=move || (screens.connect)() /> }.into_any(),
                Screen::Data => view! { <Fetched fetch=move || (screens.data)() /> }.into_any(),
                Screen::Forward => view! { <Fetched fetch=move || (screens.forward)() /> }.into_any(),
                Screen::Notices => view! { <Fetched fetch=move || (screens.notices)() /> }.into_any(),
                Screen::Octets(key) => {
                    let key = StoredValue::new(key);
                    view! { <Fetched fetch=move || (screens.octets)(key.get_value()) /> }.into_any()
                }
            }}
            <LanguageChoice />
        </main>
    }
}

#[component]
fn NoticesLink() -> impl IntoView {
    let noticed = expect_context::<PageModel>().noticed;
    let open = Memo::new(move |_| noticed.with(|noticed| noticed.as_ref().map(|(open, _)| *open)));
    let words = move |open: u32| match open {
        0 => texts::shell::notices().to_owned(),
        _ => texts::shell::open_notices(&open),
    };
    let link = move |open: u32| {
        view! {
            <a class="button quiet" data-action="notices" data-open=open.to_string() href=Screen::Notices.hash()>
                {words(open)}
            </a>
        }
    };
    // Until the engine has reported the number, a placeholder takes the link's place, so that its neighbours do not
    // move.
    let awaited = || view! { <span class="button quiet awaited-link" aria-hidden="true">{texts::shell::notices()}</span> };
    move || open.get().map(link).map_or_else(|| awaited().into_any(), IntoAny::into_any)
}

#[component]
fn LanguageChoice() -> impl IntoView {
    let spoken = expect_context::<RwSignal<Language>>();
    let option = move |language: Language| {
        view! {
            <option value=language.code() lang=language.code() selected=language == texts::language()>
                {language.name()}
            </option>
        }
    };
    let choose = move |event| {
        if let Some(language) = Language::of(&event_target_value(&event)) {
            spawn_local(language::change(language, spoken));
        }
    };
    view! {
        <footer class="language">
            <label>
                {texts::shell::language()}
                <select name="language" on:change=choose>
                    {Language::ALL.map(option).collect_view()}
                </select>
            </label>
        </footer>
    }
}

/// What concerns the whole page: a newer build, an engine that does not work, an action that was refused.
#[component]
fn Notices() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let breakdown = move || match model.engine.get() {
        EngineState::Starting | EngineState::Ready => None,
        EngineState::Broken(Breakdown::OtherTab) => Some(Code::EngineOtherTab),
        EngineState::Broken(Breakdown::OtherBuild) => Some(Code::EngineOtherBuild),
        EngineState::Broken(Breakdown::NoStorage) => Some(Code::StoreMissing),
        EngineState::Broken(Breakdown::NewerLog) => Some(Code::StoreVersion),
        EngineState::Broken(Breakdown::Uncovered) => Some(Code::EngineHeldBack),
        EngineState::Broken(Breakdown::NoLocks) => Some(Code::EngineNoLocks),
        EngineState::Missing => Some(Code::EngineStopped),
    };
    view! {
        <Show when=move || model.update.get()>
            <p class="banner" role="status">
                {texts::shell::new_version()} " "
                <button data-action="update" on:click=move |_| actions.run(Action::Update)>
                    {texts::shell::reload()}
                </button>
            </p>
        </Show>
        <Show when=move || model.watching.get()>
            <p class="banner" role="status" data-notice="watching">
                {texts::shell::watching()}
            </p>
        </Show>
        <LogNotices />
        <div role="alert">{move || breakdown().map(|code| view! { <Notice code /> })}</div>
        <FaultCard trouble=model.refused />
    }
}

fn icon(screen: &Screen) -> &'static str {
    match screen {
        Screen::Live | Screen::Notices | Screen::Octets(_) => LIVE,
        Screen::History(_) => HISTORY,
        Screen::Meters => METERS,
        Screen::Connect => CONNECT,
        Screen::Data => DATA,
        Screen::Forward => FORWARD,
    }
}
