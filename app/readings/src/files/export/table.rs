//! [`Table`]: roll-ups as a table, with a row for each quarter, hour, day or month, and the totals of each track.

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use super::Options;
use super::cells::Cells;
use super::periods::{Period, Periods};
use super::text::Clock;
use super::tracks::{Tracks, ending};
use crate::log::totals::rollup::RollUp;
use crate::log::totals::track::Track;

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) periods: Periods,
    tracks: Tracks,
    rows: PeriodRows,
}

#[derive(Clone, Debug)]
struct PeriodRows {
    cells: Cells,
    clock: Clock,
    meter: String,
}

impl Table {
    pub(super) fn new(options: &Options, zone: Zone) -> Self {
        Self {
            periods: Periods::new(options.resolution, zone),
            tracks: Tracks::default(),
            rows: PeriodRows { cells: Cells::new(options), clock: Clock::new(zone), meter: String::new() },
        }
    }

    pub(super) fn see(&mut self, track: Track) {
        self.tracks.see(track);
    }

    pub(super) fn head(&mut self, out: &mut Vec<u8>) {
        let cells = &mut self.rows.cells;
        cells.begin(out);
        for name in FIXED {
            cells.text(name, out);
        }
        for (track, name) in self.tracks.named() {
            for part in parts(track) {
                cells.text(&format!("{name}{part}{}", ending(track)), out);
            }
        }
        cells.end_row(out);
    }

    pub(super) fn meter(&mut self, name: &str) {
        name.clone_into(&mut self.rows.meter);
    }

    pub(super) fn period(&mut self, number: i64, rolled: &RollUp, out: &mut Vec<u8>) {
        let Self { periods, tracks, rows } = self;
        periods.take(number, rolled, |period| rows.row(period, tracks, out));
    }

    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        let Self { periods, tracks, rows } = self;
        periods.end(|period| rows.row(period, tracks, out));
    }
}

impl PeriodRows {
    fn row(&mut self, period: &Period<'_>, tracks: &Tracks, out: &mut Vec<u8>) {
        let Self { cells, clock, meter } = self;
        cells.time(out, |out| clock.seconds(period.start, out));
        cells.text(meter, out);
        cells.number(Number::whole(period.sum.readings.into()), out);
        for track in tracks.iter() {
            let sum = period.sum.tracks.get(&track);
            let numbers = match sum {
                Some(sum) if track.is_counter() => {
                    [sum.positions().map(|(_, last)| last), period.counted(track), None]
                }
                Some(sum) => {
                    let (least, most) = sum.extent();
                    [Some(least), sum.mean(), Some(most)]
                }
                None => [None; 3],
            };
            for number in numbers.into_iter().take(parts(track).len()) {
                match number {
                    Some(number) => cells.number(number, out),
                    None => cells.empty(out),
                }
            }
        }
        cells.end_row(out);
    }
}

/// The suffixes of a track's name in the titles of its columns.
fn parts(track: Track) -> &'static [&'static str] {
    if track.is_counter() { &["", "_counted"] } else { &["_min", "_mean", "_max"] }
}

const FIXED: &[&str] = &["start", "meter", "readings"];
