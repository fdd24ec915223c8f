//! [`Tail`]: the newest entries, which are not in a chunk yet, and the rule for making a chunk of them.
//!
//! Each entry of the tail is on the disk before anything sees it, in one row with the entries appended together with
//! it. The whole tail becomes a chunk if the next entry would exceed the limits of a chunk, or if it begins another
//! hour and the tail has at least 60 entries. The chunk, the directory, the roll-ups and the removal of the tail's rows
//! are one commit, so that no crash can lose an entry or count it twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use metertap_decoder::time::Zone;

use crate::entry::{Entry, Moment};
use crate::log::calendar::{Day, Quarter};
use crate::log::format::chunk::{Chunk, MOST_ENTRIES, MOST_VALUES, TooLarge};
use crate::log::format::directory::Span;
use crate::log::journal::held::EARLIEST;
use crate::log::totals::block::Block;
use crate::log::totals::growing::Growing;
use crate::log::totals::rollup::RollUp;
use crate::log::totals::track::Track;
use crate::log::totals::when;
use crate::store::disk::{RowChange, Shelf};

/// The newest entries, in log order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tail {
    entries: Vec<Entry>,
    values: usize,
}

impl Tail {
    /// The entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds the next entry.
    pub fn push(&mut self, entry: Entry) {
        self.values += entry.reading.values.len();
        self.entries.push(entry);
    }

    /// Whether the tail must become a chunk before this entry is added.
    ///
    /// A chunk ends with its hour, whether the clock leaves the hour forwards or backwards. A meter that sends few
    /// readings an hour continues the same chunk until it is large enough.
    #[must_use]
    pub fn is_due(&self, next: &Entry) -> bool {
        let Some(first) = self.entries.first() else { return false };
        let hour = |entry: &Entry| entry.received.0.div_euclid(HOUR);
        self.entries.len() >= MOST_ENTRIES
            || self.values + next.reading.values.len() > MOST_VALUES
            || (self.entries.len() >= FEWEST && hour(first) != hour(next))
    }

    /// Makes a chunk of the tail, and removes the rows of its first `kept` entries, which are on the disk.
    ///
    /// # Errors
    /// If the entries do not fit into one chunk.
    pub fn close(&self, kept: usize) -> Result<Closing, TooLarge> {
        let bytes = Chunk::write(&self.entries)?;
        let Some(span) = Span::of(&self.entries, bytes.len()) else {
            return Ok(Closing { span: None, changes: Vec::new() });
        };
        let mut changes = vec![RowChange::Insert(Shelf::Chunks, number(span.first), bytes)];
        if kept > 0 {
            changes.push(RowChange::Delete(Shelf::Tail, number(span.first)..=number(span.last)));
        }
        Ok(Closing { span: Some(span), changes })
    }
}

/// A chunk to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Closing {
    /// The chunk's row in the directory; `None` for an empty tail.
    pub span: Option<Span>,
    /// The changes to the chunk and the tail's rows.
    pub changes: Vec<RowChange>,
}

/// Rolls entries up by quarter, and adds them in the order given.
#[must_use]
pub fn quarters<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Block {
    let mut quarters = Block::default();
    add_to(&mut quarters, entries, &NOTHING, &(i64::MIN..=i64::MAX), &|_| true);
    quarters
}

/// What is known of a log besides its entries.
#[derive(Clone, Debug)]
pub(in crate::log) struct LogContext {
    /// The times of reception of the readings that a user has confirmed.
    pub(in crate::log) confirmed: BTreeSet<Moment>,
    /// The meter's current name, and the earliest name, by which its roll-ups know it.
    pub(in crate::log) called: Option<(String, String)>,
}

/// The context of a log if nothing but its entries is known.
static NOTHING: LogContext = LogContext { confirmed: BTreeSet::new(), called: None };

impl LogContext {
    fn called(&self) -> Option<(&str, &str)> {
        self.called.as_ref().map(|(name, first)| (name.as_str(), first.as_str()))
    }
}

/// Adds the next entries to the quarters in which their values count, as far as these quarters and tracks are wanted.
/// Entries received while the clock had never been set count in no quarter: the counters' next positions make up for
/// them.
pub(in crate::log) fn add_to<'a>(
    quarters: &mut Block,
    entries: impl IntoIterator<Item = &'a Entry>,
    context: &'a LogContext,
    wanted: &RangeInclusive<i64>,
    tracks: &'a dyn Fn(Track) -> bool,
) {
    let mut growing: BTreeMap<i64, Growing<'_>> = BTreeMap::new();
    for entry in entries.into_iter().filter(|entry| entry.received >= EARLIEST) {
        let is_confirmed = context.confirmed.contains(&entry.received);
        for quarter in when::quarters(entry).into_iter().filter(|quarter| wanted.contains(quarter)) {
            let known =
                || Growing::of(quarters.0.remove(&quarter).unwrap_or_default(), context.called(), tracks);
            growing.entry(quarter).or_insert_with(known).add(entry, is_confirmed, quarter);
        }
    }
    quarters.0.extend(growing.into_iter().map(|(quarter, growing)| (quarter, growing.into_roll_up())));
}

/// Splits quarters or days into the blocks in which the disk stores them.
#[must_use]
pub fn by_block(periods: Block, a_block: i64) -> BTreeMap<i64, Block> {
    let mut blocks = BTreeMap::<i64, Block>::new();
    for (period, rolled) in periods.0 {
        blocks.entry(period.div_euclid(a_block)).or_default().0.insert(period, rolled);
    }
    blocks
}

/// The days that any of these quarters lies in.
#[must_use]
pub fn days_of<'a>(quarters: impl IntoIterator<Item = &'a i64>, zone: Zone) -> BTreeSet<Day> {
    quarters.into_iter().map(|quarter| Day::of(Quarter(*quarter), zone)).collect()
}

/// The roll-up of a day, from its quarters in chronological order.
#[must_use]
pub fn day_of<'a>(quarters: impl IntoIterator<Item = &'a RollUp>) -> RollUp {
    quarters.into_iter().fold(RollUp::default(), |mut day, quarter| {
        day.join(quarter);
        day
    })
}

/// An entry's number as a row number. Entries' numbers begin at 1 and in practice never exceed `i64::MAX`.
pub(in crate::log) fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

const HOUR: i64 = 3_600_000;
/// A chunk with fewer entries consists mostly of names.
const FEWEST: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, han_list_1};

    fn tail(count: u64, apart: i64) -> Tail {
        let mut tail = Tail::default();
        (0..count).for_each(|place| tail.push(entry(place + 1, place as i64 * apart, han_list_1("7"))));
        tail
    }

    fn at(received: i64) -> Entry {
        entry(9999, received, han_list_1("7"))
    }

    #[test]
    fn a_chunk_ends_with_its_hour() {
        let tail = tail(360, 10_000);
        assert!(!tail.is_due(&at(3_599_999)));
        assert!(tail.is_due(&at(3_600_000)));
        assert!(tail.is_due(&at(-1)), "a clock set back leaves the hour as well");
        assert!(!Tail::default().is_due(&at(0)));
    }

    #[test]
    fn a_chunk_of_a_meter_that_seldom_sends_stays_open_longer() {
        assert!(!tail(59, 900_000).is_due(&at(999_999_999)));
        assert!(tail(60, 900_000).is_due(&at(999_999_999)));
    }

    #[test]
    fn a_chunk_never_holds_more_than_it_can() {
        assert!(tail(MOST_ENTRIES as u64, 1).is_due(&at(0)));
        assert!(tail(MOST_ENTRIES as u64, 1).close(0).is_ok());
        let mut wide = Tail::default();
        let values = vec![han_list_1("7").values.remove(0); MOST_VALUES];
        wide.push(entry(1, 0, crate::samples::reading(values)));
        assert!(wide.is_due(&at(0)));
        assert!(wide.close(1).is_ok());
    }
}
