//! Writes a range of the log into a file, a chunk at a time, and tells how far it has come.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

use metertap_readings::entry::Moment;
use metertap_readings::export::Exporter;
use metertap_readings::log::block::Block;
use metertap_readings::log::calendar::{Day, Quarter};
use metertap_readings::log::journal::Grain;
use metertap_readings::store::{MeterKey, Store};
use wasm_bindgen::JsValue;

use super::desk::Desk;
use super::task::{Stop, Task};
use crate::browser::clock;
use crate::browser::file_save::{FileSave, SaveError};
use crate::browser::indexed_db::DatabaseError;
use crate::protocol::{Event, ExportEnd, ExportOptions};

impl Desk {
    /// Begins an export: into the file behind the handle, or into a blob that the window saves.
    pub(crate) fn export(
        self: &Rc<Self>,
        id: u32,
        meters: Vec<MeterKey>,
        span: (Option<Moment>, Option<Moment>),
        options: ExportOptions,
        handle: Option<JsValue>,
    ) {
        let desk = Rc::clone(self);
        let moments = span.0.unwrap_or(Moment(i64::MIN))..=span.1.unwrap_or(Moment(i64::MAX));
        let task = Task::begin(|stop| async move {
            let mut export = Export { desk, id, meters, moments, options, done: 0, of: 0, stop };
            let (end, blob) = match export.run(handle).await {
                Ok(Ended::Complete(blob)) => (ExportEnd::Complete, blob),
                Ok(Ended::Stopped) => (ExportEnd::Stopped, None),
                Err(failure) => (ExportEnd::Failed(failure.0), None),
            };
            export.tell_end(end, blob);
        });
        self.exports.borrow_mut().insert(id, task);
    }
}

struct Export {
    desk: Rc<Desk>,
    id: u32,
    meters: Vec<MeterKey>,
    moments: RangeInclusive<Moment>,
    options: ExportOptions,
    /// Entries written.
    done: u64,
    of: u64,
    stop: Stop,
}

enum Ended {
    Complete(Option<JsValue>),
    Stopped,
}

/// What failed, in the browser's words.
struct Failure(String);

/// What is to be written of a meter.
struct Part {
    meter: MeterKey,
    name: String,
    /// Its logs, each with the last number that was there when the export began.
    logs: Vec<(MeterKey, u64)>,
}

impl Export {
    async fn run(&mut self, handle: Option<JsValue>) -> Result<Ended, Failure> {
        let file = match handle {
            Some(handle) => FileSave::into_file(handle).await?,
            None => FileSave::in_memory(),
        };
        match self.write(&file).await {
            Ok(true) => {
                let blob = file.finish(self.options.form.media_type()).await?;
                Ok(Ended::Complete(blob.map(JsValue::from)))
            }
            Ok(false) => {
                file.abandon().await;
                Ok(Ended::Stopped)
            }
            Err(failure) => {
                file.abandon().await;
                Err(failure)
            }
        }
    }

    /// Writes everything; `false` if asked to stop on the way.
    async fn write(&mut self, file: &FileSave) -> Result<bool, Failure> {
        let mut parts = Vec::new();
        for meter in &self.meters {
            let mut logs = Vec::new();
            for log in self.desk.log.logs(meter) {
                let last = self.desk.log.span(&log).await?.map_or(0, |(_, last)| last);
                logs.push((log, last));
            }
            self.of += self.desk.log.count(meter, self.moments.clone()).await?;
            parts.push(Part { meter: meter.clone(), name: self.desk.name_of(meter), logs });
        }
        self.tell();
        let mut exporter = Exporter::new(&self.options, self.desk.zone.get());
        if exporter.needs_columns() {
            for part in &parts {
                self.see(part, &mut exporter).await?;
            }
        }
        let mut out = Vec::with_capacity(AT_ONCE * 2);
        exporter.head(&mut out);
        for part in &parts {
            exporter.meter(&part.name, &mut out);
            match self.options.grain() {
                None => self.entries(part, &mut exporter, &mut out, file).await?,
                Some(grain) => self.periods(part, grain, &mut exporter, &mut out, file).await?,
            }
        }
        exporter.end(&mut out);
        file.write(&out).await?;
        Ok(!self.stop.is_asked())
    }

    /// Has a table see which columns it needs.
    async fn see(&self, part: &Part, exporter: &mut Exporter) -> Result<(), Failure> {
        let log = &self.desk.log;
        if let Some(grain) = self.options.grain() {
            let range = self.range(grain);
            let mut next = Some(*range.start());
            let exporter = RefCell::new(exporter);
            let see = |track| {
                exporter.borrow_mut().see_track(track);
                // Which ones there are is all that is asked.
                false
            };
            while let Some(start) = next
                && !self.stop.is_asked()
            {
                (_, next) = log.walk_periods(&part.meter, grain, start..=*range.end(), see).await?;
            }
            return Ok(());
        }
        for (name, last) in &part.logs {
            let mut next = Some(0);
            while let Some(seq) = next
                && !self.stop.is_asked()
            {
                let see = |list: &mut dyn Iterator<Item = &_>| exporter.see_shapes(list);
                next = log.walk_lists(name, seq..=*last, &self.moments, see).await?;
            }
        }
        Ok(())
    }

    async fn entries(
        &mut self,
        part: &Part,
        exporter: &mut Exporter,
        out: &mut Vec<u8>,
        file: &FileSave,
    ) -> Result<(), Failure> {
        let desk = Rc::clone(&self.desk);
        for (log, last) in &part.logs {
            let mut next = Some(0);
            while let Some(seq) = next
                && !self.stop.is_asked()
            {
                let done = &mut self.done;
                let write = |entry: &_| {
                    *done += 1;
                    exporter.entry(entry, out);
                };
                next = desk.log.walk(log, seq..=*last, &self.moments, write).await?;
                self.hand_over(out, file).await?;
            }
        }
        Ok(())
    }

    /// Roll-ups. What lies just before the range says where its counters stood.
    async fn periods(
        &mut self,
        part: &Part,
        grain: Grain,
        exporter: &mut Exporter,
        out: &mut Vec<u8>,
        file: &FileSave,
    ) -> Result<(), Failure> {
        let (desk, range) = (Rc::clone(&self.desk), self.range(grain));
        let (start, end) = (*range.start(), *range.end());
        if let (Some(before), true) = (start.checked_sub(1), self.moments.start().0 > i64::MIN) {
            let (Block(earlier), _) =
                desk.log.walk_periods(&part.meter, grain, before - A_WHILE..=before, |_| true).await?;
            earlier.values().for_each(|rolled| exporter.earlier(rolled));
        }
        let mut next = Some(start);
        while let Some(start) = next
            && !self.stop.is_asked()
        {
            let (Block(periods), behind) =
                desk.log.walk_periods(&part.meter, grain, start..=end, |_| true).await?;
            next = behind;
            for (number, rolled) in &periods {
                self.done += rolled.readings;
                exporter.period(*number, rolled, out);
            }
            self.hand_over(out, file).await?;
        }
        Ok(())
    }

    /// The quarters or days of the time that is asked for.
    fn range(&self, grain: Grain) -> RangeInclusive<i64> {
        let number = |moment: &Moment| match grain {
            Grain::Quarters => Quarter::of(*moment).0,
            Grain::Days => Day::of(Quarter::of(*moment), self.desk.zone.get()).0,
        };
        number(self.moments.start())..=number(self.moments.end())
    }

    /// Writes what has gathered, if it is worth it, and lets others have their turn.
    async fn hand_over(&self, out: &mut Vec<u8>, file: &FileSave) -> Result<(), Failure> {
        if out.len() >= AT_ONCE {
            file.write(out).await?;
            out.clear();
            self.tell();
            clock::sleep(0).await;
        }
        Ok(())
    }

    fn tell(&self) {
        self.desk.tell_damage();
        self.desk.tell(&Event::Export {
            id: self.id,
            done: self.done,
            of: self.of.max(self.done),
            end: None,
        });
    }

    fn tell_end(&self, end: ExportEnd, blob: Option<JsValue>) {
        let event = Event::Export { id: self.id, done: self.done, of: self.of, end: Some(end) };
        match blob {
            Some(blob) => self.desk.tell_with(&event, &blob),
            None => self.desk.tell(&event),
        }
    }
}

impl From<SaveError> for Failure {
    fn from(error: SaveError) -> Self {
        Self(error.name)
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self(error.to_string())
    }
}

/// Octets that are handed to the file at once.
const AT_ONCE: usize = 1 << 20;
/// How many quarters or days before the range are looked at for what its counters showed.
const A_WHILE: i64 = 96;
