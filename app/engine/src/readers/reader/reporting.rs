//! What a reader reports: states and errors at once, counts once a second.

use metertap_decoder::time::Instant;
use metertap_protocol::{Counts, SourceState, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;

use super::Reader;
use crate::clock::earlier;
use crate::fact::{Fact, ReaderChange, ReaderNews};
use crate::platform::Platform;
use crate::readers::source::{NotOpen, Source};
use crate::trouble::{not_fetched, trouble};

impl<P: Platform> Reader<P> {
    pub(super) fn show_not_open(&mut self, why: &NotOpen) {
        let state = match why {
            NotOpen::Absent => SourceState::Unplugged,
            NotOpen::Blocked(_)
            | NotOpen::AddressRefused(_)
            | NotOpen::Unreachable(_)
            | NotOpen::Ended(_)
            | NotOpen::NotFetched => SourceState::Blocked,
        };
        self.show(state, Some(not_open(why, self.platform.moment())));
    }

    pub(super) fn show(&mut self, state: SourceState, trouble: Option<Trouble>) {
        self.send(ReaderChange::Source(state, trouble));
    }

    /// Reports an error at once. The router shows a repeated error with the next counts.
    pub(super) fn trouble(&mut self, trouble: Trouble) {
        self.send(ReaderChange::Trouble(trouble));
        self.untold = true;
    }

    pub(super) fn count(&mut self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.counts);
        self.untold = true;
    }

    /// Reports what is due: a silence, or counts that changed a while ago.
    pub(super) fn look_around(&mut self) {
        let now = self.source.now();
        if let Some(trouble) = self.watchdog.look(now, self.hearing.interval, self.platform.moment()) {
            self.trouble(trouble);
        }
        self.report_what_is_due();
    }

    pub(super) fn next_look(&self) -> Option<Instant> {
        let look = earlier(self.watchdog.deadline(self.hearing.interval), self.doubted_at());
        earlier(look, self.next_report())
    }

    pub(super) fn report_what_is_due(&mut self) {
        if self.next_report().is_some_and(|due| self.source.now() >= due) {
            self.send(ReaderChange::Counts);
        }
    }

    pub(super) fn next_report(&self) -> Option<Instant> {
        self.untold.then(|| self.told.after(COUNTS_APART))
    }

    /// Reports a change, and what was counted since the last report.
    pub(super) fn send(&mut self, what: ReaderChange) {
        self.told = self.source.now();
        self.untold = false;
        let news = ReaderNews { counts: std::mem::take(&mut self.counts), what };
        self.facts.tell(Fact::Reader(self.hearing.key.clone(), news));
    }
}

pub(super) fn not_open(why: &NotOpen, at: Moment) -> Trouble {
    match why {
        NotOpen::Absent => trouble(Code::PortGone, "no port of this adapter is plugged in and allowed", at),
        NotOpen::Blocked(name) => {
            trouble(Code::PortBusy, format!("the browser could not open the port: {name}"), at)
        }
        NotOpen::AddressRefused(url) => {
            trouble(Code::BridgeAddress, format!("the browser refuses to connect to {url}"), at)
        }
        NotOpen::Unreachable(url) => {
            trouble(Code::BridgeSilent, format!("nobody accepts a connection at {url}"), at)
        }
        NotOpen::Ended(url) => trouble(Code::BridgeEnded, format!("the connection to {url} has ended"), at),
        NotOpen::NotFetched => not_fetched(at),
    }
}

/// Milliseconds between two reports of counts. Counts change with every byte, and nobody reads them faster.
const COUNTS_APART: u64 = 1000;
