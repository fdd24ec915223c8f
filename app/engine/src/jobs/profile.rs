//! Keeps the fetched load profile of a meter, in a log of its own beside the meter's.

use metertap_readings::files::backup::Finished;
use metertap_readings::files::import::{Import, LoadProfile};
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{DiskError, MeterKey};

use super::Job;
use super::import::join;
use crate::fact::JobNews;
use crate::platform::Platform;
use crate::trouble::not_kept;

impl<P: Platform> Job<P> {
    pub(super) async fn keep_profile(self, meter: MeterKey, profile: LoadProfile) {
        // The job ends if the browser closes the log: otherwise, the rest of the profile would go to a new, empty log.
        let connection = self.archive.connection();
        let kept = connection.unbroken(self.import_profile(&meter, profile)).await;
        if let Err(error) = kept {
            // If this fails, the unfinished log is removed at the next start, or before the next restore or import.
            let removed = self.archive.remove_unfinished().await;
            if removed.is_ok() && error == LogError::Disk(DiskError::Full) {
                self.news(JobNews::Full);
            }
            let trouble = not_kept(&error, self.at());
            self.news(JobNews::ProfileNotKept(meter, trouble));
        }
    }

    async fn import_profile(&self, meter: &MeterKey, profile: LoadProfile) -> Result<(), LogError> {
        let mut joined = join(&self.archive, meter).await?;
        let readings = profile.readings(&mut joined);
        let Some(span) = joined.span else { return Ok(()) };
        self.archive.remove_unfinished().await?;
        let log = self.archive.next_import(meter);
        self.archive.begin(&log).await?;
        let import = Import {
            log: log.clone(),
            meter: meter.clone(),
            file: FILE.to_owned(),
            at: self.at(),
            readings: readings.len().try_into().unwrap_or(u64::MAX),
            span,
            heard: false,
            typed: false,
            stated: Vec::new(),
        };
        self.archive.append_all(&log, readings).await?;
        self.archive.finish(Finished { imports: vec![import], ..Finished::default() }).await?;
        self.news(JobNews::Imports);
        Ok(())
    }
}

/// The name of a load profile in the list of imports.
const FILE: &str = "Load profile of the meter";
