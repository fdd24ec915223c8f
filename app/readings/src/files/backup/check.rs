//! [`Check`]: checks that the frames of a backup make a readable log, before any of them is restored.

use std::collections::{BTreeMap, BTreeSet};

use metertap_decoder::register::Value;

use super::{LogName, MOST_BYTES, Manifest, Piece, Refusal};
use crate::entry::{Entry, Moment};
use crate::log::calendar::{Day, Quarter};
use crate::log::format::chunk::{Chunk, Damage, MOST_ENTRIES, MOST_VALUES};
use crate::log::totals::block::Block;
use crate::store::MeterKey;
use crate::store::disk::Shelf;

/// Checks a backup frame by frame.
#[derive(Clone, Debug, Default)]
pub struct Check {
    contents: Contents,
    log: Option<LogRows>,
    /// The number of frames so far that restoring holds in memory until the end.
    held: usize,
}

#[derive(Clone, Debug)]
struct LogRows {
    log: MeterKey,
    /// The number of the last row of quarters, and of the last row of days.
    blocks: [Option<i64>; 2],
    /// The last number of its entries.
    last: u64,
    /// The load of its tail so far. The whole tail is held in memory and becomes one chunk.
    tail: Option<Load>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Load {
    entries: usize,
    values: usize,
    text: usize,
}

/// The contents of a backup.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// Its description.
    pub manifest: Option<Manifest>,
    /// The number of meters.
    pub meters: u64,
    /// The number of readings of all meters.
    pub readings: u64,
    /// The earliest and the latest time at which a reading was received.
    pub span: Option<(Moment, Moment)>,
    /// The last number of each log.
    pub lasts: BTreeMap<MeterKey, u64>,
    /// The logs of imports to whose readings no correction applies ([`Import::heard`](crate::files::import::Import)).
    pub settled: BTreeSet<MeterKey>,
}

impl Check {
    /// Checks the next frame.
    ///
    /// # Errors
    /// If the frame could not be restored.
    pub fn take(&mut self, frame: &Piece) -> Result<(), Refusal> {
        self.held += usize::from(!matches!(frame, Piece::Row(..)));
        if self.held > MOST_HELD {
            return Err(Refusal::Malformed);
        }
        match (frame, &self.contents.manifest) {
            (Piece::Manifest(manifest), None) => self.contents.manifest = Some(manifest.clone()),
            (Piece::Manifest(_), Some(_)) | (_, None) => return Err(Refusal::Malformed),
            (Piece::Log(key), _) => {
                if LogName::of(key).is_none() || self.contents.lasts.insert(key.clone(), 0).is_some() {
                    return Err(Refusal::Malformed);
                }
                self.log = Some(LogRows { log: key.clone(), blocks: [None; 2], last: 0, tail: None });
            }
            (Piece::Row(shelf, number, row), _) => self.row(*shelf, *number, row)?,
            (Piece::Meter(record), _) => {
                let named = |key| LogName::of(key).is_some_and(|name| name.import.is_none());
                if !named(&record.key) || !named(record.origin()) {
                    return Err(Refusal::Malformed);
                }
                self.contents.meters += 1;
            }
            (Piece::Import(import), _) => {
                let name = LogName::of(&import.log);
                if !name.is_some_and(|name| name.import.is_some() && name.meter == import.meter.0) {
                    return Err(Refusal::Malformed);
                }
                if !import.heard {
                    self.contents.settled.insert(import.log.clone());
                }
            }
            (Piece::Cursor(_) | Piece::Setting(_), _) => {}
        }
        Ok(())
    }

    /// Returns the contents.
    ///
    /// # Errors
    /// If the backup has no manifest.
    pub fn finish(self) -> Result<Contents, Refusal> {
        if self.contents.manifest.is_some() { Ok(self.contents) } else { Err(Refusal::Malformed) }
    }

    /// Checks a row. It must be readable as what its shelf holds, and its number must be above the previous row's.
    fn row(&mut self, shelf: Shelf, number: i64, row: &[u8]) -> Result<(), Refusal> {
        let rows = self.log.as_mut().ok_or(Refusal::Malformed)?;
        match shelf {
            Shelf::Chunks if rows.tail.is_none() => {
                let (first, _, load) = self.contents.entries(rows, row)?;
                is(first == number.cast_unsigned() && load.fits())
            }
            Shelf::Tail => {
                let (_, last, load) = self.contents.entries(rows, row)?;
                let tail = rows.tail.get_or_insert_default();
                tail.add(&load);
                is(last == number.cast_unsigned() && tail.fits())
            }
            Shelf::Quarters => {
                let all = [i64::MIN, i64::MAX].map(|moment| Quarter::of(Moment(moment)).0);
                rows.block(0, number, row, QUARTERS_A_BLOCK, |quarter| (all[0]..=all[1]).contains(&quarter))
            }
            Shelf::Days => rows.block(1, number, row, DAYS_A_BLOCK, |day| Day(day).month().is_some()),
            // All chunks of a log come before its tail. The directory is rebuilt from the chunks.
            Shelf::Chunks | Shelf::Directory => Err(Refusal::Malformed),
        }
    }
}

impl Contents {
    /// Checks a row of entries, whose numbers must be above all earlier ones. Returns its first and last number, and
    /// its load.
    fn entries(&mut self, rows: &mut LogRows, row: &[u8]) -> Result<(u64, u64, Load), Refusal> {
        let chunk = Chunk::open(row).map_err(refusal)?;
        let (mut first, mut sound, mut load) = (None, true, Load::default());
        let look = |entry: &Entry| {
            // Numbers may have gaps where a row was damaged, but they must count up and leave room for later ones.
            sound &= entry.seq > rows.last && entry.seq <= MOST_SEQ;
            rows.last = entry.seq;
            first.get_or_insert(entry.seq);
            load.add(&Load::of(entry));
            self.readings += 1;
            let (from, to) = self.span.unwrap_or((entry.received, entry.received));
            self.span = Some((from.min(entry.received), to.max(entry.received)));
        };
        chunk.each(|_| true, look).map_err(refusal)?;
        is(sound)?;
        self.lasts.insert(rows.log.clone(), rows.last);
        Ok((first.ok_or(Refusal::Malformed)?, rows.last, load))
    }
}

impl LogRows {
    /// Checks a row of roll-ups: each has a possible time, and is in the row to which it belongs.
    fn block(
        &mut self,
        shelf: usize,
        number: i64,
        row: &[u8],
        a_block: i64,
        is_time: impl Fn(i64) -> bool,
    ) -> Result<(), Refusal> {
        let last = self.blocks.get_mut(shelf).ok_or(Refusal::Malformed)?;
        is(last.replace(number).is_none_or(|last| last < number))?;
        let Block(periods) = Block::read(row).map_err(refusal)?;
        is(periods.keys().all(|period| period.div_euclid(a_block) == number && is_time(*period)))
    }
}

impl Load {
    fn of(entry: &Entry) -> Self {
        let names = [&entry.reading.meter, &entry.reading.maker, &entry.reading.model];
        let names = names.into_iter().flatten().map(|name| name.len());
        let values = entry.reading.values.iter().map(|measured| match &measured.value {
            Value::Number(_) => 0,
            Value::Text(text) => text.len(),
            Value::Octets(bytes) => bytes.len(),
        });
        Self { entries: 1, values: entry.reading.values.len(), text: names.chain(values).sum() }
    }

    const fn add(&mut self, other: &Self) {
        self.entries = self.entries.saturating_add(other.entries);
        self.values = self.values.saturating_add(other.values);
        // In a browser, four thousand texts of a megabyte would overflow a `usize`.
        self.text = self.text.saturating_add(other.text);
    }

    /// Whether one chunk of this load can be written and held in memory.
    const fn fits(&self) -> bool {
        self.entries <= MOST_ENTRIES && self.values <= MOST_VALUES && self.text <= MOST_TEXT
    }
}

fn is(sound: bool) -> Result<(), Refusal> {
    if sound { Ok(()) } else { Err(Refusal::Malformed) }
}

fn refusal(damage: Damage) -> Refusal {
    match damage {
        Damage::Version(version) => Refusal::Version(version),
        Damage::Foreign | Damage::Checksum | Damage::Malformed => Refusal::Malformed,
    }
}

/// More meters, logs, imports, settings and readers than any house has, all together.
const MOST_HELD: usize = 5000;
/// The largest number of a reading: one per second for thirty thousand years. A browser's numbers have 53 bits, and
/// later readings need numbers too.
const MOST_SEQ: u64 = 1 << 40;
/// The most bytes of text in a chunk: a text that many entries repeat is stored once, but counted in each.
const MOST_TEXT: usize = 4 * MOST_BYTES;
/// How many quarters, and how many days, the journal stores in one row.
const QUARTERS_A_BLOCK: i64 = 96;
const DAYS_A_BLOCK: i64 = 64;

#[cfg(test)]
mod tests;
