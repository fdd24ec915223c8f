//! [`ExtractError`]: why a range of the log could not be written to a file.

use metertap_readings::log::journal::LogError;
use metertap_readings::store::DiskError;

use crate::platform::{FileError, SheetError};

/// Why there is no file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExtractError {
    /// The log could not be read, or the file could not be written. Holds the error as text.
    Failed(String),
    /// The browser has closed the log.
    Closed,
    /// The table is larger than a workbook can hold.
    TooLarge,
    /// The code that makes workbooks did not load, or crashed.
    NotLoaded,
}

impl From<FileError> for ExtractError {
    fn from(error: FileError) -> Self {
        Self::Failed(error.name)
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

impl From<DiskError> for ExtractError {
    fn from(error: DiskError) -> Self {
        LogError::from(error).into()
    }
}

impl From<SheetError> for ExtractError {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::TooLarge => Self::TooLarge,
            SheetError::NotLoaded => Self::NotLoaded,
        }
    }
}
