//! The archive as a whole: logs that are made in one go, from a backup or another program's file, and the records
//! beside them.
//!
//! Such a log is registered as unfinished before it is begun, and one last change makes it count. A log that was begun
//! and never finished is removed the next time that the page opens, and so is a log that was replaced.

use metertap_decoder::reading::Reading;

use super::Archive;
use super::internal::{keep_ledger, ledger, set_internal};
use crate::entry::Moment;
use crate::files::backup::{Finished, Setting};
use crate::files::import::Import;
use crate::log::journal::{LogError, Restoring};
use crate::store::disk::{Change, Disk, Shelf};
use crate::store::{Cursor, DiskError, Internal, Leased, MeterKey, Name, Record, Records};

impl<D: Disk> Archive<D> {
    /// The imports that count.
    #[must_use]
    pub fn imports(&self) -> Vec<Import> {
        self.0.ledger.borrow().imports.clone()
    }

    /// The key for the log of a meter's next import.
    #[must_use]
    pub fn next_import(&self, meter: &MeterKey) -> MeterKey {
        self.0.ledger.borrow().next_import(meter)
    }

    /// The keys of the logs that are not a meter's own: imports, and logs that are unfinished or being removed.
    #[must_use]
    pub fn other_logs(&self) -> Vec<MeterKey> {
        self.0.ledger.borrow().logs().cloned().collect()
    }

    /// Registers a log as begun, so that it is removed if it is never finished.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn begin(&self, log: &MeterKey) -> Result<(), LogError> {
        self.change_ledger(|ledger| ledger.begin(log)).await
    }

    /// Returns a log to be filled with the rows of a backup.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn restore(&self, log: &MeterKey) -> Result<Restoring<'_, Leased<D>>, LogError> {
        self.journal().restore(log).await
    }

    /// Appends many readings at once, and returns the number of the last one.
    ///
    /// # Errors
    /// If the disk cannot be read or written. The first readings may be stored in that case.
    pub async fn append_all(
        &self,
        log: &MeterKey,
        readings: impl IntoIterator<Item = (Moment, Reading)>,
    ) -> Result<u64, LogError> {
        self.journal().append_all(log, readings).await
    }

    /// Passes all rows of a log to `to`, for a backup.
    ///
    /// # Errors
    /// If the disk cannot be read, a newer version has written the log, or `to` fails.
    pub async fn back_up<E: From<LogError>>(
        &self,
        log: &MeterKey,
        to: impl AsyncFnMut(Shelf, i64, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.journal().back_up(log, to).await
    }

    /// The approximate size in bytes of a backup of this log.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn bytes(&self, log: &MeterKey) -> Result<u64, LogError> {
        let chunks = self.journal().chunks(log).await?;
        Ok(chunks.iter().map(|span| span.bytes).sum())
    }

    /// Makes the logs of the finished meters and imports count from now on, with the records that belong to them. The
    /// replaced logs stop counting, and become unfinished. Either all of this happens or nothing. An import whose meter
    /// is gone does not count, and stays unfinished. Returns the settings that were written.
    ///
    /// # Errors
    /// If the disk cannot be read or written, or if another tab has given the key of a new meter to another meter: no
    /// record is overwritten.
    pub async fn finish(&self, finished: Finished) -> Result<Vec<Setting>, LogError> {
        let _alone = self.0.alone.lock().await;
        let known: Vec<MeterKey> = self.meter_records().await?.into_iter().map(|record| record.key).collect();
        let records = self.own_records().await?;
        let mut after = ledger(&records);
        after.finish(&finished, &known);
        let mut changes = keep_ledger(&records, &after)?;
        // Settings that were set here meanwhile are kept.
        let new = finished.settings.beside(&settings(&records));
        for meter in &finished.gone {
            changes.extend([
                Change::Drop(Name::Meter(meter.clone())),
                Change::Drop(Name::Setting(Setting::of_keys(meter))),
                Change::DropAll(Records::CursorsOf(meter.clone())),
                Change::DropAll(Records::KeptOf(meter.clone())),
            ]);
        }
        changes.extend(finished.meters.into_iter().map(|record| Change::Add(Record::Meter(record))));
        changes.extend(finished.cursors.into_iter().map(|cursor| Change::Keep(Record::Cursor(cursor))));
        let kept = |setting: &Setting| Change::Keep(Record::Setting(setting.name(), setting.value()));
        changes.extend(new.iter().map(kept));
        // The restored days may be those of another time zone. They are recomputed when the log is next opened.
        changes.extend(set_internal(Internal::DaysZone, Some("")));
        self.commit_as_read(changes.clone()).await?;
        *self.0.ledger.borrow_mut() = after;
        self.note(&changes);
        self.0.last_octets.borrow_mut().clear();
        Ok(new)
    }

    /// Deletes an import with all its readings.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn remove_import(&self, log: &MeterKey) -> Result<(), LogError> {
        self.change_ledger(|ledger| ledger.forget(log)).await?;
        // Another log may be under construction meanwhile. It is left alone.
        self.remove_begun(std::slice::from_ref(log)).await
    }

    /// Removes a meter with its log and its imports, its cursors, its keys and the bytes around its faults. Does
    /// nothing if the meter is not there.
    ///
    /// # Errors
    /// If the disk cannot be read or written; nothing is deleted in that case. After [`DiskError::Closed`], it is
    /// unknown whether the meter is deleted. Then what is left of it is not restored.
    pub async fn remove_meter(&self, meter: &MeterKey) -> Result<(), LogError> {
        let logs = {
            let _alone = self.0.alone.lock().await;
            // The ledger is read again: an import that has started to count meanwhile must not be left without a meter.
            let records = self.own_records().await?;
            let mut after = ledger(&records);
            let logs = Import::logs(meter, &after.imports);
            after.imports.retain(|import| import.meter != *meter);
            let mut changes = keep_ledger(&records, &after)?;
            changes.extend(logs.iter().map(Change::no_rows));
            changes.extend([
                Change::Drop(Name::Meter(meter.clone())),
                Change::Drop(Name::Setting(Setting::of_keys(meter))),
                Change::DropAll(Records::CursorsOf(meter.clone())),
                Change::DropAll(Records::KeptOf(meter.clone())),
                Change::DropVersion1(meter.clone()),
            ]);
            if let Err(error) = self.commit_as_read(changes.clone()).await {
                if error == DiskError::Closed {
                    // What the disk holds is compared once the connection is renewed.
                    self.note(&changes);
                    self.close();
                }
                return Err(error.into());
            }
            *self.0.ledger.borrow_mut() = after;
            self.note(&changes);
            self.0.last_octets.borrow_mut().remove(meter);
            logs
        };
        for log in logs {
            self.journal().forget(&log).await;
        }
        // If this fails, the confirmations that remain are of past moments, and affect no other meter.
        let _ = self.forget_confirmed(meter).await;
        Ok(())
    }

    /// Removes every log that was begun and does not count. The caller makes sure that no such log is still being
    /// written.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn remove_unfinished(&self) -> Result<(), LogError> {
        let unfinished = self.0.ledger.borrow().unfinished.clone();
        self.remove_begun(&unfinished).await
    }

    /// Returns all settings that a backup may contain.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn settings(&self) -> Result<Vec<Setting>, LogError> {
        Ok(settings(&self.0.disk.records(&Records::Settings).await?))
    }

    /// Returns how far each reader of a meter's log has come.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn cursors(&self, meter: &MeterKey) -> Result<Vec<Cursor>, LogError> {
        let records = self.0.disk.records(&Records::CursorsOf(meter.clone())).await?.into_iter();
        Ok(records
            .filter_map(|record| if let Record::Cursor(cursor) = record { Some(cursor) } else { None })
            .collect())
    }

    pub(super) async fn tidy_up(&self) -> Result<(), LogError> {
        self.find_ledger().await?;
        self.remove_unfinished().await
    }

    async fn remove_begun(&self, logs: &[MeterKey]) -> Result<(), LogError> {
        if logs.is_empty() {
            return Ok(());
        }
        let meters: Vec<MeterKey> =
            self.meter_records().await?.into_iter().map(|record| record.key).collect();
        let leftovers = self.0.ledger.borrow().leftovers(&meters);
        for log in leftovers.iter().filter(|log| logs.contains(log)) {
            self.journal().remove(log).await?;
        }
        self.change_ledger(|ledger| ledger.settle(logs)).await
    }
}

fn settings(records: &[Record]) -> Vec<Setting> {
    let setting = |record: &Record| match record {
        Record::Setting(name, value) => Setting::of(name, value),
        _ => None,
    };
    records.iter().filter_map(setting).collect()
}
