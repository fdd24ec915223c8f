mod references;

use super::*;
use crate::entry::Moment;
use crate::files::backup::Manifest;
use crate::store::LineSettings;
use crate::store::settings::Broker;
use metertap_decoder::reading::Protocol;
use metertap_decoder::schedule::{Quiet, Schedule};

const FILE: &str = "whole.metertap";

fn key(name: &str) -> MeterKey {
    MeterKey(name.into())
}

fn bridge(url: &str, protocol: Option<Protocol>) -> SourceRecord {
    SourceRecord::Bridge { url: url.into(), spoken: LineSettings { protocol, ..LineSettings::default() } }
}

fn port(vendor: u16) -> SourceRecord {
    let spoken = LineSettings { protocol: Some(Protocol::P1), ..LineSettings::default() };
    SourceRecord::Serial { vendor: Some(vendor), product: None, spoken }
}

/// A meter with the key `name`, which the user calls `called`.
fn record(name: &str, called: &str) -> MeterRecord {
    MeterRecord {
        key: key(name),
        origin: None,
        name: called.into(),
        place: String::new(),
        source: port(1),
        address_from: None,
        identification: None,
        formerly: None,
        topic: None,
        reading: true,
        retention: Retention::Forever,
        schedule: None,
        line_of: None,
        stated: Vec::new(),
        clock_off: None,
        role: None,
        fuse: None,
        fetched: None,
    }
}

/// A backup with secrets, whose logs end with number 7.
fn arrivals(here: &[MeterRecord], replaces: bool) -> Arrivals {
    let manifest = Manifest { at: Moment(0), app: String::new(), zone: String::new(), secrets: true };
    let lasts = ["p1-0a", "p1-0b", "p1-0b+1"].map(|log| (key(log), 7)).into();
    let contents = Contents { manifest: Some(manifest), lasts, ..Contents::default() };
    Arrivals::new(here.to_vec(), [], FILE, &contents, replaces)
}

fn meters(arrivals: Arrivals) -> Vec<MeterRecord> {
    arrivals.finish(Vec::new()).meters
}

fn keys(meter: &str, byte: u8, from: Option<&str>) -> Setting {
    let keys = Keys { encryption: Some([byte; 16]), authentication: None };
    Setting::Keys(key(meter), MeterKeys { keys, from: from.map(Into::into) })
}

fn broker(url: &str, on: bool, from: Option<&str>) -> Broker {
    Broker { url: url.into(), password: "p".into(), on, from: from.map(Into::into), ..Broker::default() }
}

fn import(log: &str, meter: &str) -> Import {
    let (file, span) = ("a.csv".into(), (Moment(0), Moment(1)));
    Import {
        log: key(log),
        meter: key(meter),
        file,
        at: Moment(0),
        readings: 5,
        span,
        heard: true,
        typed: false,
        stated: Vec::new(),
    }
}

#[test]
fn merging_keeps_existing_meters_and_adds_the_others() {
    let mut arrivals = arrivals(&[record("p1-0a", "Hall")], false);
    arrivals.take(Piece::Meter(record("p1-0a", "Cellar")));
    arrivals.take(Piece::Meter(MeterRecord { source: port(2), ..record("p1-0b", "Garage") }));
    assert_eq!(arrivals.place(&key("p1-0a")), Destination::Beside(key("p1-0a")));
    assert_eq!(arrivals.place(&key("p1-0a+1")), Destination::Beside(key("p1-0a")));
    assert_eq!(arrivals.place(&key("p1-0b")), Destination::Whole(key("p1-0b")));
    assert_eq!(arrivals.place(&key("p1-0b+1")), Destination::Whole(key("p1-0b+1")));
    assert_eq!(arrivals.place(&key("p1-0c")), Destination::Nowhere);
    let cursor = |meter: &str, seq| Cursor { meter: key(meter), reader: "mqtt".into(), seq };
    for cursor in [cursor("p1-0a", 6), cursor("p1-0b", 6)] {
        arrivals.take(Piece::Cursor(cursor));
    }
    let settings =
        [keys("p1-0a", 1, None), keys("p1-0b", 2, None), Setting::Broker(broker("ws://b", true, None))];
    settings.into_iter().for_each(|setting| arrivals.take(Piece::Setting(setting)));
    let finished = arrivals.finish(Vec::new());
    assert_eq!(finished.meters, [MeterRecord { source: port(2), ..record("p1-0b", "Garage") }]);
    assert_eq!(finished.cursors, [cursor("p1-0b", 6)]);
    assert_eq!(finished.gone, []);
    let here = [keys("p1-0a", 9, None), Setting::Broker(broker("ws://here", true, None))];
    assert_eq!(finished.settings.beside(&here), [keys("p1-0b", 2, Some(FILE))]);
}

#[test]
fn replacing_takes_the_backups_name_and_keeps_the_working_port_and_key() {
    let mut arrivals = arrivals(&[record("p1-0a", "Hall")], true);
    let backup = MeterRecord {
        place: "Cellar".into(),
        retention: Retention::Days(31),
        source: bridge("ws://elsewhere/", Some(Protocol::P1)),
        reading: false,
        ..record("p1-0a", "Main")
    };
    arrivals.take(Piece::Meter(backup.clone()));
    assert_eq!(
        arrivals.place(&key("p1-0a+3")),
        Destination::Whole(key("p1-0a-2+3")),
        "what is here is not written to"
    );
    let expected = MeterRecord {
        key: key("p1-0a-2"),
        origin: Some(key("p1-0a")),
        source: port(1),
        reading: true,
        ..backup
    };
    let of_backup =
        [keys("p1-0a", 1, None), keys("p1-99", 3, None), Setting::Broker(broker("ws://b", true, None))];
    of_backup.into_iter().for_each(|setting| arrivals.take(Piece::Setting(setting)));
    let finished = arrivals.finish(Vec::new());
    assert_eq!((finished.meters, finished.gone), (vec![expected], vec![key("p1-0a")]));
    let here = [keys("p1-0a", 9, None), Setting::Broker(broker("ws://here", true, None))];
    let settled = [keys("p1-0a-2", 9, None), Setting::Broker(broker("ws://b", false, Some(FILE)))];
    assert_eq!(finished.settings.beside(&here), settled);
}

#[test]
fn a_line_without_a_protocol_and_a_file_are_replaced_by_the_backups_source() {
    let file = SourceRecord::File { name: "evening.bin".into(), kept: false };
    let known = bridge("ws://elsewhere/", Some(Protocol::P1));
    for (here, backup, expected) in [
        (bridge("ws://here/", None), known.clone(), known.clone()),
        (bridge("ws://here/", None), file.clone(), bridge("ws://here/", None)),
        (file.clone(), known.clone(), known),
        (file.clone(), file, SourceRecord::File { name: "evening.bin".into(), kept: true }),
    ] {
        let mut arrivals = arrivals(&[MeterRecord { source: here, ..record("a", "") }], true);
        arrivals.take(Piece::Meter(MeterRecord { source: backup, ..record("a", "") }));
        assert_eq!(meters(arrivals)[0].source, expected);
    }
}

/// A meter that is replaced by its backup again and again is recognised by its origin, and its names do not grow.
#[test]
fn a_meter_that_was_restored_is_recognised_as_the_same() {
    let mut here = record("a", "");
    for expected in ["a-2", "a", "a-2"] {
        let mut replaced = arrivals(&[here], true);
        replaced.take(Piece::Meter(record("a", "")));
        here = meters(replaced).remove(0);
        assert_eq!(here.key, key(expected));
        let mut merged = arrivals(&[here.clone()], false);
        merged.take(Piece::Meter(record("a", "")));
        assert_eq!(merged.place(&key("a")), Destination::Beside(here.key.clone()));
        assert_eq!(meters(merged), []);
    }
}

#[test]
fn a_meter_is_matched_by_its_identification_and_protocol() {
    let called = |name: &str, protocol| MeterRecord {
        identification: Some("4530303434303037".into()),
        source: bridge("ws://here/", Some(protocol)),
        ..record(name, "")
    };
    let mut arrivals = arrivals(&[called("here", Protocol::P1)], false);
    for meter in
        [called("there", Protocol::P1), called("optical", Protocol::Sml), called("again", Protocol::P1)]
    {
        arrivals.take(Piece::Meter(meter));
    }
    assert_eq!(arrivals.place(&key("there")), Destination::Beside(key("here")));
    assert_eq!(arrivals.place(&key("optical")), Destination::Whole(key("optical")));
    assert_eq!(arrivals.place(&key("again")), Destination::Whole(key("again")));
}

/// The meter is found even after a stranger's file has added other meters that claim the same origin.
#[test]
fn a_later_backup_of_a_meter_here_finds_that_meter() {
    let called = |name: &str, origin: Option<&str>, identification: &str| MeterRecord {
        origin: origin.map(key),
        identification: Some(identification.into()),
        ..record(name, "")
    };
    let here = called("p1-0b", Some("p1-0a"), "4530303434303037");
    let mut stranger = arrivals(std::slice::from_ref(&here), false);
    for (name, origin) in [("one", Some("p1-0a")), ("a", Some("p1-0a")), ("p1-0a", None), ("b", None)] {
        stranger.take(Piece::Meter(called(name, origin, "4530303434303037")));
    }
    let mut meters = meters(stranger);
    let names: Vec<&str> = meters.iter().map(|meter| meter.key.0.as_str()).collect();
    assert_eq!(names, ["a", "p1-0a-2", "b"]);
    meters.insert(2, here.clone());
    // The meter here is found by its first name, and by its identification.
    for own in [called("p1-0a", None, "other"), called("elsewhere", None, "4530303434303037")] {
        let mut arrivals = arrivals(&meters, false);
        arrivals.take(Piece::Meter(own.clone()));
        assert_eq!(arrivals.place(&own.key), Destination::Beside(here.key.clone()), "{own:?}");
    }
}

/// A name is taken if a meter has it, if a log's name begins with it, or if a log that is being removed has it.
#[test]
fn an_added_meter_gets_a_free_name() {
    let contents = Contents::default();
    let logs = ["x+1", "y"].map(key);
    let mut arrivals = Arrivals::new(vec![record("a", "")], logs, FILE, &contents, false);
    let of = |name: &str| MeterRecord { origin: Some(key("new")), ..record(name, "") };
    for name in ["a", "x", "y", "z", "new"] {
        arrivals.take(Piece::Meter(of(name)));
    }
    let names: Vec<String> = meters(arrivals).into_iter().map(|meter| meter.key.0).collect();
    assert_eq!(names, ["new", "new-2", "new-3", "z", "new-4"]);
}

#[test]
fn an_import_counts_once_and_only_if_its_rows_are_in_the_backup() {
    let mut arrivals = arrivals(&[record("p1-0a", "")], false);
    for name in ["p1-0a", "p1-0b"] {
        arrivals.take(Piece::Meter(record(name, "")));
    }
    let vast = Import { readings: u64::MAX, span: (Moment(9), Moment(3)), ..import("p1-0b+1", "p1-0b") };
    for import in [vast.clone(), vast, import("p1-0b+2", "p1-0b"), import("p1-0a+1", "p1-0a")] {
        arrivals.take(Piece::Import(import));
    }
    for log in ["p1-0b+1", "p1-0a+1"] {
        arrivals.place(&key(log));
    }
    let joined = import("p1-0a+4", "p1-0a");
    let expected = Import { readings: 7, span: (Moment(3), Moment(9)), ..import("p1-0b+1", "p1-0b") };
    assert_eq!(arrivals.finish(vec![joined.clone()]).imports, [expected, joined]);
}

#[test]
fn no_cursor_is_beyond_its_log() {
    let mut arrivals = arrivals(&[], false);
    arrivals.take(Piece::Meter(record("p1-0b", "")));
    let cursor = |seq| Cursor { meter: key("p1-0b"), reader: "mqtt".into(), seq };
    arrivals.take(Piece::Cursor(cursor(u64::MAX)));
    assert_eq!(arrivals.finish(Vec::new()).cursors, [cursor(7)]);
}

#[test]
fn an_address_from_a_file_is_off_and_marked() {
    for replaces in [false, true] {
        let mut arrivals = arrivals(&[], replaces);
        let at = MeterRecord { source: bridge("ws://there/", Some(Protocol::P1)), ..record("p1-0b", "") };
        arrivals.take(Piece::Meter(at.clone()));
        arrivals.take(Piece::Setting(Setting::Broker(broker("ws://there", true, None))));
        let finished = arrivals.finish(Vec::new());
        let expected = MeterRecord { reading: false, address_from: Some(FILE.into()), ..at };
        assert_eq!(finished.meters, [expected]);
        let settings = finished.settings.beside(&[]);
        assert_eq!(settings, [Setting::Broker(broker("ws://there", false, Some(FILE)))]);
    }
}

#[test]
fn a_broker_that_the_user_enabled_stays_on_after_a_restore() {
    for (here, stays) in [
        (broker("ws://b", true, None), true),
        (broker("ws://b", false, Some("older")), false),
        (Broker { user: "else".into(), ..broker("ws://b", true, None) }, false),
    ] {
        let mut arrivals = arrivals(&[], true);
        arrivals.take(Piece::Setting(Setting::Broker(broker("ws://b", true, None))));
        let written = arrivals.finish(Vec::new()).settings.beside(&[Setting::Broker(here)]);
        assert_eq!(written.is_empty(), stays);
    }
}

#[test]
fn a_backup_without_secrets_has_no_settings() {
    let mut arrivals = Arrivals::new(Vec::new(), [], FILE, &Contents::default(), false);
    arrivals.take(Piece::Meter(record("p1-0b", "")));
    arrivals.take(Piece::Setting(keys("p1-0b", 1, None)));
    arrivals.take(Piece::Setting(Setting::Broker(broker("ws://b", true, None))));
    assert_eq!(arrivals.finish(Vec::new()).settings.beside(&[]), []);
}

/// A merged file deletes no readings, whatever it says. A replacing file can only set a retention that a user could
/// choose.
#[test]
fn a_merged_file_sets_no_retention_and_a_replacing_one_only_a_possible_one() {
    for (replaces, kept, expected) in [
        (false, Retention::Days(0), Retention::Forever),
        (false, Retention::Days(31), Retention::Forever),
        (true, Retention::Days(0), Retention::Forever),
        (true, Retention::Days(31), Retention::Days(31)),
    ] {
        let mut arrivals = arrivals(&[], replaces);
        arrivals.take(Piece::Meter(MeterRecord { retention: kept, ..record("p1-0b", "") }));
        assert_eq!(meters(arrivals)[0].retention, expected, "{replaces} {kept:?}");
    }
}

#[test]
fn an_existing_meter_keeps_its_port_and_topic_name() {
    let mut arrivals = arrivals(&[MeterRecord { topic: Some("hall".into()), ..record("p1-0a", "") }], false);
    let other = |name: &str, source| MeterRecord { topic: Some("hall".into()), source, ..record(name, "") };
    arrivals.take(Piece::Meter(other("same-port", port(1))));
    arrivals.take(Piece::Meter(other("other-port", port(2))));
    let meters: Vec<_> =
        meters(arrivals).into_iter().map(|meter| (meter.topic.unwrap(), meter.reading)).collect();
    assert_eq!(meters, [("hall-2".into(), false), ("hall-3".into(), true)]);
}

/// If a meter from a stranger's file shared a line or an identification with a meter here, it would get that meter's
/// readings.
#[test]
fn no_meter_of_a_file_takes_readings_of_an_existing_meter() {
    let called = |record: MeterRecord| MeterRecord { identification: Some("4530".into()), ..record };
    let here = called(record("p1-0a", ""));
    let simulated = SourceRecord::Simulated { model: "dsmr-5".into(), seed: 1 };
    for own in [here.clone(), MeterRecord { key: key("unknown"), ..here.clone() }] {
        let mut arrivals = arrivals(std::slice::from_ref(&here), false);
        arrivals.take(Piece::Meter(own.clone()));
        for (name, source) in [("one", simulated.clone()), ("other", bridge("ws://pi/", Some(Protocol::Sml)))]
        {
            let guest = called(MeterRecord { source, ..record(name, "") });
            arrivals.take(Piece::Meter(MeterRecord { line_of: Some(own.key.clone()), ..guest }));
        }
        let guests = meters(arrivals).into_iter();
        let guests: Vec<_> = guests.map(|guest| (guest.line_of, guest.identification)).collect();
        assert_eq!(guests, [(None, None), (None, None)]);
    }
    let mut arrivals = arrivals(&[], false);
    arrivals.take(Piece::Meter(here.clone()));
    arrivals.take(Piece::Meter(MeterRecord { line_of: Some(here.key.clone()), ..record("guest", "") }));
    assert_eq!(meters(arrivals)[1].line_of, Some(here.key), "both are restored");
}

#[test]
fn only_a_few_of_many_simulated_meters_are_read() {
    let mut arrivals = arrivals(&[], true);
    for number in 0..600 {
        let source = SourceRecord::Simulated { model: "dsmr-5".into(), seed: number };
        arrivals.take(Piece::Meter(MeterRecord { source, ..record(&format!("simulated-{number}"), "") }));
    }
    let meters = meters(arrivals);
    assert_eq!((meters.len(), meters.iter().filter(|meter| meter.reading).count()), (600, MOST_SIMULATED));
}

#[test]
fn oversized_fields_are_cut() {
    let mut arrivals = arrivals(&[], false);
    let quiet = Some(Quiet { from: 0, until: u16::MAX });
    let mut spoken = LineSettings { device: "/?!\r\n".into(), ..LineSettings::default() };
    spoken.line = serde_json::from_str(r#"{"baud":0,"data_bits":99,"parity":"None","stop_bits":7}"#).unwrap();
    let hostile = [
        MeterRecord {
            name: "\u{202e}".repeat(9) + &"é".repeat(70_000),
            place: "a\nb".into(),
            topic: Some("a/#\u{0}".into()),
            schedule: Some(Schedule { quiet, ..Schedule::every(900) }),
            source: SourceRecord::Serial { vendor: None, product: None, spoken },
            ..record("one", "")
        },
        MeterRecord {
            schedule: Some(Schedule::every(u32::MAX)),
            source: SourceRecord::Simulated { model: "dsmr-5".into(), seed: u64::MAX },
            ..record("other", "")
        },
    ];
    hostile.into_iter().for_each(|meter| arrivals.take(Piece::Meter(meter)));
    let [one, other] = meters(arrivals).try_into().unwrap();
    assert_eq!((one.name, one.place.as_str(), one.topic.as_deref()), ("é".repeat(60), "ab", Some("a")));
    assert_eq!((one.schedule, other.schedule), (None, None));
    assert_eq!(
        one.source,
        SourceRecord::Serial { vendor: None, product: None, spoken: LineSettings::default() }
    );
    // A browser's numbers have 53 bits.
    assert!(matches!(other.source, SourceRecord::Simulated { seed, .. } if seed < 1 << 53));
}
