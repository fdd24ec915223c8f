//! Writes a range of the log into a file that the person asked for, and tells how far it has come.

use std::rc::Rc;

use metertap_protocol::{Event, ExportEnd, ExportOptions};
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;

use super::desk::Desk;
use super::extract::{Extract, Progress};
use super::extract_error::ExtractError;
use super::task::Stop;
use super::trouble::not_saved;
use crate::platform::{Output, Platform};

impl<P: Platform> Desk<P> {
    /// Begins an export: into the file behind the handle, or into a blob that the window saves.
    pub(crate) fn export(
        self: &Rc<Self>,
        id: u32,
        meters: Vec<MeterKey>,
        span: (Option<Moment>, Option<Moment>),
        options: ExportOptions,
        handle: Option<P::Handle>,
    ) {
        let desk = Rc::clone(self);
        let moments = span.0.unwrap_or(Moment(i64::MIN))..=span.1.unwrap_or(Moment(i64::MAX));
        let named = |meter: MeterKey| (meter.clone(), desk.name_of(&meter));
        let meters = meters.into_iter().map(named).collect();
        let extract = Extract { meters, moments, options, zone: self.zone.get() };
        let work = self.jobs.begin(id, |stop| async move {
            let mut export = Export { desk, id, progress: Progress::default(), stop };
            let (end, blob) = match export.run(&extract, handle).await {
                Ok(Ended::Complete(blob)) => (ExportEnd::Complete, blob),
                Ok(Ended::Stopped) => (ExportEnd::Stopped, None),
                Err(error) => (ExportEnd::Failed(not_saved(error, export.desk.platform.moment())), None),
            };
            export.tell_end(end, blob);
        });
        self.platform.spawn(work);
    }
}

struct Export<P: Platform> {
    desk: Rc<Desk<P>>,
    id: u32,
    progress: Progress,
    stop: Stop,
}

enum Ended<H> {
    Complete(Option<H>),
    Stopped,
}

impl<P: Platform> Export<P> {
    async fn run(
        &mut self,
        extract: &Extract,
        handle: Option<P::Handle>,
    ) -> Result<Ended<P::Handle>, ExtractError> {
        let platform = self.desk.platform.clone();
        let file = platform.output(handle.as_ref()).await?;
        let (log, stop) = (self.desk.log.clone(), self.stop.clone());
        let connection = log.connection();
        let tell = |progress| {
            self.progress = progress;
            self.tell();
        };
        // Half a log must not be taken for all of it.
        match connection.unbroken(extract.write(&platform, &log, &file, tell, || stop.is_asked())).await {
            Ok(true) => {
                let blob = file.finish(extract.options.form.media_type()).await?;
                Ok(Ended::Complete(blob))
            }
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

    fn tell(&self) {
        self.desk.tell_damage();
        self.desk.tell(&self.event(None));
    }

    fn tell_end(&self, end: ExportEnd, blob: Option<P::Handle>) {
        self.desk.platform.tell(&self.event(Some(end)), blob.as_ref());
    }

    fn event(&self, end: Option<ExportEnd>) -> Event {
        Event::Export { id: self.id, done: self.progress.done, of: self.progress.of, end }
    }
}
