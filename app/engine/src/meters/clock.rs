//! A meter's clock that differs from the computer's by whole hours: it is set to another time zone, or has no summer
//! time. A difference of minutes means that the clock is inaccurate, which cannot be corrected here.

use metertap_decoder::reading::TimeSource;
use metertap_protocol::Trouble;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::fault::Code;
use metertap_readings::store::{ClockOff, MeterKey, MeterRecord, SourceRecord};

use super::Meters;
use crate::trouble::trouble;

impl Meters {
    /// Compares the clock of a meter's newest reading with the computer's. Returns the record to save if the difference
    /// has changed, and the error to report once it has lasted a day.
    pub(crate) fn compare_clocks(&mut self, key: &MeterKey) -> (Option<MeterRecord>, Option<Trouble>) {
        let Some(meter) = self.get_mut(key) else { return (None, None) };
        let is_line =
            matches!(meter.state.record.source, SourceRecord::Serial { .. } | SourceRecord::Bridge { .. });
        let compared = meter.newest().last().filter(|_| is_line).map(|entry| (entry.received, hours(entry)));
        let Some((now, Some(hours))) = compared else { return (None, None) };
        let record = &mut meter.state.record;
        if record.clock_off.map_or(0, |off| off.hours) != hours {
            record.clock_off = (hours != 0).then_some(ClockOff { hours, since: now });
            meter.reported_clock = false;
            return (Some(meter.state.record.clone()), None);
        }
        let lasts = record.clock_off.is_some_and(|off| now.0.saturating_sub(off.since.0) >= DAY);
        if !lasts || std::mem::replace(&mut meter.reported_clock, true) {
            return (None, None);
        }
        let (way, count) = (if hours > 0 { "ahead" } else { "behind" }, hours.unsigned_abs());
        let detail = format!("{count} h {way} for a day");
        (None, Some(trouble(Code::ClockHours, detail, now)))
    }
}

/// The whole hours by which the meter's clock is ahead. `None` if the meter sends no time, or if the difference is not
/// a whole number of hours, or exceeds [`MOST_HOURS`].
fn hours(entry: &Entry) -> Option<i8> {
    let clock = entry.reading.time.filter(|_| entry.reading.time_source == TimeSource::Meter)?;
    let Moment(received) = entry.received;
    let ahead = clock.unix_seconds().checked_mul(1000)?.checked_sub(received)?;
    let hours = ahead.saturating_add(HOUR / 2).div_euclid(HOUR);
    let is_whole = ahead.abs_diff(hours.saturating_mul(HOUR)) <= NEAR;
    i8::try_from(hours).ok().filter(|hours| is_whole && hours.unsigned_abs() <= MOST_HOURS)
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Milliseconds by which a clock may be wrong, or a telegram late.
const NEAR: u64 = 300_000;
/// The largest difference that is taken for a time zone: no zone is further from UTC.
const MOST_HOURS: u8 = 14;
