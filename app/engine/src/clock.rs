//! [`Clock`]: the time, in the words of decoder and log.

use std::future::pending;

use metertap_decoder::time::{Instant, MeterTime, Zone};
use metertap_readings::entry::Moment;

/// A computer's clocks.
pub trait Clock: Clone + 'static {
    /// Now, for deadlines.
    fn now(&self) -> Instant;

    /// Now, for people.
    fn moment(&self) -> Moment;

    /// Waits for a deadline. Even for one that has passed already, others have their turn first.
    async fn sleep_until(&self, deadline: Instant);

    /// The moment as this computer's calendar shows it: what a reading is dated with whose meter has no clock.
    fn local(&self, moment: Moment) -> Option<MeterTime>;

    /// The time zone here.
    ///
    /// # Errors
    /// Where nobody knows it.
    fn zone(&self) -> Result<Zone, UnknownZone>;

    /// The time zone of that IANA name.
    ///
    /// # Errors
    /// Where nobody knows it.
    fn zone_named(&self, name: &str) -> Result<Zone, UnknownZone>;

    /// The time zone that days and times of this house are of: UTC where nobody knows it.
    fn zone_of_house(&self) -> Zone {
        self.zone().unwrap_or(Zone::UTC)
    }

    /// Waits for so many milliseconds.
    async fn sleep(&self, milliseconds: u64) {
        self.sleep_until(self.now().after(milliseconds)).await;
    }

    /// Waits for a deadline; without one, for ever.
    async fn until(&self, deadline: Option<Instant>) {
        match deadline {
            Some(deadline) => self.sleep_until(deadline).await,
            None => pending().await,
        }
    }

    /// Milliseconds from 1970 to the beginning of [`Clock::now`]'s counting.
    fn epoch(&self) -> i64 {
        self.moment().0.saturating_sub_unsigned(self.now().0)
    }
}

/// Work that comes from outside, as fast as somebody likes, in slices: between two of them everything else has its turn,
/// meters above all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slices(u32);

impl Slices {
    /// A piece of the work is done.
    pub async fn piece_is_done(&mut self, clock: &impl Clock) {
        self.0 += 1;
        if self.0 >= PIECES {
            self.0 = 0;
            clock.sleep(0).await;
        }
    }
}

/// Nobody knows the time zone that is called so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownZone(pub String);

/// The earlier of two deadlines.
#[must_use]
pub fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// Pieces of a slice: some milliseconds' worth.
const PIECES: u32 = 32;
