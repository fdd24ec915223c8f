//! [`Check`]: whether the frames of a backup make a log that can be read, before any of them is restored.

use std::collections::BTreeSet;

use super::{Frame, Manifest, Refusal};
use crate::entry::Moment;
use crate::log::block::Block;
use crate::log::chunk::{Chunk, Damage};
use crate::store::MeterKey;
use crate::store::disk::Shelf;

/// Looks at every frame once, and holds none.
#[derive(Clone, Debug, Default)]
pub struct Check {
    contents: Contents,
    /// The log whose rows come now, the last row of each of its shelves, and the last number of its entries.
    log: Option<(MeterKey, [Option<i64>; Shelf::ALL.len()])>,
    logs: BTreeSet<MeterKey>,
    /// How many frames there were that whoever restores holds until the end.
    held: usize,
}

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// What it says of itself.
    pub manifest: Option<Manifest>,
    /// How many meters.
    pub meters: u64,
    /// How many readings of all of them.
    pub readings: u64,
    /// When the first was received, and the last.
    pub span: Option<(Moment, Moment)>,
}

impl Check {
    /// Looks at the next frame.
    ///
    /// # Errors
    /// Where it could not be restored.
    pub fn take(&mut self, frame: &Frame) -> Result<(), Refusal> {
        self.held += usize::from(!matches!(frame, Frame::Row(..)));
        if self.held > MOST_HELD {
            return Err(Refusal::Malformed);
        }
        match (frame, &self.contents.manifest) {
            (Frame::Manifest(manifest), None) => self.contents.manifest = Some(manifest.clone()),
            (Frame::Manifest(_), Some(_)) | (_, None) => return Err(Refusal::Malformed),
            (Frame::Log(key), _) => {
                if !is_key(&key.0) || !self.logs.insert(key.clone()) {
                    return Err(Refusal::Malformed);
                }
                self.log = Some((key.clone(), [None; Shelf::ALL.len()]));
            }
            (Frame::Row(shelf, number, row), _) => self.row(*shelf, *number, row)?,
            (Frame::Meter(record), _) => {
                if !is_key(&record.key.0) {
                    return Err(Refusal::Malformed);
                }
                self.contents.meters += 1;
            }
            (Frame::Import(import), _) => {
                let is_its = import.log.0.strip_prefix(import.meter.0.as_str());
                if !is_key(&import.log.0) || !is_its.is_some_and(|rest| rest.starts_with('+')) {
                    return Err(Refusal::Malformed);
                }
            }
            (Frame::Cursor(_) | Frame::Setting(_), _) => {}
        }
        Ok(())
    }

    /// What all of it was.
    ///
    /// # Errors
    /// Where it says nothing at all.
    pub fn finish(self) -> Result<Contents, Refusal> {
        if self.contents.manifest.is_some() { Ok(self.contents) } else { Err(Refusal::Malformed) }
    }

    /// Rows stand in the order of their numbers, each once, and read as what their shelf holds.
    fn row(&mut self, shelf: Shelf, number: i64, row: &[u8]) -> Result<(), Refusal> {
        let (_, last) = self.log.as_mut().ok_or(Refusal::Malformed)?;
        let place = Shelf::ALL.iter().position(|other| *other == shelf);
        let last = place.and_then(|place| last.get_mut(place)).ok_or(Refusal::Malformed)?;
        if last.replace(number).is_some_and(|last| last >= number) {
            return Err(Refusal::Malformed);
        }
        match shelf {
            Shelf::Chunks | Shelf::Tail => {
                let (mut next, mut sound) = (number, true);
                let contents = &mut self.contents;
                let chunk = Chunk::open(row).map_err(refusal)?;
                sound &= !chunk.is_empty();
                let look = |entry: &crate::entry::Entry| {
                    // Numbers may have holes where a row was damaged, but they count up.
                    let seq = entry.seq.cast_signed();
                    sound &= seq >= next && seq < i64::MAX;
                    next = seq.saturating_add(1);
                    contents.readings += 1;
                    let (from, to) = contents.span.unwrap_or((entry.received, entry.received));
                    contents.span = Some((from.min(entry.received), to.max(entry.received)));
                };
                chunk.each(|_| true, look).map_err(refusal)?;
                *last = Some(next - 1);
                if sound { Ok(()) } else { Err(Refusal::Malformed) }
            }
            Shelf::Quarters | Shelf::Days => Block::read(row).map(drop).map_err(refusal),
            // It is made from the chunks.
            Shelf::Directory => Err(Refusal::Malformed),
        }
    }
}

fn refusal(damage: Damage) -> Refusal {
    match damage {
        Damage::Version(version) => Refusal::Version(version),
        Damage::Foreign | Damage::Checksum | Damage::Malformed => Refusal::Malformed,
    }
}

/// Whether it is a name that the log may have for a meter, or for an import of one.
fn is_key(key: &str) -> bool {
    let letter = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'+');
    !key.is_empty() && key.len() <= LONGEST_KEY && key.bytes().all(letter)
}

const LONGEST_KEY: usize = 200;
/// More meters, logs, imports, settings and readers than any house has, all together.
const MOST_HELD: usize = 5000;
