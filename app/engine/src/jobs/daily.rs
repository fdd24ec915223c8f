//! `EveryDay`: the daily backup, written into a folder.
//!
//! After a restart, the browser has often forgotten that we may write to the folder. Only the window can ask the user
//! again, so the reported error has a button for that. [`metertap_readings::files::backup::daily`] decides when a
//! backup is due, and which older files may be deleted.

use metertap_decoder::time::Zone;
use metertap_protocol::{Event, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::daily::{Daily, file_name, surplus};
use metertap_readings::store::DiskError;

use super::Job;
use super::backup::{Failure, Progress};
use crate::fact::{JobId, JobNews};
use crate::platform::{FileErrorKind, Folder, Platform};
use crate::trouble::{not_kept, trouble};

pub(crate) struct EveryDay<H> {
    daily: Option<Daily>,
    folder: Option<H>,
    /// The job that is writing a backup now.
    writing: Option<JobId>,
    /// Why the last backup failed.
    trouble: Option<Trouble>,
    /// When a backup was last started.
    tried: Option<Moment>,
}

/// The backup to write, and its folder.
pub(super) struct Order<H> {
    daily: Daily,
    folder: Option<H>,
}

impl<H> Default for EveryDay<H> {
    fn default() -> Self {
        Self { daily: None, folder: None, writing: None, trouble: None, tried: None }
    }
}

impl<H: Clone> EveryDay<H> {
    /// Sets the daily backup and its folder. `None` stops the daily backups. If the folder is `None`, the user must
    /// choose it again.
    pub(crate) fn set(&mut self, wish: Option<(Daily, Option<H>)>) {
        let (daily, folder) = wish.unzip();
        *self = Self { daily, folder: folder.flatten(), tried: self.tried, ..Self::default() };
    }

    pub(crate) fn folder(&self) -> Option<H> {
        self.folder.clone()
    }

    pub(crate) fn event(&self) -> (Event, Option<H>) {
        let (daily, trouble) = (self.daily.clone(), self.trouble.clone());
        (Event::Daily { daily, writing: self.writing.is_some(), trouble }, self.folder.clone())
    }

    pub(crate) fn record(&self) -> Option<String> {
        self.daily.as_ref().and_then(|daily| serde_json::to_string(daily).ok())
    }

    pub(crate) fn is_due(&self, now: Moment, zone: Zone) -> bool {
        self.daily.as_ref().is_some_and(|daily| daily.is_due(self.tried, now, zone))
    }

    /// Takes the result of a backup. Returns its error if that is new, for a notice to the user.
    pub(crate) fn ended(&mut self, ended: Result<Moment, Trouble>) -> Option<Trouble> {
        self.writing = None;
        match ended {
            Ok(made) => {
                self.trouble = None;
                if let Some(daily) = &mut self.daily {
                    daily.made = Some(made);
                }
                None
            }
            Err(trouble) => {
                let before = self.trouble.replace(trouble.clone());
                before.is_none_or(|before| before.code != trouble.code).then_some(trouble)
            }
        }
    }

    pub(super) const fn writing(&self) -> Option<JobId> {
        self.writing
    }

    pub(super) fn begin(&mut self, id: JobId, now: Moment) -> Option<Order<H>> {
        let daily = self.daily.clone()?;
        (self.tried, self.writing) = (Some(now), Some(id));
        Some(Order { daily, folder: self.folder.clone() })
    }

    pub(super) const fn give_up(&mut self) -> Option<JobId> {
        self.writing.take()
    }
}

impl<P: Platform> Job<P> {
    /// Writes today's backup, and reports the result unless the job was asked to stop.
    pub(super) async fn write_daily(
        self,
        order: Order<P::Handle>,
        installation: String,
        certain: Option<Moment>,
        zone: Zone,
    ) {
        let ended = self.written(order, &installation, certain, zone).await;
        if !self.stop.is_asked() {
            self.news(JobNews::Daily(ended));
        }
    }

    /// Writes today's backup. Once the file is complete, deletes the oldest files, if today's date is certain.
    async fn written(
        &self,
        Order { daily, folder }: Order<P::Handle>,
        installation: &str,
        certain: Option<Moment>,
        zone: Zone,
    ) -> Result<Moment, Trouble> {
        let folder = folder.and_then(|folder| self.platform.folder(&folder));
        let now = self.at();
        let said = |code, detail: String| trouble(code, detail, now);
        let folder = folder.ok_or_else(|| said(Code::FolderGone, daily.folder.clone()))?;
        if !folder.is_allowed().await {
            return Err(said(Code::FolderPermission, daily.folder.clone()));
        }
        let failed = |kind, name: String| said(code(kind), format!("{}: {name}", daily.folder));
        let mut names = folder.names().await.map_err(|error| failed(error.kind, error.name))?;
        let name = file_name(installation, now, zone);
        let file = folder.file(&name).await.map_err(|error| failed(error.kind, error.name))?;
        let written = self.backup(None, daily.secrets, Some(file), &mut Progress::default()).await;
        let is_new = !names.contains(&name);
        if let Err(failure) = written {
            if is_new {
                // The file is empty. If it cannot be removed, the next attempt overwrites it.
                let _ = folder.remove(&name).await;
            }
            return Err(match failure {
                Failure::Failed(kind, why) => failed(kind, why),
                Failure::Closed => not_kept(&DiskError::Closed.into(), self.at()),
                Failure::Stopped => said(Code::FolderFailed, daily.folder.clone()),
            });
        }
        if is_new {
            names.push(name);
        }
        let old = certain.map(|certain| surplus(installation, names, certain, zone));
        for old in old.unwrap_or_default() {
            // A file that cannot be removed now is removed another day.
            let _ = folder.remove(&old).await;
        }
        Ok(now)
    }
}

const fn code(kind: FileErrorKind) -> Code {
    match kind {
        FileErrorKind::NotAllowed => Code::FolderPermission,
        FileErrorKind::Gone => Code::FolderGone,
        FileErrorKind::Full => Code::FolderFull,
        FileErrorKind::Other => Code::FolderFailed,
    }
}
