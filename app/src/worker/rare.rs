//! [`Rare`]: what few visits need of the browser's side of the engine. The program fetches the code for it.

use futures_util::FutureExt;
use futures_util::future::ready;

use super::channel::ReadTold;
use super::disk::{ReadEntries, entries_of};
use crate::protocol::bytes;

/// Where the code of each is not there and cannot be fetched, that is tried again the next time.
#[derive(Clone, Copy, Debug)]
pub struct Rare {
    /// Reads what another tab tells all windows.
    pub told: ReadTold,
    /// Reads rows of the log's first version.
    pub entries: ReadEntries,
}

impl Default for Rare {
    /// All of it is there from the beginning.
    fn default() -> Self {
        Self {
            told: |told| ready(Ok(bytes::read(&told))).boxed_local(),
            entries: |rows| ready(Ok(entries_of(rows))).boxed_local(),
        }
    }
}
