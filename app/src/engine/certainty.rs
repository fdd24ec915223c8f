//! Looks at the clocks once a minute, hears what meters' own clocks say, and tells the window where the computer's clock
//! is not believed. What is certain of time, [`metertap_readings::log::certain`] decides.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use metertap_decoder::reading::{Reading, TimeSource};
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_readings::log::certain::{Certain, Doubt, Wait};
use metertap_readings::store::{MeterKey, SourceRecord};
use wasm_bindgen_futures::spawn_local;

use super::desk::Desk;
use super::time::{now, this_moment};
use super::trouble::trouble;
use crate::browser::clock::sleep;
use crate::protocol::{Event, Trouble};

/// What is certain of time, and what was told of it.
#[derive(Debug, Default)]
pub(crate) struct Certainty {
    certain: RefCell<Certain>,
    /// What the windows were told of: what the clock said before it went ahead, and what it takes to believe it.
    told: RefCell<Option<(Moment, Wait)>>,
    /// When it was written down last.
    kept: Cell<Instant>,
}

impl Desk {
    /// Goes on with what was certain when the page was last open, and looks at the clocks from now on.
    pub(crate) async fn go_on_with_time(self: &Rc<Self>) {
        // A log that cannot be read is told of by others; what is not known is not certain.
        let kept = self.log.certain().await.ok().flatten();
        let newest = self.states().iter().filter_map(|state| Some(state.newest.last()?.received)).max();
        *self.certainty.certain.borrow_mut() = Certain::resume(kept.as_deref(), newest, this_moment(), now());
        let desk = Rc::clone(self);
        spawn_local(async move {
            loop {
                desk.look_at_clocks();
                desk.tell_clock();
                if now() >= desk.certainty.kept.get() {
                    desk.keep_certain().await;
                }
                sleep(MINUTE).await;
            }
        });
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
        let doubt = self.certainty.certain.borrow().doubt();
        // The clock goes on meanwhile, which is no news.
        let news = doubt.map(|doubt| (doubt.from, doubt.wait));
        if self.certainty.told.replace(news.clone()) != news {
            self.tell_clock_again();
        }
    }

    /// The same for a window that knows nothing yet.
    pub(crate) fn tell_clock_again(&self) {
        let trouble = self.certainty.certain.borrow().doubt().map(|doubt| doubted(&doubt));
        self.tell(&Event::Clock { trouble });
    }

    fn look_at_clocks(&self) {
        self.certainty.certain.borrow_mut().look(this_moment(), now());
    }

    async fn keep_certain(&self) {
        self.certainty.kept.set(now().after(KEPT_APART));
        let kept = self.certainty.certain.borrow().kept();
        // On a full disk, open time since the last time is not added up.
        let _ = self.log.set_certain(&kept).await;
    }
}

/// The clock went ahead, and nothing is deleted by it.
pub(super) fn doubted(doubt: &Doubt) -> Trouble {
    trouble("clock.ahead", format!("from {} to {}: {}", doubt.from, doubt.to, doubt.wait))
}

const MINUTE: u64 = 60_000;
/// Milliseconds between two times that it is written down.
const KEPT_APART: u64 = 5 * MINUTE;
