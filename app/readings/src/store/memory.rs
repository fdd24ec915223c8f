//! [`MemoryStore`]: a [`Store`] for tests, which survives nothing but being opened twice.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::rc::Rc;

use metertap_decoder::reading::Reading;

use super::{MeterKey, MeterRecord, Store};
use crate::entry::{Entry, Moment};

/// A log in memory. Clones are views of one and the same log.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Rc<RefCell<Shelves>>);

#[derive(Debug, Default)]
struct Shelves {
    logs: HashMap<MeterKey, Vec<Entry>>,
    meters: BTreeMap<MeterKey, MeterRecord>,
    cursors: HashMap<(MeterKey, String), u64>,
    settings: HashMap<String, String>,
}

impl Store for MemoryStore {
    type Error = Infallible;

    async fn append(&self, meter: &MeterKey, received: Moment, reading: &Reading) -> Result<u64, Infallible> {
        let mut shelves = self.0.borrow_mut();
        let log = shelves.logs.entry(meter.clone()).or_default();
        let seq = log.last().map_or(1, |last| last.seq + 1);
        log.push(Entry { reading: reading.clone(), received, seq });
        Ok(seq)
    }

    async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, Infallible> {
        let shelves = self.0.borrow();
        let log = shelves.logs.get(meter).into_iter().flatten();
        Ok(log.filter(|entry| seqs.contains(&entry.seq)).take(most).cloned().collect())
    }

    async fn received(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
        most: usize,
    ) -> Result<Vec<Entry>, Infallible> {
        let shelves = self.0.borrow();
        let log = shelves.logs.get(meter).into_iter().flatten();
        let mut entries: Vec<&Entry> = log.filter(|entry| moments.contains(&entry.received)).collect();
        entries.sort_by_key(|entry| (entry.received, entry.seq));
        Ok(entries.into_iter().take(most).cloned().collect())
    }

    async fn span(&self, meter: &MeterKey) -> Result<Option<(u64, u64)>, Infallible> {
        let shelves = self.0.borrow();
        let log = shelves.logs.get(meter);
        Ok(log.and_then(|log| Some((log.first()?.seq, log.last()?.seq))))
    }

    async fn meters(&self) -> Result<Vec<MeterRecord>, Infallible> {
        Ok(self.0.borrow().meters.values().cloned().collect())
    }

    async fn keep_meter(&self, meter: &MeterRecord) -> Result<(), Infallible> {
        self.0.borrow_mut().meters.insert(meter.key.clone(), meter.clone());
        Ok(())
    }

    async fn remove_meter(&self, meter: &MeterKey) -> Result<(), Infallible> {
        let mut shelves = self.0.borrow_mut();
        shelves.meters.remove(meter);
        shelves.logs.remove(meter);
        shelves.cursors.retain(|(of, _), _| of != meter);
        Ok(())
    }

    async fn cursor(&self, reader: &str, meter: &MeterKey) -> Result<u64, Infallible> {
        let place = (meter.clone(), reader.to_owned());
        Ok(self.0.borrow().cursors.get(&place).copied().unwrap_or_default())
    }

    async fn set_cursor(&self, reader: &str, meter: &MeterKey, seq: u64) -> Result<(), Infallible> {
        self.0.borrow_mut().cursors.insert((meter.clone(), reader.to_owned()), seq);
        Ok(())
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, Infallible> {
        Ok(self.0.borrow().settings.get(name).cloned())
    }

    async fn set_setting(&self, name: &str, value: Option<&str>) -> Result<(), Infallible> {
        let settings = &mut self.0.borrow_mut().settings;
        match value {
            Some(value) => settings.insert(name.to_owned(), value.to_owned()),
            None => settings.remove(name),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// A store in memory never waits, so that asking once is enough.
    fn at_once<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("a store in memory waited"),
        }
    }

    #[test]
    fn keeps_the_contract() {
        let stores = RefCell::new(HashMap::<String, MemoryStore>::new());
        let open = async |name: &str| stores.borrow_mut().entry(name.to_owned()).or_default().clone();
        at_once(super::super::contract::contract(open));
    }
}
