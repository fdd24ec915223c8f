//! [`Clock`]: the time, in the types of the decoder and the log.

use std::future::pending;

use metertap_decoder::time::{Instant, MeterTime, Zone};
use metertap_readings::entry::Moment;

/// The computer's clocks.
pub trait Clock: Clone + 'static {
    /// The current time of the monotonic clock, for deadlines.
    fn now(&self) -> Instant;

    /// The current date and time.
    fn moment(&self) -> Moment;

    /// Waits for a deadline. Other tasks have their turn first, even if the deadline has passed already.
    async fn sleep_until(&self, deadline: Instant);

    /// The moment in the computer's local time: the time of a reading whose meter has no clock.
    fn local(&self, moment: Moment) -> Option<MeterTime>;

    /// The computer's time zone.
    ///
    /// # Errors
    /// If the time zone is not known.
    fn zone(&self) -> Result<Zone, UnknownZone>;

    /// The time zone with this IANA name.
    ///
    /// # Errors
    /// If the time zone is not known.
    fn zone_named(&self, name: &str) -> Result<Zone, UnknownZone>;

    /// The time zone for the days and times of this house: the computer's time zone, or UTC if it is not known.
    fn zone_of_house(&self) -> Zone {
        self.zone().unwrap_or(Zone::UTC)
    }

    /// Waits for this many milliseconds.
    async fn sleep(&self, milliseconds: u64) {
        self.sleep_until(self.now().after(milliseconds)).await;
    }

    /// Waits for a deadline. Without a deadline, waits for ever.
    async fn until(&self, deadline: Option<Instant>) {
        match deadline {
            Some(deadline) => self.sleep_until(deadline).await,
            None => pending().await,
        }
    }

    /// Milliseconds from 1970 to the zero of [`Clock::now`].
    fn epoch(&self) -> i64 {
        self.moment().0.saturating_sub_unsigned(self.now().0)
    }
}

/// Divides work on outside data into slices. Between two slices other tasks have their turn, above all those that read
/// meters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slices(u32);

impl Slices {
    /// Reports that a piece of the work is done. Lets other tasks run at the end of each slice.
    pub async fn piece_is_done(&mut self, clock: &impl Clock) {
        self.0 += 1;
        if self.0 >= PIECES {
            self.0 = 0;
            clock.sleep(0).await;
        }
    }
}

/// No time zone is known by this name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownZone(pub String);

/// The earlier of two deadlines, or the only one. `None` if there is no deadline.
#[must_use]
pub fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// Pieces in a slice: some milliseconds' work.
const PIECES: u32 = 32;
