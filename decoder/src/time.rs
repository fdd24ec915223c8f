//! Two unrelated clocks: the caller passes in [`Instant`], which drives deadlines; [`MeterTime`] is what a meter's own
//! clock claims.

use core::fmt;
use core::num::NonZeroU64;
use core::str::FromStr;
use core::time::Duration;

use smol_str::SmolStr;

use crate::civil::{Date, DateTime, Time};
pub use crate::zone::{NotAZone, Occurrence, Zone};

/// Milliseconds since any fixed moment of the caller's choice. Only differences have a meaning, except with
/// [`Ask::epoch`](crate::question::Ask::epoch), which dates that moment.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Instant(pub u64);

impl Instant {
    /// The moment `milliseconds` later.
    #[must_use]
    pub fn after(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// The time from `earlier` to this moment; zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// The moment this long after `Instant(0)`. With `std`, `std::time::Instant::elapsed` gives such a duration.
impl From<Duration> for Instant {
    fn from(since_zero: Duration) -> Self {
        Self(u64::try_from(since_zero.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A moment as the meter's clock claims it: local date and time with the offset from UTC.
///
/// Written and read as RFC 3339, to the second: `2026-11-21T02:30:10+01:00`.
///
/// Calendar and offset share one word that is never zero, so that an `Option` of it takes only eight bytes.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct MeterTime(NonZeroU64);

impl MeterTime {
    /// From the calendar fields and the offset from UTC in minutes; `None` if there is no such date or time of day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8, clock: (i8, i8, i8), offset_minutes: i16) -> Option<Self> {
        civil((year, month, day), clock)?;
        Some(Self::packed((year, month, day), clock, offset_minutes))
    }

    /// From calendar fields without an offset: the time zone supplies the offset. If the meter states `summer`, the
    /// offset is that of the zone's summer time or standard time accordingly. Without `summer`, the hour that occurs
    /// twice is taken for its second occurrence. `None` if there is no such date or time of day.
    #[must_use]
    pub fn in_zone(
        date: (i16, i8, i8),
        clock: (i8, i8, i8),
        summer: Option<bool>,
        zone: Zone,
    ) -> Option<Self> {
        let offset = zone.offset_minutes(civil(date, clock)?, summer);
        Some(Self::packed(date, clock, offset))
    }

    /// From seconds since 1970-01-01T00:00:00Z and the offset from UTC in minutes; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn from_unix(seconds: i64, offset_minutes: i16) -> Option<Self> {
        let local = seconds.checked_add(i64::from(offset_minutes) * 60)?;
        Self::from_local(local, offset_minutes)
    }

    /// From RFC 3339 text without an offset: the time zone supplies the offset. `None` if the text does not have this
    /// form.
    #[must_use]
    pub fn without_offset(text: &str, zone: Zone) -> Option<Self> {
        let local = DateTime::read(text)?;
        Some(Self::of(local, zone.offset_minutes(local, None)))
    }

    /// The same local date and time, with the offset of the zone's standard time in place of the stated one: for clocks
    /// that ignore summer time.
    #[must_use]
    pub fn in_standard_time(self, zone: Zone) -> Self {
        Self::of(self.local(), zone.offset_minutes(self.local(), Some(false)))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.local_seconds() - i64::from(self.offset_minutes()) * 60
    }

    /// Minutes that the local time is ahead of UTC.
    #[must_use]
    pub fn offset_minutes(self) -> i16 {
        let [.., high, low] = (self.0.get() >> OFFSET).to_be_bytes();
        i16::from_be_bytes([high, low])
    }

    /// Seconds from 1970-01-01T00:00:00 to the local date and time, without regard to the offset. Together with the
    /// offset, they determine a meter's time completely.
    #[must_use]
    pub fn local_seconds(self) -> i64 {
        self.local().seconds()
    }

    /// The time with these [`local_seconds`](Self::local_seconds); `None` outside the years 0 to 9999.
    #[must_use]
    pub fn from_local(seconds: i64, offset_minutes: i16) -> Option<Self> {
        let local = DateTime::from_seconds(seconds).filter(|local| local.date().year() >= 0)?;
        Some(Self::of(local, offset_minutes))
    }
}

impl MeterTime {
    fn of(local: DateTime, offset_minutes: i16) -> Self {
        Self::packed(local.date().parts(), local.time().parts(), offset_minutes)
    }

    fn packed(
        (year, month, day): (i16, i8, i8),
        (hour, minute, second): (i8, i8, i8),
        offset_minutes: i16,
    ) -> Self {
        let parts = [(MONTH, month), (DAY, day), (HOUR, hour), (MINUTE, minute), (SECOND, second)];
        let year = u64::from((year + YEAR_ZERO).unsigned_abs()) << YEAR;
        let word = parts
            .iter()
            .fold(year, |word, (part, number)| word | u64::from(number.unsigned_abs()) << part.at);
        Self(NonZeroU64::MIN | word | u64::from(offset_minutes.cast_unsigned()) << OFFSET)
    }

    fn part(self, part: Part) -> i8 {
        i8::try_from(self.0.get() >> part.at & part.most).unwrap_or_default()
    }

    fn year(self) -> i16 {
        i16::try_from(self.0.get() >> YEAR).unwrap_or_default() - YEAR_ZERO
    }

    fn local(self) -> DateTime {
        let clock = (self.part(HOUR), self.part(MINUTE), self.part(SECOND));
        civil((self.year(), self.part(MONTH), self.part(DAY)), clock).unwrap_or_default()
    }

    pub(crate) fn to_text(self) -> SmolStr {
        SmolStr::new(str::from_utf8(&self.written()).unwrap_or_default())
    }

    /// The bytes that [`Display`](fmt::Display) writes, for callers that write many times.
    #[must_use]
    pub fn written(self) -> [u8; 25] {
        let offset = self.offset_minutes().unsigned_abs();
        let sign = if self.offset_minutes() < 0 { b'-' } else { b'+' };
        let pair = |number: u16| [b'0' + last_digit(number / 10), b'0' + last_digit(number)];
        let of = |part: Part| pair(self.part(part).unsigned_abs().into());
        let year = self.year().unsigned_abs();
        let ([y1, y2], [y3, y4]) = (pair(year / 100), pair(year));
        let ([o1, o2], [o3, o4], [d1, d2]) = (of(MONTH), of(DAY), of(HOUR));
        let ([m1, m2], [s1, s2]) = (of(MINUTE), of(SECOND));
        let ([h1, h2], [n1, n2]) = (pair(offset / 60), pair(offset % 60));
        [
            y1, y2, y3, y4, b'-', o1, o2, b'-', o3, o4, b'T', d1, d2, b':', m1, m2, b':', s1, s2, sign, h1,
            h2, b':', n1, n2,
        ]
    }
}

impl fmt::Display for MeterTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.written()).unwrap_or_default())
    }
}

impl fmt::Debug for MeterTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One field of the packed word: the position of its lowest bit, and its largest value.
#[derive(Clone, Copy)]
struct Part {
    at: u32,
    most: u64,
}

/// The lowest bit is always set, so that no moment is zero.
const OFFSET: u32 = 1;
const SECOND: Part = Part { at: 17, most: 0x3F };
const MINUTE: Part = Part { at: 23, most: 0x3F };
const HOUR: Part = Part { at: 29, most: 0x1F };
const DAY: Part = Part { at: 34, most: 0x1F };
const MONTH: Part = Part { at: 39, most: 0x0F };
const YEAR: u32 = 43;
/// Years are counted from -10000, so that none is negative.
const YEAR_ZERO: i16 = 10_000;

fn last_digit(number: u16) -> u8 {
    u8::try_from(number % 10).unwrap_or_default()
}

impl FromStr for MeterTime {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let (local, offset) = text.split_at_checked(19).ok_or(NotATime)?;
        let local = DateTime::read(local).ok_or(NotATime)?;
        if offset == "Z" {
            return Ok(Self::of(local, 0));
        }
        let (sign, offset) = match offset.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(NotATime),
        };
        // Two digits each (RFC 3339, 5.6).
        let below = |most: i16, text: &str| {
            let is_pair = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
            text.parse().ok().filter(|number: &i16| is_pair && *number < most).ok_or(NotATime)
        };
        let (hours, minutes) = offset.split_once(':').ok_or(NotATime)?;
        Ok(Self::of(local, sign * (below(24, hours)? * 60 + below(60, minutes)?)))
    }
}

/// The text is not an RFC 3339 date and time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotATime;

impl core::error::Error for NotATime {}

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date and time in the form of RFC 3339")
    }
}

fn civil((year, month, day): (i16, i8, i8), (hour, minute, second): (i8, i8, i8)) -> Option<DateTime> {
    // RFC 3339 has no negative years.
    let year = Some(year).filter(|year| *year >= 0)?;
    Some(Date::new(year, month, day)?.at(Time::new(hour, minute, second)?))
}

#[cfg(test)]
mod tests;
