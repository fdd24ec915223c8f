//! The browser's clocks in the words of decoder and log.

use std::future::pending;

use metertap_decoder::time::{Instant, MeterTime};
use metertap_readings::entry::Moment;

use crate::browser::clock::{local_time, monotonic_milliseconds, sleep, unix_milliseconds};

/// Now, for deadlines.
pub(crate) fn now() -> Instant {
    Instant(monotonic_milliseconds())
}

/// Now, for people.
pub(crate) fn this_moment() -> Moment {
    Moment(unix_milliseconds())
}

/// Milliseconds from 1970 to the beginning of [`now`]'s counting.
pub(crate) fn epoch() -> i64 {
    this_moment().0.saturating_sub_unsigned(now().0)
}

/// Waits for a deadline; without one, for ever.
pub(crate) async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep(deadline.0.saturating_sub(now().0)).await,
        None => pending().await,
    }
}

/// The earlier of two deadlines.
pub(crate) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// The moment as this computer's calendar shows it: what a reading is dated with whose meter has no clock.
pub(crate) fn received_time(moment: Moment) -> Option<MeterTime> {
    let local = local_time(moment.0);
    let part = |number: u32| i8::try_from(number).ok();
    let (hour, minute, second) = local.clock;
    MeterTime::new(
        i16::try_from(local.year).ok()?,
        part(local.month)?,
        part(local.day)?,
        (part(hour)?, part(minute)?, part(second)?),
        i16::try_from(local.offset_minutes).ok()?,
    )
}
