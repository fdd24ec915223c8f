//! Files written from the log and read into it, and what a user should know about the log.

use metertap_readings::files::backup::daily::Daily;
use metertap_readings::files::import::Preview;
use metertap_readings::store::MeterKey;

use crate::protocol::{BackupContents, ExportEnd, ImportReport, Intake, Trouble};

/// Something that a user should know about the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The meter that it is about; `None` if it is not about a single meter.
    pub meter: Option<MeterKey>,
    /// What happened.
    pub trouble: Trouble,
}

/// The progress of an export.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// Its number.
    pub id: u32,
    /// Whether it is a backup.
    pub backup: bool,
    /// How many entries were written; bytes for a backup.
    pub done: u64,
    /// How many entries or bytes there are in all.
    pub of: u64,
    /// How it ended; `None` while it is in progress.
    pub end: Option<ExportEnd>,
}

/// The daily backup.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DailyBackup {
    /// Its stored state; `None` if it was not set up.
    pub daily: Option<Daily>,
    /// Whether one is being written.
    pub writing: bool,
    /// Why the last one failed.
    pub trouble: Option<Trouble>,
}

/// A file that is being read: its progress and its result.
#[derive(Clone, Debug, PartialEq)]
pub struct FileProgress<Seen, Done> {
    /// Its number; answers about another file are ignored.
    pub id: u32,
    /// The bytes read.
    pub done: u64,
    /// The bytes in all.
    pub of: u64,
    /// The result so far.
    pub state: Intake<Seen, Done>,
}

/// The progress and the result of reading or restoring a backup.
pub type Restore = FileProgress<BackupContents, u64>;

/// The progress and the result of previewing or importing a file.
pub type Import = FileProgress<(Preview, ImportReport), ImportReport>;

impl<Seen, Done> FileProgress<Seen, Done> {
    /// The progress of the file with this number at the start of reading.
    #[must_use]
    pub const fn new(id: u32) -> Self {
        Self { id, done: 0, of: 0, state: Intake::Reading }
    }

    /// Takes a report of the engine, unless it is about another file.
    pub fn hear(taken: &mut Option<Self>, heard: Self) {
        if taken.as_ref().is_some_and(|taken| taken.id == heard.id) {
            *taken = Some(heard);
        }
    }

    /// Ends reading with this error: the tab whose engine read the file is gone, so no more answers come.
    pub fn lose(taken: &mut Option<Self>, trouble: &Trouble) {
        if let Some(Self { state, .. }) = taken
            && matches!(state, Intake::Reading)
        {
            *state = Intake::Refused(trouble.clone());
        }
    }
}
