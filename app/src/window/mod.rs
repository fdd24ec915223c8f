//! The window: it mounts the screens, speaks with the engine, and does what only a window may do.

pub mod engine;
pub mod evicted;
pub mod exports;
pub mod folder;
pub mod ports;
pub mod reduce;
pub mod route;
pub mod shell;
pub mod upkeep;

use leptos::mount::mount_to_body;
use leptos::prelude::*;
use metertap_readings::entry::Moment;
use wasm_bindgen_futures::spawn_local;

use crate::browser::port_chooser::{self, SerialSupport};
use crate::browser::{clipboard, clock, file_open, folder_picker, locale, page, random};
use crate::parts::place::Place;
use crate::protocol::{Command, RestoreHow, RestoreState};
use crate::screens::Screen;
use crate::screens::shown::{Page, ReplayChoice, Serial, Shown};
use crate::screens::wishes::Wishes;
use engine::Engine;
use exports::Exports;
use metertap_readings::store::{SourceRecord, Spoken};
use shell::Shell;
use upkeep::Upkeep;

/// Opens the page.
pub fn open() {
    console_error_panic_hook::set_once();
    mount_to_body(Window);
}

/// What stands around the screens: engine, clock, address, and the wishes' fulfilment.
#[component]
fn Window() -> impl IntoView {
    let serial = match port_chooser::support() {
        SerialSupport::Yes => Serial::Yes,
        SerialSupport::Insecure => Serial::Insecure,
        SerialSupport::Missing => Serial::Missing,
    };
    let shown =
        Shown::new(Page { https: page::is_https(), serial, folders: folder_picker::is_offered() }, now());
    provide_context(shown);
    provide_context(Place {
        decimal_mark: locale::decimal_mark(),
        date_time: |moment| locale::date_time(moment.0),
        clock: |moment| locale::clock(moment.0),
    });
    let exports = Exports::default();
    let engine = Engine::start(shown, exports.clone());
    let upkeep = Upkeep::begin(shown, engine.clone());
    provide_context(wishes(shown, engine.clone(), exports, upkeep));

    let leaving = engine.clone();
    page::on_leave(move || leaving.send(&Command::Goodbye));
    page::reload_when_brought_back();
    file_open::on_drop(move |dropped| {
        let engine = engine.clone();
        spawn_local(async move { open_files(shown, &engine, dropped.read().await) });
    });
    set_interval(move || shown.now.set(now()), TICK);

    view! { <Shell screen=route::screen() /> }
}

fn wishes(shown: Shown, engine: Engine, exports: Exports, upkeep: Upkeep) -> Wishes {
    let to = engine.clone();
    let command = UnsyncCallback::new(move |command: Command| to.send(&command));
    let to = engine.clone();
    let connect = UnsyncCallback::new(move |(kind, every)| {
        spawn_local(ports::connect(shown, to.clone(), kind, every));
    });
    let to = engine.clone();
    let bridge = UnsyncCallback::new(move |url| {
        let source = SourceRecord::Bridge { url, spoken: Spoken::default() };
        shown.refused.set(None);
        to.send(&Command::Add { source, search: None });
        route::go(&Screen::Live);
    });
    let to = engine.clone();
    let simulate = UnsyncCallback::new(move |model: &'static str| {
        // Four octets are households enough, and any JavaScript number holds them.
        let seed = u32::from_le_bytes(random::octets()).into();
        let source = SourceRecord::Simulated { model: model.to_owned(), seed };
        shown.refused.set(None);
        to.send(&Command::Add { source, search: None });
        route::go(&Screen::Live);
    });
    let to = engine.clone();
    let remove = UnsyncCallback::new(move |meter| {
        if page::confirm("Remove this meter with all its readings? They cannot be brought back.") {
            to.send(&Command::Remove { meter });
        }
    });
    let to = engine.clone();
    let open = UnsyncCallback::new(move |event| {
        let engine = to.clone();
        spawn_local(async move { open_files(shown, &engine, file_open::chosen(event).await) });
    });
    let to = engine.clone();
    let read_text = UnsyncCallback::new(move |text: String| {
        let pasted = file_open::OpenedFile { name: "Pasted text".to_owned(), octets: text.into_bytes() };
        open_files(shown, &to, vec![pasted]);
    });
    let to = engine.clone();
    let saving = exports.clone();
    let export = UnsyncCallback::new(move |wish| {
        spawn_local(saving.clone().begin(shown, to.clone(), wish));
    });
    let (to, saving) = (engine.clone(), exports.clone());
    let back_up = UnsyncCallback::new(move |secrets| {
        spawn_local(saving.clone().back_up(shown, to.clone(), secrets));
    });
    let to = engine.clone();
    let choose_folder = UnsyncCallback::new(move |secrets| {
        spawn_local(folder::choose(shown, to.clone(), secrets));
    });
    let to = engine.clone();
    let known = exports.clone();
    let allow_folder = UnsyncCallback::new(move |()| {
        spawn_local(folder::allow(to.clone(), known.folder()));
    });
    let (to, reading) = (engine.clone(), exports.clone());
    let choose_backup = UnsyncCallback::new(move |event| {
        if let Some(file) = file_open::first(&event) {
            reading.look_at(shown, &to, file);
        }
    });
    let (to, reading) = (engine.clone(), exports.clone());
    let choose_import = UnsyncCallback::new(move |(event, meter)| {
        if let Some(file) = file_open::first(&event) {
            reading.look_into(shown, &to, file, meter);
        }
    });
    let (to, reading) = (engine.clone(), exports.clone());
    let import = UnsyncCallback::new(move |wish| reading.import(shown, &to, wish));
    let to = engine.clone();
    let restore = UnsyncCallback::new(move |how| {
        let brings_none = shown.restore.with_untracked(|restore| {
            let state = restore.as_ref().map(|restore| &restore.state);
            matches!(state, Some(RestoreState::Seen(contents)) if contents.meters == 0)
        });
        let question = if brings_none {
            "There is no meter in this backup. Everything that is kept here goes, and nothing comes in its place. Go on?"
        } else {
            "Everything that is kept here goes once what is in the backup is complete. Go on?"
        };
        if how != RestoreHow::Replace || page::confirm(question) {
            exports.restore(shown, &to, how);
        }
    });
    let look = UnsyncCallback::new(move |look| engine.look(look));
    let copy = UnsyncCallback::new(|(text, copied): (String, RwSignal<bool>)| {
        spawn_local(async move {
            let done = clipboard::copy(&text).await;
            // The screen may have gone in the meantime.
            copied.try_set(done);
        });
    });
    let measure = UnsyncCallback::new(move |()| spawn_local(upkeep::measure(shown)));
    let persist = UnsyncCallback::new(move |()| spawn_local(upkeep::persist(shown)));
    let offer = upkeep.clone();
    let install = UnsyncCallback::new(move |()| offer.install());
    let update = UnsyncCallback::new(move |()| upkeep.update());
    Wishes {
        command,
        connect,
        bridge,
        simulate,
        remove,
        open,
        read_text,
        export,
        look,
        copy,
        measure,
        persist,
        install,
        update,
        back_up,
        choose_folder,
        allow_folder,
        choose_backup,
        choose_import,
        import,
        restore,
    }
}

fn open_files(shown: Shown, engine: &Engine, files: Vec<file_open::OpenedFile>) {
    if files.is_empty() {
        return;
    }
    shown.refused.set(None);
    for file in files {
        let ReplayChoice { paced, kept } = shown.replay.get_untracked();
        engine.send(&Command::Open { name: file.name, octets: file.octets, paced, kept });
    }
    route::go(&Screen::Live);
}

fn now() -> Moment {
    Moment(clock::unix_milliseconds())
}

const TICK: std::time::Duration = std::time::Duration::from_secs(1);
