//! What a meter's loop tells of it: states and troubles at once, counts now and then.

use metertap_decoder::time::Instant;
use metertap_protocol::{Counts, SourceState, Trouble};

use super::meter_loop::MeterLoop;
use super::source::{NotOpen, Source};
use super::trouble::not_open;
use crate::clock::earlier;
use crate::platform::Platform;

impl<P: Platform, S: Source> MeterLoop<P, S> {
    pub(super) fn show_not_open(&mut self, why: &NotOpen) {
        let state = match why {
            NotOpen::Absent => SourceState::Unplugged,
            NotOpen::Blocked(_) | NotOpen::AddressRefused(_) | NotOpen::Unreachable(_) => {
                SourceState::Blocked
            }
        };
        self.show(state, Some(not_open(why, self.desk.platform.moment())));
    }

    pub(super) fn show(&mut self, state: SourceState, trouble: Option<Trouble>) {
        self.desk.change(&self.key, |meter| {
            meter.state.source = state;
            if trouble.is_some() {
                meter.state.trouble = trouble;
            }
        });
        self.tell();
        self.desk.show_line(&self.key, state);
    }

    /// A trouble is told at once; the same again and again, with the counts.
    pub(super) fn trouble(&mut self, trouble: Trouble) {
        let code = trouble.code.clone();
        let before = self.desk.change(&self.key, |meter| meter.state.trouble.replace(trouble)).flatten();
        if before.is_some_and(|before| before.code == code) { self.untold = true } else { self.tell() }
    }

    pub(super) fn count(&mut self, count: impl FnOnce(&mut Counts)) {
        self.desk.change(&self.key, |meter| count(&mut meter.state.counts));
        self.untold = true;
    }

    /// Tells what is due: a silence, or counts that changed a while ago.
    pub(super) fn look_around(&mut self) {
        let now = self.source.now();
        if let Some(trouble) = self.watch.look(now, self.interval(), self.desk.platform.moment()) {
            self.trouble(trouble);
        }
        self.tell_what_is_due();
    }

    pub(super) fn next_look(&self) -> Option<Instant> {
        earlier(self.watch.deadline(self.interval()), self.next_telling())
    }

    /// Tells counts that changed a while ago.
    pub(super) fn tell_what_is_due(&mut self) {
        if self.next_telling().is_some_and(|due| self.source.now() >= due) {
            self.tell();
        }
    }

    pub(super) fn next_telling(&self) -> Option<Instant> {
        self.untold.then(|| self.told.after(COUNTS_TOLD))
    }

    pub(super) fn tell(&mut self) {
        self.told = self.source.now();
        self.untold = false;
        self.desk.show(&self.key);
    }
}

/// Milliseconds between two tellings of counts: they change with every octet, and nobody reads faster.
const COUNTS_TOLD: u64 = 1000;
