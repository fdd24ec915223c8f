//! The log on disk: its format, and the rules by which it is written.
//!
//! ```text
//! reading ─► journal ─► tail ──── an hour is over ────► chunk        entries as columns, while raw data is kept
//!               │                                  └──► quarters     the roll-up of each quarter, kept forever
//!               │                                  └──► days         and of each day
//!               └─► directory, in memory: which chunks there are
//! ```
//!
//! Nothing here does any input or output: a [`crate::store::disk::Disk`] stores the bytes. Every row begins with its
//! kind, its version and a checksum. Everything derived can be recomputed from the chunks, as long as these are kept.

#[cfg(test)]
pub(crate) mod arbitrary;
pub mod calendar;
pub mod certain;
pub mod contract;
pub mod format;
pub mod identities;
pub mod journal;
pub mod totals;

#[cfg(test)]
pub(crate) use crate::log::format::bytes::later;

use self::format::chunk::Chunk;
use self::totals::block::Block;

/// Checks what must hold for any bytes, such as those of a fuzzer: reading them does not panic, and whatever can be
/// read stays the same when it is written and read again. In builds with `cfg(fuzzing)`, checksums are not checked.
pub fn read_anything(bytes: &[u8]) {
    if let Ok(chunk) = Chunk::open(bytes)
        && let Ok(entries) = chunk.entries()
    {
        // If the entries fit into a chunk again, they read back the same.
        let again = Chunk::write(&entries).ok();
        let same =
            again.is_none_or(|again| Chunk::open(&again).and_then(|chunk| chunk.entries()) == Ok(entries));
        assert!(same, "a chunk changes when it is read and written again");
    }
    if let Ok(block) = Block::read(bytes) {
        assert_eq!(
            Block::read(&block.write()),
            Ok(block),
            "a block changes when it is read and written again"
        );
    }
}
