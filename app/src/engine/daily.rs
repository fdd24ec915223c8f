//! Writes a backup into a folder every day.
//!
//! The handle of the folder lies where the window has kept it. A browser that was closed has often forgotten that it may
//! be written to; only the window can ask again, so that is told as a trouble with a button. What is due, and which older
//! files may go, [`metertap_readings::backup::daily`] decides.

use std::cell::RefCell;
use std::rc::Rc;

use metertap_readings::backup::daily::{Daily, file_name, surplus};
use metertap_readings::entry::Moment;
use metertap_readings::store::Store;
use wasm_bindgen_futures::spawn_local;

use super::backup::{Backup, Failure};
use super::desk::Desk;
use super::task::{Stop, Task};
use super::time::this_moment;
use super::trouble::{not_kept, trouble};
use crate::browser::clock::sleep;
use crate::browser::folder::Folder;
use crate::browser::kept_folder;
use crate::protocol::{DailyState, DailyWish, Event, Trouble};

/// The backup of every day, if it is wished.
#[derive(Debug, Default)]
pub(crate) struct EveryDay {
    state: RefCell<Option<DailyState>>,
    /// When one was last begun.
    tried: RefCell<Option<Moment>>,
    /// The one that is being written.
    task: RefCell<Option<Task>>,
}

impl Desk {
    /// Finds what was wished on earlier days, and looks from now on whether a backup is due.
    pub(crate) async fn go_on_daily(self: &Rc<Self>) {
        let kept = self.log.setting(DAILY).await.ok().flatten();
        let daily = kept.and_then(|kept| serde_json::from_str(&kept).ok());
        let state = daily.map(|daily| DailyState { daily, writing: false, trouble: None });
        *self.daily.state.borrow_mut() = state;
        self.tell_daily();
        let desk = Rc::clone(self);
        spawn_local(async move {
            loop {
                desk.back_up_if_due();
                // A computer that was asleep is late by this at the most.
                sleep(LOOK).await;
            }
        });
    }

    /// Begins with it, ends it, or makes a backup at once.
    pub(crate) async fn set_daily(self: &Rc<Self>, wish: DailyWish) {
        match wish {
            DailyWish::Begin { folder, secrets } => {
                drop(self.daily.task.take());
                let daily = Daily { folder, secrets, made: None };
                self.keep_daily(Some(DailyState { daily, writing: false, trouble: None })).await;
                self.begin_daily();
            }
            DailyWish::Now => self.begin_daily(),
            DailyWish::Stop => {
                drop(self.daily.task.take());
                self.keep_daily(None).await;
                // A handle that nobody looks for does no harm.
                let _ = kept_folder::forget().await;
            }
        }
        self.tell_daily();
    }

    /// Tells how it goes.
    pub(crate) fn tell_daily(&self) {
        self.tell(&Event::Daily { state: self.daily.state.borrow().clone() });
    }

    fn back_up_if_due(self: &Rc<Self>) {
        let tried = *self.daily.tried.borrow();
        let state = self.daily.state.borrow();
        let is_due = |state: &DailyState| state.daily.is_due(tried, this_moment(), self.zone.get());
        // A log that holds nothing takes no place among those that do.
        let is_due = state.as_ref().is_some_and(is_due) && !self.meters.borrow().is_empty();
        drop(state);
        if is_due {
            self.begin_daily();
        }
    }

    /// Begins to write one, unless that goes on already.
    fn begin_daily(self: &Rc<Self>) {
        let goes_on = self.daily.task.borrow_mut().as_mut().is_some_and(Task::goes_on);
        let daily = self.daily.state.borrow().as_ref().map(|state| state.daily.clone());
        let (Some(daily), false) = (daily, goes_on) else { return };
        self.daily.tried.replace(Some(this_moment()));
        self.change_daily(|state| state.writing = true);
        let desk = Rc::clone(self);
        let task = Task::begin(|stop| async move {
            let asked = stop.clone();
            let ended = desk.write_daily(&daily, stop).await;
            if !asked.is_asked() {
                desk.end_daily(ended).await;
            }
        });
        self.daily.task.replace(Some(task));
    }

    async fn end_daily(&self, ended: Result<Moment, Trouble>) {
        let code = |state: &DailyState| state.trouble.as_ref().map(|trouble| trouble.code.clone());
        let before = self.daily.state.borrow().as_ref().and_then(code);
        self.change_daily(|state| {
            state.writing = false;
            match &ended {
                Ok(made) => (state.daily.made, state.trouble) = (Some(*made), None),
                Err(trouble) => state.trouble = Some(trouble.clone()),
            }
        });
        match ended {
            Ok(_) => {
                let state = self.daily.state.borrow().clone();
                self.keep_daily(state).await;
            }
            // Whoever does not look under Data is told as well, once.
            Err(trouble) if before.as_ref() != Some(&trouble.code) => {
                self.tell(&Event::Notice { meter: None, trouble });
            }
            Err(_) => {}
        }
        self.tell_daily();
    }

    /// Writes today's backup, and lets the oldest go once it is there.
    async fn write_daily(self: &Rc<Self>, daily: &Daily, stop: Stop) -> Result<Moment, Trouble> {
        let handle = kept_folder::find().await.map_err(|error| not_kept(&error))?;
        let folder = Folder(handle.ok_or_else(|| trouble(GONE, &*daily.folder))?);
        if !folder.is_allowed().await {
            return Err(trouble(PERMISSION, &*daily.folder));
        }
        let (installation, now) = (self.installation().await, this_moment());
        let failed = |name: String| trouble(code(&name), format!("{}: {name}", daily.folder));
        let mut names = folder.names().await.map_err(|error| failed(error.name))?;
        let name = file_name(&installation, now, self.zone.get());
        let file = folder.file(&name).await.map_err(|error| failed(error.name))?;
        let mut backup = Backup::new(Rc::clone(self), None, stop);
        let written = backup.run(daily.secrets, Some(file)).await;
        let is_new = !names.contains(&name);
        if let Err(failure) = written {
            if is_new {
                // The file without anything in it; what cannot be removed is written over by the next try.
                let _ = folder.remove(&name).await;
            }
            return Err(match failure {
                Failure::Failed(why) => failed(why),
                Failure::Stopped => trouble(FAILED, &*daily.folder),
            });
        }
        if is_new {
            names.push(name);
        }
        for old in surplus(&installation, names) {
            // One that cannot be removed now goes another day.
            let _ = folder.remove(&old).await;
        }
        Ok(now)
    }

    fn change_daily(&self, change: impl FnOnce(&mut DailyState)) {
        if let Some(state) = self.daily.state.borrow_mut().as_mut() {
            change(state);
        }
    }

    async fn keep_daily(&self, state: Option<DailyState>) {
        let text = state.as_ref().and_then(|state| serde_json::to_string(&state.daily).ok());
        *self.daily.state.borrow_mut() = state;
        if let Err(error) = self.log.set_setting(DAILY, text.as_deref()).await {
            self.change_daily(|state| state.trouble = Some(not_kept(&error)));
        }
    }
}

/// What the browser's name of an error means for a person.
fn code(name: &str) -> &'static str {
    match name {
        "NotAllowedError" | "NoModificationAllowedError" => PERMISSION,
        "NotFoundError" => GONE,
        "QuotaExceededError" => FULL,
        _ => FAILED,
    }
}

/// The setting; no backup has it.
const DAILY: &str = "daily-backup";
/// Milliseconds between two looks whether one is due.
const LOOK: u64 = 600_000;

const PERMISSION: &str = "folder.permission";
const GONE: &str = "folder.gone";
const FULL: &str = "folder.full";
const FAILED: &str = "folder.failed";
