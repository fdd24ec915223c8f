use super::*;
use alloc::format;
use alloc::string::ToString;

fn at(hour: i8, summer: Option<bool>) -> String {
    MeterTime::in_zone((2026, 10, 25), (hour, 30, 0), summer, Zone::default()).unwrap().to_string()
}
use alloc::string::String;

/// Directive 2000/84/EC: summer time ends at 01:00 UTC on the last Sunday of October.
#[test]
fn the_flag_decides_the_ambiguous_autumn_hour() {
    assert_eq!(at(1, None), "2026-10-25T01:30:00+02:00");
    assert_eq!(at(2, Some(true)), "2026-10-25T02:30:00+02:00");
    assert_eq!(at(2, Some(false)), "2026-10-25T02:30:00+01:00");
    assert_eq!(at(2, None), "2026-10-25T02:30:00+01:00");
    assert_eq!(at(3, None), "2026-10-25T03:30:00+01:00");
}

#[test]
fn a_wrong_summer_flag_gives_the_offset_that_the_meter_claims() {
    assert_eq!(at(12, Some(true)), "2026-10-25T12:30:00+02:00");
    let summer = MeterTime::in_zone((2026, 7, 1), (12, 0, 0), Some(false), Zone::default()).unwrap();
    assert_eq!(summer.to_string(), "2026-07-01T12:00:00+01:00");
}

/// Recorded from a Kamstrup on 20 October at 04:43:32 local time, and from an Aidon on 21 July at 22:00:05. Both
/// clocks keep standard time in summer, whatever their flag says.
#[test]
fn a_clock_of_standard_time_is_an_hour_behind_in_summer() {
    let standard =
        |text: &str| text.parse::<MeterTime>().unwrap().in_standard_time(Zone::default()).to_string();
    assert_eq!(standard("2017-10-20T03:43:30+02:00"), "2017-10-20T03:43:30+01:00");
    assert_eq!(standard("2020-07-21T21:00:00Z"), "2020-07-21T21:00:00+01:00");
    assert_eq!(standard("2020-01-21T21:00:00Z"), "2020-01-21T21:00:00+01:00");
    // The hour that summer time skips, and the hour that occurs twice.
    assert_eq!(standard("2026-03-29T02:30:00+02:00"), "2026-03-29T02:30:00+01:00");
    assert_eq!(standard("2026-10-25T02:30:00+02:00"), "2026-10-25T02:30:00+01:00");
}

#[test]
fn a_written_time_is_read_back() {
    for text in ["2026-11-21T02:30:10+01:00", "2000-01-01T00:00:00-09:30"] {
        assert_eq!(text.parse::<MeterTime>().unwrap().to_string(), text);
    }
    let moment: MeterTime = "2026-11-21T02:30:10+01:00".parse().unwrap();
    assert_eq!(moment.unix_seconds(), 1_795_224_610);
    assert_eq!(MeterTime::from_unix(1_795_224_610, 60), Some(moment));
    assert_eq!("2026-11-21".parse::<MeterTime>(), Err(NotATime));
    assert_eq!("2026-13-21T02:30:10Z".parse::<MeterTime>(), Err(NotATime));
    for offset in ["+1:00", "+01:0", "++1:00", "+01:+5", "+24:00", "+01:60", "01:00", "+01"] {
        let text = format!("2026-11-21T02:30:10{offset}");
        assert_eq!(text.parse::<MeterTime>(), Err(NotATime), "{text}");
    }
}

#[test]
fn any_time_round_trips_through_local_seconds() {
    for (date, clock, offset) in [
        ((1970, 1, 1), (0, 0, 0), 0),
        ((2026, 10, 25), (2, 30, 10), 120),
        ((9999, 12, 31), (23, 59, 59), i16::MIN),
        ((0, 1, 1), (0, 0, 0), i16::MAX),
    ] {
        let time = MeterTime::new(date.0, date.1, date.2, clock, offset).unwrap();
        assert_eq!(MeterTime::from_local(time.local_seconds(), offset), Some(time));
    }
    let second = MeterTime::new(1970, 1, 2, (0, 0, 1), 60).unwrap();
    assert_eq!(second.local_seconds(), 86_401);
    assert_eq!(MeterTime::from_local(i64::MAX, 0), None);
}

#[test]
fn instants_count_milliseconds() {
    let later = Instant::from(Duration::from_micros(2_500_999));
    assert_eq!(later, Instant(2500));
    assert_eq!(later.since(Instant(500)), Duration::from_secs(2));
    assert_eq!(Instant(500).since(later), Duration::ZERO);
    assert_eq!(Instant::from(Duration::MAX), Instant(u64::MAX));
}

/// RFC 3339 has four digits for the year and no sign.
#[test]
fn a_year_before_0_is_no_time() {
    assert_eq!(MeterTime::new(-1, 1, 1, (0, 0, 0), 0), None);
    // A second before the year 0, by `date --utc --date=0000-01-01 +%s`.
    assert_eq!(MeterTime::from_unix(-62_167_219_201, 0), None);
    assert_eq!(MeterTime::from_unix(-62_167_219_200, 0).unwrap().to_string(), "0000-01-01T00:00:00+00:00");
}
