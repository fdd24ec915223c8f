//! Writes a range of the log into a file that the user asked for, and reports the progress.

use metertap_protocol::{Event, ExportEnd, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::store::DiskError;

use super::Job;
use super::extract::{Extract, Progress};
use super::extract_error::ExtractError;
use crate::fact::JobNews;
use crate::platform::{Output, Platform};
use crate::trouble::{not_kept, trouble};

enum Ended<H> {
    Complete(Option<H>),
    Stopped,
}

impl<P: Platform> Job<P> {
    /// Exports into the file behind the handle, or into a blob that the window saves.
    pub(super) async fn export(self, id: u32, extract: Extract, into: Option<P::Handle>) {
        let mut progress = Progress::default();
        let (end, blob) = match self.exported(id, &extract, into, &mut progress).await {
            Ok(Ended::Complete(blob)) => (ExportEnd::Complete, blob),
            Ok(Ended::Stopped) => (ExportEnd::Stopped, None),
            Err(error) => (ExportEnd::Failed(not_saved(error, self.at())), None),
        };
        self.news(JobNews::Answered(event(id, progress, Some(end)), blob));
    }

    async fn exported(
        &self,
        id: u32,
        extract: &Extract,
        into: Option<P::Handle>,
        progress: &mut Progress,
    ) -> Result<Ended<P::Handle>, ExtractError> {
        let file = self.platform.output(into.as_ref()).await?;
        let tell = |now| {
            *progress = now;
            self.tell(event(id, now, None));
        };
        let (platform, archive) = (&self.platform, &self.archive);
        // The job fails if the browser closes the log meanwhile: an incomplete export would look complete.
        let writing = extract.write(platform, archive, &file, tell, || self.stop.is_asked());
        match archive.connection().unbroken(writing).await {
            Ok(true) => Ok(Ended::Complete(file.finish(extract.options.form.media_type()).await?)),
            Ok(false) => {
                file.abandon().await;
                Ok(Ended::Stopped)
            }
            Err(failure) => {
                file.abandon().await;
                Err(failure)
            }
        }
    }
}

const fn event(id: u32, Progress { done, of }: Progress, end: Option<ExportEnd>) -> Event {
    Event::Export { id, done, of, end }
}

fn not_saved(error: ExtractError, at: Moment) -> Trouble {
    match error {
        ExtractError::Failed(why) => trouble(Code::FileNotWritten, why, at),
        ExtractError::Closed => not_kept(&DiskError::Closed.into(), at),
        ExtractError::TooLarge => trouble(Code::ExportTooLarge, "rows or cells", at),
        ExtractError::NotLoaded => trouble(Code::ExportProgram, "its worker does not answer", at),
    }
}
