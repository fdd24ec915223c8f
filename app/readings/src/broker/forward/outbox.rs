//! [`Outbox`]: entries between the log and the broker.

use std::collections::VecDeque;

use super::Output;
use crate::broker::mqtt::{Token, WINDOW};
use crate::entry::Entry;

/// Entries between the log and the broker. In the order of their numbers, the entries up to `cursor` are acknowledged,
/// the next ones are in flight, and those after them up to `taken` are queued.
#[derive(Debug)]
pub(super) struct Outbox {
    pub(super) cursor: u64,
    /// The cursor in the last [`Output::Cursor`].
    told: u64,
    pub(super) taken: u64,
    queue: VecDeque<Entry>,
    in_flight: VecDeque<Flight>,
    /// The first number of the fetch that is not answered yet.
    fetching: Option<u64>,
}

impl Outbox {
    pub(super) fn new(cursor: u64) -> Self {
        let (queue, in_flight) = (VecDeque::new(), VecDeque::new());
        Self { cursor, told: cursor, taken: cursor, queue, in_flight, fetching: None }
    }

    /// Takes an entry that is being appended to the log, if it is the next one and there is room. Otherwise it is
    /// fetched later.
    pub(super) fn offer(&mut self, entry: &Entry) {
        if self.fetching.is_none() && self.queue.len() < WINDOW && entry.seq == self.taken + 1 {
            self.taken = entry.seq;
            self.queue.push_back(entry.clone());
        }
    }

    /// The next fetch from the log, which holds numbers up to `last`. `None` if no fetch is needed, or if the previous
    /// one is not answered yet.
    pub(super) fn fetch(&mut self, last: u64) -> Option<Output> {
        let from = self.taken + 1;
        let wanted = self.queue.is_empty() && self.fetching.is_none() && from <= last;
        wanted.then(|| {
            self.fetching = Some(from);
            Output::Fetch { from, most: WINDOW }
        })
    }

    /// Takes the answer to a fetch. Returns whether the log had nothing more. An answer that no longer fits, because
    /// the connection has ended since the fetch, is ignored.
    pub(super) fn take(&mut self, entries: Vec<Entry>, connected: bool) -> bool {
        let asked = self.fetching.take();
        if !connected || asked != Some(self.taken + 1) {
            return false;
        }
        self.taken = entries.last().map_or(self.taken, |last| last.seq);
        let none_is_left = entries.is_empty();
        self.queue.extend(entries);
        none_is_left
    }

    pub(super) fn next(&mut self) -> Option<Entry> {
        self.queue.pop_front()
    }

    pub(super) fn sent(&mut self, token: Token, seq: u64) {
        self.in_flight.push_back(Flight { token, seq, acknowledged: false });
    }

    /// Takes an acknowledgement. Acknowledgements may come in any order, but the cursor stops before the first entry
    /// that has none. Returns whether an entry was acknowledged.
    pub(super) fn acknowledge(&mut self, token: Token) -> bool {
        let flight = self.in_flight.iter_mut().find(|flight| flight.token == token);
        let is_entry = flight.map(|flight| flight.acknowledged = true).is_some();
        while let Some(flight) = self.in_flight.pop_front_if(|flight| flight.acknowledged) {
            self.cursor = flight.seq;
        }
        is_entry
    }

    /// The cursor, if it has moved and should be reported: at once when nothing is in flight, otherwise every `every`
    /// entries, because each report costs a write to the disk.
    pub(super) fn news(&mut self, every: usize) -> Option<u64> {
        let moved = self.cursor - self.told;
        let worth = self.in_flight.is_empty() || moved >= u64::try_from(every).unwrap_or(u64::MAX);
        (moved > 0 && worth).then(|| {
            self.told = self.cursor;
            self.cursor
        })
    }

    /// Goes back to the cursor after the connection has ended: the log still has what was in flight.
    pub(super) fn rewind(&mut self) {
        self.taken = self.cursor;
        self.queue.clear();
        self.in_flight.clear();
    }
}

#[derive(Debug)]
struct Flight {
    token: Token,
    seq: u64,
    acknowledged: bool,
}
