//! Distinguishes a log that the browser has cleared from a new one.
//!
//! When a disk runs short, or the database's files are damaged beyond repair, Chromium clears a site's databases and
//! caches, but not `localStorage`. In the developer tools, a user can clear the databases alone. An entry in
//! `localStorage` records that meters were kept here. It is removed when the user removes the last meter.

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;

use crate::browser::storage;
use crate::model::{Notice, PageModel};
use crate::protocol::Trouble;

/// Called once the engine has restored the meters of an open page whose storage the browser has cleared. The browser
/// may have removed the entry as well.
pub fn look_again(model: PageModel) {
    if !model.meters.with_untracked(Vec::is_empty) {
        LOOKED.set(None);
        look(model);
    }
}

/// Compares what the engine has found with the entry, and updates the entry.
pub fn look(model: PageModel) {
    let empty = model.meters.with_untracked(Vec::is_empty);
    let before = LOOKED.replace(Some(empty));
    if before == Some(empty) {
        return;
    }
    match storage::remembered(MARK) {
        Some(since) if empty => {
            storage::forget(MARK);
            // If meters were there at the last look, the user has removed them.
            if before.is_none() {
                let detail = format!("meters were kept here since {since}");
                let at = model.now.get_untracked();
                let trouble = Trouble { code: Code::StoreEvicted, detail, at };
                model.notices.update(|notices| notices.push(Notice { meter: None, trouble }));
            }
        }
        None if !empty => {
            let since = model.meters.with_untracked(|meters| {
                meters.iter().filter_map(|meter| meter.state.with_untracked(|state| state.first)).min()
            });
            let since: Moment = since.unwrap_or(model.now.get_untracked());
            storage::remember(MARK, &since.to_string());
        }
        Some(_) | None => {}
    }
}

thread_local! {
    /// Whether there was no meter at the last look; `None` before the engine is running.
    static LOOKED: std::cell::Cell<Option<bool>> = const { std::cell::Cell::new(None) };
}

const MARK: &str = "meters-since";
