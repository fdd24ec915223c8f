//! The folder for the daily backup: only the window can ask for it, and the engine keeps its handle.

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;

use super::engine::Engine;
use crate::browser::clock;
use crate::browser::folder_picker::{self, Folder, NotPicked};
use crate::model::PageModel;
use crate::protocol::{Command, Trouble};

/// Lets the user choose a folder, and the engine write into it.
pub async fn choose(model: PageModel, engine: Engine, secrets: bool) {
    model.refused.set(None);
    match folder_picker::pick(PURPOSE).await {
        Ok(folder) => {
            let command = Command::Daily { folder: folder.name(), secrets };
            engine.send_beside(&command, Some(folder.into_handle()));
        }
        Err(NotPicked::Cancelled) => {}
        Err(NotPicked::Failed(detail)) => {
            let (code, at) = (Code::FolderFailed, Moment(clock::unix_milliseconds()));
            model.refused.set(Some(Trouble { code, detail, at }));
        }
    }
}

/// Asks the user for permission again, and lets the engine make a backup at once. If the permission or the folder is
/// missing, the engine reports that.
pub async fn allow(engine: Engine, folder: Option<Folder>) {
    if let Some(folder) = folder {
        folder_picker::ask(&folder).await;
    }
    engine.send(&Command::DailyNow);
}

/// The name under which the browser remembers where the user last looked.
const PURPOSE: &str = "metertap-backups";
