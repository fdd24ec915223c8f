//! [`Native`]: the platform under the engine of a tab.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_util::FutureExt;
use futures_util::future::{AbortHandle, LocalBoxFuture, abortable};
use futures_util::task::LocalSpawnExt;
use metertap_decoder::time::{Instant, MeterTime, Zone};
use metertap_engine::clock::{Clock, UnknownZone};
use metertap_engine::platform::{
    AddressRefused, Channel, FileError, LockError, Platform, Queued, SheetError,
};
use metertap_protocol::Event;
use metertap_readings::entry::Moment;
use metertap_readings::store::DiskError;

use crate::channels::carried;
use crate::disks::TabDisk;
use crate::files::{Handle, Opened, Reading, Table, Writing};
use crate::locks::{Held, Locks, Turn};
use crate::serial::Adapters;
use crate::sockets::Connection;
use crate::world::World;

/// A tab of the browser, seen from its worker. Clones share it.
#[derive(Clone)]
pub struct Native(Rc<Inner>);

struct Inner {
    world: World,
    number: usize,
    /// The browser's locks at the time the tab was opened.
    locks: Locks,
    tasks: RefCell<Vec<AbortHandle>>,
    commits: Rc<Cell<usize>>,
    disks: RefCell<Vec<TabDisk>>,
    told: Told,
    notified: RefCell<Vec<String>>,
    /// Tasks that wait until the tab is awake again. `None` while it is awake.
    frozen: RefCell<Option<Vec<Waker>>>,
}

/// The events sent to the window, each with the object sent beside it.
pub(crate) type Told = Rc<RefCell<Vec<(Event, Option<Handle>)>>>;

impl Native {
    pub(crate) fn new(world: &World, told: Told) -> Self {
        let number = usize::try_from(world.random() >> 1).unwrap_or_default();
        let (world, locks) = (world.clone(), world.locks());
        let (tasks, commits, disks) = (RefCell::default(), Rc::default(), RefCell::default());
        let frozen = RefCell::default();
        let notified = RefCell::default();
        Self(Rc::new(Inner { world, number, locks, tasks, commits, disks, told, notified, frozen }))
    }

    pub(crate) fn commits(&self) -> usize {
        self.0.commits.get()
    }

    pub(crate) fn notified(&self) -> Vec<String> {
        self.0.notified.borrow().clone()
    }

    pub(crate) fn cut(&self, why: &DiskError) {
        self.0.disks.borrow().iter().for_each(|disk| disk.disk.cut(why.clone()));
    }

    pub(crate) fn freeze(&self, frozen: bool) {
        let before = self.0.frozen.replace(frozen.then(Vec::new));
        before.into_iter().flatten().for_each(Waker::wake);
    }

    pub(crate) fn end(&self) {
        self.0.tasks.take().iter().for_each(AbortHandle::abort);
        self.0.world.inner().channels.forget(self.0.number);
    }
}

impl Clock for Native {
    fn now(&self) -> Instant {
        self.0.world.now()
    }

    fn moment(&self) -> Moment {
        self.0.world.moment()
    }

    async fn sleep_until(&self, deadline: Instant) {
        self.0.world.inner().timers.at(deadline).await;
    }

    fn local(&self, moment: Moment) -> Option<MeterTime> {
        let seconds = moment.0.div_euclid(1000);
        let offset = self.zone_of_house().offset(seconds);
        MeterTime::from_unix(seconds, i16::try_from(offset / 60).ok()?)
    }

    fn zone(&self) -> Result<Zone, UnknownZone> {
        self.0.world.inner().zone.borrow().clone()
    }

    fn zone_named(&self, name: &str) -> Result<Zone, UnknownZone> {
        Zone::named(name).ok_or_else(|| UnknownZone(name.to_owned()))
    }
}

impl Platform for Native {
    type Disk = TabDisk;
    type Serial = Adapters;
    type Socket = Connection;
    type Held = Held;
    type Keeper = Turn;
    type Handle = Handle;
    type Input = Reading;
    type Output = Writing;
    type Folder = Opened;
    type Sheet = Table;

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        let native = self.clone();
        let mut task = task;
        let task = poll_fn(move |context| {
            if let Some(waiting) = &mut *native.0.frozen.borrow_mut() {
                waiting.push(context.waker().clone());
                return Poll::Pending;
            }
            task.poll_unpin(context)
        });
        let (task, handle) = abortable(task);
        self.0.tasks.borrow_mut().push(handle);
        let spawned = self.0.world.inner().spawner.spawn_local(async move {
            let _ = task.await;
        });
        spawned.expect("the pool exists as long as the world");
    }

    async fn open(&self, name: &str) -> Result<TabDisk, DiskError> {
        let disk = self.0.world.disks().open(name, Rc::clone(&self.0.commits))?;
        self.0.disks.borrow_mut().push(disk.clone());
        Ok(disk)
    }

    fn random(&self) -> u64 {
        self.0.world.random()
    }

    fn serial(&self) -> Option<Adapters> {
        Some(self.0.world.adapters().clone())
    }

    fn connect(&self, url: &str, _subprotocol: Option<&str>) -> Result<Connection, AddressRefused> {
        if url.starts_with("ws") { Ok(self.0.world.brokers().connect(url)) } else { Err(AddressRefused) }
    }

    async fn lock(&self, name: &str) -> Result<Held, LockError> {
        self.0.locks.hold(name).await
    }

    async fn queue(&self, lock: &str, seen: &str, mark: &str) -> Queued<Turn> {
        self.0.world.locks().queue(lock, seen, mark).await
    }

    fn channel(&self, name: &str) -> Channel<Handle> {
        self.0.world.inner().channels.listen(self.0.number, name)
    }

    fn tell(&self, event: &Event, beside: Option<&Handle>) {
        self.0.told.borrow_mut().push((carried(event), beside.cloned()));
    }

    fn input(&self, file: &Handle) -> Option<Reading> {
        match file {
            Handle::File(file) => Some(Reading { file: Rc::clone(file), place: 0 }),
            Handle::Folder(_) | Handle::Blob(_) => None,
        }
    }

    async fn output(&self, into: Option<&Handle>) -> Result<Writing, FileError> {
        let into = match into {
            Some(Handle::File(file)) => Some(Rc::clone(file)),
            _ => None,
        };
        Ok(Writing { into, bytes: RefCell::default() })
    }

    fn folder(&self, handle: &Handle) -> Option<Opened> {
        match handle {
            Handle::Folder(folder) => Some(Opened(Rc::clone(folder))),
            Handle::File(_) | Handle::Blob(_) => None,
        }
    }

    async fn room(&self) -> Option<(u64, u64)> {
        None
    }

    fn notify(&self, title: &str, _text: &str) {
        self.0.notified.borrow_mut().push(title.to_owned());
    }

    async fn remembered_folder(&self) -> Option<Handle> {
        self.0.world.inner().remembered_folder.borrow().clone()
    }

    async fn keep_folder(&self, folder: Option<&Handle>) -> Result<(), DiskError> {
        self.0.world.inner().remembered_folder.replace(folder.cloned());
        Ok(())
    }

    async fn sheet(&self) -> Result<Table, SheetError> {
        Ok(Table::default())
    }
}
