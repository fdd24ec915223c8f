//! A chart at any zoom equals one drawn from all entries.

use super::*;
use crate::log::totals::track::Track;
use crate::view::series::Series;

fn picture(journal: &Journal<MemoryDisk>, (from, to): (Moment, Moment), columns: u32) -> Series {
    let mut series = Series::new(from, to, columns);
    let put = |moment, least, most| series.put_watts(moment, least, most);
    at_once(journal.extremes(&meter(), Track::NetPower, (from, to), columns, put)).unwrap();
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
    let in_chunks = |entry: &Entry| entry.received.0 < START + 11 * HOUR;
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
