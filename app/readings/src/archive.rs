//! [`Archive`]: the log of all meters and what is kept beside it, on one [`Disk`].
//!
//! Readings go in, numbered entries come out. The archive promises every reader of a log three things: an entry with a
//! number survives a crash, numbers count up by one unless the disk was damaged, and an entry as the meter sent it
//! never changes. [`contract`] tests these promises.
//!
//! Version 1 of the log had a row for each entry. When this version first writes the log, those rows become chunks,
//! meter by meter. After an interruption, the conversion resumes after the last row that was converted.

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

/// The log of all meters, and what is kept beside it. All clones share one archive.
///
/// Every method that writes returns only once the data would survive a crash of the program. A log can exist without a
/// meter's record, and a record without a log. A range whose start lies after its end is empty.
#[derive(Clone, Debug)]
pub struct Archive<D>(Rc<Shared<D>>);

#[derive(Debug)]
struct Shared<D> {
    disk: Leased<D>,
    journal: Journal<Leased<D>>,
    /// Which imports count and which logs are unfinished, as stored on the disk.
    ledger: RefCell<Ledger>,
    /// All records that have to be restored if the disk loses them.
    mirror: RefCell<Mirror>,
    /// For each meter, the number under which the bytes around its newest fault are stored.
    last_octets: RefCell<HashMap<MeterKey, u64>>,
    /// Held from reading records until changes based on them are committed, and while lost records are restored.
    alone: Mutex<()>,
}

impl<D: Disk> Archive<D> {
    /// Opens the archive on this disk for writing. Days begin at midnight in this time zone.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn open(disk: D, zone: Zone) -> Result<Self, LogError> {
        let archive = Self::look(disk, zone).await?;
        archive.write(zone).await?;
        Ok(archive)
    }

    /// Opens the archive on this disk for reading only, because another tab writes it.
    ///
    /// # Errors
    /// If the disk cannot be read.
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

    /// Makes this archive the one that writes the disk. Also converts what version 1 left behind, removes unfinished
    /// logs, and recomputes days that were computed for another time zone.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn write(&self, zone: Zone) -> Result<(), LogError> {
        self.0.mirror.borrow_mut().mark_outdated();
        self.0.last_octets.borrow_mut().clear();
        self.journal().watch(false).await;
        self.take_over().await?;
        self.tidy_up().await?;
        // Days that begin at another zone's midnight do less harm than a log that does not open.
        let _ = self.settle_days(zone).await;
        Ok(())
    }

    /// Takes the turn to write: from now on only this archive writes the disk. `number` identifies the turn; without a
    /// number, something else has to make sure that there is only one writer.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn take_turn(&self, number: Option<u32>) -> Result<(), LogError> {
        Ok(self.0.disk.take(number).await?)
    }

    /// Whether another archive has taken the turn to write since this one took it.
    #[must_use]
    pub fn has_lost_turn(&self) -> bool {
        self.0.disk.is_lost()
    }

    /// Reads everything that is kept in memory from the disk again, because another tab may have written since.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn look_again(&self) -> Result<(), LogError> {
        self.journal().watch(true).await;
        self.find_records().await?;
        self.find_confirmed().await
    }

    /// How many of a meter's readings are held, imported ones included, and how much space they take.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn held(&self, meter: &MeterKey) -> Result<Held, LogError> {
        let mut all = Held::default();
        for log in self.logs(meter) {
            all = all.and(&self.journal().held(&log).await?);
        }
        Ok(all)
    }

    /// Deletes a meter's readings from before this moment, imported ones included, and returns what was deleted. Their
    /// totals stay. `certain` is the moment that has certainly been reached; it tells which clocks to believe.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn thin(&self, meter: &MeterKey, before: Moment, certain: Moment) -> Result<Thinned, LogError> {
        let mut thinned = Thinned::default();
        for log in self.logs(meter) {
            thinned = thinned.and(self.journal().thin(&log, before, certain).await?);
        }
        Ok(thinned)
    }

    /// Whether [`thin`](Self::thin) would delete any reading.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn has_older(&self, meter: &MeterKey, before: Moment) -> Result<bool, LogError> {
        for log in self.logs(meter) {
            if self.journal().older(&log, before, before).await?.entries > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Deletes the oldest tenth of all readings, and returns what was deleted from each log. Deletes nothing if no
    /// chunk is left that may be deleted.
    ///
    /// # Errors
    /// If the disk cannot be read or written; nothing is deleted in that case.
    pub async fn make_room(&self, certain: Moment) -> Result<Vec<(MeterKey, Thinned)>, LogError> {
        self.journal().make_room(&self.all_logs().await?, certain).await
    }

    /// What has been found damaged in the log so far.
    #[must_use]
    pub fn damaged(&self) -> Vec<Damaged> {
        self.journal().damaged()
    }

    /// Appends a reading and returns its number. A meter's numbers start at 1 and count up by one.
    ///
    /// # Errors
    /// As with [`Journal::append`].
    pub async fn append(
        &self,
        meter: &MeterKey,
        received: Moment,
        reading: &Reading,
    ) -> Result<u64, LogError> {
        self.journal().append(meter, received, reading).await
    }

    /// Appends a reading unless the log already holds it: the disk may have stored it although its confirmation never
    /// arrived.
    ///
    /// # Errors
    /// If the disk cannot be read, or as with [`append`](Self::append).
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

    /// Returns the entries with these numbers, sorted by number, at most `most` of them.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.journal().range(meter, seqs, most).await
    }

    /// Returns the entries received in this span of time, at most `most` of them, ordered by moment and then by number.
    /// The two orders differ if the computer's clock was set back.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn received(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.journal().page(meter, (*moments.start(), 0), *moments.end(), most).await
    }

    /// The first number held, and the last number given; `None` if the log holds no entry.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn span(&self, meter: &MeterKey) -> Result<Option<(u64, u64)>, LogError> {
        self.journal().span(meter).await
    }

    /// All meters, sorted by their keys.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn meters(&self) -> Result<Vec<MeterRecord>, LogError> {
        Ok(self.meter_records().await?)
    }

    /// Writes a meter's record, new or changed.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn keep_meter(&self, meter: &MeterRecord) -> Result<(), LogError> {
        let change = Change::Keep(Record::Meter(meter.clone()));
        if self.0.mirror.borrow().has(&Name::Meter(meter.key.clone())) {
            return self.keep(vec![change]).await;
        }
        // A new meter exists only once the disk has stored it.
        let _alone = self.0.alone.lock().await;
        self.0.disk.commit(vec![change.clone()]).await?;
        self.note(&[change]);
        Ok(())
    }

    /// The number of the last entry that this reader of the log has processed; 0 at first.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn cursor(&self, reader: &str, meter: &MeterKey) -> Result<u64, LogError> {
        let cursors = self.cursors(meter).await?;
        Ok(cursors.into_iter().find(|cursor| cursor.reader == reader).map_or(0, |cursor| cursor.seq))
    }

    /// Moves a cursor, forwards or back.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn set_cursor(&self, reader: &str, meter: &MeterKey, seq: u64) -> Result<(), LogError> {
        let cursor = Cursor { meter: meter.clone(), reader: reader.to_owned(), seq };
        self.keep(vec![Change::Keep(Record::Cursor(cursor))]).await
    }

    /// Returns a small setting by name, as JSON text; `None` if it is not set.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, LogError> {
        Ok(setting(&self.0.disk.records(&Records::Settings).await?, name))
    }

    /// Writes a setting; `None` removes it.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
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

    /// Changes records. The mirror notes the changes whether or not the disk accepts them.
    async fn keep(&self, changes: Vec<Change>) -> Result<(), LogError> {
        self.note(&changes);
        let _alone = self.0.alone.lock().await;
        Ok(self.0.disk.commit(changes).await?)
    }

    /// Recomputes days that were computed for another time zone, or for one whose rules have changed since.
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

fn setting(records: &[Record], name: &str) -> Option<String> {
    records.iter().find_map(|record| match record {
        Record::Setting(of, value) if of == name => Some(value.clone()),
        _ => None,
    })
}

/// Identifies the zone that days were computed for: the zone's name with a checksum of its rules. A browser update can
/// change a zone's rules.
fn days_of(zone: Zone) -> String {
    let (first, changes) = zone.changes();
    let rules =
        changes.flat_map(|(at, after)| [at, after.into()]).chain([first.into()]).flat_map(i64::to_le_bytes);
    format!("{} {:08x}", zone.name(), crc32(&[&rules.collect::<Vec<u8>>()]))
}

/// How many rows are converted at once: half a day of a reading every ten seconds.
const ROWS_AT_ONCE: usize = 4096;

#[cfg(test)]
mod tests;
