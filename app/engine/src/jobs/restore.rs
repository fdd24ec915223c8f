//! Reads a backup: first checks that it is complete, and only then takes it into the log.

use std::collections::btree_map::Entry::Vacant;
use std::collections::{BTreeMap, BTreeSet};

use futures_channel::oneshot;
use metertap_protocol::{BackupContents, Event, REFUSED_FILE, RestoreHow, RestoreState};
use metertap_readings::archive::Archive;
use metertap_readings::entry::Entry;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::{
    Arrivals, Check, Contents, Destination, Finished, Piece, Reader, Seal,
};
use metertap_readings::files::import::{Import, Join};
use metertap_readings::log::format::chunk::Chunk;
use metertap_readings::log::journal::{LogError, Restoring};
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::{DiskError, Leased, MeterKey};

use super::Job;
use super::import::join;
use super::intake_error::IntakeError;
use crate::fact::JobNews;
use crate::platform::{Input, Platform};

impl<P: Platform> Job<P> {
    pub(super) async fn restore(self, id: u32, how: RestoreHow, file: P::Input) {
        let restore = Restore { job: self, id, file };
        let ended = restore.run(how).await;
        let (name, at) = (restore.file.name(), restore.job.at());
        let state = ended.unwrap_or_else(|failure| RestoreState::Refused(failure.told(name, at)));
        restore.tell(&restore.file, state);
    }
}

struct Restore<P: Platform> {
    job: Job<P>,
    id: u32,
    /// The file, at its beginning.
    file: P::Input,
}

/// Takes in the frames of a backup that was checked. [`Arrivals`] decides what happens to each frame.
struct Work<'a, P: Platform> {
    job: &'a Job<P>,
    arrivals: Arrivals,
    /// Where the next rows go.
    target: Target<'a, P>,
    /// The backup's logs to whose readings the user's statements do not apply.
    settled: &'a BTreeSet<MeterKey>,
    /// Imports into meters that are here already, by the meter and by whether statements apply to the readings. A
    /// factor must not be applied twice to a reading.
    joined: BTreeMap<(MeterKey, bool), (MeterKey, Join)>,
    /// How many readings are in the logs that were restored as a whole.
    restored: u64,
}

enum Target<'a, P: Platform> {
    /// Nowhere: the rows belong to no known meter.
    Nothing,
    /// A log that is not here yet.
    Log(Restoring<'a, Leased<P::Disk>>),
    /// A meter that is here already, and whether statements apply to the readings.
    Meter(MeterKey, bool),
}

impl<P: Platform> Restore<P> {
    async fn run(&self, how: RestoreHow) -> Result<RestoreState, IntakeError> {
        let mut check = Check::default();
        let seal =
            self.read(|frame| std::future::ready(check.take(&frame).map_err(IntakeError::from))).await?;
        let contents = check.finish()?;
        if how == RestoreHow::Check {
            return Ok(RestoreState::Seen(told(&contents)));
        }
        // Unfinished logs of an earlier attempt must not be completed by this one.
        self.job.archive.remove_unfinished().await?;
        let restored = self.restore(how, &contents, seal).await;
        // Removes a log that was cut off, or the logs that were replaced. If this fails, the logs are removed at the
        // next start, or before the next restore or import.
        let removed = self.job.archive.remove_unfinished().await;
        if let (Err(IntakeError::Log(LogError::Disk(DiskError::Full))), Ok(())) = (&restored, removed) {
            self.job.news(JobNews::Full);
        }
        Ok(RestoreState::Complete(restored?))
    }

    async fn restore(&self, how: RestoreHow, contents: &Contents, seal: Seal) -> Result<u64, IntakeError> {
        // The job ends if the browser closes the log: otherwise, the rest of the rows would go to a new, empty log.
        let connection = self.job.archive.connection();
        let (finished, readings) = connection.unbroken(self.take_in(how, contents, seal)).await?;
        let (done, finish) = oneshot::channel();
        self.job.news(JobNews::Finish(Box::new(finished), connection, done));
        // If the router is gone, nothing can make the restored data take effect.
        finish.await.unwrap_or_else(|_| Err(DiskError::Closed.into()))?;
        Ok(readings)
    }

    /// Makes logs from the file, and counts their readings. The logs take effect once the router has carried out what
    /// is returned.
    async fn take_in(
        &self,
        how: RestoreHow,
        contents: &Contents,
        seal: Seal,
    ) -> Result<(Finished, u64), IntakeError> {
        let here = self.job.meters().await;
        let taken = self.job.archive.other_logs().into_iter().chain([MeterKey(REFUSED_FILE.to_owned())]);
        let (name, replaces) = (self.file.name(), how == RestoreHow::Replace);
        let mut work = Work {
            job: &self.job,
            arrivals: Arrivals::new(here, taken, &name, contents, replaces),
            target: Target::Nothing,
            settled: &contents.settled,
            joined: BTreeMap::new(),
            restored: 0,
        };
        let read = self.read(async |frame| work.take(frame).await).await?;
        if read != seal {
            // The file has changed since it was checked.
            return Err(IntakeError::File(Code::FileGone));
        }
        work.end(&name).await
    }

    async fn read(
        &self,
        mut each: impl AsyncFnMut(Piece) -> Result<(), IntakeError>,
    ) -> Result<Seal, IntakeError> {
        let (mut slices, mut reader) = (self.file.clone(), Reader::default());
        while let Some(octets) = slices.next().await.map_err(|_| IntakeError::File(Code::FileGone))? {
            if self.job.stop.is_asked() {
                return Err(IntakeError::File(Code::FileStopped));
            }
            reader.push(&octets);
            while let Some(frame) = reader.next() {
                each(frame?).await?;
            }
            self.tell(&slices, RestoreState::Reading);
            self.job.platform.sleep(0).await;
        }
        Ok(reader.finish()?)
    }

    fn tell(&self, slices: &P::Input, state: RestoreState) {
        let (of, done) = slices.octets();
        self.job.tell(Event::Restore { id: self.id, done, of, state });
    }
}

impl<P: Platform> Work<'_, P> {
    async fn take(&mut self, frame: Piece) -> Result<(), IntakeError> {
        match frame {
            Piece::Log(name) => self.begin(&name).await?,
            Piece::Row(shelf, number, row) => self.row(shelf, number, row).await?,
            frame => self.arrivals.take(frame),
        }
        Ok(())
    }

    async fn begin(&mut self, name: &MeterKey) -> Result<(), IntakeError> {
        self.end_log().await?;
        let log: &Archive<P::Disk> = &self.job.archive;
        match self.arrivals.place(name) {
            Destination::Nowhere => {}
            Destination::Whole(own) => {
                log.begin(&own).await?;
                self.target = Target::Log(log.restore(&own).await?);
            }
            Destination::Beside(meter) => {
                let heard = !self.settled.contains(name);
                if let Vacant(place) = self.joined.entry((meter.clone(), heard)) {
                    let into = log.next_import(&meter);
                    log.begin(&into).await?;
                    place.insert((into, join(log, &meter).await?));
                }
                self.target = Target::Meter(meter, heard);
            }
        }
        Ok(())
    }

    async fn row(&mut self, shelf: Shelf, number: i64, row: Vec<u8>) -> Result<(), IntakeError> {
        let entries = || -> Vec<Entry> {
            // The row was readable in the check. If it has changed since, the file's digest has too, and nothing is
            // restored.
            Chunk::open(&row).and_then(|chunk| chunk.entries()).unwrap_or_default()
        };
        let of_readings = matches!(shelf, Shelf::Chunks | Shelf::Tail);
        match &mut self.target {
            Target::Nothing => {}
            Target::Log(restoring) => {
                if of_readings {
                    self.restored += Chunk::open(&row).map_or(0, |chunk| chunk.len() as u64);
                }
                restoring.row(shelf, number, row).await?;
            }
            Target::Meter(meter, heard) if of_readings => {
                let place = (meter.clone(), *heard);
                let Some((into, join)) = self.joined.get_mut(&place) else { return Ok(()) };
                let new = entries().into_iter().filter(|entry| join.takes(entry.received));
                let new: Vec<_> = new.map(|entry| (entry.received, entry.reading)).collect();
                self.job.archive.append_all(into, new).await?;
            }
            Target::Meter(..) => {}
        }
        Ok(())
    }

    async fn end_log(&mut self) -> Result<(), IntakeError> {
        if let Target::Log(restoring) = std::mem::replace(&mut self.target, Target::Nothing) {
            restoring.end().await?;
        }
        Ok(())
    }

    /// Ends the last log. Returns what belongs to the new logs, and how many readings are new.
    async fn end(mut self, file: &str) -> Result<(Finished, u64), IntakeError> {
        self.end_log().await?;
        let (mut readings, mut imports) = (self.restored, Vec::new());
        let here = self.job.meters().await;
        for ((meter, heard), (log, join)) in self.joined {
            // Nothing to import if nothing is new, or if the meter was removed in the meantime.
            let is_here = here.iter().any(|record| record.key == meter);
            if let Some(span) = join.span.filter(|_| is_here) {
                readings += join.new;
                let (file, at) = (file.to_owned(), self.job.platform.moment());
                imports.push(Import {
                    log,
                    meter,
                    file,
                    at,
                    readings: join.new,
                    span,
                    heard,
                    typed: false,
                    stated: Vec::new(),
                });
            }
        }
        Ok((self.arrivals.finish(imports), readings))
    }
}

fn told(contents: &Contents) -> BackupContents {
    let Contents { manifest, meters, readings, span, .. } = contents;
    BackupContents {
        at: manifest.as_ref().map(|manifest| manifest.at).unwrap_or_default(),
        secrets: manifest.as_ref().is_some_and(|manifest| manifest.secrets),
        meters: *meters,
        readings: *readings,
        span: *span,
    }
}
