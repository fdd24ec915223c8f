//! Time stamps: a letter for the season and twelve digits (Enedis-NOI-CPT_54E, 6.2.1.1), or a date and a time of day.

use crate::register::RawTime;
use crate::time::{MeterTime, Zone};

/// The time in a time stamp; `None` if the text is not a time stamp, `Some(None)` if the date does not exist.
///
/// `H` is winter, `E` is summer, and a blank means that no season applies. A lower-case letter means that the clock
/// stopped and was not set since: such a time is invalid.
pub(crate) fn moment(text: &[u8], zone: Zone) -> Option<Option<RawTime>> {
    let (season, digits) = text.split_first()?;
    if digits.len() != 12 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let summer = match season {
        b'H' => Some(false),
        b'E' => Some(true),
        b' ' => None,
        b'h' | b'e' => return Some(Some(RawTime::Invalid)),
        _ => return None,
    };
    let [year, month, day, hour, minute, second] = pairs(digits)?;
    Some(civil((year, month, day), (hour, minute, second), summer, zone))
}

/// The time in `14/01/26 18:15:02`, as meters above 36 kVA print it; `None` if the text has another form, `Some(None)`
/// if the date does not exist.
pub(crate) fn date(text: &[u8], zone: Zone) -> Option<Option<RawTime>> {
    let [d1, d2, b'/', o1, o2, b'/', y1, y2, b' ', h1, h2, b':', m1, m2, b':', s1, s2] = *text else {
        return None;
    };
    let [day, month, year, hour, minute, second] = pairs(&[d1, d2, o1, o2, y1, y2, h1, h2, m1, m2, s1, s2])?;
    Some(civil((year, month, day), (hour, minute, second), None, zone))
}

fn civil(
    (year, month, day): (i8, i8, i8),
    clock: (i8, i8, i8),
    summer: Option<bool>,
    zone: Zone,
) -> Option<RawTime> {
    let date = (2000 + i16::from(year), month, day);
    MeterTime::in_zone(date, clock, summer, zone).map(RawTime::Valid)
}

/// Parses six numbers of two digits.
fn pairs(digits: &[u8]) -> Option<[i8; 6]> {
    let (pairs, rest) = digits.as_chunks::<2>();
    let pairs: &[[u8; 2]; 6] = pairs.try_into().ok().filter(|_| rest.is_empty())?;
    let number = |pair: &[u8; 2]| str::from_utf8(pair).ok()?.parse().ok();
    let mut numbers = [0; 6];
    for (place, pair) in numbers.iter_mut().zip(pairs) {
        *place = number(pair).filter(|_| pair.iter().all(u8::is_ascii_digit))?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn shown(said: Option<Option<RawTime>>) -> String {
        match said {
            None => "no moment".into(),
            Some(None) => "lost".into(),
            Some(Some(RawTime::Invalid)) => "invalid".into(),
            Some(Some(RawTime::Valid(time))) => time.to_string(),
        }
    }

    fn read(text: &[u8]) -> String {
        shown(moment(text, Zone::default()))
    }

    /// Enedis-NOI-CPT_54E, 6.2.1.1.
    #[test]
    fn the_letter_gives_the_season() {
        assert_eq!(read(b"H260114181502"), "2026-01-14T18:15:02+01:00");
        assert_eq!(read(b"E180716103423"), "2018-07-16T10:34:23+02:00");
        // The hour that occurs twice.
        assert_eq!(read(b"E261025023000"), "2026-10-25T02:30:00+02:00");
        assert_eq!(read(b"H261025023000"), "2026-10-25T02:30:00+01:00");
        assert_eq!(read(b" 260115060000"), "2026-01-15T06:00:00+01:00");
        assert_eq!(read(b"e260714181502"), "invalid");
        assert_eq!(read(b"H261314181502"), "lost");
        for wrong in [&b"X260114181502"[..], b"H26011418150", b"H2601141815p2", b""] {
            assert_eq!(read(wrong), "no moment", "{wrong:?}");
        }
    }

    #[test]
    fn larger_meters_print_dates() {
        let read = |text: &[u8]| shown(date(text, Zone::default()));
        assert_eq!(read(b"14/01/26 18:15:02"), "2026-01-14T18:15:02+01:00");
        assert_eq!(read(b"32/01/26 18:15:02"), "lost");
        assert_eq!(read(b"14/01/26 18:15"), "no moment");
    }
}
