//! `Notices`: what is worth telling a person who does not look. What is watched by which rule is code that is fetched ten
//! seconds after the start; until then, what happens waits for it.

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

/// What is watched.
pub(crate) struct Notices<P: Platform> {
    platform: P,
    archive: Archive<P::Disk>,
    facts: Facts<P>,
    part: Part<NoticeWork<P>>,
    /// Whom what happens is told; none while nothing is watched.
    watcher: Option<UnboundedSender<NoticeNews>>,
    /// Fetches the watcher's code and runs it.
    watching: Option<Task>,
    /// How many notices go on, and what screens show, as they were told last.
    told: Option<(u32, Vec<u8>)>,
}

impl<P: Platform> Notices<P> {
    /// Nothing is watched as yet.
    pub(crate) const fn new(
        platform: P,
        archive: Archive<P::Disk>,
        facts: Facts<P>,
        part: Part<NoticeWork<P>>,
    ) -> Self {
        Self { platform, archive, facts, part, watcher: None, watching: None, told: None }
    }

    /// Begins to watch these meters, each with the moment at which it was last heard.
    pub(crate) fn begin(&mut self, meters: Vec<(MeterKey, Option<Moment>)>, zone: Zone) {
        let (tell, happened) = unbounded();
        let (platform, archive, facts) = (self.platform.clone(), self.archive.clone(), self.facts.clone());
        let work = NoticeWork { platform, archive, facts, happened, meters, zone };
        let (platform, part) = (self.platform.clone(), self.part);
        let (task, watching) = Task::new(|stop| async move {
            if !stop.comes_before(platform.sleep(SOON)).await {
                // Where the code does not come, nobody hears what happens, and it is begun anew.
                let _ = part(work).await;
            }
        });
        self.platform.spawn(watching);
        (self.watcher, self.watching) = (Some(tell), Some(task));
    }

    /// Whether something is watched, or will be.
    pub(crate) fn goes_on(&self) -> bool {
        self.watcher.as_ref().is_some_and(|watcher| !watcher.is_closed())
    }

    /// Nothing is watched any more.
    pub(crate) fn stop(&mut self) {
        (self.watcher, self.watching) = (None, None);
    }

    /// A reading is in the log: how often its meter speaks, and whether it came over a line.
    pub(crate) fn hear(&self, meter: &MeterKey, row: &Row, interval: Option<u32>, on_line: bool) {
        if self.goes_on() {
            self.tell(NoticeNews::Reading { meter: meter.clone(), row: row.clone(), interval, on_line });
        }
    }

    /// A meter is not read any more.
    pub(crate) fn forget(&self, meter: &MeterKey) {
        self.tell(NoticeNews::Stopped(meter.clone()));
    }

    /// How forwarding goes; none where nothing is forwarded.
    pub(crate) fn forwards(&self, sink: Option<Sink>) {
        self.tell(NoticeNews::Forward(sink));
    }

    /// The disk was full.
    pub(crate) fn is_full(&self) {
        self.tell(NoticeNews::Full);
    }

    /// A person has set these limits.
    pub(crate) fn set(&self, limits: Vec<u8>) {
        self.tell(NoticeNews::Limits(limits));
    }

    /// A person has read what is over.
    pub(crate) fn clear(&self) {
        self.tell(NoticeNews::Read);
    }

    /// This is told to screens.
    pub(crate) fn is_told(&mut self, open: u32, board: Vec<u8>) {
        self.told = Some((open, board));
    }

    /// The same for a window that knows nothing yet.
    pub(crate) fn board(&self) -> Option<Event> {
        self.told.clone().map(|(open, board)| Event::Noticed { open, board })
    }

    fn tell(&self, happened: NoticeNews) {
        if let Some(watcher) = &self.watcher {
            // Where nobody hears, it is begun anew within a minute.
            let _ = watcher.unbounded_send(happened);
        }
    }
}

/// Milliseconds: behind the first number, which nothing may delay.
const SOON: u64 = 10_000;
