use super::*;

const TIMES: Times = Times { dates: Some(Dates::DayFirst), parts: None, utc: false };

fn written(text: &str, times: Times) -> Option<String> {
    let moment = Written::read(text, None, times)?.moment(Zone::default(), times, None)?;
    Some(moment.to_string())
}

fn read(text: &str) -> Option<String> {
    written(text, TIMES)
}

#[test]
fn all_ways_of_writing_a_moment_are_read() {
    for text in [
        "2026-11-21T02:30:00+01:00",
        "2026-11-21 02:30:00+01:00",
        "2026-11-21T01:30:00Z",
        "2026-11-21T01:30:00.000Z",
        "2026-11-21 01:30 UTC",
        "21-11-2026 02:30 +0100",
        "2026-11-21 02:30",
        "2026-11-21T02:30:00",
        "21.11.2026 02:30",
        "21.11.26 02:30",
        "21. 11. 2026 2:30",
        "21-11-2026 02:30:00",
        "21-Nov-2026 02:30",
        "21/11/2026 2:30",
        "21/11/2026 2:30 AM",
        "21/11/2026, 02h30",
        "2026-11-21 02.30",
        "2026-11-21 02:30 to 2026-11-21 02:45",
        "21.11.2026 02:30 - 02:45",
        "202611210230",
        "20261121023000",
        "1795224600",
        "1795224600000",
        "1795224600000000",
        "1795224600000000000",
    ] {
        assert_eq!(read(text).as_deref(), Some("2026-11-21T01:30:00.000Z"), "{text}");
    }
    assert_eq!(read("2026-07-01").as_deref(), Some("2026-06-30T22:00:00.000Z"));
    assert_eq!(read("20260701").as_deref(), Some("2026-06-30T22:00:00.000Z"));
    assert_eq!(read("31.12.2026 24:00").as_deref(), Some("2026-12-31T23:00:00.000Z"));
    assert_eq!(read("01/03/2026 12:00 AM").as_deref(), Some("2026-02-28T23:00:00.000Z"));
    assert_eq!(read("01/03/2026 12:15 pm").as_deref(), Some("2026-03-01T11:15:00.000Z"));
    for text in [
        "",
        "yesterday",
        "2026-13-01",
        "32.12.2026 00:00",
        "2026-11-21 25:00",
        "2026-11-21 24:01",
        "13/11/2026 13:00 PM",
        "1",
        "1:2:3:4",
        "20261301",
        "202611212530",
        "571313100000000001",
        "00000000000000",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn a_date_is_read_in_the_given_order() {
    let in_order = |text, dates| written(text, Times { dates, ..TIMES });
    let third_of_february = "2026-02-02T23:00:00.000Z";
    for (text, dates) in [
        ("03/02/2026", Dates::DayFirst),
        ("02/03/2026", Dates::MonthFirst),
        ("26-02-03", Dates::YearFirst),
        ("2026/02/03", Dates::MonthFirst),
    ] {
        assert_eq!(in_order(text, Some(dates)).as_deref(), Some(third_of_february), "{text}");
    }
    assert_eq!(in_order("13/02/2026", Some(Dates::MonthFirst)), None);
    assert_eq!(in_order("03/02/2026", None), None, "the order is unknown");
    assert_eq!(in_order("2026-02-03", None).as_deref(), Some(third_of_february));
}

#[test]
fn times_of_a_table_may_be_utc() {
    let utc = Times { utc: true, ..TIMES };
    assert_eq!(written("2026-11-21 02:30", utc).as_deref(), Some("2026-11-21T02:30:00.000Z"));
    assert_eq!(written("2026-11-21T02:30:00+01:00", utc).as_deref(), Some("2026-11-21T01:30:00.000Z"));
}

/// The days in 2026 on which clocks are changed have 23 and 25 hours.
#[test]
fn a_numbered_hour_ends_that_many_hours_after_the_day_began() {
    let times = Times { parts: Some(60), ..TIMES };
    let hour = |day, clock| {
        let moment = Written::read(day, Some(clock), times)?.moment(Zone::default(), times, None)?;
        Some(moment.to_string())
    };
    assert_eq!(hour("01/03/2026", "1").as_deref(), Some("2026-03-01T00:00:00.000Z"));
    assert_eq!(hour("01/03/2026", "24:00").as_deref(), Some("2026-03-01T23:00:00.000Z"));
    assert_eq!(hour("25/10/2026", "03:00").as_deref(), Some("2026-10-25T01:00:00.000Z"));
    assert_eq!(hour("25/10/2026", "25:00").as_deref(), Some("2026-10-25T23:00:00.000Z"));
    assert_eq!(hour("29/03/2026", "23").as_deref(), Some("2026-03-29T22:00:00.000Z"));
    for (day, clock) in
        [("29/03/2026", "24"), ("01/03/2026", "25"), ("01/03/2026", "-1"), ("01/03/2026", "x")]
    {
        assert_eq!(hour(day, clock), None, "{day} {clock}");
    }
    assert_eq!(written("2026-03-01 1:00", times).as_deref(), Some("2026-03-01T00:00:00.000Z"));
}

/// 2026-10-25: 02:00 to 03:00 comes twice, at 00:00 and at 01:00 UTC. 2026-03-29: it is skipped.
#[test]
fn a_repeated_hour_is_resolved_by_the_order_of_rows() {
    let mut before = None;
    let mut read = |text| {
        before = Written::read(text, None, TIMES).unwrap().moment(Zone::default(), TIMES, before);
        before.unwrap().to_string()
    };
    assert_eq!(read("2026-10-25 02:00"), "2026-10-25T00:00:00.000Z");
    assert_eq!(read("2026-10-25 02:45"), "2026-10-25T00:45:00.000Z");
    assert_eq!(read("2026-10-25 02:00"), "2026-10-25T01:00:00.000Z");
    assert_eq!(read("2026-10-25 02:15"), "2026-10-25T01:15:00.000Z");
    assert_eq!(read("2026-10-25 03:00"), "2026-10-25T02:00:00.000Z");
    assert_eq!(read("2026-03-29 02:30"), "2026-03-29T01:30:00.000Z");
}
