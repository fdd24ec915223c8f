//! The log in this browser, for whoever has no engine around it: tests and benches.

use metertap_decoder::time::Zone;
use metertap_engine::clock::Clock;
use metertap_readings::archive::Archive;
use metertap_readings::log::journal::LogError;

use super::Browser;
use super::disk::IndexedDisk;

/// The log of all meters, and what is kept beside it.
pub type Log = Archive<IndexedDisk>;

/// Opens the log of that name and writes it; a new one where there is none.
///
/// # Errors
/// If the browser gives no storage, or a newer version has written the log.
pub async fn open(name: &str) -> Result<Log, LogError> {
    Log::open(IndexedDisk::open(name).await?, here()).await
}

/// Opens the log of that name for reading, because another one writes it.
///
/// # Errors
/// As above.
pub async fn look(name: &str) -> Result<Log, LogError> {
    Log::look(IndexedDisk::open(name).await?, here()).await
}

/// The zone that its days are of.
#[must_use]
pub fn here() -> Zone {
    Browser::default().zone_of_house()
}
