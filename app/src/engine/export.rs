//! Writes a range of the log into a file, a page at a time, and tells how far it has come.

use std::rc::Rc;

use metertap_readings::entry::{Entry, Moment};
use metertap_readings::export::{Columns, Exporter};
use metertap_readings::store::{MeterKey, Store};
use wasm_bindgen::JsValue;

use super::desk::Desk;
use super::pages::Pages;
use super::task::{Stop, Task};
use crate::browser::file_save::{FileSave, SaveError};
use crate::browser::indexed_db::DatabaseError;
use crate::protocol::{Event, ExportEnd, ExportFormat};

impl Desk {
    /// Begins an export: into the file behind the handle, or into a blob that the window saves.
    pub(crate) fn export(
        self: &Rc<Self>,
        id: u32,
        meters: Vec<MeterKey>,
        span: (Option<Moment>, Option<Moment>),
        format: ExportFormat,
        handle: Option<JsValue>,
    ) {
        let desk = Rc::clone(self);
        let span = (span.0.unwrap_or(Moment(i64::MIN)), span.1.unwrap_or(Moment(i64::MAX)));
        let task = Task::begin(|stop| async move {
            let mut export = Export { desk, id, meters, span, format, done: 0, of: 0, stop };
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
    span: (Moment, Moment),
    format: ExportFormat,
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

impl Export {
    async fn run(&mut self, handle: Option<JsValue>) -> Result<Ended, Failure> {
        let file = match handle {
            Some(handle) => FileSave::into_file(handle).await?,
            None => FileSave::in_memory(),
        };
        match self.write(&file).await {
            Ok(true) => {
                let blob = file.finish(self.format.media_type()).await?;
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
        let desk = Rc::clone(&self.desk);
        let mut ends = Vec::new();
        for meter in &self.meters {
            let last = desk.log.span(meter).await?.map_or(0, |(_, last)| last);
            self.of += Pages::new(&desk.log, meter, self.span, last).entries().await?;
            ends.push((meter.clone(), last));
        }
        self.tell();
        let mut columns = Columns::default();
        if self.format.needs_columns() {
            // A table needs its columns before its first row: the range is read twice.
            for (meter, last) in &ends {
                let mut pages = Pages::new(&desk.log, meter, self.span, *last);
                while let Some(page) = self.next(&mut pages).await? {
                    page.iter().for_each(|entry| columns.see(entry));
                }
            }
        }
        let exporter = Exporter::new(self.format, columns);
        file.write(&exporter.header()).await?;
        for (meter, last) in &ends {
            let mut pages = Pages::new(&desk.log, meter, self.span, *last);
            while let Some(page) = self.next(&mut pages).await? {
                let rows: String = page.iter().map(|entry| exporter.row(entry)).collect();
                file.write(&rows).await?;
                self.done += page.len() as u64;
                self.tell();
            }
        }
        Ok(!self.stop.is_asked())
    }

    /// The next page; none at the end, or when asked to stop.
    async fn next(&self, pages: &mut Pages<'_>) -> Result<Option<Vec<Entry>>, Failure> {
        if self.stop.is_asked() {
            return Ok(None);
        }
        let page = pages.next().await?;
        Ok(Some(page).filter(|page| !page.is_empty()))
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
