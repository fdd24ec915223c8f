//! [`Watchdog`]: notices that a meter, once its source is open, says nothing, or nothing that can be read.

use metertap_decoder::session::Span;
use metertap_decoder::time::Instant;
use metertap_protocol::Trouble;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;

use crate::clock::earlier;
use crate::trouble::{noise, trouble};

/// Watches one source from its opening.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// Since when nothing was heard.
    silent_since: Instant,
    /// Since when nothing was read; set while something is heard.
    unread_since: Instant,
    heard: bool,
    read: bool,
    /// Each is told once, until the meter speaks again.
    told_silent: bool,
    told_unread: bool,
    disturbances: u32,
    /// Since when what is heard makes no sense.
    senseless_since: Option<Instant>,
}

impl Watchdog {
    /// The source was opened.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            silent_since: now,
            unread_since: now,
            heard: false,
            read: false,
            told_silent: false,
            told_unread: false,
            disturbances: 0,
            senseless_since: None,
        }
    }

    /// Octets came.
    pub(super) fn heard(&mut self, now: Instant) {
        self.silent_since = now;
        self.heard = true;
        self.told_silent = false;
        self.senseless_since.get_or_insert(now);
    }

    /// What came makes sense, though it is no reading.
    pub(super) fn recognised(&mut self) {
        self.senseless_since = None;
    }

    /// When what is known of the line is to be doubted: octets come, and for long no reading. A meter that may be switched to
    /// another speed is doubted sooner.
    pub(super) fn doubt(&self, interval: Option<u32>, is_switched: bool) -> Option<Instant> {
        let least = if is_switched { 0 } else { DOUBTED };
        self.senseless_since.map(|since| since.after(least.max(2 * patience(interval))))
    }

    /// A reading came.
    pub(super) fn read(&mut self, now: Instant) {
        self.unread_since = now;
        self.read = true;
        self.told_unread = false;
        self.disturbances = 0;
        self.senseless_since = None;
    }

    /// The line was disturbed: once is an accident, twice without a reading in between is a trouble.
    pub(super) fn disturbed(&mut self, now: Instant) -> bool {
        self.senseless_since.get_or_insert(now);
        self.disturbances += 1;
        self.disturbances > 1
    }

    /// Noise: what comes before the first telegram is its lost beginning, and no trouble.
    pub(super) fn noise(&self, span: Span, at: Moment) -> Option<Trouble> {
        self.read.then(|| noise(span, at))
    }

    /// When to look again.
    pub(super) fn deadline(&self, interval: Option<u32>) -> Option<Instant> {
        let patience = patience(interval);
        let silent = (!self.told_silent).then(|| self.silent_since.after(patience));
        let unread = (self.heard && !self.told_unread).then(|| self.unread_since.after(patience));
        earlier(silent, unread)
    }

    /// What there is to tell now, which is at that moment.
    pub(super) fn look(&mut self, now: Instant, interval: Option<u32>, at: Moment) -> Option<Trouble> {
        let patience = patience(interval);
        let seconds = |since: Instant| now.0.saturating_sub(since.0) / 1000;
        if !self.told_silent && now >= self.silent_since.after(patience) {
            self.told_silent = true;
            // A silent meter is not an unreadable one as well.
            self.heard = false;
            self.senseless_since = None;
            return Some(trouble(
                Code::PortSilent,
                format!("nothing for {} s", seconds(self.silent_since)),
                at,
            ));
        }
        if self.heard && !self.told_unread && now >= self.unread_since.after(patience) {
            self.told_unread = true;
            return Some(trouble(
                Code::PortNoise,
                format!("no telegram for {} s", seconds(self.unread_since)),
                at,
            ));
        }
        None
    }
}

/// Milliseconds of nothing but noise: a bad contact may take a minute or two.
const DOUBTED: u64 = 180_000;

/// How long in milliseconds nothing may come: three intervals, and no less than 15 s.
fn patience(interval: Option<u32>) -> u64 {
    (3 * u64::from(interval.unwrap_or(0))).max(15_000)
}
