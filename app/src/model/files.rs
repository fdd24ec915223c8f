//! Files on their way out of the log and into it, and what a person should know of the log.

use metertap_readings::files::backup::daily::Daily;
use metertap_readings::files::import::Preview;
use metertap_readings::store::MeterKey;

use crate::protocol::{BackupContents, ExportEnd, ImportReport, Intake, Trouble};

/// Something that a person should know of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Whose readings; none for all of them.
    pub meter: Option<MeterKey>,
    /// What.
    pub trouble: Trouble,
}

/// How an export goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// Its number.
    pub id: u32,
    /// Whether it is a backup.
    pub backup: bool,
    /// Entries written; octets of a backup.
    pub done: u64,
    /// Entries or octets in all.
    pub of: u64,
    /// How it ended.
    pub end: Option<ExportEnd>,
}

/// The backup of every day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DailyBackup {
    /// What is remembered of it; none where nobody has wished it.
    pub daily: Option<Daily>,
    /// Whether one is being written.
    pub writing: bool,
    /// Why the last one failed.
    pub trouble: Option<Trouble>,
}

/// A file that is taken in: how far it was read, and what has come of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileProgress<Seen, Done> {
    /// Its number; answers that are about another file are not for it.
    pub id: u32,
    /// Octets read.
    pub done: u64,
    /// Octets in all.
    pub of: u64,
    /// What has come of it.
    pub state: Intake<Seen, Done>,
}

/// A backup that is restored.
pub type Restore = FileProgress<BackupContents, u64>;

/// A file that is imported.
pub type Import = FileProgress<(Preview, ImportReport), ImportReport>;

impl<Seen, Done> FileProgress<Seen, Done> {
    /// The file of that number is being read from now on.
    #[must_use]
    pub const fn new(id: u32) -> Self {
        Self { id, done: 0, of: 0, state: Intake::Reading }
    }

    /// Takes in what the engine said of the file of that number.
    pub fn hear(taken: &mut Option<Self>, heard: Self) {
        if taken.as_ref().is_some_and(|taken| taken.id == heard.id) {
            *taken = Some(heard);
        }
    }

    /// Where it was another tab's engine that read it, and that is gone, nothing more is heard of it.
    pub fn lose(taken: &mut Option<Self>, trouble: &Trouble) {
        if let Some(Self { state, .. }) = taken
            && matches!(state, Intake::Reading)
        {
            *state = Intake::Refused(trouble.clone());
        }
    }
}
