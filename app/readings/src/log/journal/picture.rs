//! What a chart needs of a journal: the lowest and the highest values of a track.
//!
//! The values of a track in chunks and in blocks of roll-ups are remembered as points, so that scrolling a chart does
//! not wait for the disk again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

use metertap_decoder::time::Zone;

use super::super::calendar::{Day, Quarter};
use super::rolling::{DAYS_A_BLOCK, QUARTERS_A_BLOCK};
use super::{AT_ONCE, Journal, LogError};
use crate::entry::Moment;
use crate::log::format::chunk::{Chunk, Damage};
use crate::log::format::directory::Span;
use crate::log::journal::tail::number;
use crate::log::totals::block::Block;
use crate::log::totals::track::Track;
use crate::power::watts;
use crate::store::MeterKey;
use crate::store::disk::{Disk, RowChange, Shelf};

/// The points of a track in one row. A chunk has one for each value, placed at the value's moment. A block has one for
/// each quarter or day, placed at its number.
type Points = Rc<[Point]>;

/// The lowest and the highest value at one moment, in one quarter or on one day.
#[derive(Clone, Copy, Debug)]
struct Point {
    at: i64,
    least: f64,
    most: f64,
}

/// The points of rows that charts were drawn from. Those unused for longest are forgotten first.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    young: HashMap<PointsKey, Points>,
    old: HashMap<PointsKey, Points>,
    /// How many points `young` holds.
    points: usize,
}

type PointsKey = (MeterKey, Shelf, i64, Track);

impl Remembered {
    fn find(&mut self, place: &PointsKey) -> Option<Points> {
        if let Some(points) = self.young.get(place) {
            return Some(Rc::clone(points));
        }
        let points = self.old.remove(place)?;
        self.keep(place.clone(), Rc::clone(&points));
        Some(points)
    }

    fn keep(&mut self, place: PointsKey, points: Points) {
        self.points += points.len() + 1;
        self.young.insert(place, points);
        if self.points > MOST_POINTS / 2 {
            self.old = std::mem::take(&mut self.young);
            self.points = 0;
        }
    }

    pub(super) fn forget(&mut self, meter: &MeterKey, touched: &Touched) {
        // Nearly every change is a row of the tail, and points of the tail are never remembered.
        if touched.0.is_empty() {
            return;
        }
        let is_touched = |(of, on, row, _): &PointsKey| {
            of == meter && touched.0.iter().any(|(shelf, rows)| shelf == on && rows.contains(row))
        };
        for places in [&mut self.young, &mut self.old] {
            places.retain(|place, _| !is_touched(place));
        }
    }
}

/// The rows of chunks and roll-ups that a commit affects.
#[derive(Debug)]
pub(super) struct Touched(Vec<(Shelf, RangeInclusive<i64>)>);

impl Touched {
    pub(super) fn by(changes: &[RowChange]) -> Self {
        let rows = changes.iter().map(|change| match change {
            RowChange::Insert(shelf, row, _) | RowChange::Put(shelf, row, _) => (*shelf, *row..=*row),
            RowChange::Delete(shelf, rows) => (*shelf, rows.clone()),
        });
        Self(
            rows.filter(|(shelf, _)| matches!(shelf, Shelf::Chunks | Shelf::Quarters | Shelf::Days))
                .collect(),
        )
    }
}

/// The roll-ups from which a chart is drawn: the days, with the numbers of their quarters, and the quarters between them.
#[derive(Debug, Default)]
struct Periods {
    days: BTreeMap<i64, Range<i64>>,
    quarters: Vec<Range<i64>>,
}

impl Periods {
    /// Covers the quarters by `whole` days, as far as possible.
    fn of(quarters: Range<i64>, zone: Zone, whole: impl Fn(&Range<i64>) -> bool) -> Self {
        let (mut all, mut next) = (Self::default(), quarters.start);
        let day = |quarter: i64| Day::of(Quarter(quarter), zone).0;
        for day in day(quarters.start)..=day(quarters.end) {
            let of_day = Day(day).quarters(zone);
            if !of_day.is_empty() && next <= of_day.start && of_day.end <= quarters.end && whole(&of_day) {
                all.quarters.push(next..of_day.start);
                next = of_day.end;
                all.days.insert(day, of_day);
            }
        }
        all.quarters.push(next..quarters.end);
        all.quarters.retain(|quarters| !quarters.is_empty());
        all
    }
}

impl<D: Disk> Journal<D> {
    /// Passes the values of a track for a chart with this many columns to `tell`, in any order. Each call passes a
    /// moment, the lowest value and the highest value. Values outside of `within` are left out.
    ///
    /// If columns are at least a quarter of an hour wide, the values of chunks come from the roll-ups of quarters. So a
    /// chart of a year reads its quarters, not its readings. If columns are at least as wide as the longest day, the
    /// values of whole days come from the roll-ups of days. A quarter or a day belongs to the column in which its
    /// middle lies: a value at the border of two columns may appear in the neighbouring column, and nowhere else.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn extremes(
        &self,
        meter: &MeterKey,
        track: Track,
        (from, to): (Moment, Moment),
        columns: u32,
        within: &Range<Moment>,
        mut tell: impl FnMut(Moment, f64, f64),
    ) -> Result<(), LogError> {
        if from >= to || columns == 0 {
            return Ok(());
        }
        let (stated, (spans, tail)) = (self.stated(meter), self.within(meter, &(from..=to)).await?);
        let mut tell = |at: Moment, least: f64, most: f64| {
            if within.contains(&at) {
                tell(at, least, most);
            }
        };
        for entry in &tail {
            if let Some(value) = track.value(entry).and_then(watts) {
                tell(entry.received, value, value);
            }
        }
        // The remembered points hold what the meter sent, before the user's statements are applied.
        let mut told = |Point { least, most, .. }: Point, at: Moment, column: Moment| {
            let by = stated.power(at).and_then(watts).filter(|_| track == Track::NetPower).unwrap_or(1.0);
            tell(column, least * by, most * by);
        };
        let columns_hold = |quarters: i64| {
            let columns = i128::from(columns) * i128::from(quarters) * i128::from(Quarter::MILLISECONDS);
            i128::from(to.0) - i128::from(from.0) >= columns
        };
        if !columns_hold(1) {
            let rows: Vec<i64> = spans.iter().map(|span| number(span.first)).collect();
            let lost = |row| spans.iter().find(|span| number(span.first) == row).copied();
            for points in self.points(meter, Shelf::Chunks, track, &rows, lost).await? {
                points.iter().for_each(|point| told(*point, Moment(point.at), Moment(point.at)));
            }
            return Ok(());
        }
        let quarters = Quarter::of(from).0..Quarter::of(to).0.saturating_add(1);
        let periods = Periods::of(quarters, self.zone.get(), |of_day| {
            let (start, end) = (Quarter(of_day.start).start(), Quarter(of_day.end - 1).end());
            columns_hold(LONGEST_DAY)
                && [start, end].iter().all(|moment| within.contains(moment))
                && !stated.changes_between(start, end)
        });
        let mut told = |point: Point, quarters: Range<i64>| {
            let (start, end) = (Quarter(quarters.start).start(), Quarter(quarters.end).start());
            let middle = start.0.midpoint(end.0);
            told(point, start, Moment(middle.clamp(from.0, to.0)));
        };
        let rows = rows_of(periods.days.keys().map(|day| *day..day.saturating_add(1)), DAYS_A_BLOCK);
        for points in self.points(meter, Shelf::Days, track, &rows, |_| None).await? {
            for point in points.iter() {
                if let Some(quarters) = periods.days.get(&point.at) {
                    told(*point, quarters.clone());
                }
            }
        }
        let rows = rows_of(periods.quarters.iter().cloned(), QUARTERS_A_BLOCK);
        for points in self.points(meter, Shelf::Quarters, track, &rows, |_| None).await? {
            for point in
                points.iter().filter(|point| periods.quarters.iter().any(|of| of.contains(&point.at)))
            {
                told(*point, point.at..point.at.saturating_add(1));
            }
        }
        Ok(())
    }

    /// The points of a track in these rows. A row that is damaged or missing has none.
    async fn points(
        &self,
        meter: &MeterKey,
        shelf: Shelf,
        track: Track,
        rows: &[i64],
        lost: impl Fn(i64) -> Option<Span>,
    ) -> Result<Vec<Points>, LogError> {
        let place = |row: i64| (meter.clone(), shelf, row, track);
        let mut found: Vec<Option<Points>> = {
            let mut remembered = self.remembered.borrow_mut();
            rows.iter().map(|row| remembered.find(&place(*row))).collect()
        };
        let missing: Vec<usize> =
            found.iter().enumerate().filter(|(_, points)| points.is_none()).map(|(at, _)| at).collect();
        for some in missing.chunks(AT_ONCE) {
            let row = |at: Option<&usize>| at.and_then(|at| rows.get(*at)).copied();
            let (Some(first), Some(last)) = (row(some.first()), row(some.last())) else { continue };
            let bytes: HashMap<i64, Vec<u8>> =
                self.rows(shelf, meter, first..=last, usize::MAX).await?.into_iter().collect();
            for at in some {
                let Some(row) = row(Some(at)) else { continue };
                let read =
                    bytes.get(&row).map_or(Ok(Points::default()), |bytes| points_of(shelf, track, bytes));
                let points = read.unwrap_or_else(|damage| {
                    self.report(meter, shelf, row, damage, lost(row));
                    Points::default()
                });
                self.remembered.borrow_mut().keep(place(row), Rc::clone(&points));
                if let Some(found) = found.get_mut(*at) {
                    *found = Some(points);
                }
            }
        }
        Ok(found.into_iter().flatten().collect())
    }
}

/// The rows in which these ranges of periods are stored, if each row is a block of `a_block` periods.
fn rows_of(ranges: impl Iterator<Item = Range<i64>>, a_block: i64) -> Vec<i64> {
    let rows = ranges
        .flat_map(|range| range.start.div_euclid(a_block)..=range.end.saturating_sub(1).div_euclid(a_block));
    let rows: BTreeSet<i64> = rows.collect();
    rows.into_iter().collect()
}

fn points_of(shelf: Shelf, track: Track, bytes: &[u8]) -> Result<Points, Damage> {
    let point = |at, (least, most)| Some(Point { at, least: watts(least)?, most: watts(most)? });
    if shelf != Shelf::Chunks {
        let block = Block::read_tracks(bytes, |other| other == track)?;
        let extents =
            block.0.iter().filter_map(|(at, rolled)| Some((*at, rolled.tracks.get(&track)?.extent())));
        return Ok(extents.filter_map(|(at, extent)| point(at, extent)).collect());
    }
    let mut points = Vec::new();
    let add = |entry: &crate::entry::Entry| {
        points.extend(track.value(entry).and_then(|value| point(entry.received.0, (value, value))));
    };
    Chunk::open(bytes)?.each(|shape| track.wants(shape), add)?;
    Ok(points.into())
}

/// How many points are remembered for all meters together, 24 bytes each.
const MOST_POINTS: usize = 700_000;
/// In quarters: 25 hours, when clocks are set back by one.
const LONGEST_DAY: i64 = 100;
