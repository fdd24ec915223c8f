//! [`Watchdog`]: notices that a meter sends nothing, or nothing readable, while its source is open.

use metertap_decoder::session::Span;
use metertap_decoder::time::Instant;
use metertap_protocol::Trouble;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;

use crate::clock::earlier;
use crate::trouble::{noise, trouble};

#[derive(Debug)]
pub(super) struct Watchdog {
    /// When the last bytes arrived; before the first bytes, when the source was opened.
    silent_since: Instant,
    /// When the wait for a reading began: at the opening, at the last reading, or when bytes arrived after a reported
    /// silence.
    unread_since: Instant,
    heard: bool,
    read: bool,
    /// Whether a silence was reported since bytes last arrived.
    reported_silent: bool,
    /// Whether unreadable bytes were reported since the last reading.
    reported_unread: bool,
    disturbances: u32,
    /// Since when bytes or disturbances have come without a reading.
    senseless_since: Option<Instant>,
}

impl Watchdog {
    /// Starts to watch a source that was just opened.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            silent_since: now,
            unread_since: now,
            heard: false,
            read: false,
            reported_silent: false,
            reported_unread: false,
            disturbances: 0,
            senseless_since: None,
        }
    }

    /// Bytes have arrived.
    pub(super) fn heard(&mut self, now: Instant) {
        if self.reported_silent {
            // The silence is over: from now on, time without a telegram counts.
            self.unread_since = now;
        }
        self.silent_since = now;
        self.heard = true;
        self.reported_silent = false;
        self.senseless_since.get_or_insert(now);
    }

    /// The bytes made sense, though they made no reading.
    pub(super) fn recognised(&mut self) {
        self.senseless_since = None;
    }

    /// When to doubt what is known about the line: bytes have arrived for a long time without a reading. A meter that
    /// may be switched to another speed is doubted sooner.
    pub(super) fn doubt(&self, interval: Option<u32>, is_switched: bool) -> Option<Instant> {
        let least = if is_switched { 0 } else { DOUBTED };
        self.senseless_since.map(|since| since.after(least.max(2 * patience(interval))))
    }

    /// A reading was made.
    pub(super) fn read(&mut self, now: Instant) {
        self.unread_since = now;
        self.read = true;
        self.reported_unread = false;
        self.disturbances = 0;
        self.senseless_since = None;
    }

    /// The line was disturbed. Returns whether to report that: one disturbance is an accident, a second one without a
    /// reading in between is an error.
    pub(super) fn disturbed(&mut self, now: Instant) -> bool {
        self.senseless_since.get_or_insert(now);
        self.disturbances += 1;
        self.disturbances > 1
    }

    /// The error for bytes that belong to no telegram. `None` before the first reading: the bytes may be the end of a
    /// telegram that was cut off.
    pub(super) fn noise(&self, span: Span, at: Moment) -> Option<Trouble> {
        self.read.then(|| noise(span, at))
    }

    pub(super) fn deadline(&self, interval: Option<u32>) -> Option<Instant> {
        let patience = patience(interval);
        let silent = (!self.reported_silent).then(|| self.silent_since.after(patience));
        let unread = (self.heard && !self.reported_unread).then(|| self.unread_since.after(patience));
        earlier(silent, unread)
    }

    /// The error that is due now, if any; `at` is its time.
    pub(super) fn look(&mut self, now: Instant, interval: Option<u32>, at: Moment) -> Option<Trouble> {
        let patience = patience(interval);
        let seconds = |since: Instant| now.0.saturating_sub(since.0) / 1000;
        if !self.reported_silent && now >= self.silent_since.after(patience) {
            self.reported_silent = true;
            // A meter that sends nothing is not reported as unreadable too.
            self.heard = false;
            self.senseless_since = None;
            return Some(trouble(
                Code::PortSilent,
                format!("nothing for {} s", seconds(self.silent_since)),
                at,
            ));
        }
        if self.heard && !self.reported_unread && now >= self.unread_since.after(patience) {
            self.reported_unread = true;
            return Some(trouble(
                Code::PortNoise,
                format!("no telegram for {} s", seconds(self.unread_since)),
                at,
            ));
        }
        None
    }
}

/// Milliseconds of nothing but noise before the known settings are doubted. A bad contact may last a minute or two.
const DOUBTED: u64 = 180_000;

/// Milliseconds for which nothing may arrive: three intervals, but at least 15 s.
fn patience(interval: Option<u32>) -> u64 {
    (3 * u64::from(interval.unwrap_or(0))).max(15_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(watchdog: &mut Watchdog, seconds: u64) -> Option<Code> {
        watchdog.look(Instant(seconds * 1000), None, Moment(0)).map(|trouble| trouble.code)
    }

    #[test]
    fn a_telegram_may_take_its_time_after_a_reported_silence() {
        let mut watchdog = Watchdog::new(Instant(0));
        watchdog.heard(Instant(1000));
        watchdog.read(Instant(1000));
        assert_eq!(codes(&mut watchdog, 15), None);
        assert_eq!(codes(&mut watchdog, 16), Some(Code::PortSilent));
        watchdog.heard(Instant(60_000));
        assert_eq!(codes(&mut watchdog, 60), None, "the first bytes of a telegram");
        watchdog.heard(Instant(74_000));
        assert_eq!(codes(&mut watchdog, 74), None);
        assert_eq!(codes(&mut watchdog, 75), Some(Code::PortNoise));
    }
}
