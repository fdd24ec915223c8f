//! When a counter's value counts: at its own time, not when it was received.
//!
//! A gas meter's value is received every second, and is its position at the last full hour. A Nordic meter sends its
//! counters once an hour, some seconds after the full hour, and what they have counted belongs to the hour that ended
//! (NVE, *Assistance in interpreting data from the AMS HAN port*: list 3 comes at the top of the hour and has
//! cumulative hourly energy). So a position counts at the last moment before its own time.

use metertap_decoder::reading::{Measurement, Protocol};

use super::counter::Pace;
use crate::entry::{Entry, Moment};
use crate::log::calendar::Quarter;

/// The moment at which a value of an entry counts. Values of registers other than counters count when they were
/// received.
pub(in crate::log) fn moment(entry: &Entry, measurement: &Measurement) -> Moment {
    let is_counter = measurement.quantity.and_then(Pace::of_quantity).is_some();
    let own = measurement.time.map(|time| time.unix_seconds()).filter(|_| is_counter);
    let own = own.or_else(|| hour(entry).filter(|_| is_counter));
    match own.map(|seconds| Moment(seconds.saturating_mul(1000).saturating_sub(1))) {
        Some(own) if own < entry.received && own.0 >= entry.received.0.saturating_sub(LATEST) => own,
        // The value has no time of its own, that time is too old, or the meter's clock is ahead.
        _ => entry.received,
    }
}

/// The quarters that an entry has values for, its own quarter first.
pub(in crate::log) fn quarters(entry: &Entry) -> Vec<i64> {
    let mut quarters = vec![Quarter::of(entry.received).0];
    let hour = hour(entry).is_some();
    for measurement in entry.reading.values.iter().filter(|value| hour || value.time.is_some()) {
        let quarter = Quarter::of(moment(entry, measurement)).0;
        if !quarters.contains(&quarter) {
            quarters.push(quarter);
        }
    }
    quarters
}

/// For an hourly list of a DLMS meter, the full hour in seconds since 1970: the meter's clock says that the hour has
/// just begun.
fn hour(entry: &Entry) -> Option<i64> {
    let has_lists =
        matches!(entry.reading.protocol, Protocol::DlmsHdlc | Protocol::DlmsMbus | Protocol::DlmsRaw);
    let clock = entry.reading.time.filter(|_| has_lists)?.unix_seconds();
    let behind = clock.rem_euclid(HOUR);
    (behind <= BEHIND).then_some(clock - behind)
}

/// How old a value may be in milliseconds: some values are sent once a day.
pub(in crate::log) const LATEST: i64 = 25 * 3_600_000;
const HOUR: i64 = 3600;
/// How many seconds after the full hour an hourly list may be dated: 0 with Aidon, 5 with Kamstrup, 10 with Kaifa.
const BEHIND: i64 = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};
    use metertap_decoder::reading::Quantity;

    fn at(text: &str) -> i64 {
        text.parse::<Moment>().unwrap().0
    }

    fn heard(received: &str, clock: Option<&str>, protocol: Protocol) -> Entry {
        let energy = measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, "5");
        let power = measurement("1-0:1.7.0", Quantity::ActivePowerImport, "5");
        let mut entry = entry(1, at(received), reading(vec![energy, power]));
        entry.received = Moment(at(received));
        entry.reading.time = clock.and_then(|clock| clock.parse().ok());
        entry.reading.protocol = protocol;
        entry
    }

    fn moments(entry: &Entry) -> Vec<String> {
        entry.reading.values.iter().map(|value| moment(entry, value).to_string()).collect()
    }

    /// A list received ten seconds after ten o'clock: its counters belong to the hour from nine on, its power to now.
    #[test]
    fn the_hourly_list_belongs_to_the_hour_that_ended() {
        for clock in ["2026-01-01T10:00:00+01:00", "2026-01-01T10:00:05+01:00", "2026-01-01T10:00:10+01:00"] {
            let entry = heard("2026-01-01T09:00:10.500Z", Some(clock), Protocol::DlmsMbus);
            assert_eq!(moments(&entry), ["2026-01-01T08:59:59.999Z", "2026-01-01T09:00:10.500Z"]);
            assert_eq!(quarters(&entry).len(), 2);
        }
        // The same list once more, ten minutes later.
        let again = heard("2026-01-01T09:10:10.500Z", Some("2026-01-01T10:00:10+01:00"), Protocol::DlmsMbus);
        assert_eq!(moments(&again)[0], "2026-01-01T08:59:59.999Z");
        for entry in [
            heard("2026-01-01T09:00:20.500Z", Some("2026-01-01T10:00:20+01:00"), Protocol::DlmsMbus),
            heard("2026-01-01T09:00:10.500Z", Some("2026-01-01T10:00:10+01:00"), Protocol::P1),
            heard("2026-01-01T09:00:10.500Z", None, Protocol::DlmsMbus),
            // The meter's clock is an hour ahead.
            heard("2026-01-01T08:00:10.500Z", Some("2026-01-01T10:00:10+01:00"), Protocol::DlmsMbus),
        ] {
            assert_eq!(moments(&entry)[0], entry.received.to_string());
            assert_eq!(quarters(&entry).len(), 1);
        }
    }

    #[test]
    fn a_position_counts_at_its_own_time() {
        let gas = |time: &str| {
            let gas = measurement("0-1:24.2.1", Quantity::GasVolume, "12.5");
            let gas = Measurement { time: time.parse().ok(), channel: Some(1), ..gas };
            let mut entry = entry(1, 0, reading(vec![gas]));
            entry.received = Moment(at("2026-01-01T09:37:00Z"));
            moments(&entry)[0].clone()
        };
        assert_eq!(gas("2026-01-01T10:00:00+01:00"), "2026-01-01T08:59:59.999Z");
        assert_eq!(gas("2026-01-01T10:35:00+01:00"), "2026-01-01T09:34:59.999Z");
        assert_eq!(gas("2025-12-31T10:00:00+01:00"), "2025-12-31T08:59:59.999Z");
        for out_of_reach in ["2026-01-01T11:00:00+01:00", "2025-12-01T10:00:00+01:00"] {
            assert_eq!(gas(out_of_reach), "2026-01-01T09:37:00.000Z", "{out_of_reach}");
        }
    }
}
