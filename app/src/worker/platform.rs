//! [`Browser`]: the engine's platform in a worker.

use futures_util::future::LocalBoxFuture;
use metertap_decoder::time::{Instant, MeterTime, Zone};
use metertap_engine::clock::{Clock, UnknownZone};
use metertap_engine::platform::{
    AddressRefused, Channel, FileError, LockError, Platform, Queued, SheetError,
};
use metertap_readings::entry::Moment;
use metertap_readings::store::DiskError;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::disk::IndexedDisk;
use super::rare::Rare;
use super::workbook::Workbook;
use super::{channel, window};
use crate::browser::clock::{local_time, monotonic_milliseconds, sleep, unix_milliseconds};
use crate::browser::file_save::FileSave;
use crate::browser::file_slices::FileSlices;
use crate::browser::folder::Folder;
use crate::browser::lock_keeper::LockKeeper;
use crate::browser::serial::Serial;
use crate::browser::web_lock::{self, Held};
use crate::browser::websocket::WebSocket;
use crate::browser::worker_port::WorkerPort;
use crate::browser::{notification, random, remembered_folder, storage};
use crate::protocol::Event;
use crate::zone;

/// A browser as seen from a worker.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// `None` if nobody receives the events.
    window: Option<WorkerPort>,
    rare: Rare,
}

impl Browser {
    pub(super) fn new(window: WorkerPort, rare: Rare) -> Self {
        Self { window: Some(window), rare }
    }
}

impl Clock for Browser {
    fn now(&self) -> Instant {
        Instant(monotonic_milliseconds())
    }

    fn moment(&self) -> Moment {
        Moment(unix_milliseconds())
    }

    async fn sleep_until(&self, deadline: Instant) {
        sleep(deadline.0.saturating_sub(self.now().0)).await;
    }

    fn local(&self, moment: Moment) -> Option<MeterTime> {
        let local = local_time(moment.0);
        let part = |number: u32| i8::try_from(number).ok();
        let (hour, minute, second) = local.clock;
        MeterTime::new(
            i16::try_from(local.year).ok()?,
            part(local.month)?,
            part(local.day)?,
            (part(hour)?, part(minute)?, part(second)?),
            i16::try_from(local.offset_minutes).ok()?,
        )
    }

    fn zone(&self) -> Result<Zone, UnknownZone> {
        zone::here().map_err(UnknownZone)
    }

    fn zone_named(&self, name: &str) -> Result<Zone, UnknownZone> {
        super::zone::named(name)
    }
}

impl Platform for Browser {
    type Disk = IndexedDisk;
    type Serial = Serial;
    type Socket = WebSocket;
    type Held = Held;
    type Keeper = LockKeeper;
    type Handle = JsValue;
    type Input = FileSlices;
    type Output = FileSave;
    type Folder = Folder;
    type Sheet = Workbook;

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        spawn_local(task);
    }

    async fn open(&self, name: &str) -> Result<IndexedDisk, DiskError> {
        IndexedDisk::open_reading(name, self.rare.entries).await
    }

    fn random(&self) -> u64 {
        u64::from_le_bytes(random::octets())
    }

    fn serial(&self) -> Option<Serial> {
        Serial::find()
    }

    fn connect(&self, url: &str, subprotocol: Option<&str>) -> Result<WebSocket, AddressRefused> {
        WebSocket::open(url, subprotocol).map_err(|_| AddressRefused)
    }

    async fn lock(&self, name: &str) -> Result<Held, LockError> {
        Ok(web_lock::hold(name).await?)
    }

    async fn queue(&self, lock: &str, seen: &str, mark: &str) -> Queued<LockKeeper> {
        LockKeeper::queue(lock, seen, mark).await.into()
    }

    fn channel(&self, name: &str) -> Channel<JsValue> {
        channel::listen(name, self.rare.told)
    }

    fn tell(&self, event: &Event, beside: Option<&JsValue>) {
        if let Some(port) = &self.window {
            window::tell(port, event, beside);
        }
    }

    fn input(&self, file: &JsValue) -> Option<FileSlices> {
        FileSlices::new(file)
    }

    async fn output(&self, into: Option<&JsValue>) -> Result<FileSave, FileError> {
        match into {
            Some(handle) => Ok(FileSave::into_file(handle.clone()).await?),
            None => Ok(FileSave::in_memory()),
        }
    }

    fn folder(&self, handle: &JsValue) -> Option<Folder> {
        Folder::of(handle)
    }

    async fn room(&self) -> Option<(u64, u64)> {
        storage::room_of_worker().await
    }

    fn notify(&self, title: &str, text: &str) {
        notification::show(title, text);
    }

    async fn remembered_folder(&self) -> Option<JsValue> {
        remembered_folder::find().await.ok().flatten().map(JsValue::from)
    }

    async fn keep_folder(&self, folder: Option<&JsValue>) -> Result<(), DiskError> {
        match folder.and_then(Folder::of) {
            Some(folder) => Ok(remembered_folder::remember(&folder.0).await?),
            None => Ok(remembered_folder::forget().await?),
        }
    }

    async fn sheet(&self) -> Result<Workbook, SheetError> {
        Workbook::begin().await
    }
}
