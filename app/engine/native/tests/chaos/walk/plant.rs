//! [`Plant`]: a fault that is planted where nothing makes it good again, so that it can be seen that it is found.

use metertap_readings::store::disk::{Change, Disk, RowChange, Shelf};

use super::{HOUR, Walk};

/// A fault that is planted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Plant {
    /// A reading is not kept, and the disk says that it is.
    Skipped,
    /// A meter's telegram is taken for two.
    Doubled,
    /// A chunk of readings is gone from the disk.
    ChunkDropped,
}

impl Walk {
    /// Plants the fault in a house in which all is well; whether there was something to spoil.
    pub(crate) fn plant(&mut self, plant: Plant) -> bool {
        self.settle();
        match plant {
            Plant::Skipped => {
                self.world.disks().log().swallow();
                self.run(PAUSE);
                // Whoever has it in memory writes it later.
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
        // A chunk is full after an hour, and the newest may be written anew from memory.
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

/// Every meter says something in that time, in milliseconds.
const PAUSE: u64 = 11_000;
