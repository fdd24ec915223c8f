//! [`Performer`]: carries out the user's actions.

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use wasm_bindgen_futures::spawn_local;

use super::engine::Engine;
use super::exports::Exports;
use super::installation::{self, Installation};
use super::{folder, ports, route};
use crate::browser::file_open::{self, NotOpened, Opened, OpenedFile};
use crate::browser::notification::Permission;
use crate::browser::{clipboard, notification, page, random};
use crate::model::{Action, Notifications, PageModel, ReplayChoice, SavedPicture, Screen};
use crate::protocol::{Command, LARGEST_RECORDING, RestoreHow, RestoreState, Trouble};
use crate::texts;

/// What is needed to carry out actions.
#[derive(Clone)]
pub struct Performer {
    /// What the screens show.
    pub model: PageModel,
    /// The engine.
    pub engine: Engine,
    /// Files written from the log and read into it.
    pub exports: Exports,
    /// Newer builds, installing.
    pub installation: Installation,
    /// Saves a chart, once its code is there.
    pub save_picture: fn(SavedPicture),
}

impl Performer {
    /// Carries out an action.
    pub fn perform(&self, action: Action) {
        let Self { model, engine, exports, installation, .. } = self;
        let model = *model;
        match action {
            Action::Send(command) => engine.send(&command),
            Action::ChoosePort { spoken, search, any_vendor } => {
                spawn_local(ports::connect(model, engine.clone(), (spoken, search), any_vendor));
            }
            Action::AddBridge(url) => self.add(SourceRecord::Bridge { url, spoken: LineSettings::default() }),
            Action::Simulate(name) => {
                // Four bytes allow enough different households, and fit exactly into a JavaScript number.
                let seed = u32::from_le_bytes(random::octets()).into();
                self.add(SourceRecord::Simulated { model: name.to_owned(), seed });
            }
            Action::Remove(meter) => self.remove(meter),
            Action::OpenFiles(event) => {
                let engine = engine.clone();
                spawn_local(async move {
                    open_files(model, &engine, file_open::chosen(event, LARGEST_RECORDING).await)
                });
            }
            Action::OpenText(text) => {
                let pasted =
                    OpenedFile { name: texts::shell::pasted().to_owned(), octets: text.into_bytes() };
                open_files(model, engine, vec![Ok(pasted)]);
            }
            Action::Export(wanted) => spawn_local(exports.clone().begin(model, engine.clone(), wanted)),
            Action::BackUp { secrets } => {
                spawn_local(exports.clone().back_up(model, engine.clone(), secrets));
            }
            Action::ChooseFolder { secrets } => spawn_local(folder::choose(model, engine.clone(), secrets)),
            Action::AllowFolder => spawn_local(folder::allow(engine.clone(), exports.folder())),
            Action::ChooseBackup(event) => {
                if let Some(file) = file_open::first(&event) {
                    exports.look_at(model, engine, file);
                }
            }
            Action::Restore(how) => self.restore(how),
            Action::ChooseImport(event, meter) => {
                if let Some(file) = file_open::first(&event) {
                    exports.look_into(model, engine, file, meter);
                }
            }
            Action::Import(wanted) => exports.import(model, engine, wanted),
            Action::Draw(wanted) => engine.draw(wanted),
            Action::LookUp(meter, question, answer) => engine.look_up(meter, question, answer),
            Action::LookAhead(meter, question, answer) => engine.look_ahead(meter, question, answer),
            Action::Notifications { ask, heard } => spawn_local(notifications(ask, heard)),
            Action::Type(position, answer) => engine.keep_position(position, answer),
            Action::Address(screen) => page::replace_hash(&screen.hash()),
            Action::SavePicture(picture) => (self.save_picture)(picture),
            Action::Copy(text, copied) => copy(text, copied),
            Action::MeasureStorage => spawn_local(installation::measure(model)),
            Action::Persist => spawn_local(installation::persist(model)),
            Action::Install => installation.install(),
            Action::Update => installation.update(),
        }
    }

    fn add(&self, source: SourceRecord) {
        self.model.refused.set(None);
        self.engine.send(&Command::Add { source, search: None });
        route::go(&Screen::Live);
    }

    fn remove(&self, meter: MeterKey) {
        if page::confirm(texts::shell::remove_meter()) {
            self.engine.send(&Command::Remove { meter });
        }
    }

    fn restore(&self, how: RestoreHow) {
        let brings_none = self.model.restore.with_untracked(|restore| {
            let state = restore.as_ref().map(|restore| &restore.state);
            matches!(state, Some(RestoreState::Seen(contents)) if contents.meters == 0)
        });
        let question =
            if brings_none { texts::shell::replace_with_nothing() } else { texts::shell::replace_all() };
        if how != RestoreHow::Replace || page::confirm(question) {
            self.exports.restore(self.model, &self.engine, how);
        }
    }
}

/// Lets the engine read files.
pub fn open_files(model: PageModel, engine: &Engine, files: Vec<Opened>) {
    if files.is_empty() {
        return;
    }
    model.refused.set(None);
    for file in files {
        match file {
            Ok(OpenedFile { name, octets }) => {
                let ReplayChoice { paced, kept } = model.replay.get_untracked();
                engine.send(&Command::Open { name, octets, paced, kept });
            }
            Err(why) => model.refused.set(Some(not_opened(why, model.now.get_untracked()))),
        }
    }
    route::go(&Screen::Live);
}

fn not_opened(why: NotOpened, at: Moment) -> Trouble {
    let (code, detail) = match why {
        NotOpened::TooLarge(name, octets) => (Code::FileTooLarge, format!("{octets} bytes of {name}")),
        NotOpened::Gone(name) => (Code::FileGone, name),
    };
    Trouble { code, detail, at }
}

fn copy(text: String, copied: RwSignal<bool>) {
    spawn_local(async move {
        let done = clipboard::copy(&text).await;
        // The screen may be gone by now.
        copied.try_set(done);
    });
}

async fn notifications(ask: bool, heard: RwSignal<Option<Notifications>>) {
    let permission = if ask { notification::ask().await } else { notification::permission() };
    let is = match permission {
        Permission::Granted => Notifications::Allowed,
        Permission::Denied => Notifications::Refused,
        Permission::Unasked => Notifications::Unasked,
        Permission::Missing => Notifications::Missing,
    };
    // The screen may be gone by now.
    heard.try_set(Some(is));
}
