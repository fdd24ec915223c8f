//! Reads a backup: whether it is whole first, and only then, as the person says, into the log.

use std::collections::BTreeMap;
use std::rc::Rc;

use metertap_protocol::{BackupContents, Event, REFUSED_FILE, RestoreHow, RestoreState, Trouble, VERSION};
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::fault::Code;
use metertap_readings::files::backup::{
    Arrivals, Check, Contents, Finished, Frame, Place, Reader, Refusal, Seal, Setting,
};
use metertap_readings::files::import::{Import, Join};
use metertap_readings::log::format::chunk::Chunk;
use metertap_readings::log::journal::{Grain, LogError, Restoring};
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::{Connection, DiskError, MeterKey};

use super::desk::Desk;
use super::task::Stop;
use super::trouble::{not_kept, trouble};
use crate::platform::{Input, Platform};

impl<P: Platform> Desk<P> {
    /// Begins to look at a backup, or to restore it.
    pub(crate) fn restore(self: &Rc<Self>, id: u32, how: RestoreHow, file: Option<P::Handle>) {
        let Some(slices) = file.and_then(|file| self.platform.input(&file)) else { return };
        let desk = Rc::clone(self);
        let work = self.jobs.begin(id, |stop| async move {
            let intake = Rc::clone(&desk);
            let _alone = intake.intake.lock().await;
            let restore = Restore { desk, id, slices, stop };
            let ended = restore.run(how).await;
            let (name, at) = (restore.slices.name(), restore.desk.platform.moment());
            let state = ended.unwrap_or_else(|failure| RestoreState::Refused(failure.told(name, at)));
            restore.tell(&restore.slices, state);
        });
        self.platform.spawn(work);
    }
}

struct Restore<P: Platform> {
    desk: Rc<Desk<P>>,
    id: u32,
    /// The file, unread.
    slices: P::Input,
    stop: Stop,
}

/// What was found wrong, or failed.
enum Failure {
    /// With the file.
    File(Code),
    /// With what is in it.
    Backup(Refusal),
    /// With the log.
    Log(LogError),
}

impl Failure {
    fn told(&self, file: String, at: Moment) -> Trouble {
        match self {
            Self::File(code) => trouble(code.clone(), file, at),
            Self::Backup(refusal @ Refusal::Version(version)) => {
                trouble(refusal.code(), format!("version {version}"), at)
            }
            Self::Backup(refusal) => trouble(refusal.code(), "", at),
            Self::Log(error) => not_kept(error, at),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Backup(refusal)
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        Self::Log(error.into())
    }
}

/// What is done with the frames of a backup that is known to be whole. What becomes of each, [`Arrivals`] decides.
struct Work<'a, P: Platform> {
    desk: &'a Desk<P>,
    arrivals: Arrivals,
    /// The log that rows come for.
    target: Target<'a, P>,
    /// Imports into meters that are here already.
    joined: BTreeMap<MeterKey, (MeterKey, Join)>,
    /// How many readings were restored as they are.
    restored: u64,
}

enum Target<'a, P: Platform> {
    /// IndexedDisk of no meter that anyone knows.
    Nothing,
    /// A log that is not here.
    Log(Restoring<'a, P::Disk>),
    /// A meter that is here.
    Meter(MeterKey),
}

impl<P: Platform> Restore<P> {
    async fn run(&self, how: RestoreHow) -> Result<RestoreState, Failure> {
        let mut check = Check::default();
        let seal = self.read(|frame| std::future::ready(check.take(&frame).map_err(Failure::from))).await?;
        let contents = check.finish()?;
        if how == RestoreHow::Check {
            return Ok(RestoreState::Seen(told(&contents)));
        }
        // What was left unfinished before must not be finished by this.
        self.desk.log.remove_unfinished().await?;
        let restored = self.restore(how, &contents, seal).await;
        // Half a log, or those that were replaced; whatever is left goes the next time at the latest.
        let removed = self.desk.log.remove_unfinished().await;
        if let (Err(Failure::Log(LogError::Disk(DiskError::Full))), Ok(())) = (&restored, removed) {
            self.desk.upkeep.expect_room(self.desk.platform.now());
        }
        Ok(RestoreState::Complete(restored?))
    }

    async fn restore(&self, how: RestoreHow, contents: &Contents, seal: Seal) -> Result<u64, Failure> {
        // Should the browser take the log away and give back an empty one, half of the rows would be in it.
        let connection = self.desk.log.connection();
        let (finished, readings) = connection.unbroken(self.take_in(how, contents, seal)).await?;
        self.desk.switch(finished, &connection).await?;
        Ok(readings)
    }

    /// Makes logs of the file, none of which counts before the answer is finished, and counts their readings.
    async fn take_in(
        &self,
        how: RestoreHow,
        contents: &Contents,
        seal: Seal,
    ) -> Result<(Finished, u64), Failure> {
        let here = self.desk.meters.borrow().values().map(|meter| meter.state.record.clone()).collect();
        let taken = self.desk.log.other_logs().into_iter().chain([MeterKey(REFUSED_FILE.to_owned())]);
        let (name, replaces) = (self.slices.name(), how == RestoreHow::Replace);
        let mut work = Work {
            desk: &self.desk,
            arrivals: Arrivals::new(here, taken, &name, contents, replaces),
            target: Target::Nothing,
            joined: BTreeMap::new(),
            restored: 0,
        };
        let read = self.read(async |frame| work.take(frame).await).await?;
        if read != seal {
            // It was changed since it was checked.
            return Err(Failure::File(Code::FileGone));
        }
        work.end(&name).await
    }

    /// Reads the whole file, frame by frame.
    async fn read(&self, mut each: impl AsyncFnMut(Frame) -> Result<(), Failure>) -> Result<Seal, Failure> {
        let (mut slices, mut reader) = (self.slices.clone(), Reader::default());
        while let Some(octets) = slices.next().await.map_err(|_| Failure::File(Code::FileGone))? {
            if self.stop.is_asked() {
                return Err(Failure::File(Code::FileStopped));
            }
            reader.push(&octets);
            while let Some(frame) = reader.next() {
                each(frame?).await?;
            }
            self.tell(&slices, RestoreState::Reading);
            self.desk.platform.sleep(0).await;
        }
        Ok(reader.finish()?)
    }

    fn tell(&self, slices: &P::Input, state: RestoreState) {
        let (of, done) = slices.octets();
        self.desk.tell(&Event::Restore { id: self.id, done, of, state });
    }
}

impl<P: Platform> Work<'_, P> {
    async fn take(&mut self, frame: Frame) -> Result<(), Failure> {
        match frame {
            Frame::Log(name) => self.begin(&name).await?,
            Frame::Row(shelf, number, row) => self.row(shelf, number, row).await?,
            frame => self.arrivals.take(frame),
        }
        Ok(())
    }

    async fn begin(&mut self, name: &MeterKey) -> Result<(), Failure> {
        self.end_log().await?;
        let log = &self.desk.log;
        match self.arrivals.place(name) {
            Place::Nowhere => {}
            Place::Whole(own) => {
                log.begin(&own).await?;
                self.target = Target::Log(log.restore(&own).await?);
            }
            Place::Beside(meter) => {
                if !self.joined.contains_key(&meter) {
                    let into = log.next_import(&meter);
                    log.begin(&into).await?;
                    self.joined.insert(meter.clone(), (into, self.desk.join(&meter).await?));
                }
                self.target = Target::Meter(meter);
            }
        }
        Ok(())
    }

    async fn row(&mut self, shelf: Shelf, number: i64, row: Vec<u8>) -> Result<(), Failure> {
        let entries = || -> Vec<Entry> {
            // It was read before, and is left out as in a log should it have changed since.
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
            Target::Meter(meter) if of_readings => {
                let Some((into, join)) = self.joined.get_mut(meter) else { return Ok(()) };
                let new = entries().into_iter().filter(|entry| join.takes(entry.received));
                let new: Vec<_> = new.map(|entry| (entry.received, entry.reading)).collect();
                self.desk.log.append_all(into, new).await?;
            }
            Target::Meter(_) => {}
        }
        Ok(())
    }

    async fn end_log(&mut self) -> Result<(), Failure> {
        if let Target::Log(restoring) = std::mem::replace(&mut self.target, Target::Nothing) {
            restoring.end().await?;
        }
        Ok(())
    }

    /// What comes with the logs that were made, and how many readings are new.
    async fn end(mut self, file: &str) -> Result<(Finished, u64), Failure> {
        self.end_log().await?;
        let (mut readings, mut imports) = (self.restored, Vec::new());
        for (meter, (log, join)) in self.joined {
            // Unless there is nothing new, or the meter was removed meanwhile.
            let is_here = self.desk.meters.borrow().contains_key(&meter);
            if let Some(span) = join.span.filter(|_| is_here) {
                readings += join.new;
                let (file, at) = (file.to_owned(), self.desk.platform.moment());
                imports.push(Import { log, meter, file, at, readings: join.new, span });
            }
        }
        Ok((self.arrivals.finish(imports), readings))
    }
}

impl<P: Platform> Desk<P> {
    /// Lets what was restored count, and goes on with it. Meters that go are read and forwarded until then; where the disk
    /// does not take the change, they stay.
    async fn switch(self: &Rc<Self>, finished: Finished, connection: &Connection) -> Result<(), LogError> {
        let gone = finished.gone.clone();
        for key in &gone {
            self.stop_reading(key).await;
        }
        self.stop_all_forwarding().await;
        let finished = async {
            connection.check()?;
            self.log.finish(finished).await
        };
        let settings = match finished.await {
            Ok(settings) => settings,
            Err(error) => {
                self.resume_reading();
                self.forward_all();
                return Err(error);
            }
        };
        for key in gone {
            self.meters.borrow_mut().remove(&key);
            self.forget_clock(&key);
            self.tell(&Event::Removed { meter: key });
        }
        self.find_new_keys().await;
        if settings.iter().any(|setting| matches!(setting, Setting::Broker(_))) {
            self.find_broker().await;
        }
        if let Err(error) = self.begin_anew().await {
            if error != LogError::Disk(DiskError::Closed) || !self.is_renewed().await {
                return Err(error);
            }
            self.begin_anew().await?;
        }
        self.forward_all();
        self.tell_imports();
        // What has just been restored may be gone again.
        Ok(connection.check()?)
    }

    /// Which quarters of an hour a meter has readings of, whoever heard them.
    pub(super) async fn join(&self, meter: &MeterKey) -> Result<Join, LogError> {
        let (mut join, mut next) = (Join::default(), Some(i64::MIN));
        while let Some(start) = next {
            let walked = self.log.walk_periods(meter, Grain::Quarters, start..=i64::MAX, |_| false).await?;
            join.knows(&walked.0);
            next = walked.1;
        }
        Ok(join)
    }

    /// Finds the meters that are new, and begins with them.
    pub(super) async fn begin_anew(self: &Rc<Self>) -> Result<(), LogError> {
        let known: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
        self.find_more_meters(&known).await?;
        let new = self.states().into_iter().filter(|state| !known.contains(&state.record.key));
        self.restored_time(&new.collect::<Vec<_>>()).await;
        let broker = self.forwarding.borrow().broker();
        self.tell(&Event::Ready { version: VERSION, meters: self.states(), broker, watching: false });
        let all: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
        for key in all.iter().filter(|key| !known.contains(key)) {
            if self.change(key, |meter| meter.state.record.reading) == Some(true) {
                self.read(key);
            }
        }
        Ok(())
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
