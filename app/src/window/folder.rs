//! The folder for the backup of every day: only the window can ask for it. The engine finds its handle where it is kept.

use leptos::prelude::*;
use metertap_readings::entry::Moment;

use super::engine::Engine;
use crate::browser::folder_picker::{self, NotPicked};
use crate::browser::{clock, kept_folder};
use crate::protocol::{Command, DailyWish, Trouble};
use crate::screens::shown::Shown;

/// Lets the person choose a folder, and has the engine write into it.
pub async fn choose(shown: Shown, engine: Engine, secrets: bool) {
    shown.refused.set(None);
    let folder = match folder_picker::pick(PURPOSE).await {
        Ok(folder) => folder,
        Err(NotPicked::Cancelled) => return,
        Err(NotPicked::Failed(name)) => return refuse(shown, "folder.failed", name),
    };
    match kept_folder::keep(&folder).await {
        Ok(()) => {
            let wish = DailyWish::Begin { folder: folder.name(), secrets };
            engine.send(&Command::Daily { wish });
        }
        Err(error) => refuse(shown, "folder.failed", error.to_string()),
    }
}

/// Asks the person for leave once more; with it, a backup is made at once. Without a folder the engine says so.
pub async fn allow(engine: Engine) {
    if let Ok(Some(folder)) = kept_folder::find().await {
        folder_picker::ask(&folder).await;
    }
    engine.send(&Command::Daily { wish: DailyWish::Now });
}

fn refuse(shown: Shown, code: &str, detail: String) {
    let at = Moment(clock::unix_milliseconds());
    shown.refused.set(Some(Trouble { code: code.to_owned(), detail, at }));
}

/// The browser remembers under it where the person last looked.
const PURPOSE: &str = "metertap-backups";
