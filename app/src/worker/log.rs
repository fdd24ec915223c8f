//! The log in this browser, for whoever has no engine around it: tests and benches.

use metertap_readings::archive::Archive;
use metertap_readings::log::journal::LogError;

use super::disk::IndexedDisk;
use crate::browser::locale::zone;

/// The log of all meters, and what is kept beside it.
pub type Log = Archive<IndexedDisk>;

/// Opens the log of that name and writes it; a new one where there is none.
///
/// # Errors
/// Where the browser gives no storage, or a newer version has written the log.
pub async fn open(name: &str) -> Result<Log, LogError> {
    Log::open(IndexedDisk::open(name).await?, &zone()).await
}

/// Opens the log of that name for reading, as a tab that watches.
///
/// # Errors
/// As [`open`].
pub async fn look(name: &str) -> Result<Log, LogError> {
    Log::look(IndexedDisk::open(name).await?, &zone()).await
}
