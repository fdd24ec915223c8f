//! Saving a part of the log: the window asks where to, the engine writes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::engine::Engine;
use crate::browser::save_picker::{self, Place};
use crate::browser::{clock, locale};
use crate::protocol::{Command, Event};
use crate::screens::shown::{Export, Shown};
use crate::screens::wishes::{ExportWish, Range};

/// The export under way, and what its file is called.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    last: Rc<Cell<u32>>,
    file_name: Rc<RefCell<String>>,
}

impl Exports {
    /// Asks where to save, then has the engine write.
    pub async fn begin(self, shown: Shown, engine: Engine, wish: ExportWish) {
        let now = clock::unix_milliseconds();
        let file_name = file_name(now, wish.options.form.extension());
        let handle = match save_picker::ask(&file_name).await {
            Place::Cancelled => return,
            Place::File(handle) => Some(handle),
            Place::Download => None,
        };
        let id = self.last.get().wrapping_add(1);
        self.last.set(id);
        self.file_name.replace(file_name);
        let (from, to) = span(&wish.range, now);
        shown.export.set(Some(Export { id, done: 0, of: 0, end: None }));
        let into_file = handle.is_some();
        let command = Command::Export { id, meters: wish.meters, from, to, options: wish.options, into_file };
        engine.send_beside(&command, handle);
    }

    /// Downloads the file that came beside an event, if one did.
    pub fn hear(&self, event: &Event, beside: Option<JsValue>) {
        let (Event::Export { id, .. }, Some(beside)) = (event, beside) else { return };
        if *id == self.last.get()
            && let Ok(blob) = beside.dyn_into::<Blob>()
        {
            save_picker::download(&blob, &self.file_name.borrow());
        }
    }
}

/// `metertap-2026-11-21.jsonl`.
fn file_name(now: i64, ending: &str) -> String {
    let today = clock::local_time(now);
    format!("metertap-{:04}-{:02}-{:02}.{ending}", today.year, today.month, today.day)
}

/// The moments of a span of days here.
fn span(range: &Range, now: i64) -> (Option<Moment>, Option<Moment>) {
    match range {
        Range::All => (None, None),
        Range::Today => (Some(Moment(locale::midnight(now, 0))), None),
        Range::Week => (Some(Moment(locale::midnight(now, 6))), None),
        Range::Days(from, to) => {
            // A day and a half on is somewhere in the next day, whatever the clocks were set to in between.
            let end = |day: i64| locale::midnight(day + DAY_AND_A_HALF, 0) - 1;
            (locale::day(from).map(Moment), locale::day(to).map(end).map(Moment))
        }
    }
}

/// In milliseconds.
const DAY_AND_A_HALF: i64 = 36 * 60 * 60 * 1000;
