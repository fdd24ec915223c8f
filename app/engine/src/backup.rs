//! Writes everything that is kept into one file.

use std::rc::Rc;

use metertap_protocol::{Event, ExportEnd};
use metertap_readings::fault::Code;
use metertap_readings::files::backup::{Frame, Manifest, Writer};
use metertap_readings::log::journal::LogError;
use metertap_readings::store::DiskError;

use super::desk::Desk;
use super::task::Stop;
use super::trouble::{not_kept, trouble};
use crate::platform::{FileError, FileErrorKind, Output, Platform};

impl<P: Platform> Desk<P> {
    /// Begins a backup: into the file behind the handle, or into a blob that the window saves.
    pub(crate) fn back_up(self: &Rc<Self>, id: u32, secrets: bool, handle: Option<P::Handle>) {
        let desk = Rc::clone(self);
        let work = self.jobs.begin(id, |stop| async move {
            let mut backup = Backup::new(desk, Some(id), stop);
            let (end, blob) = match backup.run(secrets, handle).await {
                Ok(blob) => (ExportEnd::Complete, blob),
                Err(Failure::Stopped) => (ExportEnd::Stopped, None),
                Err(Failure::Closed) => {
                    let closed = not_kept(&DiskError::Closed.into(), backup.desk.platform.moment());
                    (ExportEnd::Failed(closed), None)
                }
                Err(Failure::Failed(_, why)) => {
                    let failed = trouble(Code::FileNotWritten, why, backup.desk.platform.moment());
                    (ExportEnd::Failed(failed), None)
                }
            };
            let event = Event::Export { id, done: backup.done, of: backup.of, end: Some(end) };
            backup.desk.platform.tell(&event, blob.as_ref());
        });
        self.platform.spawn(work);
    }
}

/// A backup that is being written.
pub(super) struct Backup<P: Platform> {
    desk: Rc<Desk<P>>,
    /// What the window knows it by; none where nobody waits for it.
    id: Option<u32>,
    /// Octets written.
    done: u64,
    of: u64,
    stop: Stop,
}

/// Why there is no backup.
pub(super) enum Failure {
    Stopped,
    /// The browser has taken the log away.
    Closed,
    /// In the platform's words.
    Failed(FileErrorKind, String),
}

impl<P: Platform> Backup<P> {
    /// One that nothing was written of.
    pub(super) const fn new(desk: Rc<Desk<P>>, id: Option<u32>, stop: Stop) -> Self {
        Self { desk, id, done: 0, of: 0, stop }
    }

    /// Writes all of it into the file behind the handle; or into memory, and answers with a blob of it.
    pub(super) async fn run(
        &mut self,
        secrets: bool,
        handle: Option<P::Handle>,
    ) -> Result<Option<P::Handle>, Failure> {
        let desk = Rc::clone(&self.desk);
        // Of a log that is being restored or imported, half would be in it.
        let _alone = desk.intake.lock().await;
        let connection = desk.log.connection();
        let file = desk.platform.output(handle.as_ref()).await?;
        // Half a log must not be taken for all of it.
        match connection.unbroken(self.write(&file, secrets)).await {
            Ok(()) => Ok(file.finish(MEDIA_TYPE).await?),
            Err(failure) => {
                file.abandon().await;
                Err(failure)
            }
        }
    }

    async fn write(&mut self, file: &P::Output, secrets: bool) -> Result<(), Failure> {
        let log = self.desk.log.clone();
        let (mut writer, mut out) = (Writer::default(), Vec::new());
        let app = env!("CARGO_PKG_VERSION").to_owned();
        let manifest =
            Manifest { at: self.desk.platform.moment(), app, zone: self.desk.platform.zone(), secrets };
        writer.frame(&Frame::Manifest(manifest), &mut out);
        let (mut logs, mut secret) = (Vec::new(), Vec::new());
        if secrets {
            secret = log.settings().await?;
        }
        for record in log.meters().await? {
            for cursor in log.cursors(&record.key).await? {
                writer.frame(&Frame::Cursor(cursor), &mut out);
            }
            logs.extend(log.logs(&record.key));
            writer.frame(&Frame::Meter(record), &mut out);
        }
        for setting in secret.into_iter().filter(|setting| setting.is_of(&logs)) {
            writer.frame(&Frame::Setting(setting), &mut out);
        }
        for import in log.imports() {
            writer.frame(&Frame::Import(import), &mut out);
        }
        for name in &logs {
            self.of += log.octets(name).await?;
        }
        for name in logs {
            writer.frame(&Frame::Log(name.clone()), &mut out);
            let each = async |shelf, number, octets: Vec<u8>| {
                writer.frame(&Frame::Row(shelf, number, octets), &mut out);
                self.hand_over(&mut out, file).await
            };
            log.back_up(&name, each).await?;
        }
        writer.end(&mut out);
        self.done += out.len() as u64;
        Ok(file.write(&out).await?)
    }

    /// Writes what has gathered, if it is worth it.
    async fn hand_over(&mut self, out: &mut Vec<u8>, file: &P::Output) -> Result<(), Failure> {
        if self.stop.is_asked() {
            return Err(Failure::Stopped);
        }
        if out.len() >= AT_ONCE {
            file.write(out).await?;
            self.done += out.len() as u64;
            out.clear();
            if let (Some(id), done) = (self.id, self.done) {
                self.desk.tell(&Event::Export { id, done, of: self.of.max(done), end: None });
            }
        }
        Ok(())
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::Failed(error.kind, error.name)
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Disk(DiskError::Closed) => Self::Closed,
            _ => Self::Failed(FileErrorKind::Other, error.to_string()),
        }
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        LogError::from(error).into()
    }
}

/// Octets that are handed to the file at once.
const AT_ONCE: usize = 1 << 20;
const MEDIA_TYPE: &str = "application/octet-stream";
