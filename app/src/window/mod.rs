//! The window: mounts the screens, talks to the engine, and does what only a window may do.

pub mod engine;
pub mod evicted;
pub mod exports;
pub mod fetched;
pub mod folder;
pub mod hearing;
pub mod installation;
pub mod language;
pub mod paths;
pub mod perform;
pub mod ports;
pub mod route;
pub mod services;
pub mod shell;
pub mod ticks;

use js_sys::Promise;
use leptos::mount::mount_to_body;
use leptos::prelude::*;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use wasm_bindgen_futures::spawn_local;

use crate::browser::port_chooser::{self, SerialSupport};
use crate::browser::{file_open, folder_picker, locale, page};
use crate::model::{Actions, DateForm, Locale, Page, PageModel, Serial};
use crate::protocol::LARGEST_RECORDING;
use crate::texts;
use crate::zone;
use engine::Engine;
use exports::Exports;
use fetched::Screens;
use hearing::hear;
use installation::Installation;
use perform::{Performer, open_files};
use shell::Shell;

/// Opens the page.
pub fn open(screens: Screens) {
    console_error_panic_hook::set_once();
    spawn_local(async move {
        match language::begin().await {
            Ok(()) => {
                // Removes what `index.html` has shown until now.
                page::clear();
                mount_to_body(move || view! { <Window screens /> });
            }
            // `begin.js` listens for unhandled rejections, and shows that the page's files could not be loaded.
            Err(reason) => drop(Promise::reject(&reason)),
        }
    });
}

/// Everything around the screens: engine, clock, address and actions.
#[component]
fn Window(screens: Screens) -> impl IntoView {
    let serial = match port_chooser::support() {
        SerialSupport::Yes => Serial::Yes,
        SerialSupport::Insecure => Serial::Insecure,
        SerialSupport::Missing => Serial::Missing,
    };
    let model = PageModel::new(
        Page { https: page::is_https(), serial, folders: folder_picker::is_offered() },
        ticks::now(),
    );
    provide_context(model);
    provide_context(services::services(screens.draw, screens.card, screens.welcome));
    let exports = Exports::default();
    let files = exports.clone();
    let engine = Engine::start(model, move |event, beside| {
        files.hear(&event, beside);
        hear(model, event);
    });
    let installation = Installation::begin(model, engine.clone());
    let save_picture = screens.save_picture;
    let performer = Performer { model, engine: engine.clone(), exports, installation, save_picture };
    provide_context(Actions::new(move |action| performer.perform(action)));

    let leaving = engine.clone();
    page::on_leave(move || leaving.leave());
    page::reload_when_brought_back();
    file_open::on_drop(move |dropped| {
        let engine = engine.clone();
        spawn_local(async move { open_files(model, &engine, dropped.read(LARGEST_RECORDING).await) });
    });
    ticks::begin(model);

    let spoken = RwSignal::new(texts::language());
    provide_context(spoken);
    let screen = route::screen(spoken);
    // Views read their texts when they are created, so another language rebuilds all of them.
    move || {
        spoken.track();
        provide_context(locale_here());
        view! { <Shell screen screens /> }
    }
}

const fn options(form: DateForm) -> locale::Options {
    const WEEKDAY: (&str, &str) = ("weekday", "long");
    const SHORT_WEEKDAY: (&str, &str) = ("weekday", "short");
    const DAY: (&str, &str) = ("day", "numeric");
    const MONTH: (&str, &str) = ("month", "long");
    const SHORT_MONTH: (&str, &str) = ("month", "short");
    const YEAR: (&str, &str) = ("year", "numeric");
    const HOUR: (&str, &str) = ("hour", "2-digit");
    const MINUTE: (&str, &str) = ("minute", "2-digit");
    const SECOND: (&str, &str) = ("second", "2-digit");
    match form {
        DateForm::LongDay => &[WEEKDAY, DAY, MONTH, YEAR],
        DateForm::Days => &[DAY, MONTH, YEAR],
        DateForm::Month => &[MONTH, YEAR],
        DateForm::ShortDay => &[SHORT_WEEKDAY, DAY, SHORT_MONTH],
        DateForm::ShortDate => &[DAY, SHORT_MONTH, YEAR],
        DateForm::DayOfMonth => &[DAY, SHORT_MONTH],
        DateForm::ShortMonth => &[SHORT_MONTH, YEAR],
        DateForm::Weekday => &[SHORT_WEEKDAY],
        DateForm::Time => &[HOUR, MINUTE],
        DateForm::DayAndTime => &[DAY, SHORT_MONTH, HOUR, MINUTE],
        DateForm::DateAndTime => &[DAY, SHORT_MONTH, YEAR, HOUR, MINUTE],
        DateForm::DateAndSeconds => &[DAY, SHORT_MONTH, YEAR, HOUR, MINUTE, SECOND],
    }
}

fn locale_here() -> Locale {
    Locale {
        decimal_mark: locale::decimal_mark(),
        date_time: |moment| locale::date_time(moment.0),
        clock: |moment| locale::clock(moment.0),
        date: |form, from, to| locale::span(options(form), from.0, to.0),
        zone: zone::here().unwrap_or(Zone::UTC),
        day: |day| locale::day(day).map(Moment),
    }
}
