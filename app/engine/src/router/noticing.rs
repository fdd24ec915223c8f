//! Passes readings and the state of forwarding to the watcher for notices, and the notices to the windows.

use metertap_protocol::{Event, Row};
use metertap_readings::notices::page::Sink;
use metertap_readings::store::{MeterKey, SourceRecord};

use super::Router;
use crate::platform::Platform;

impl<P: Platform> Router<P> {
    /// Begins to watch all meters that are being read.
    pub(super) fn begin_noticing(&mut self) {
        let is_read = |source: &SourceRecord| !matches!(source, SourceRecord::File { .. });
        let meters = self.meters.iter().filter(|meter| {
            let record = &meter.state.record;
            record.reading && is_read(&record.source)
        });
        let heard = meters.map(|meter| {
            let newest = meter.newest().last().map(|entry| entry.received);
            (meter.state.record.key.clone(), newest)
        });
        self.notices.begin(heard.collect(), self.meters.zone());
        self.notice_forwarding();
    }

    /// Passes a reading that is in the log to the watcher. Readings of a recording are left out, because they are from
    /// another time.
    pub(super) fn notice(&self, key: &MeterKey, row: &Row) {
        let Some(meter) = self.meters.get(key) else { return };
        let on_line = match meter.state.record.source {
            SourceRecord::File { .. } => return,
            SourceRecord::Serial { .. } | SourceRecord::Bridge { .. } => true,
            SourceRecord::Simulated { .. } => false,
        };
        self.notices.hear(key, row, meter.state.interval, on_line);
    }

    pub(super) fn notice_forwarding(&self) {
        let is_on = self.broker.broker().is_some_and(|broker| broker.on);
        let state = self.broker.state();
        let sink = Sink { waiting: state.waiting, taken: state.acknowledged };
        self.notices.forwards(is_on.then_some(sink));
    }

    /// The notices or their limits have changed: tells the windows.
    pub(super) fn has_noticed(&mut self, open: u32, board: Vec<u8>) {
        self.tell(&Event::Noticed { open, board: board.clone() });
        self.notices.is_told(open, board);
    }
}
