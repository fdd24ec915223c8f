//! Makes the result of a restored file take effect.

use std::ops::RangeInclusive;

use metertap_decoder::cipher::Keys;
use metertap_protocol::Event;
use metertap_readings::entry::Moment;
use metertap_readings::files::backup::{Finished, Setting};
use metertap_readings::files::import::Import;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{Connection, DiskError, MeterKey, SourceRecord};

use super::Hand;
use super::finding::{found, keys};
use crate::meters::last_heard;
use crate::platform::Platform;
use crate::trouble::not_kept;

impl<P: Platform> Hand<P> {
    /// Makes the restored data take effect. Meters that the restore replaces are read until this point. If the disk
    /// does not take the change, these meters stay, and reading them resumes.
    pub(super) async fn finish(&self, finished: Finished, connection: &Connection) -> Result<(), LogError> {
        let gone = finished.gone.clone();
        for key in gone.clone() {
            self.step(move |router| router.readers.stop(&key)).await.await;
        }
        self.step(|router| router.broker.stop_all()).await.await;
        self.step(|router| router.log.saved()).await.await;
        let finished = async {
            connection.check()?;
            self.log.finish(finished).await
        };
        let settings = match finished.await {
            Ok(settings) => settings,
            Err(error) => {
                self.step(|router| {
                    router.resume_reading();
                    router.forward_all();
                })
                .await;
                return Err(error);
            }
        };
        self.step(|router| {
            for key in gone {
                router.meters.remove(&key);
                router.readers.forget(&key);
                router.log.forget(&key);
                router.tell(&Event::Removed { meter: key });
            }
        })
        .await;
        self.find_new_keys().await;
        if settings.iter().any(|setting| matches!(setting, Setting::Broker(_))) {
            self.find_broker().await;
        }
        if let Err(error) = self.begin_new().await {
            if error != LogError::Disk(DiskError::Closed) || !self.is_renewed().await {
                return Err(error);
            }
            self.begin_new().await?;
        }
        self.step(|router| {
            router.forward_all();
            router.tell_imports();
        })
        .await;
        // The browser may have cleared the data that was just restored.
        Ok(connection.check()?)
    }

    /// Adds the meters that are new on the disk, and begins to read those that the user wants read.
    pub(super) async fn begin_new(&self) -> Result<(), LogError> {
        let known = self.step(|router| router.meters.keys()).await;
        let new = found(&self.log, &known).await?;
        self.step(move |router| {
            let records: Vec<_> = new.iter().map(|meter| meter.state.record.clone()).collect();
            router.log.restored_time(last_heard(&new));
            router.meters.extend(new);
            router.tell_clock();
            router.announce();
            for record in records.iter().filter(|record| record.reading) {
                router.read(&record.key);
            }
        })
        .await;
        Ok(())
    }

    /// Looks for keys that were restored for meters without keys, and reads those meters again.
    async fn find_new_keys(&self) {
        let unkeyed = self.step(|router| {
            let unkeyed = router.meters.iter().filter(|meter| !meter.state.keyed);
            unkeyed.map(|meter| meter.state.record.key.clone()).collect::<Vec<_>>()
        });
        for key in unkeyed.await {
            let kept = keys(&self.log, &key).await;
            if kept.keys != Keys::default() {
                let meter = key.clone();
                self.step(move |router| {
                    if let Some(meter) = router.meters.get_mut(&meter) {
                        meter.set_keys(kept);
                    }
                })
                .await;
                self.clone().restart_reading(key).await;
            }
        }
    }

    /// Removes an import with all its readings, and the meter that was made for it.
    pub(super) async fn undo_import(self, log: MeterKey) {
        let Some(import) = self.log.imports().into_iter().find(|import| import.log == log) else { return };
        let Import { meter, file, stated, .. } = import;
        let removed = self.log.remove_import(&log).await;
        if removed.is_ok() {
            // The corrections that came with the import are removed with it.
            self.clone().take_back(meter.clone(), stated).await;
        }
        let (key, at) = (meter.clone(), self.platform.moment());
        let source = self.step(move |router| {
            if let Err(error) = removed {
                router.refuse(not_kept(&error, at));
            }
            router.tell_imports();
            router.meters.get(&key).map(|meter| meter.state.record.source.clone())
        });
        let was_made_for_it = source.await == Some(SourceRecord::File { name: file, kept: true });
        if was_made_for_it && matches!(self.log.count(&meter, EVER).await, Ok(0)) {
            self.remove(meter).await;
        }
    }
}

const EVER: RangeInclusive<Moment> = Moment(i64::MIN)..=Moment(i64::MAX);
