//! [`Rare`]: parts of the engine's browser side that few visits need. The program fetches their code.

use futures_util::FutureExt;
use futures_util::future::ready;

use super::channel::ReadTold;
use super::disk::{ReadEntries, entries_of};
use crate::protocol::bytes;

/// Functions whose code is fetched when one is first called. If that fails, the next call tries again.
#[derive(Clone, Copy, Debug)]
pub struct Rare {
    /// Decodes what another tab sends to all windows.
    pub told: ReadTold,
    /// Decodes rows of the log's first version.
    pub entries: ReadEntries,
    /// Begins to fetch the code that answers questions about a log, so that the first answer does not wait for it.
    pub prepare: fn(),
}

impl Default for Rare {
    /// Contains all of the code from the start, so that nothing is fetched.
    fn default() -> Self {
        Self {
            told: |told| ready(Ok(bytes::read(&told))).boxed_local(),
            entries: |rows| ready(Ok(entries_of(rows))).boxed_local(),
            prepare: || {},
        }
    }
}
