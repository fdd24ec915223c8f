//! Files written from the log and read into it: the window asks for their location, the engine writes and reads them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use wasm_bindgen::JsValue;

use super::engine::Engine;
use crate::browser::file_open::UnreadFile;
use crate::browser::folder_picker::Folder;
use crate::browser::save_picker::{self, SaveTarget};
use crate::browser::{clock, locale, random};
use crate::model::{DayRange, Export, ExportRequest, Import, ImportRequest, PageModel, Restore};
use crate::protocol::{Command, Event, RestoreHow};

/// The files in progress, and those that the user has chosen.
#[derive(Clone, Debug)]
pub struct Exports {
    /// The last number used. The first one is random, because the tab that reads the meters may also handle files of
    /// other tabs.
    last: Rc<Cell<u32>>,
    /// The number and the name of the file that the engine was last asked to write.
    written: Rc<RefCell<(u32, String)>>,
    backup: Rc<RefCell<Option<UnreadFile>>>,
    import: Rc<RefCell<Option<UnreadFile>>>,
    /// The folder for the daily backup.
    folder: Rc<RefCell<Option<Folder>>>,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            last: Rc::new(Cell::new(u32::from_le_bytes(random::octets()))),
            written: Rc::default(),
            backup: Rc::default(),
            import: Rc::default(),
            folder: Rc::default(),
        }
    }
}

impl Exports {
    /// Asks where to save, then lets the engine write.
    pub async fn begin(self, model: PageModel, engine: Engine, wanted: ExportRequest) {
        let now = clock::unix_milliseconds();
        let Some((id, handle)) = self.ask(now, wanted.options.form.extension()).await else { return };
        let (from, to) = span(&wanted.range, now);
        model.export.set(Some(Export { id, backup: false, done: 0, of: 0, end: None }));
        let into_file = handle.is_some();
        let command =
            Command::Export { id, meters: wanted.meters, from, to, options: wanted.options, into_file };
        engine.send_beside(&command, handle);
    }

    /// Asks where to save a backup, then lets the engine write it.
    pub async fn back_up(self, model: PageModel, engine: Engine, secrets: bool) {
        let asked = self.ask(clock::unix_milliseconds(), BACKUP).await;
        let Some((id, handle)) = asked else { return };
        model.export.set(Some(Export { id, backup: true, done: 0, of: 0, end: None }));
        engine.send_beside(&Command::BackUp { id, secrets, into_file: handle.is_some() }, handle);
    }

    /// Lets the engine preview a backup.
    pub fn look_at(&self, model: PageModel, engine: &Engine, file: UnreadFile) {
        self.backup.replace(Some(file));
        self.restore(model, engine, RestoreHow::Check);
    }

    /// Lets the engine preview a file of readings.
    pub fn look_into(&self, model: PageModel, engine: &Engine, file: UnreadFile, meter: Option<MeterKey>) {
        self.import.replace(Some(file));
        self.import(model, engine, ImportRequest { meter, plan: None, run: false });
    }

    /// Lets the engine preview the chosen file, or import it.
    pub fn import(&self, model: PageModel, engine: &Engine, wanted: ImportRequest) {
        let Some(file) = self.import.borrow().clone() else { return };
        let (id, ImportRequest { meter, plan, run }) = (self.next(), wanted);
        model.import.update(|import| match import {
            // The preview on the screen stays while the same file is previewed again.
            Some(import) if !run && plan.is_some() => import.id = id,
            import => *import = Some(Import::new(id)),
        });
        engine.send_beside(&Command::Import { id, meter, plan, run }, Some(file.into_handle()));
    }

    /// Lets the engine restore the backup that was chosen.
    pub fn restore(&self, model: PageModel, engine: &Engine, how: RestoreHow) {
        let Some(file) = self.backup.borrow().clone() else { return };
        let id = self.next();
        model.restore.set(Some(Restore::new(id)));
        engine.send_beside(&Command::Restore { id, how }, Some(file.into_handle()));
    }

    /// Asks where to save a file. Returns the file's number and the handle of its destination; `None` if the user
    /// cancelled.
    async fn ask(&self, now: i64, ending: &str) -> Option<(u32, Option<JsValue>)> {
        let file_name = file_name(now, ending);
        let handle = match save_picker::ask(&file_name).await {
            SaveTarget::Cancelled => return None,
            SaveTarget::File(handle) => Some(handle),
            SaveTarget::Download => None,
        };
        let id = self.next();
        self.written.replace((id, file_name));
        Some((id, handle))
    }

    fn next(&self) -> u32 {
        let id = self.last.get().wrapping_add(1);
        self.last.set(id);
        id
    }

    /// The folder for the daily backup, once the engine has reported it.
    pub fn folder(&self) -> Option<Folder> {
        self.folder.borrow().clone()
    }

    /// Downloads the file that came beside an event, if there is one, and keeps the handle of a folder.
    pub fn hear(&self, event: &Event, beside: Option<JsValue>) {
        if let Event::Daily { .. } = event {
            self.folder.replace(beside.and_then(Folder::of));
            return;
        }
        let Some(file) = beside else { return };
        match event {
            Event::Export { id, .. } => {
                let (ours, name) = &*self.written.borrow();
                if id == ours {
                    save_picker::download(&file, name);
                }
            }
            Event::Captured { meter } => {
                let today = day(clock::unix_milliseconds());
                save_picker::download(&file, &format!("metertap-{}-{today}.txt", meter.0));
            }
            _ => {}
        }
    }
}

/// The name of a file, such as `metertap-2026-11-21.jsonl`.
fn file_name(now: i64, ending: &str) -> String {
    format!("metertap-{}.{ending}", day(now))
}

/// The local day, such as `2026-11-21`.
fn day(now: i64) -> String {
    let today = clock::local_time(now);
    format!("{:04}-{:02}-{:02}", today.year, today.month, today.day)
}

fn span(range: &DayRange, now: i64) -> (Option<Moment>, Option<Moment>) {
    match range {
        DayRange::All => (None, None),
        DayRange::Today => (Some(Moment(locale::midnight(now, 0))), None),
        DayRange::Week => (Some(Moment(locale::midnight(now, 6))), None),
        DayRange::Days(from, to) => {
            // A day and a half later is always in the next day, even if clocks were changed in between.
            let end = |day: i64| locale::midnight(day + DAY_AND_A_HALF, 0) - 1;
            (locale::day(from).map(Moment), locale::day(to).map(end).map(Moment))
        }
    }
}

const BACKUP: &str = "metertap";

const DAY_AND_A_HALF: i64 = 36 * 60 * 60 * 1000;
