//! `Notices`: events that a user should be told of. The watcher, which is the code that applies the rules, is fetched
//! ten seconds after the start. Until then, events wait in a queue.

mod work;

use futures_channel::mpsc::{UnboundedSender, unbounded};
use metertap_decoder::time::Zone;
use metertap_protocol::{Event, Row};
use metertap_readings::archive::Archive;
use metertap_readings::entry::Moment;
use metertap_readings::notices::page::Sink;
use metertap_readings::store::MeterKey;

use self::work::NoticeNews;
pub use self::work::NoticeWork;
use crate::fact::Facts;
use crate::part::Part;
use crate::platform::Platform;
use crate::task::Task;

pub(crate) struct Notices<P: Platform> {
    platform: P,
    archive: Archive<P::Disk>,
    facts: Facts<P>,
    part: Part<NoticeWork<P>>,
    /// Sends events to the watcher. `None` while nothing is watched.
    watcher: Option<UnboundedSender<NoticeNews>>,
    /// Fetches the watcher's code and runs it.
    watching: Option<Task>,
    /// What the windows were last told: how many notices are open, and the board that they show.
    told: Option<(u32, Vec<u8>)>,
}

impl<P: Platform> Notices<P> {
    pub(crate) const fn new(
        platform: P,
        archive: Archive<P::Disk>,
        facts: Facts<P>,
        part: Part<NoticeWork<P>>,
    ) -> Self {
        Self { platform, archive, facts, part, watcher: None, watching: None, told: None }
    }

    /// Begins to watch these meters, each with the time of its last reading.
    pub(crate) fn begin(&mut self, meters: Vec<(MeterKey, Option<Moment>)>, zone: Zone) {
        let (tell, happened) = unbounded();
        let (platform, archive, facts) = (self.platform.clone(), self.archive.clone(), self.facts.clone());
        let work = NoticeWork { platform, archive, facts, happened, meters, zone };
        let (platform, part) = (self.platform.clone(), self.part);
        let (task, watching) = Task::new(|stop| async move {
            if !stop.comes_before(platform.sleep(SOON)).await {
                // If the code cannot be fetched, the receiver is dropped, and watching begins again later.
                let _ = part(work).await;
            }
        });
        self.platform.spawn(watching);
        (self.watcher, self.watching) = (Some(tell), Some(task));
    }

    /// Whether meters are being watched, or will be.
    pub(crate) fn goes_on(&self) -> bool {
        self.watcher.as_ref().is_some_and(|watcher| !watcher.is_closed())
    }

    pub(crate) fn stop(&mut self) {
        (self.watcher, self.watching) = (None, None);
    }

    /// A reading is in the log. `interval` is that of its meter in milliseconds. `on_line` is `false` for a simulated
    /// meter.
    pub(crate) fn hear(&self, meter: &MeterKey, row: &Row, interval: Option<u32>, on_line: bool) {
        if self.goes_on() {
            self.tell(NoticeNews::Reading { meter: meter.clone(), row: row.clone(), interval, on_line });
        }
    }

    /// A meter has sent a reading that the disk did not take.
    pub(crate) fn is_not_kept(&self, meter: &MeterKey) {
        self.tell(NoticeNews::NotKept(meter.clone()));
    }

    /// A meter is no longer read.
    pub(crate) fn forget(&self, meter: &MeterKey) {
        self.tell(NoticeNews::Stopped(meter.clone()));
    }

    /// Tells the watcher the state of forwarding; `None` if nothing is forwarded.
    pub(crate) fn forwards(&self, sink: Option<Sink>) {
        self.tell(NoticeNews::Forward(sink));
    }

    pub(crate) fn is_full(&self) {
        self.tell(NoticeNews::Full);
    }

    pub(crate) fn set(&self, limits: Vec<u8>) {
        self.tell(NoticeNews::Limits(limits));
    }

    /// The user has read the notices that are over.
    pub(crate) fn clear(&self) {
        self.tell(NoticeNews::Read);
    }

    pub(crate) fn is_told(&mut self, open: u32, board: Vec<u8>) {
        self.told = Some((open, board));
    }

    /// What the windows were last told, for a window that has been told nothing yet.
    pub(crate) fn board(&self) -> Option<Event> {
        self.told.clone().map(|(open, board)| Event::Noticed { open, board })
    }

    fn tell(&self, happened: NoticeNews) {
        if let Some(watcher) = &self.watcher {
            // If the watcher has ended, watching begins again within a minute.
            let _ = watcher.unbounded_send(happened);
        }
    }
}

/// Milliseconds before the code is fetched. It must not delay the first reading on screen.
const SOON: u64 = 10_000;
