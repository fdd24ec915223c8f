use super::*;
use alloc::string::{String, ToString};
use alloc::vec;
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use crate::time::MeterTime;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

/// How often clocks show a local time, according to another implementation.
fn shown_there(rules: &TimeZone, local: DateTime) -> Occurrence {
    let (year, month, day) = local.date().parts();
    let (hour, minute, second) = local.time().parts();
    let local = jiff::civil::date(year, month, day).at(hour, minute, second, 0);
    match rules.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Occurrence::Once(offset.seconds()),
        AmbiguousOffset::Gap { before, after } => {
            Occurrence::Never { before: before.seconds(), after: after.seconds() }
        }
        AmbiguousOffset::Fold { before, after } => {
            Occurrence::Twice { before: before.seconds(), after: after.seconds() }
        }
    }
}

#[test]
fn every_zone_agrees_with_another_implementation() {
    let database = TimeZoneDatabase::bundled();
    let mut seen = 0;
    for name in database.available() {
        let (rules, ours) = (database.get(name.as_str()).unwrap(), zone(name.as_str()));
        let moment = |unix| Timestamp::from_second(unix).unwrap();
        // A second, some quarter-hours and a day before and after every third change.
        let changes = rules.following(moment(START)).map(|change| change.timestamp().as_second());
        for at in changes.take_while(|at| *at < END).step_by(3) {
            let quarters = (-6..=6).map(|quarters| at + quarters * 900);
            for unix in quarters.chain([at - 1, at + 1, at - 86_400, at + 86_400]) {
                let there = rules.to_offset(moment(unix)).seconds();
                assert_eq!(ours.offset(unix), there, "{name} {unix}");
                for ahead in [there, ours.offset(at - 1)] {
                    let local = DateTime::from_seconds(unix + i64::from(ahead)).unwrap();
                    assert_eq!(ours.occurrence(local), shown_there(&rules, local), "{name} {local}");
                }
            }
        }
        seen += 1;
    }
    assert!(seen > 500, "{seen} zones");
}

#[test]
fn central_europe_is_berlin() {
    let berlin = zone("Europe/Berlin");
    for unix in (START..END).step_by(1800 * 7) {
        assert_eq!(Zone::CENTRAL_EUROPE.offset(unix), berlin.offset(unix), "{unix}");
    }
    assert_eq!(Zone::CENTRAL_EUROPE, berlin);
}

/// From the zones' laws: New York 2026-11-01 02:00 EDT, Kyiv 2026-10-25 04:00 EEST, the Canaries 2026-10-25 02:00 WEST,
/// and Lord Howe, where clocks move by half an hour, 2026-04-05 02:00.
#[test]
fn the_flag_decides_the_repeated_hour_in_every_zone() {
    let at = |name: &str, date, clock, summer| {
        MeterTime::in_zone(date, clock, summer, zone(name)).unwrap().to_string()
    };
    for (name, date, clock, summer, winter) in [
        ("America/New_York", (2026, 11, 1), (1, 30, 0), "-04:00", "-05:00"),
        ("Europe/Kyiv", (2026, 10, 25), (3, 30, 0), "+03:00", "+02:00"),
        ("Atlantic/Canary", (2026, 10, 25), (1, 30, 0), "+01:00", "+00:00"),
        ("Australia/Lord_Howe", (2026, 4, 5), (1, 45, 0), "+11:00", "+10:30"),
        // A wrong flag is believed: the offset is that of the place's summer time or standard time, as the flag says.
        ("America/New_York", (2026, 7, 1), (12, 0, 0), "-04:00", "-05:00"),
        ("America/New_York", (2026, 1, 1), (12, 0, 0), "-04:00", "-05:00"),
        ("Europe/Dublin", (2026, 1, 1), (12, 0, 0), "+01:00", "+00:00"),
        ("Australia/Lord_Howe", (2026, 7, 1), (12, 0, 0), "+11:00", "+10:30"),
        ("Australia/Lord_Howe", (2026, 1, 1), (12, 0, 0), "+11:00", "+10:30"),
    ] {
        for (flag, offset) in [(Some(true), summer), (Some(false), winter)] {
            let told = at(name, date, clock, flag);
            assert!(told.ends_with(offset), "{name}: {told}, not {offset}");
        }
    }
    assert_eq!(at("America/New_York", (2026, 11, 1), (1, 30, 0), None), "2026-11-01T01:30:00-05:00");
    assert_eq!(at("America/New_York", (2026, 3, 8), (2, 30, 0), None), "2026-03-08T02:30:00-05:00");
    assert_eq!(at("Asia/Kolkata", (2026, 7, 1), (12, 0, 0), Some(false)), "2026-07-01T12:00:00+05:30");
    assert_eq!(at("UTC", (2026, 7, 1), (12, 0, 0), None), "2026-07-01T12:00:00+00:00");
    // Istanbul has had this offset all year since 2016, so it has no summer time.
    assert_eq!(at("Europe/Istanbul", (2026, 7, 1), (12, 0, 0), Some(false)), "2026-07-01T12:00:00+03:00");
    // One hour less during Ramadan is not summer time either.
    assert_eq!(at("Africa/Casablanca", (2024, 7, 1), (12, 0, 0), Some(false)), "2024-07-01T12:00:00+01:00");
}

#[test]
fn invalid_tables_and_unknown_names_are_refused() {
    let refused =
        |name: &str, first, changes: &[(i64, i32)]| Zone::from_changes(name, first, changes).is_err();
    assert!(refused("", 0, &[]));
    assert!(refused("a zone", 0, &[]));
    assert!(refused(&String::from_utf8(vec![b'a'; 65]).unwrap(), 0, &[]));
    assert!(refused("Mars/Olympus", 100_000, &[]));
    assert!(refused("Mars/Olympus", 0, &[(0, -100_000)]));
    assert!(refused("Mars/Olympus", 0, &[(0, 3600), (0, 7200)]));
    assert!(refused("Mars/Olympus", 0, &[(3600, 3600), (7200, 0)]));
    assert!(refused("Mars/Olympus", 0, &[(i64::MAX, 3600)]));
    assert!(refused("Mars/Olympus", i32::MIN, &[]));
    assert!(refused("Mars/Olympus", 0, &vec![(0, 0); 2000]));
    assert!(Zone::named("Mars/Olympus").is_none());
}

#[test]
fn no_time_makes_a_zone_panic() {
    let far = DateTime::from_seconds(250_000_000_000).unwrap();
    let edges = [(-far.seconds(), FARTHEST), (0, -FARTHEST), (far.seconds(), FARTHEST)];
    let zone = Zone::from_changes("Mars/Olympus", -FARTHEST, &edges).unwrap();
    for zone in [Zone::UTC, Zone::default(), zone] {
        for unix in [i64::MIN, -far.seconds(), -1, 0, far.seconds(), i64::MAX] {
            let _ = (zone.local(unix), zone.offset(unix), zone.ahead(unix));
            if let Some(local) = DateTime::from_seconds(unix) {
                let _ = (zone.unix(local), zone.offset_minutes(local, Some(true)));
            }
        }
    }
}
