//! Looks at the clocks once a minute, hears what meters' own clocks say, and tells the window where the computer's clock
//! is not believed. What is certain of time, [`metertap_readings::log::certain`] decides.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use metertap_decoder::reading::{Reading, TimeSource};
use metertap_decoder::time::Instant;
use metertap_protocol::{Event, MeterState, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::log::certain::{Certain, Doubt, Wait};
use metertap_readings::log::journal::LogError;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{Internal, MeterKey, SourceRecord};

use super::desk::Desk;
use super::task::Task;
use super::trouble::trouble;
use crate::platform::Platform;

/// What is certain of time, and what was told of it.
#[derive(Debug, Default)]
pub(crate) struct Certainty {
    certain: RefCell<Certain>,
    /// What the windows were told of: what the clock said before it went ahead, and what it takes to believe it.
    told: RefCell<Option<(Moment, Wait)>>,
    /// When it is to be written down next.
    due: Cell<Instant>,
    /// Looks at the clocks from time to time.
    looks: RefCell<Option<Task>>,
}

impl Certainty {
    /// Looks at the clocks no more.
    pub(super) fn stop_looking(&self) {
        drop(self.looks.take());
    }
}

impl<P: Platform> Desk<P> {
    /// Goes on with what was certain when the log was last written, and looks at the clocks from now on.
    ///
    /// # Errors
    /// Where the log cannot be read: what is not known must not look like a new browser, which believes its clock.
    pub(crate) async fn go_on_with_time(self: &Rc<Self>) -> Result<(), LogError> {
        let kept = self.log.internal(Internal::CertainTime).await?;
        *self.certainty.certain.borrow_mut() = Certain::resume(
            kept.as_deref(),
            newest(&self.states()),
            self.platform.moment(),
            self.platform.now(),
        );
        let desk = Rc::clone(self);
        let looks = self.platform.begin(|stop| async move {
            loop {
                // Another tab that writes has looked for us.
                if desk.writes() {
                    desk.look_at_clocks();
                    desk.tell_clock();
                    if desk.platform.now() >= desk.certainty.due.get() {
                        desk.keep_certain().await;
                    }
                }
                if stop.comes_before(desk.platform.sleep(MINUTE)).await {
                    return;
                }
            }
        });
        self.certainty.looks.replace(Some(looks));
        Ok(())
    }

    /// Meters came out of a file: their newest readings are certain, where nothing else has said what time it is.
    pub(super) async fn restored_time(&self, meters: &[MeterState]) {
        if let Some(newest) = newest(meters) {
            self.look_at_clocks();
            self.certainty.certain.borrow_mut().restored(newest);
            self.keep_certain().await;
            self.tell_clock();
        }
    }

    /// What is certain of time right now.
    pub(super) fn certain(&self) -> Ref<'_, Certain> {
        self.look_at_clocks();
        self.certainty.certain.borrow()
    }

    /// A meter's own clock says how much time has passed: that of a meter on a line, and neither a recording's nor ours.
    pub(super) fn hear_clock(&self, key: &MeterKey, reading: &Reading) {
        let is_there = |source: &SourceRecord| {
            matches!(source, SourceRecord::Serial { .. } | SourceRecord::Bridge { .. })
        };
        if let (TimeSource::Meter, Some(time)) = (reading.time_source, reading.time)
            && self.change(key, |meter| is_there(&meter.state.record.source)) == Some(true)
        {
            self.look_at_clocks();
            let said = Moment(time.unix_seconds().saturating_mul(1000));
            self.certainty.certain.borrow_mut().hear(key, said);
        }
    }

    /// The person says that the computer's clock is right.
    pub(crate) async fn trust_clock(&self) {
        self.look_at_clocks();
        self.certainty.certain.borrow_mut().confirm();
        self.keep_certain().await;
        self.tell_clock();
        self.thin_all().await;
    }

    /// A meter was removed, and its clock with it.
    pub(super) fn forget_clock(&self, key: &MeterKey) {
        self.certainty.certain.borrow_mut().forget(key);
    }

    /// Tells the windows where the clock is not believed, or not any more.
    pub(crate) fn tell_clock(&self) {
        let doubt = self.doubt();
        // The clock goes on meanwhile, which is no news.
        let news = doubt.map(|doubt| (doubt.from, doubt.wait));
        if self.certainty.told.replace(news.clone()) != news {
            self.tell_clock_again();
        }
    }

    /// The same for a window that knows nothing yet.
    pub(crate) fn tell_clock_again(&self) {
        let trouble = self.doubt().map(|doubt| doubted(&doubt, self.platform.moment()));
        self.tell(&Event::Clock { trouble });
    }

    /// What there is to say of the clock; nothing where no readings would be deleted by it.
    fn doubt(&self) -> Option<Doubt> {
        let meters = self.meters.borrow();
        let has_limit = meters.values().any(|meter| meter.state.record.retention != Retention::Forever);
        self.certainty.certain.borrow().doubt().filter(|_| has_limit)
    }

    fn look_at_clocks(&self) {
        self.certainty.certain.borrow_mut().look(self.platform.moment(), self.platform.now());
    }

    async fn keep_certain(&self) {
        self.certainty.due.set(self.platform.now().after(KEPT_APART));
        let kept = self.certainty.certain.borrow().kept();
        // On a full disk, open time since the last time is not added up.
        let _ = self.log.set_internal(Internal::CertainTime, Some(&kept)).await;
    }
}

fn newest(meters: &[MeterState]) -> Option<Moment> {
    meters.iter().filter_map(|state| Some(state.newest.last()?.received)).max()
}

/// The clock went ahead, and nothing is deleted by it.
pub(super) fn doubted(doubt: &Doubt, at: Moment) -> Trouble {
    trouble(Code::ClockAhead, format!("from {} to {}: {}", doubt.from, doubt.to, doubt.wait), at)
}

const MINUTE: u64 = 60_000;
/// Milliseconds between two times that it is written down.
const KEPT_APART: u64 = 5 * MINUTE;
