//! [`IntakeError`]: why a file could not be restored or imported.

use metertap_protocol::Trouble;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Refusal;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::DiskError;

use crate::trouble::{not_kept, trouble};

pub(super) enum IntakeError {
    /// The file cannot be read, or is of a kind that we do not read.
    File(Code),
    /// The file is a backup that is refused.
    Backup(Refusal),
    /// The log cannot take the file's readings.
    Log(LogError),
}

impl IntakeError {
    /// The error for the user. `file` is the file's name.
    pub(super) fn told(&self, file: String, at: Moment) -> Trouble {
        match self {
            Self::File(code) => trouble(code.clone(), file, at),
            Self::Backup(refusal @ Refusal::Version(version)) => {
                trouble(refusal.code(), format!("version {version}"), at)
            }
            Self::Backup(refusal) => trouble(refusal.code(), "", at),
            Self::Log(error) => not_kept(error, at),
        }
    }
}

impl From<Refusal> for IntakeError {
    fn from(refusal: Refusal) -> Self {
        Self::Backup(refusal)
    }
}

impl From<LogError> for IntakeError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<DiskError> for IntakeError {
    fn from(error: DiskError) -> Self {
        Self::Log(error.into())
    }
}
