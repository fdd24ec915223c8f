//! News of jobs, and the daily backup.

use metertap_protocol::Event;
use metertap_readings::files::backup::daily::Daily;
use metertap_readings::store::Internal;

use super::errand::ErrandTask;
use super::{Hand, Router};
use crate::fact::{JobId, JobNews};
use crate::platform::Platform;
use crate::trouble::{not_kept, trouble};
use metertap_readings::fault::Code;

impl<P: Platform> Router<P> {
    pub(super) fn handle_job(&mut self, id: JobId, news: JobNews<P>) {
        match news {
            JobNews::Told(event) => {
                self.tell_damage();
                self.tell(&event);
            }
            JobNews::Answered(event, beside) => {
                self.tell_damage();
                self.screen.tell_with(&event, beside.as_ref());
            }
            JobNews::Full => self.log.expect_room(),
            // A job that has ended needs no answer.
            JobNews::WhichMeters(answer) => drop(answer.send(self.meters.records())),
            JobNews::NewRecord(source, answer) => {
                let (logs, random) = (self.log.archive().other_logs(), self.random());
                let _ = answer.send(self.meters.new_record(source, None, &logs, random));
            }
            JobNews::Finish(finished, connection, done) => {
                self.then(self.errand(ErrandTask::Finish { finished, connection, done }));
            }
            JobNews::Made(done) => self.then(self.errand(ErrandTask::Begin { done })),
            JobNews::Undo(log) => self.then(self.errand(ErrandTask::UndoImport { log })),
            JobNews::ProfileNotKept(meter, trouble) => self.has_not_kept_profile(&meter, trouble),
            JobNews::Imports => self.tell_imports(),
            JobNews::Corrected(meter, statements) => {
                self.then(self.errand(ErrandTask::State { meter, statements }));
            }
            JobNews::Totals => self.log.measure(),
            JobNews::Captured(meter, note, file) => {
                match file {
                    Ok(Some(blob)) => {
                        if let Some(meter) = self.meters.get_mut(&meter) {
                            meter.state.recorded.note = note;
                        }
                        let captured = Event::Captured { meter: meter.clone() };
                        self.screen.tell_with(&captured, Some(&blob));
                    }
                    Ok(None) => {}
                    Err(error) => {
                        let at = self.platform.moment();
                        self.meters.trouble(&meter, trouble(Code::CaptureUnsaved, error.name, at));
                    }
                }
                self.show(&meter);
            }
            JobNews::Daily(ended) => {
                let is_made = ended.is_ok();
                let news = self.jobs.daily.ended(ended);
                if is_made {
                    self.save_daily();
                }
                if let Some(trouble) = news {
                    self.tell(&Event::Notice { meter: None, trouble });
                }
                self.tell_daily();
            }
            JobNews::Ended => {
                self.jobs.ended(id);
                if !self.jobs.takes_in() {
                    self.import_has_ended();
                }
            }
        }
    }

    pub(super) fn back_up_if_due(&mut self) {
        let is_due = self.jobs.daily.is_due(self.platform.moment(), self.meters.zone());
        // A backup of an empty log would displace an earlier one that holds data.
        if is_due && self.meters.iter().next().is_some() {
            self.back_up_today();
        }
    }

    pub(super) fn back_up_today(&mut self) {
        let (zone, certain) = (self.meters.zone(), self.log.certain());
        if self.jobs.daily.record().is_some() {
            let installation = self.broker.installation();
            if self.jobs.back_up_today(installation, certain, zone) {
                self.tell_daily();
            }
        }
    }

    /// Tells the windows the state of the daily backup.
    pub(super) fn tell_daily(&self) {
        let (event, folder) = self.jobs.daily.event();
        self.screen.tell_with(&event, folder.as_ref());
        if self.role.is_watched() {
            self.screen.tell_others(&event);
        }
    }

    fn save_daily(&self) {
        self.log.save_internal(Internal::DailyBackup, self.jobs.daily.record());
    }
}

impl<P: Platform> Hand<P> {
    /// Loads the setting of the daily backup, and begins a backup if one is due.
    pub(super) async fn find_daily(&self) {
        let kept = self.log.internal(Internal::DailyBackup).await.ok().flatten();
        let daily: Option<Daily> = kept.and_then(|kept| serde_json::from_str(&kept).ok());
        let folder = match daily {
            Some(_) => self.platform.remembered_folder().await,
            None => None,
        };
        self.step(move |router| {
            router.jobs.daily.set(daily.map(|daily| (daily, folder)));
            router.tell_daily();
            router.tell_clock();
            router.back_up_if_due();
        })
        .await;
    }

    /// Begins daily backups into this folder. Writes the first one at once.
    pub(super) async fn begin_daily(self, name: String, secrets: bool, folder: P::Handle) {
        if self.platform.folder(&folder).is_none() {
            return;
        }
        let kept = self.platform.keep_folder(Some(&folder)).await;
        let at = self.platform.moment();
        self.step(move |router| {
            router.jobs.stop_today();
            let daily = Daily { folder: name, secrets, made: None };
            router.jobs.daily.set(Some((daily, Some(folder))));
            match kept {
                Ok(()) => router.save_daily(),
                Err(error) => router.refuse(not_kept(&error.into(), at)),
            }
            router.back_up_today();
        })
        .await;
    }

    pub(super) async fn stop_daily(self) {
        self.step(|router| {
            router.jobs.stop_today();
            router.jobs.daily.set(None);
            router.save_daily();
        })
        .await;
        // A handle that cannot be removed does no harm: nothing looks for it.
        let _ = self.platform.keep_folder(None).await;
        self.step(|router| router.tell_daily()).await;
    }
}
