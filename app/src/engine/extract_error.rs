//! [`ExtractError`]: why there is no file of a range of the log.

use crate::browser::file_save::SaveError;
use crate::browser::side_worker::NotRunning;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::DiskError;

/// Why there is no file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExtractError {
    /// The log could not be read, or the file not written; in the browser's words.
    Failed(String),
    /// The browser has taken the log away.
    Closed,
    /// It is more than a workbook holds.
    TooLarge,
    /// The program that makes workbooks did not load, or broke down.
    NotLoaded,
}

impl From<SaveError> for ExtractError {
    fn from(error: SaveError) -> Self {
        Self::Failed(error.name)
    }
}

impl From<DiskError> for ExtractError {
    fn from(error: DiskError) -> Self {
        LogError::from(error).into()
    }
}

impl From<LogError> for ExtractError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Disk(DiskError::Closed) => Self::Closed,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<NotRunning> for ExtractError {
    fn from(_: NotRunning) -> Self {
        Self::NotLoaded
    }
}
