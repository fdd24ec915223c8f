//! [`Archive`]: the log of all meters and what is kept beside it, on one [`Disk`].
//!
//! Readings go in, numbered entries come out. Promised to every reader of a log: what has a number survives a crash, numbers
//! have no gaps, and an entry never changes. [`contract`] is these promises as tests.
//!
//! It brings together the journal of readings, the ledger of files that were imported, and what a picture shows of both; `answering` answers
//! what a person asks of its history.
//!
//! Version 1 of the log had a row for each entry. Its rows become chunks when the log is first written, meter by meter:
//! whoever is interrupted goes on where the rows that have arrived end.

mod answering;
pub mod contract;
mod internal;
mod joined;
mod mirror;
mod octets;
mod recomputing;
mod renewal;
mod stating;
mod typing;
mod whole;

pub use renewal::Lost;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::rc::Rc;

use futures_util::lock::Mutex;
use metertap_decoder::reading::Reading;
use metertap_decoder::time::Zone;

use self::mirror::Mirror;
use crate::crc32::crc32;
use crate::entry::{Entry, Moment};
use crate::files::backup::Ledger;
use crate::log::journal::held::Held;
use crate::log::journal::{Damaged, Journal, LogError, Thinned};
use crate::store::disk::{Change, Disk};
use crate::store::{Cursor, DiskError, Internal, Leased, MeterKey, MeterRecord, Name, Record, Records};

/// The log of all meters, and what is kept beside it. Clones are of one and the same.
///
/// Every method that writes answers only when the data would survive a crash of the program. A meter's log does not need
/// the meter's record, nor the other way round. A range whose start lies behind its end is empty.
#[derive(Clone, Debug)]
pub struct Archive<D>(Rc<Shared<D>>);

#[derive(Debug)]
struct Shared<D> {
    disk: Leased<D>,
    journal: Journal<Leased<D>>,
    /// Which logs count, as the disk has it.
    ledger: RefCell<Ledger>,
    /// All records that have to go back, should the disk lose them.
    mirror: RefCell<Mirror>,
    /// The numbers of the last octets around faults.
    last_octets: RefCell<HashMap<MeterKey, u64>>,
    /// Held by whoever changes records that it has read before, and by whoever puts them back.
    alone: Mutex<()>,
}

impl<D: Disk> Archive<D> {
    /// Opens what is on that disk and writes it. Its days are those of this zone.
    ///
    /// # Errors
    /// Where the disk cannot be read or written.
    pub async fn open(disk: D, zone: Zone) -> Result<Self, LogError> {
        let archive = Self::look(disk, zone).await?;
        archive.write(zone).await?;
        Ok(archive)
    }

    /// Opens what is on that disk for reading, because another tab writes it.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn look(disk: D, zone: Zone) -> Result<Self, LogError> {
        let disk = Leased::new(disk);
        let archive = Self(Rc::new(Shared {
            journal: Journal::new(disk.clone(), zone),
            disk,
            ledger: RefCell::default(),
            mirror: RefCell::default(),
            last_octets: RefCell::default(),
            alone: Mutex::default(),
        }));
        archive.look_again().await?;
        Ok(archive)
    }

    /// From now on it is ours to write, and to put in order: what an earlier version left behind, and days of another
    /// time zone.
    ///
    /// # Errors
    /// Where the disk cannot be read or written.
    pub async fn write(&self, zone: Zone) -> Result<(), LogError> {
        self.0.mirror.borrow_mut().is_hearsay();
        self.0.last_octets.borrow_mut().clear();
        self.journal().watch(false).await;
        self.take_over().await?;
        self.tidy_up().await?;
        // Days that begin elsewhere are a blemish; a log that does not open would be a loss.
        let _ = self.settle_days(zone).await;
        Ok(())
    }

    /// Nobody but us writes from now on: by this number, or where there is none, by what else says so.
    ///
    /// # Errors
    /// Where the disk cannot.
    pub async fn take_turn(&self, number: Option<u32>) -> Result<(), LogError> {
        Ok(self.0.disk.take(number).await?)
    }

    /// Whether another has taken that turn since.
    #[must_use]
    pub fn has_lost_turn(&self) -> bool {
        self.0.disk.is_lost()
    }

    /// Another tab may have written since: what is in memory is read again.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn look_again(&self) -> Result<(), LogError> {
        self.journal().watch(true).await;
        self.find_records().await?;
        self.find_confirmed().await
    }

    /// What is held of a meter's readings, imported ones included, and what they take.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn held(&self, meter: &MeterKey) -> Result<Held, LogError> {
        let mut all = Held::default();
        for log in self.logs(meter) {
            all = all.and(&self.journal().held(&log).await?);
        }
        Ok(all)
    }

    /// Lets go of a meter's readings from before this moment, imported ones included; their totals stay. What is certain now
    /// tells which clocks to believe.
    ///
    /// # Errors
    /// Where the disk cannot.
    pub async fn thin(&self, meter: &MeterKey, before: Moment, certain: Moment) -> Result<Thinned, LogError> {
        let mut thinned = Thinned::default();
        for log in self.logs(meter) {
            thinned = thinned.and(self.journal().thin(&log, before, certain).await?);
        }
        Ok(thinned)
    }

    /// Whether that would let go of any.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn has_older(&self, meter: &MeterKey, before: Moment) -> Result<bool, LogError> {
        for log in self.logs(meter) {
            if self.journal().older(&log, before, before).await?.entries > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets go of the oldest tenth of all readings, and says what went of each log; nothing where nothing is old.
    ///
    /// # Errors
    /// Where the disk cannot, and nothing is gone.
    pub async fn make_room(&self, certain: Moment) -> Result<Vec<(MeterKey, Thinned)>, LogError> {
        self.journal().make_room(&self.all_logs().await?, certain).await
    }

    /// What of the log was found damaged so far.
    #[must_use]
    pub fn damaged(&self) -> Vec<Damaged> {
        self.journal().damaged()
    }

    /// Appends a reading and answers with its number: one more than the meter's last, from 1.
    ///
    /// # Errors
    /// Where the disk takes it not: the number is given to the next one then.
    pub async fn append(
        &self,
        meter: &MeterKey,
        received: Moment,
        reading: &Reading,
    ) -> Result<u64, LogError> {
        self.journal().append(meter, received, reading).await
    }

    /// Appends a reading unless it is there already: the disk may have kept it when nobody heard it say so any more.
    ///
    /// # Errors
    /// As where it is appended.
    pub async fn append_once(
        &self,
        meter: &MeterKey,
        received: Moment,
        reading: &Reading,
    ) -> Result<u64, LogError> {
        let last = self.span(meter).await?.map_or(0, |(_, last)| last);
        let newest = self.range(meter, last..=last, 1).await?;
        let told = self.told(meter, received, reading);
        match newest.first() {
            Some(entry) if (entry.received, &entry.reading) == (received, &*told) => Ok(entry.seq),
            _ => self.append(meter, received, reading).await,
        }
    }

    /// Entries with these numbers, in the order of their numbers, at most `most` of them.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.journal().range(meter, seqs, most).await
    }

    /// Entries received in this span of time, at most `most` of them, in the order of the moments and then of the
    /// numbers. The two orders differ where the computer's clock was set back.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn received(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.journal().page(meter, (*moments.start(), 0), *moments.end(), most).await
    }

    /// The first and the last number held; `None` for an empty log.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn span(&self, meter: &MeterKey) -> Result<Option<(u64, u64)>, LogError> {
        self.journal().span(meter).await
    }

    /// All meters, in the order of their keys.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn meters(&self) -> Result<Vec<MeterRecord>, LogError> {
        Ok(self.meter_records().await?)
    }

    /// Writes a meter's record, new or changed.
    ///
    /// # Errors
    /// Where the disk cannot.
    pub async fn keep_meter(&self, meter: &MeterRecord) -> Result<(), LogError> {
        let change = Change::Keep(Record::Meter(meter.clone()));
        if self.0.mirror.borrow().has(&Name::Meter(meter.key.clone())) {
            return self.keep(vec![change]).await;
        }
        // A meter that is new is one when the disk has it.
        let _alone = self.0.alone.lock().await;
        self.0.disk.commit(vec![change.clone()]).await?;
        self.note(&[change]);
        Ok(())
    }

    /// The number of the last entry that this reader of the log has done with; 0 at first.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn cursor(&self, reader: &str, meter: &MeterKey) -> Result<u64, LogError> {
        let cursors = self.cursors(meter).await?;
        Ok(cursors.into_iter().find(|cursor| cursor.reader == reader).map_or(0, |cursor| cursor.seq))
    }

    /// Moves a cursor, forwards or back.
    ///
    /// # Errors
    /// Where the disk cannot.
    pub async fn set_cursor(&self, reader: &str, meter: &MeterKey, seq: u64) -> Result<(), LogError> {
        let cursor = Cursor { meter: meter.clone(), reader: reader.to_owned(), seq };
        self.keep(vec![Change::Keep(Record::Cursor(cursor))]).await
    }

    /// A small setting by name, as JSON text.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, LogError> {
        Ok(setting(&self.0.disk.records(&Records::Settings).await?, name))
    }

    /// Writes a setting; `None` removes it.
    ///
    /// # Errors
    /// Where the disk cannot.
    pub async fn set_setting(&self, name: &str, value: Option<&str>) -> Result<(), LogError> {
        let change = match value {
            Some(value) => Change::Keep(Record::Setting(name.to_owned(), value.to_owned())),
            None => Change::Drop(Name::Setting(name.to_owned())),
        };
        self.keep(vec![change]).await
    }

    fn journal(&self) -> &Journal<Leased<D>> {
        &self.0.journal
    }

    async fn meter_records(&self) -> Result<Vec<MeterRecord>, DiskError> {
        let meters = self.0.disk.records(&Records::Meters).await?.into_iter();
        Ok(meters
            .filter_map(|record| if let Record::Meter(meter) = record { Some(meter) } else { None })
            .collect())
    }

    async fn all_logs(&self) -> Result<Vec<MeterKey>, LogError> {
        Ok(self.meter_records().await?.iter().flat_map(|record| self.logs(&record.key)).collect())
    }

    /// Changes records. What this page wants of them is known from now on, whatever the disk says.
    async fn keep(&self, changes: Vec<Change>) -> Result<(), LogError> {
        self.note(&changes);
        let _alone = self.0.alone.lock().await;
        Ok(self.0.disk.commit(changes).await?)
    }

    /// Computes days anew that are those of another time zone, or of one whose rules were others.
    async fn settle_days(&self, zone: Zone) -> Result<(), LogError> {
        let days = days_of(zone);
        if self.internal(Internal::DaysZone).await?.as_ref() == Some(&days) {
            return Ok(());
        }
        for log in self.all_logs().await? {
            self.journal().count_days_in(zone, &log).await?;
        }
        self.set_internal(Internal::DaysZone, Some(&days)).await
    }

    /// Makes chunks of what version 1 left behind.
    async fn take_over(&self) -> Result<(), LogError> {
        let nobody = MeterKey(String::new());
        loop {
            let first = self.0.disk.version_1((&nobody, 0), 1).await?;
            let Some((meter, _)) = first.into_iter().next() else { return Ok(()) };
            let mut next = self.span(&meter).await?.map_or(1, |(_, last)| last + 1);
            loop {
                let rows = self.0.disk.version_1((&meter, next), ROWS_AT_ONCE).await?;
                let entries = rows.into_iter().take_while(|(of, _)| *of == meter).map(|(_, entry)| entry);
                let entries: Vec<Entry> = entries.collect();
                let Some(last) = entries.last() else { break };
                next = last.seq + 1;
                let readings = entries.into_iter().map(|entry| (entry.received, entry.reading));
                self.journal().append_all(&meter, readings).await?;
            }
            self.0.disk.commit(vec![Change::DropVersion1(meter)]).await?;
        }
    }
}

/// The setting of that name.
fn setting(records: &[Record], name: &str) -> Option<String> {
    records.iter().find_map(|record| match record {
        Record::Setting(of, value) if of == name => Some(value.clone()),
        _ => None,
    })
}

/// Whose days they are: the zone's name with a checksum of its rules. A browser learns other rules with an update, and
/// version 1 took all zones that it did not know for Central Europe's.
fn days_of(zone: Zone) -> String {
    let (first, changes) = zone.changes();
    let rules =
        changes.flat_map(|(at, after)| [at, after.into()]).chain([first.into()]).flat_map(i64::to_le_bytes);
    format!("{} {:08x}", zone.name(), crc32(&[&rules.collect::<Vec<u8>>()]))
}

/// Half a day at ten seconds: what is taken over at once.
const ROWS_AT_ONCE: usize = 4096;

#[cfg(test)]
mod tests;
