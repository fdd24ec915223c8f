//! A chart at any zoom equals one drawn from all entries.

use super::*;
use crate::log::totals::track::Track;
use crate::view::series::Series;

fn picture(journal: &Journal<MemoryDisk>, (from, to): (Moment, Moment), columns: u32) -> Series {
    let mut series = Series::new(from, to, columns);
    let put = |moment, least, most| series.put_watts(moment, least, most);
    let always = Moment(i64::MIN)..Moment(i64::MAX);
    at_once(journal.extremes(&meter(), Track::NetPower, (from, to), columns, &always, put)).unwrap();
    series
}

fn picture_by_hand(entries: &[Entry], track: Track, (from, to): (Moment, Moment), columns: u32) -> Series {
    let mut series = Series::new(from, to, columns);
    for entry in entries {
        if let Some(value) = track.value(entry) {
            series.put(entry.received, value, value);
        }
    }
    series
}

/// Entries as a chart with wide columns shows them: those in chunks are in the middle of their quarter of an hour.
fn coarse(entries: &[Entry], (from, to): (Moment, Moment)) -> Vec<Entry> {
    let in_chunks = |entry: &Entry| !(START + 11 * HOUR..SPRING).contains(&entry.received.0);
    let meets = |entry: &&Entry| {
        !in_chunks(entry) || (Quarter::of(from)..=Quarter::of(to)).contains(&Quarter::of(entry.received))
    };
    let middle =
        |entry: &Entry| Moment((Quarter::of(entry.received).start().0 + 450_000).clamp(from.0, to.0));
    entries
        .iter()
        .filter(meets)
        .map(|entry| match in_chunks(entry) {
            true => Entry { received: middle(entry), ..entry.clone() },
            false => entry.clone(),
        })
        .collect()
}

#[test]
fn a_chart_is_exact_to_the_column_at_any_zoom() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..12);
    let journal = journal(&disk);
    let entries = all(&journal);
    for (from, to, columns) in
        [(0, 12, 7), (0, 12, 12), (-5, 20, 1), (3, 4, 500), (0, 2, 3), (11, 12, 2), (1, 11, 39), (1, 11, 41)]
    {
        let span = (Moment(START + from * HOUR + 1234), Moment(START + to * HOUR + 77));
        let is_wide = span.1.0 - span.0.0 >= i64::from(columns) * 900_000;
        let expected = if is_wide { coarse(&entries, span) } else { entries.clone() };
        let expected = picture_by_hand(&expected, Track::NetPower, span, columns);
        // The second time, the points are remembered.
        for _ in 0..2 {
            let drawn = picture(&journal, span, columns);
            assert_eq!(drawn, expected, "{from}..{to} in {columns}");
        }
    }
}

/// Thirty days from 2027-03-19, with a reading every twenty minutes, and the beginning of summer time among them.
fn spring(journal: &Journal<MemoryDisk>) {
    for moment in (SPRING..SPRING + 30 * 24 * HOUR).step_by(1_200_000) {
        at_once(journal.append(&meter(), Moment(moment), &said(moment))).unwrap();
    }
}

/// Entries as a chart of years shows them: in the middle of their day if the whole day is in the chart.
fn coarser(entries: &[Entry], (from, to): (Moment, Moment), zone: Zone) -> Vec<Entry> {
    let seen = Quarter::of(from).0..Quarter::of(to).0 + 1;
    let placed = |entry: &Entry| {
        let quarter = Quarter::of(entry.received);
        let day = Day::of(quarter, zone).quarters(zone);
        let is_whole = seen.start <= day.start && day.end <= seen.end;
        let (start, end) = if is_whole { (day.start, day.end) } else { (quarter.0, quarter.0 + 1) };
        let middle = i64::midpoint(Quarter(start).start().0, Quarter(end).start().0);
        Entry { received: Moment(middle.clamp(from.0, to.0)), ..entry.clone() }
    };
    entries.iter().filter(|entry| seen.contains(&Quarter::of(entry.received).0)).map(placed).collect()
}

#[test]
fn a_chart_of_years_is_drawn_from_days() {
    let (disk, zone) = (MemoryDisk::default(), Zone::named("Europe/Oslo").unwrap());
    spring(&Journal::new(disk.clone(), zone));
    let journal = Journal::new(disk.clone(), zone);
    // The newest entries are drawn one by one, wherever the days are.
    let mut entries = all(&journal);
    entries.retain(|entry| entry.received.0 < SPRING + 29 * 24 * HOUR);
    for (from, to, columns) in [(0, 29, 1), (0, 29, 7), (1, 28, 25), (-9, 20, 20), (12, 13, 1), (3, 29, 11)] {
        let hours = |days: i64, hours: i64| Moment(SPRING + days * 24 * HOUR + hours * HOUR + 1234);
        let span = (hours(from, 5), hours(to, -7));
        let is_wide = span.1.0 - span.0.0 >= i64::from(columns) * 25 * HOUR;
        let expected = if is_wide { coarser(&entries, span, zone) } else { coarse(&entries, span) };
        let expected = picture_by_hand(&expected, Track::NetPower, span, columns);
        // The second time, the points are remembered.
        for _ in 0..2 {
            assert_eq!(picture(&journal, span, columns), expected, "{from}..{to} in {columns}");
        }
    }
    for row in disk.numbers(Shelf::Quarters, &meter()) {
        assert!(disk.damage(Shelf::Quarters, &meter(), row));
    }
    let whole = (Moment(SPRING), Moment(SPRING + 29 * 24 * HOUR));
    let drawn = picture(&Journal::new(disk, zone), whole, 5);
    assert_eq!(drawn.into_columns().iter().flatten().count(), 5, "no block of quarters is needed");
}

/// A day in which another meter took over is drawn from quarters, because the row of the whole day also covers the time
/// of the other meter.
#[test]
fn a_day_that_is_not_wholly_within_is_drawn_from_its_quarters() {
    let (disk, zone) = (MemoryDisk::default(), Zone::named("Europe/Oslo").unwrap());
    spring(&Journal::new(disk.clone(), zone));
    let journal = Journal::new(disk, zone);
    let (span, noon) =
        ((Moment(SPRING), Moment(SPRING + 28 * 24 * HOUR)), SPRING + 10 * 24 * HOUR + 11 * HOUR);
    let drawn = |within: std::ops::Range<Moment>| {
        let (mut all, columns) = (Vec::new(), 4);
        let put = |moment: Moment, least: f64, most: f64| all.push((moment.0, least, most));
        at_once(journal.extremes(&meter(), Track::NetPower, span, columns, &within, put)).unwrap();
        all
    };
    let (before, after) = (drawn(span.0..Moment(noon)), drawn(Moment(noon)..span.1));
    assert!(before.iter().all(|(at, ..)| *at < noon) && after.iter().all(|(at, ..)| *at >= noon));
    let day = |points: &[(i64, f64, f64)]| {
        let of_day = |at: i64| (noon - 13 * HOUR..noon + 11 * HOUR).contains(&at);
        points.iter().filter(|(at, ..)| of_day(*at)).count()
    };
    // `noon` is 13:00 in Oslo. A reading every twenty minutes touches three quarters of each hour.
    assert_eq!((day(&before), day(&after)), (13 * 3, 11 * 3));
}

#[test]
fn a_cached_chart_shows_later_readings() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    append_hours(&journal, 0..2);
    let whole = (Moment(START), Moment(START + 24 * HOUR));
    let drawn = || picture(&journal, whole, 96).into_columns();
    assert_eq!(drawn().iter().flatten().count(), 8);
    append_hours(&journal, 2..5);
    assert_eq!(drawn().iter().flatten().count(), 20);
    at_once(journal.remove(&meter())).unwrap();
    assert_eq!(drawn().iter().flatten().count(), 0);
}

#[test]
fn a_wide_chart_reads_no_chunk() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..12);
    disk.numbers(Shelf::Chunks, &meter())
        .iter()
        .for_each(|row| assert!(disk.damage(Shelf::Chunks, &meter(), *row)));
    let journal = journal(&disk);
    let span = (Moment(START), Moment(START + 12 * HOUR));
    let drawn = picture(&journal, span, 48);
    assert_eq!(journal.damaged(), []);
    assert_eq!(drawn.into_columns().iter().flatten().count(), 48);
}

/// 2027-03-19T00:00:00Z.
const SPRING: i64 = START + 118 * 24 * HOUR;
