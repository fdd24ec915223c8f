//! Writes a backup into one file: all meters, readings and totals, and the keys and passwords if the user wants them.

use metertap_protocol::{Event, ExportEnd};
use metertap_readings::fault::Code;
use metertap_readings::files::backup::{Manifest, Piece, Writer};
use metertap_readings::log::journal::LogError;
use metertap_readings::store::DiskError;

use super::Job;
use crate::fact::JobNews;
use crate::platform::{FileError, FileErrorKind, Output, Platform};
use crate::trouble::{not_kept, trouble};

/// How far a backup has come, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    done: u64,
    of: u64,
}

/// Why there is no backup.
pub(super) enum Failure {
    Stopped,
    /// The browser has closed the log.
    Closed,
    /// The kind of error, and the platform's name for it.
    Failed(FileErrorKind, String),
}

impl<P: Platform> Job<P> {
    pub(super) async fn back_up(self, id: u32, secrets: bool, into: Option<P::Handle>) {
        let mut progress = Progress::default();
        let (end, blob) = match self.backup(Some(id), secrets, into, &mut progress).await {
            Ok(blob) => (ExportEnd::Complete, blob),
            Err(Failure::Stopped) => (ExportEnd::Stopped, None),
            Err(Failure::Closed) => (ExportEnd::Failed(not_kept(&DiskError::Closed.into(), self.at())), None),
            Err(Failure::Failed(_, why)) => {
                (ExportEnd::Failed(trouble(Code::FileNotWritten, why, self.at())), None)
            }
        };
        let Progress { done, of } = progress;
        self.news(JobNews::Answered(Event::Export { id, done, of, end: Some(end) }, blob));
    }

    /// Writes the backup into the file behind the handle. Without a handle, writes it into memory and returns a handle
    /// of the blob. With an `id`, reports the progress.
    pub(super) async fn backup(
        &self,
        id: Option<u32>,
        secrets: bool,
        into: Option<P::Handle>,
        progress: &mut Progress,
    ) -> Result<Option<P::Handle>, Failure> {
        let connection = self.archive.connection();
        let file = self.platform.output(into.as_ref()).await?;
        // The job fails if the browser closes the log meanwhile: an incomplete backup would look complete.
        let backup = Backup { job: self, id, file: &file, progress };
        match connection.unbroken(backup.write(secrets)).await {
            Ok(()) => Ok(file.finish(MEDIA_TYPE).await?),
            Err(failure) => {
                file.abandon().await;
                Err(failure)
            }
        }
    }
}

/// A backup that is being written.
struct Backup<'a, P: Platform> {
    job: &'a Job<P>,
    /// The number by which the window knows the backup; `None` if no window waits for it.
    id: Option<u32>,
    file: &'a P::Output,
    progress: &'a mut Progress,
}

impl<P: Platform> Backup<'_, P> {
    async fn write(mut self, secrets: bool) -> Result<(), Failure> {
        let Job { platform, archive: log, .. } = self.job;
        let (mut writer, mut out) = (Writer::default(), Vec::new());
        let app = env!("CARGO_PKG_VERSION").to_owned();
        let zone = platform.zone_of_house().name().to_owned();
        let manifest = Manifest { at: platform.moment(), app, zone, secrets };
        writer.frame(&Piece::Manifest(manifest), &mut out);
        let (mut logs, mut secret) = (Vec::new(), Vec::new());
        if secrets {
            secret = log.settings().await?;
        }
        for record in log.meters().await? {
            for cursor in log.cursors(&record.key).await? {
                writer.frame(&Piece::Cursor(cursor), &mut out);
            }
            logs.extend(log.logs(&record.key));
            writer.frame(&Piece::Meter(record), &mut out);
        }
        for setting in secret.into_iter().filter(|setting| setting.is_of(&logs)) {
            writer.frame(&Piece::Setting(setting), &mut out);
        }
        for import in log.imports() {
            writer.frame(&Piece::Import(import), &mut out);
        }
        for name in &logs {
            self.progress.of += log.bytes(name).await?;
        }
        for name in logs {
            writer.frame(&Piece::Log(name.clone()), &mut out);
            let each = async |shelf, number, octets: Vec<u8>| {
                writer.frame(&Piece::Row(shelf, number, octets), &mut out);
                self.hand_over(&mut out).await
            };
            log.back_up(&name, each).await?;
        }
        writer.end(&mut out);
        self.progress.done += out.len() as u64;
        Ok(self.file.write(&out).await?)
    }

    /// Writes the collected bytes once there are enough of them.
    async fn hand_over(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        if self.job.stop.is_asked() {
            return Err(Failure::Stopped);
        }
        if out.len() >= AT_ONCE {
            self.file.write(out).await?;
            self.progress.done += out.len() as u64;
            out.clear();
            if let (Some(id), Progress { done, of }) = (self.id, *self.progress) {
                self.job.tell(Event::Export { id, done, of: of.max(done), end: None });
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

/// Bytes to collect before each write to the file.
const AT_ONCE: usize = 1 << 20;
const MEDIA_TYPE: &str = "application/octet-stream";
