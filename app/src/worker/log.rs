//! The log in this browser without an engine, for tests and benchmarks.

use metertap_decoder::time::Zone;
use metertap_engine::clock::Clock;
use metertap_readings::archive::Archive;
use metertap_readings::log::journal::LogError;

use super::Browser;
use super::disk::IndexedDisk;

/// The log of all meters, and what is kept beside it.
pub type Log = Archive<IndexedDisk>;

/// Opens the log with this name for writing, or creates it.
///
/// # Errors
/// If the browser provides no storage, or a newer version has written the log.
pub async fn open(name: &str) -> Result<Log, LogError> {
    Log::open(IndexedDisk::open(name).await?, here()).await
}

/// Opens the log with this name for reading only, while another program writes it.
///
/// # Errors
/// Those of [`open`].
pub async fn look(name: &str) -> Result<Log, LogError> {
    Log::look(IndexedDisk::open(name).await?, here()).await
}

/// The time zone of the log's days.
#[must_use]
pub fn here() -> Zone {
    Browser::default().zone_of_house()
}
