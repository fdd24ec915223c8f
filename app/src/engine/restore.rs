//! Reads a backup: whether it is whole first, and only then, as the person says, into the log.

use std::collections::BTreeMap;
use std::rc::Rc;

use metertap_readings::backup::{Check, Contents, Frame, Reader, Refusal};
use metertap_readings::entry::Entry;
use metertap_readings::import::{Import, Join};
use metertap_readings::log::chunk::Chunk;
use metertap_readings::log::journal::{Grain, Restoring};
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::{MeterKey, SourceRecord, Store};
use wasm_bindgen::JsValue;

use super::backup::is_kept;
use super::desk::Desk;
use super::log::{Finished, failed};
use super::rows::Rows;
use super::task::{Stop, Task};
use super::time::this_moment;
use super::trouble::{not_kept, trouble};
use crate::browser::clock;
use crate::browser::file_slices::FileSlices;
use crate::browser::indexed_db::DatabaseError;
use crate::protocol::{BackupContents, Event, RestoreHow, RestoreState, Trouble, VERSION};

impl Desk {
    /// Begins to look at a backup, or to restore it.
    pub(crate) fn restore(self: &Rc<Self>, id: u32, how: RestoreHow, file: &JsValue) {
        let Some(slices) = FileSlices::new(file) else { return };
        let desk = Rc::clone(self);
        let task = Task::begin(|stop| async move {
            let intake = Rc::clone(&desk);
            let _alone = intake.intake.lock().await;
            let restore = Restore { desk, id, slices, stop };
            let ended = restore.run(how).await;
            let state = ended.unwrap_or_else(|failure| RestoreState::Refused(failure.0));
            restore.tell(&restore.slices, state);
        });
        self.exports.borrow_mut().insert(id, task);
    }
}

struct Restore {
    desk: Rc<Desk>,
    id: u32,
    /// The file, unread.
    slices: FileSlices,
    stop: Stop,
}

/// What was found wrong, or failed.
struct Failure(Trouble);

/// What is done with the frames of a backup that is known to be whole.
struct Work<'a> {
    desk: &'a Desk,
    how: RestoreHow,
    secrets: bool,
    finished: Finished,
    /// The log that rows come for.
    target: Target<'a>,
    /// Imports into meters that are here already.
    joined: BTreeMap<MeterKey, (MeterKey, Join)>,
    /// How many readings were restored as they are.
    restored: u64,
}

enum Target<'a> {
    /// Rows of no meter that anyone knows.
    Nothing,
    /// A log that is not here.
    Log(Restoring<'a, Rows>),
    /// A meter that is here.
    Meter(MeterKey),
}

impl Restore {
    async fn run(&self, how: RestoreHow) -> Result<RestoreState, Failure> {
        let mut check = Check::default();
        self.read(|frame| std::future::ready(check.take(&frame).map_err(Failure::from))).await?;
        let contents = check.finish()?;
        if how == RestoreHow::Check {
            return Ok(RestoreState::Sound(told(&contents)));
        }
        // What was left unfinished before must not be finished by this.
        self.desk.log.remove_unfinished().await?;
        if how == RestoreHow::Replace {
            let keys: Vec<MeterKey> = self.desk.meters.borrow().keys().cloned().collect();
            for key in keys {
                self.desk.remove(&key).await;
            }
        }
        let restored = self.restore(how, &contents).await;
        if restored.is_err() {
            // Whatever is left goes the next time at the latest.
            let _ = self.desk.log.remove_unfinished().await;
        }
        let readings = restored?;
        self.desk.begin_anew().await?;
        self.desk.tell_imports();
        Ok(RestoreState::Complete { readings })
    }

    async fn restore(&self, how: RestoreHow, contents: &Contents) -> Result<u64, Failure> {
        let secrets = contents.manifest.as_ref().is_some_and(|manifest| manifest.secrets);
        let (finished, joined) = (Finished::default(), BTreeMap::new());
        let mut work =
            Work { desk: &self.desk, how, secrets, finished, target: Target::Nothing, joined, restored: 0 };
        self.read(async |frame| work.take(frame).await).await?;
        work.end(self.slices.name()).await
    }

    /// Reads the whole file, frame by frame.
    async fn read(&self, mut each: impl AsyncFnMut(Frame) -> Result<(), Failure>) -> Result<(), Failure> {
        let (mut slices, mut reader) = (self.slices.clone(), Reader::default());
        while let Some(octets) = slices.next().await.map_err(|_| Failure(trouble(GONE, slices.name())))? {
            if self.stop.is_asked() {
                return Err(Failure(trouble(STOPPED, slices.name())));
            }
            reader.push(&octets);
            while let Some(frame) = reader.next() {
                each(frame?).await?;
            }
            self.tell(&slices, RestoreState::Reading);
            clock::sleep(0).await;
        }
        Ok(reader.finish()?)
    }

    fn tell(&self, slices: &FileSlices, state: RestoreState) {
        let (of, done) = slices.octets();
        self.desk.tell(&Event::Restore { id: self.id, done, of, state });
    }
}

impl Work<'_> {
    async fn take(&mut self, frame: Frame) -> Result<(), Failure> {
        let log = &self.desk.log;
        match frame {
            Frame::Manifest(_) => {}
            Frame::Meter(mut record) => {
                // Whoever saves a first look at a file, and brings it back, keeps it.
                if let SourceRecord::File { kept, .. } = &mut record.source {
                    *kept = true;
                }
                if !self.is_here(&record.key) {
                    self.finished.meters.push(record);
                }
            }
            Frame::Cursor(cursor) => {
                if !self.is_here(&cursor.meter) {
                    self.finished.cursors.push(cursor);
                }
            }
            Frame::Setting(setting) => {
                let is_new = self.how == RestoreHow::Replace || log.setting(&setting.name).await?.is_none();
                if is_new && is_kept(&setting, self.secrets) {
                    self.finished.settings.push(setting);
                }
            }
            Frame::Import(import) => {
                if !self.is_here(&import.meter) {
                    self.finished.imports.push(import);
                }
            }
            Frame::Log(name) => self.begin(name).await?,
            Frame::Row(shelf, number, row) => self.row(shelf, number, row).await?,
        }
        Ok(())
    }

    /// Whether a meter was here before. Meters are read on meanwhile, and none of the new ones is in the table yet.
    fn is_here(&self, meter: &MeterKey) -> bool {
        self.desk.meters.borrow().contains_key(meter)
    }

    async fn begin(&mut self, name: MeterKey) -> Result<(), Failure> {
        self.end_log().await?;
        let meter = MeterKey(name.0.split('+').next().unwrap_or_default().to_owned());
        let log = &self.desk.log;
        if self.finished.meters.iter().any(|record| record.key == meter) {
            log.begin(&name).await?;
            self.target = Target::Log(log.restore(&name).await?);
        } else if self.is_here(&meter) {
            if !self.joined.contains_key(&meter) {
                let into = log.next_import(&meter);
                log.begin(&into).await?;
                self.joined.insert(meter.clone(), (into, self.desk.join(&meter).await?));
            }
            self.target = Target::Meter(meter);
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
                restoring.row(shelf, number, row).await.map_err(failed)?;
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
            restoring.end().await.map_err(failed)?;
        }
        Ok(())
    }

    /// Everything counts from here on; answers with the number of new readings.
    async fn end(mut self, file: String) -> Result<u64, Failure> {
        self.end_log().await?;
        let mut readings = self.restored;
        for (meter, (log, join)) in self.joined {
            if let Some(span) = join.span {
                readings += join.new;
                let (file, at) = (file.clone(), this_moment());
                self.finished.imports.push(Import { log, meter, file, at, readings: join.new, span });
            }
        }
        self.desk.log.finish(self.finished).await?;
        Ok(readings)
    }
}

impl Desk {
    /// Which quarters of an hour a meter has readings of, whoever heard them.
    pub(super) async fn join(&self, meter: &MeterKey) -> Result<Join, DatabaseError> {
        let (mut join, mut next) = (Join::default(), Some(i64::MIN));
        while let Some(start) = next {
            let walked = self.log.walk_periods(meter, Grain::Quarters, start..=i64::MAX, |_| false).await?;
            join.knows(&walked.0);
            next = walked.1;
        }
        Ok(join)
    }

    /// Finds the meters that are new, and begins with them.
    pub(super) async fn begin_anew(self: &Rc<Self>) -> Result<(), DatabaseError> {
        let known: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
        self.find_more_meters(&known).await?;
        let broker = self.find_broker().await;
        self.tell(&Event::Ready { version: VERSION, meters: self.states(), broker, watching: false });
        let all: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
        for key in all.iter().filter(|key| !known.contains(key)) {
            if self.change(key, |meter| meter.state.record.reading) == Some(true) {
                self.read(key);
            }
            self.forward_anew(key).await;
        }
        Ok(())
    }
}

fn told(contents: &Contents) -> BackupContents {
    let Contents { manifest, meters, readings, span } = contents;
    BackupContents {
        at: manifest.as_ref().map(|manifest| manifest.at).unwrap_or_default(),
        secrets: manifest.as_ref().is_some_and(|manifest| manifest.secrets),
        meters: *meters,
        readings: *readings,
        span: *span,
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let detail = match refusal {
            Refusal::Version(version) => format!("version {version}"),
            _ => String::new(),
        };
        Self(trouble(refusal.code(), detail))
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self(not_kept(&error))
    }
}

const GONE: &str = "file.gone";
const STOPPED: &str = "file.stopped";
