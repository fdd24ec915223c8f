//! Curves: the lowest and the highest value of each pixel column, and the gaps between them.

use std::ops::Range;

use plotters::element::{PathElement, Polygon, Rectangle};
use plotters::prelude::DrawingBackend;
use plotters::style::{Color, ShapeStyle};

use super::dense::{self, PixelColumn, TINT};
use super::palette::Hue;
use super::plot::Plot;
use super::{Area, Chart, Drawn};
use crate::entry::Moment;

/// The lowest and the highest value of each column; `None` where nothing was received.
pub type Columns = [Option<(f64, f64)>];

/// A curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve<'a> {
    /// The time that the columns divide evenly. It may reach beyond the chart, or not fill it.
    pub span: (Moment, Moment),
    /// Any number of columns; one for each pixel of the plot is best.
    pub columns: &'a Columns,
    /// Values further apart than this many milliseconds have a gap between them.
    pub gap: u32,
    /// The line's colour.
    pub hue: Hue,
    /// Whether gaps are hatched, and the area between the curve and zero is tinted.
    pub tinted: bool,
    /// Whether the curve belongs to the axis on the right.
    pub on_right: bool,
}

impl Curve<'_> {
    pub(super) fn extremes(&self, seen: (Moment, Moment)) -> Option<(f64, f64)> {
        let width = self.width();
        let from = self.span.0.0.saturating_sub(seen.0.0) as f64;
        let to = seen.1.0.saturating_sub(seen.0.0) as f64;
        self.seen(from, to, width)
            .map(|column| (column.lowest, column.highest))
            .reduce(|(lowest, highest), (low, high)| (lowest.min(low), highest.max(high)))
    }

    /// Where the curve ends, in milliseconds since the left edge.
    pub(super) fn end(&self, plot: &Plot) -> Option<f64> {
        self.seen(plot.since(self.span.0), plot.span(), self.width()).last().map(|column| column.at)
    }

    /// The length of a column in milliseconds.
    fn width(&self) -> f64 {
        let span = self.span.1.0.saturating_sub(self.span.0.0) as f64;
        span.max(1.0) / (self.columns.len().max(1) as f64)
    }

    /// The visible columns. The first column begins at `from`, and the chart ends at `to`, both in milliseconds since
    /// the left edge.
    fn seen(&self, from: f64, to: f64, width: f64) -> impl Iterator<Item = PixelColumn> {
        let columns = self.columns.iter().enumerate().filter_map(move |(index, column)| {
            let (lowest, highest) = (*column)?;
            Some(PixelColumn { at: from + (index as f64 + 0.5) * width, lowest, highest })
        });
        columns.filter(move |column| (0.0..=to).contains(&column.at))
    }

    /// The columns as runs, split where nothing was received for longer than the gap.
    fn runs(&self, plot: &Plot) -> Vec<Vec<PixelColumn>> {
        let width = self.width();
        let mut runs: Vec<Vec<PixelColumn>> = Vec::new();
        for column in self.seen(plot.since(self.span.0), plot.span(), width) {
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|last| self.joined(last.at, column.at, width)) => {
                    run.push(column);
                }
                _ => runs.push(vec![column]),
            }
        }
        runs
    }

    /// Where to hatch, in milliseconds since the left edge. The time before the first value is not a gap.
    fn gaps(&self, runs: &[Vec<PixelColumn>], plot: &Plot) -> Vec<Range<f64>> {
        let ends = runs.iter().filter_map(|run| Some(run.last()?.at));
        let starts = runs.iter().skip(1).filter_map(|run| Some(run.first()?.at));
        // A time that has not been requested yet is not a gap.
        let edge = plot.span().min(plot.since(self.span.1));
        let all = ends.zip(starts.chain([edge]));
        let width = self.width();
        all.filter(|(end, start)| !self.joined(*end, *start, width)).map(|(end, start)| end..start).collect()
    }

    /// Whether two columns belong to one run. Neighbouring columns do, however long a column is.
    fn joined(&self, before: f64, after: f64, width: f64) -> bool {
        after - before <= f64::from(self.gap).max(width * 1.5)
    }
}

pub(super) fn draw<B: DrawingBackend>(
    curve: &Curve<'_>,
    chart: &Chart<'_>,
    area: &Area<B>,
    plot: &Plot,
) -> Drawn<B> {
    let runs = curve.runs(plot);
    if curve.tinted {
        for gap in curve.gaps(&runs, plot) {
            chart.hatch(area, plot, (plot.x(gap.start), plot.x(gap.end)))?;
        }
    }
    for run in &runs {
        if chart.is_quick && dense::is_dense(run, curve.width(), chart, plot) {
            let colour = chart.palette.of(curve.hue);
            dense::draw(run, curve.width(), (curve.tinted, colour), chart, area, plot)?;
            continue;
        }
        if curve.tinted {
            draw_tints(run, chart, area, plot)?;
        }
        let colour = chart.palette.of(curve.hue);
        let pen = ShapeStyle { stroke_width: chart.pen(), ..colour.into() };
        match run.as_slice() {
            // A single value would be a line without length.
            [alone] if alone.lowest == alone.highest => {
                let ((x, y), half) = (plot.place((alone.at, alone.highest)), chart.pixels(1.5));
                area.draw(&Rectangle::new([(x - half, y - half), (x + half, y + half)], pen.filled()))?;
            }
            _ => {
                let most = if chart.is_quick { STROKE } else { usize::MAX };
                for stroke in strokes(&line(run, plot), most) {
                    area.draw(&PathElement::new(stroke.to_vec(), pen))?;
                }
            }
        }
    }
    Ok(())
}

fn draw_tints<B: DrawingBackend>(
    run: &[PixelColumn],
    chart: &Chart<'_>,
    area: &Area<B>,
    plot: &Plot,
) -> Drawn<B> {
    let highest: Vec<_> = run.iter().map(|column| (column.at, column.highest)).collect();
    let lowest: Vec<_> = run.iter().map(|column| (column.at, column.lowest)).collect();
    for (edge, sign, colour) in [(highest, 1.0, chart.palette.import), (lowest, -1.0, chart.palette.export)] {
        for side in one_side(&edge, sign) {
            let ground = [side.last(), side.first()].into_iter().flatten().map(|(at, _)| (*at, 0.0));
            let outline = side.iter().copied().chain(ground).map(|point| plot.place(point));
            area.draw(&Polygon::new(outline.collect::<Vec<_>>(), colour.mix(TINT)))?;
        }
    }
    Ok(())
}

/// Connects the columns. Within each, the line goes from the end nearer to the previous point to the other end.
fn line(run: &[PixelColumn], plot: &Plot) -> Vec<(i32, i32)> {
    let mut points: Vec<(i32, i32)> = Vec::with_capacity(run.len());
    for column in run {
        let mut ends = [plot.place((column.at, column.lowest)), plot.place((column.at, column.highest))];
        if points.last().is_some_and(|last| (last.1 - ends[1].1).abs() < (last.1 - ends[0].1).abs()) {
            ends.reverse();
        }
        points.extend(ends);
    }
    points.dedup();
    points
}

/// A line in strokes of at most `most` points. Each begins at the point where the previous stroke ends.
fn strokes(line: &[(i32, i32)], most: usize) -> impl Iterator<Item = &[(i32, i32)]> {
    let starts = (0..line.len().saturating_sub(1)).step_by(most.max(2) - 1);
    starts.filter_map(move |start| line.get(start..start.saturating_add(most.max(2)).min(line.len())))
}

/// The parts of an edge above zero (`sign` 1) or below it (−1). Each begins and ends on the zero line where the edge
/// crosses it.
pub(super) fn one_side(edge: &[(f64, f64)], sign: f64) -> Vec<Vec<(f64, f64)>> {
    let mut sides: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut inside = false;
    let mut before: Option<(f64, f64)> = None;
    for &(at, power) in edge {
        let outside = power * sign <= 0.0;
        let crossing = before.filter(|_| inside == outside).map(|(was_at, was)| {
            let share = if was == power { 0.0 } else { was / (was - power) };
            (was_at + (at - was_at) * share, 0.0)
        });
        if inside && outside {
            sides.last_mut().into_iter().for_each(|side| side.extend(crossing));
        } else if !outside {
            if !inside {
                sides.push(crossing.into_iter().collect());
            }
            sides.last_mut().into_iter().for_each(|side| side.push((at, power)));
        }
        inside = !outside;
        before = Some((at, power));
    }
    sides
}

/// The maximum number of points of a stroke that is drawn quickly; a column has one or two. A browser draws several
/// short strokes faster than one long stroke.
const STROKE: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_cover_a_line_and_meet_at_their_ends() {
        let line: Vec<_> = (0..10).map(|x| (x, x * x)).collect();
        let lengths = |most| strokes(&line, most).map(<[_]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(4), [4, 4, 4]);
        assert_eq!(lengths(5), [5, 5, 2]);
        assert_eq!(lengths(usize::MAX), [10]);
        assert_eq!(lengths(0), [2; 9]);
        let joined: Vec<_> = strokes(&line, 4).flat_map(|stroke| &stroke[..stroke.len() - 1]).collect();
        assert!(joined.into_iter().eq(&line[..9]));
        assert_eq!(strokes(&line[..1], 4).count() + strokes(&[], 4).count(), 0);
    }
}
