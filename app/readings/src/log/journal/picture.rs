//! What a chart needs of a journal: the lowest and the highest values of a track.
//!
//! The values of a track in chunks and in blocks of quarters are remembered as points, so that scrolling a chart does
//! not wait for the disk again.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::rc::Rc;

use super::super::calendar::Quarter;
use super::rolling::QUARTERS_A_BLOCK;
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
/// each quarter, placed at the quarter's number.
type Points = Rc<[Point]>;

/// The lowest and the highest value at one moment or in one quarter.
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

/// The rows of chunks and quarters that a commit affects.
#[derive(Debug)]
pub(super) struct Touched(Vec<(Shelf, RangeInclusive<i64>)>);

impl Touched {
    pub(super) fn by(changes: &[RowChange]) -> Self {
        let rows = changes.iter().map(|change| match change {
            RowChange::Insert(shelf, row, _) | RowChange::Put(shelf, row, _) => (*shelf, *row..=*row),
            RowChange::Delete(shelf, rows) => (*shelf, rows.clone()),
        });
        Self(rows.filter(|(shelf, _)| matches!(shelf, Shelf::Chunks | Shelf::Quarters)).collect())
    }
}

impl<D: Disk> Journal<D> {
    /// Passes the values of a track for a chart with this many columns to `tell`, in any order. Each call passes a
    /// moment, the lowest value and the highest value.
    ///
    /// If columns are at least a quarter of an hour wide, the values of chunks come from the roll-ups of quarters. So a
    /// chart of a year reads its quarters, not its readings. A quarter then belongs to the column in which its middle
    /// lies: a value at the border of two columns may appear in the neighbouring column, and nowhere else.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn extremes(
        &self,
        meter: &MeterKey,
        track: Track,
        (from, to): (Moment, Moment),
        columns: u32,
        mut tell: impl FnMut(Moment, f64, f64),
    ) -> Result<(), LogError> {
        if from >= to || columns == 0 {
            return Ok(());
        }
        let (stated, (spans, tail)) = (self.stated(meter), self.within(meter, &(from..=to)).await?);
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
        if i128::from(to.0) - i128::from(from.0) < i128::from(columns) * i128::from(Quarter::MILLISECONDS) {
            let rows: Vec<i64> = spans.iter().map(|span| number(span.first)).collect();
            let lost = |row| spans.iter().find(|span| number(span.first) == row).copied();
            for points in self.points(meter, Shelf::Chunks, track, &rows, lost).await? {
                points.iter().for_each(|point| told(*point, Moment(point.at), Moment(point.at)));
            }
            return Ok(());
        }
        let quarters = Quarter::of(from).0..=Quarter::of(to).0;
        let rows: Vec<i64> = (quarters.start().div_euclid(QUARTERS_A_BLOCK)
            ..=quarters.end().div_euclid(QUARTERS_A_BLOCK))
            .collect();
        let blocks = self.points(meter, Shelf::Quarters, track, &rows, |_| None).await?;
        for point in blocks.iter().flat_map(|block| block.iter()).filter(|point| quarters.contains(&point.at))
        {
            let middle = Quarter(point.at).start().0.saturating_add(Quarter::MILLISECONDS / 2);
            told(*point, Quarter(point.at).start(), Moment(middle.clamp(from.0, to.0)));
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

fn points_of(shelf: Shelf, track: Track, bytes: &[u8]) -> Result<Points, Damage> {
    let point = |at, (least, most)| Some(Point { at, least: watts(least)?, most: watts(most)? });
    if shelf == Shelf::Quarters {
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
