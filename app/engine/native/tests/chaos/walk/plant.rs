//! [`Plant`]: a fault that is planted where nothing repairs it, to prove that the checker finds it.

use metertap_readings::store::disk::{Change, Disk, RowChange, Shelf};

use super::{HOUR, Walk};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Plant {
    /// A reading is not stored, although the disk reports success.
    Skipped,
    /// The next telegram of each meter arrives twice.
    Doubled,
    /// A chunk of readings is missing from the disk.
    ChunkDropped,
}

impl Walk {
    /// Plants the fault in a house without other faults. Returns whether there was something to damage.
    pub(crate) fn plant(&mut self, plant: Plant) -> bool {
        self.settle();
        match plant {
            Plant::Skipped => {
                self.world.disks().log().swallow();
                self.run(PAUSE);
                // A tab that has the reading in memory would write it later.
                self.crash_all();
                true
            }
            Plant::Doubled => {
                self.adapters.iter().for_each(|adapter| adapter.stutter());
                self.run(PAUSE);
                true
            }
            Plant::ChunkDropped => self.drop_chunk(),
        }
    }

    fn drop_chunk(&mut self) -> bool {
        // A chunk is full after an hour. The newest chunk may be written again from memory.
        self.run(3 * HOUR);
        let log = self.world.disks().log();
        let full = self.meters.iter().find_map(|key| match log.numbers(Shelf::Chunks, key)[..] {
            [first, _, ..] => Some((key, first)),
            _ => None,
        });
        let Some((key, first)) = full else { return false };
        let gone = vec![RowChange::Delete(Shelf::Chunks, first..=first)];
        let change = vec![Change::Rows(key.clone(), gone)];
        futures_executor::block_on(log.another().commit(change)).is_ok()
    }
}

/// Milliseconds in which every meter sends at least once.
const PAUSE: u64 = 11_000;
