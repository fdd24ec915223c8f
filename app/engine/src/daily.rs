//! Writes a backup into a folder every day.
//!
//! The handle of the folder is kept in a database of its own. A browser that was closed has often forgotten that it may
//! be written to; only the window can ask again, so that is told as a trouble with a button. What is due, and which older
//! files may go, [`metertap_readings::files::backup::daily`] decides.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use metertap_protocol::{Event, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::daily::{Daily, file_name, surplus};
use metertap_readings::store::{DiskError, Internal};

use super::backup::{Backup, Failure};
use super::desk::Desk;
use super::task::{Stop, Task};
use super::trouble::{not_kept, trouble};
use crate::platform::{FileErrorKind, Folder, Platform};

/// The backup of every day, if it is wished.
pub(crate) struct EveryDay<P: Platform> {
    state: RefCell<State<P::Handle>>,
    /// When one was last begun.
    tried: Cell<Option<Moment>>,
    /// Looks from time to time whether one is due.
    looks: RefCell<Option<Task>>,
    /// The one that is being written.
    task: RefCell<Option<Task>>,
}

#[derive(Clone)]
struct State<H> {
    daily: Option<Daily>,
    /// The folder's handle.
    folder: Option<H>,
    writing: bool,
    trouble: Option<Trouble>,
}

impl<H> Default for State<H> {
    fn default() -> Self {
        Self { daily: None, folder: None, writing: false, trouble: None }
    }
}

impl<P: Platform> Default for EveryDay<P> {
    fn default() -> Self {
        Self {
            state: RefCell::default(),
            tried: Cell::default(),
            looks: RefCell::default(),
            task: RefCell::default(),
        }
    }
}

impl<P: Platform> EveryDay<P> {
    /// Looks no more, and gives up what is being written.
    pub(super) fn stop_looking(&self) {
        drop((self.looks.take(), self.task.take()));
        self.state.borrow_mut().writing = false;
    }

    fn is_made(&self, at: Moment) {
        let mut state = self.state.borrow_mut();
        state.trouble = None;
        if let Some(daily) = &mut state.daily {
            daily.made = Some(at);
        }
    }
}

impl<P: Platform> Desk<P> {
    /// Finds what was wished on earlier days, and looks from now on whether a backup is due.
    pub(crate) async fn go_on_daily(self: &Rc<Self>) {
        let kept = self.log.internal(Internal::DailyBackup).await.ok().flatten();
        if let Some(daily) = kept.and_then(|kept| serde_json::from_str(&kept).ok()) {
            let folder = self.platform.kept_folder().await;
            *self.daily.state.borrow_mut() = State { daily: Some(daily), folder, ..State::default() };
        }
        self.tell_daily();
        let desk = Rc::clone(self);
        let looks = self.platform.begin(|stop| async move {
            loop {
                desk.back_up_if_due();
                // A computer that was asleep is late by this at the most.
                if stop.comes_before(desk.platform.sleep(LOOK)).await {
                    return;
                }
            }
        });
        self.daily.looks.replace(Some(looks));
    }

    /// Begins with it in this folder: with the first one, at once.
    pub(crate) async fn begin_daily(self: &Rc<Self>, name: String, secrets: bool, folder: P::Handle) {
        if self.platform.folder(&folder).is_none() {
            return;
        }
        drop(self.daily.task.take());
        let daily = Some(Daily { folder: name, secrets, made: None });
        let kept = self.platform.keep_folder(Some(&folder)).await;
        *self.daily.state.borrow_mut() = State { daily, folder: Some(folder), ..State::default() };
        match kept {
            Ok(()) => self.keep_daily().await,
            Err(error) => {
                let trouble = not_kept(&error.into(), self.platform.moment());
                self.tell(&Event::Refused { trouble });
            }
        }
        self.back_up_today();
    }

    /// Keeps the folder's handle once more, should the browser have cleared it.
    pub(super) async fn keep_folder(&self) {
        let folder = self.daily.state.borrow().folder.clone();
        if let Some(folder) = folder {
            // A handle that could not be kept is asked for at the next start.
            let _ = self.platform.keep_folder(Some(&folder)).await;
        }
    }

    /// What is wished is to be found anew: another tab may change it.
    pub(super) fn forget_daily(&self) {
        *self.daily.state.borrow_mut() = State::default();
    }

    /// No more of them.
    pub(crate) async fn stop_daily(&self) {
        drop(self.daily.task.take());
        *self.daily.state.borrow_mut() = State::default();
        self.keep_daily().await;
        // A handle that nobody looks for does no harm.
        let _ = self.platform.keep_folder(None).await;
        self.tell_daily();
    }

    /// Tells how it goes.
    pub(crate) fn tell_daily(&self) {
        let State { daily, folder, writing, trouble } = self.daily.state.borrow().clone();
        let event = Event::Daily { daily, writing, trouble };
        self.platform.tell(&event, folder.as_ref());
        if self.writes() {
            self.tabs.tell(&event);
        }
    }

    /// The same in a tab that watches, which finds the handle where it is kept.
    pub(super) async fn pass_daily_on(&self, event: &Event) {
        let folder = self.platform.kept_folder().await;
        self.platform.tell(event, folder.as_ref());
    }

    fn back_up_if_due(self: &Rc<Self>) {
        let tried = self.daily.tried.get();
        let is_due = |daily: &Daily| daily.is_due(tried, self.platform.moment(), self.zone.get());
        // A log that holds nothing takes no place among those that do.
        let has_meters = !self.meters.borrow().is_empty();
        if self.writes() && has_meters && self.daily.state.borrow().daily.as_ref().is_some_and(is_due) {
            self.back_up_today();
        }
    }

    /// Begins to write one, unless that goes on already.
    pub(crate) fn back_up_today(self: &Rc<Self>) {
        let goes_on = self.daily.task.borrow_mut().as_mut().is_some_and(Task::goes_on);
        let State { daily, folder, .. } = self.daily.state.borrow().clone();
        let (Some(daily), false) = (daily, goes_on) else { return };
        self.daily.tried.set(Some(self.platform.moment()));
        self.daily.state.borrow_mut().writing = true;
        self.tell_daily();
        let desk = Rc::clone(self);
        let task = self.platform.begin(|stop| async move {
            let asked = stop.clone();
            let ended = desk.write_daily(&daily, folder, stop).await;
            if !asked.is_asked() {
                desk.end_daily(ended).await;
            }
        });
        self.daily.task.replace(Some(task));
    }

    async fn end_daily(&self, ended: Result<Moment, Trouble>) {
        self.daily.state.borrow_mut().writing = false;
        match ended {
            Ok(made) => {
                self.daily.is_made(made);
                self.keep_daily().await;
            }
            Err(trouble) => {
                let before = self.daily.state.borrow_mut().trouble.replace(trouble.clone());
                // Whoever does not look under Data is told as well, once.
                if before.is_none_or(|before| before.code != trouble.code) {
                    self.tell(&Event::Notice { meter: None, trouble });
                }
            }
        }
        self.tell_daily();
    }

    /// Writes today's backup, and lets the oldest go once it is there.
    async fn write_daily(
        self: &Rc<Self>,
        daily: &Daily,
        folder: Option<P::Handle>,
        stop: Stop,
    ) -> Result<Moment, Trouble> {
        let said = |code, detail: String| trouble(code, detail, self.platform.moment());
        let folder = folder.and_then(|folder| self.platform.folder(&folder));
        let folder = folder.ok_or_else(|| said(Code::FolderGone, daily.folder.clone()))?;
        if !folder.is_allowed().await {
            return Err(said(Code::FolderPermission, daily.folder.clone()));
        }
        let (installation, now) = (self.forwarding.borrow_mut().installation(), self.platform.moment());
        let failed = |kind, name: String| said(code(kind), format!("{}: {name}", daily.folder));
        let mut names = folder.names().await.map_err(|error| failed(error.kind, error.name))?;
        let name = file_name(&installation, now, self.zone.get());
        let file = folder.file(&name).await.map_err(|error| failed(error.kind, error.name))?;
        let mut backup = Backup::new(Rc::clone(self), None, stop);
        let written = backup.run(daily.secrets, Some(file)).await;
        let is_new = !names.contains(&name);
        if let Err(failure) = written {
            if is_new {
                // The file without anything in it; what cannot be removed is written over by the next try.
                let _ = folder.remove(&name).await;
            }
            return Err(match failure {
                Failure::Failed(kind, why) => failed(kind, why),
                Failure::Closed => not_kept(&DiskError::Closed.into(), self.platform.moment()),
                Failure::Stopped => said(Code::FolderFailed, daily.folder.clone()),
            });
        }
        if is_new {
            names.push(name);
        }
        let certain = {
            let certain = self.certain();
            (!certain.is_doubtful()).then(|| certain.moment())
        };
        let old = certain.map(|certain| surplus(&installation, names, certain, self.zone.get()));
        for old in old.unwrap_or_default() {
            // One that cannot be removed now goes another day.
            let _ = folder.remove(&old).await;
        }
        Ok(now)
    }

    async fn keep_daily(&self) {
        let text =
            self.daily.state.borrow().daily.as_ref().and_then(|daily| serde_json::to_string(daily).ok());
        if let Err(error) = self.log.set_internal(Internal::DailyBackup, text.as_deref()).await {
            self.daily.state.borrow_mut().trouble = Some(not_kept(&error, self.platform.moment()));
        }
    }
}

/// What a person is told of it.
const fn code(kind: FileErrorKind) -> Code {
    match kind {
        FileErrorKind::NotAllowed => Code::FolderPermission,
        FileErrorKind::Gone => Code::FolderGone,
        FileErrorKind::Full => Code::FolderFull,
        FileErrorKind::Other => Code::FolderFailed,
    }
}

/// Milliseconds between two looks whether one is due.
const LOOK: u64 = 600_000;
