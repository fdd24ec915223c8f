//! [`IntakeError`]: why a file could not be taken in, by an import or by a restore.

use metertap_protocol::Trouble;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Refusal;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::DiskError;

use crate::trouble::{not_kept, trouble};

/// Why a file could not be taken in.
pub(super) enum IntakeError {
    /// The file cannot be read, or is none of those that are taken.
    File(Code),
    /// The backup in it is refused.
    Backup(Refusal),
    /// The log cannot take it.
    Log(LogError),
}

impl IntakeError {
    /// What the person is told. `file` is the name of the file.
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
