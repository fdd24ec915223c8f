//! [`Chart`]: net power over time, drawn on any plotters backend: a canvas in the browser, SVG in tests.
//!
//! In come the columns of a [`crate::view::series::Series`], out come lines and tints on whole device pixels. Power taken from
//! the grid is tinted above zero, power fed in below it in its own colour; where nothing was heard the curve stays
//! open, and the gap is hatched. The scale always holds zero.
//!
//! Everything is drawn with the backend's primitives and text is never measured: in a browser plotters measures text
//! with an inline style, which a strict Content-Security-Policy forbids.

mod scale;

use std::ops::Range;

use metertap_decoder::civil::DateTime;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Polygon, Rectangle, Text};
use plotters::prelude::{DrawingBackend, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, ShapeStyle, TextStyle};

use crate::entry::Moment;
use scale::{DAY, Scale, time_step, whole};

/// The colours of a chart, by role; the names are those of the style sheet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub ground: RGBColor,
    /// The curve and the current value.
    pub ink: RGBColor,
    /// Labels of the axes.
    pub ink_quiet: RGBColor,
    /// The grid and the hatching of gaps.
    pub line: RGBColor,
    /// The tint above zero.
    pub import: RGBColor,
    /// The tint below zero.
    pub export: RGBColor,
}

/// A picture of net power.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart<'a> {
    /// The moment at the left edge.
    pub from: Moment,
    /// The moment at the right edge.
    pub to: Moment,
    /// Lowest and highest power in watts per column, import positive, as [`crate::view::series::Series`] makes them. Any
    /// number of columns; as many as the plot is wide is best.
    pub columns: &'a [Option<(f64, f64)>],
    /// Readings further apart than this many milliseconds have a gap between them: three usual intervals.
    pub gap: u32,
    /// The power now, in watts; written at the curve's end.
    pub now: Option<f64>,
    /// Minutes that the axis' clock is ahead of UTC.
    pub offset_minutes: i32,
    /// The colours.
    pub palette: Palette,
    /// A CSS font family.
    pub font: &'a str,
    /// Device pixels per CSS pixel: all sizes are multiplied by it.
    pub ratio: f64,
}

impl Chart<'_> {
    /// Draws the picture over all of the backend, whose size is in device pixels.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    pub fn draw<B: DrawingBackend>(&self, backend: B) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let area = backend.into_drawing_area();
        let runs = self.runs();
        let frame = Plot::new(self, area.dim_in_pixel(), extremes(&runs, self.now));
        area.fill(&self.palette.ground)?;
        self.draw_axes(&area, &frame)?;
        for gap in self.gaps(&runs) {
            self.draw_gap(&area, &frame, gap)?;
        }
        for run in &runs {
            self.draw_run(&area, &frame, run)?;
        }
        self.draw_now(&area, &frame, &runs)?;
        area.present()
    }

    /// The columns as curves, cut where nothing was heard for longer than the gap.
    fn runs(&self) -> Vec<Vec<PixelColumn>> {
        let width = self.column_width();
        let mut runs: Vec<Vec<PixelColumn>> = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            let Some((lowest, highest)) = *column else { continue };
            let column = PixelColumn { at: (index as f64 + 0.5) * width, lowest, highest };
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|last| self.joined(last.at, column.at)) => {
                    run.push(column);
                }
                _ => runs.push(vec![column]),
            }
        }
        runs
    }

    /// Where to hatch, in milliseconds since the left edge. What lies before the first reading is no gap: nobody has
    /// listened then, or it was long ago.
    fn gaps(&self, runs: &[Vec<PixelColumn>]) -> Vec<Range<f64>> {
        let ends = runs.iter().filter_map(|run| Some(run.last()?.at));
        let starts = runs.iter().skip(1).filter_map(|run| Some(run.first()?.at));
        let edge = self.span();
        let all = ends.zip(starts.chain([edge]));
        all.filter(|(end, start)| !self.joined(*end, *start)).map(|(end, start)| end..start).collect()
    }

    /// Neighbouring columns belong together however long they are.
    fn joined(&self, before: f64, after: f64) -> bool {
        after - before <= f64::from(self.gap).max(self.column_width() * 1.5)
    }

    fn column_width(&self) -> f64 {
        self.span() / (self.columns.len().max(1) as f64)
    }

    /// Milliseconds from edge to edge; never none, since something is divided by it.
    fn span(&self) -> f64 {
        (self.to.0.saturating_sub(self.from.0) as f64).max(1.0)
    }

    fn draw_axes<B: DrawingBackend>(&self, area: &Area<B>, frame: &Plot) -> Drawn<B> {
        let quiet = self.palette.line.stroke_width(self.hair());
        for power in frame.scale.ticks() {
            let y = frame.y(power);
            let style = if power == 0.0 { self.palette.ink_quiet.stroke_width(self.hair()) } else { quiet };
            area.draw(&PathElement::new([(frame.left, y), (frame.right, y)], style))?;
            let place = (frame.left - self.pixels(8.0), y);
            area.draw(&self.text(&frame.scale.label(power), place, (HPos::Right, VPos::Center), false))?;
        }
        let most = f64::from(frame.right - frame.left) / (TICK_DISTANCE * self.ratio);
        let step = time_step(self.span(), most);
        for tick in self.time_ticks(step) {
            let x = frame.x(tick.saturating_sub(self.from.0) as f64);
            area.draw(&PathElement::new([(x, frame.top), (x, frame.bottom)], quiet))?;
            let place = (x, frame.bottom + self.pixels(8.0));
            area.draw(&self.text(&self.clock(tick, step), place, (HPos::Center, VPos::Top), false))?;
        }
        Ok(())
    }

    /// Moments within the picture at which the local clock shows whole steps.
    fn time_ticks(&self, step: i64) -> Vec<i64> {
        let ahead = i64::from(self.offset_minutes) * 60_000;
        let first = (self.from.0.saturating_add(ahead)).div_euclid(step).saturating_mul(step);
        let local = (0..).map(|index| first.saturating_add(step.saturating_mul(index)).saturating_sub(ahead));
        local.skip_while(|tick| *tick < self.from.0).take_while(|tick| *tick <= self.to.0).take(100).collect()
    }

    /// As fine as the step: seconds, minutes, or the day.
    fn clock(&self, tick: i64, step: i64) -> String {
        let second = tick.div_euclid(1000).saturating_add(i64::from(self.offset_minutes) * 60);
        let local = DateTime::from_seconds(second).unwrap_or_default();
        let (hour, minute, second) = local.time().parts();
        match step {
            ..60_000 => format!("{hour:02}:{minute:02}:{second:02}"),
            60_000..DAY => format!("{hour:02}:{minute:02}"),
            _ => {
                let (_, month, day) = local.date().parts();
                let name = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month));
                format!("{day} {}", name.unwrap_or(&""))
            }
        }
    }

    /// Strokes from lower left to upper right, clipped to the gap.
    fn draw_gap<B: DrawingBackend>(&self, area: &Area<B>, frame: &Plot, gap: Range<f64>) -> Drawn<B> {
        let (left, right) = (frame.x(gap.start), frame.x(gap.end));
        let height = frame.bottom - frame.top;
        let step = self.pixels(8.0).max(1);
        let style = self.palette.line.stroke_width(self.hair());
        let mut foot = left - height + step;
        while foot < right {
            // The stroke leaves the ground at `foot` and has risen as much as it has moved to the right.
            let (from, to) = (foot.max(left), (foot + height).min(right));
            let ends = [(from, frame.bottom - (from - foot)), (to, frame.bottom - (to - foot))];
            area.draw(&PathElement::new(ends, style))?;
            foot += step;
        }
        Ok(())
    }

    fn draw_run<B: DrawingBackend>(&self, area: &Area<B>, frame: &Plot, run: &[PixelColumn]) -> Drawn<B> {
        let highest: Vec<_> = run.iter().map(|column| (column.at, column.highest)).collect();
        let lowest: Vec<_> = run.iter().map(|column| (column.at, column.lowest)).collect();
        for (edge, sign, colour) in [(highest, 1.0, self.palette.import), (lowest, -1.0, self.palette.export)]
        {
            for side in one_side(&edge, sign) {
                let ground = [side.last(), side.first()].into_iter().flatten().map(|(at, _)| (*at, 0.0));
                let outline = side.iter().copied().chain(ground).map(|point| frame.place(point));
                area.draw(&Polygon::new(outline.collect::<Vec<_>>(), colour.mix(TINT)))?;
            }
        }
        let ink = ShapeStyle { stroke_width: self.pen(), ..self.palette.ink.into() };
        match run {
            // A reading alone would be a line without length.
            [alone] if alone.lowest == alone.highest => {
                let ((x, y), half) = (frame.place((alone.at, alone.highest)), self.pixels(1.5));
                area.draw(&Rectangle::new([(x - half, y - half), (x + half, y + half)], ink.filled()))
            }
            _ => area.draw(&PathElement::new(curve(run, frame), ink)),
        }
    }

    /// The current value, at the height and beside the end of the curve.
    fn draw_now<B: DrawingBackend>(
        &self,
        area: &Area<B>,
        frame: &Plot,
        runs: &[Vec<PixelColumn>],
    ) -> Drawn<B> {
        let (Some(now), Some(last)) = (self.now, runs.last().and_then(|run| run.last())) else {
            return Ok(());
        };
        let colour = if now < 0.0 { self.palette.export } else { self.palette.import };
        let ((x, y), half) = (frame.place((last.at, now)), self.pixels(3.0));
        area.draw(&Rectangle::new([(x - half, y - half), (x + half, y + half)], colour.filled()))?;
        let place = (frame.right + self.pixels(8.0), y);
        area.draw(&self.text(&frame.scale.exact(now), place, (HPos::Left, VPos::Center), true))
    }

    fn text<'t>(
        &'t self,
        text: &str,
        place: (i32, i32),
        (horizontal, vertical): (HPos, VPos),
        loud: bool,
    ) -> Text<'t, (i32, i32), String> {
        let (colour, size) = if loud { (&self.palette.ink, 14.0) } else { (&self.palette.ink_quiet, 12.0) };
        let font = (self.font, size * self.ratio).into_font();
        let style = TextStyle::from(font).color(colour).pos(Pos::new(horizontal, vertical));
        Text::new(text.to_owned(), place, style)
    }

    fn pixels(&self, css: f64) -> i32 {
        whole(css * self.ratio)
    }

    fn hair(&self) -> u32 {
        self.pixels(1.0).max(1).unsigned_abs()
    }

    fn pen(&self) -> u32 {
        self.pixels(1.5).max(1).unsigned_abs()
    }
}

type Area<B> = DrawingArea<B, Shift>;
type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// A column that something was heard in; `at` is its middle, in milliseconds since the left edge.
#[derive(Clone, Copy, Debug)]
struct PixelColumn {
    at: f64,
    lowest: f64,
    highest: f64,
}

/// Where the plot lies on the backend, in device pixels, and how it is scaled.
struct Plot {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    span: f64,
    scale: Scale,
}

impl Plot {
    fn new(chart: &Chart<'_>, (width, height): (u32, u32), (lowest, highest): (f64, f64)) -> Self {
        let edge = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
        let (left, top) = (chart.pixels(64.0), chart.pixels(12.0));
        // Nothing is drawn inside out, however small the canvas.
        let right = (edge(width) - chart.pixels(96.0)).max(left + 1);
        let bottom = (edge(height) - chart.pixels(28.0)).max(top + 1);
        let most = (f64::from(bottom - top) / (TICK_HEIGHT * chart.ratio)).max(1.0);
        let scale = Scale::new(lowest, highest, most);
        Self { left, right, top, bottom, span: chart.span(), scale }
    }

    fn x(&self, at: f64) -> i32 {
        self.left + whole(at / self.span * f64::from(self.right - self.left))
    }

    fn y(&self, power: f64) -> i32 {
        let share = (power - self.scale.bottom) / (self.scale.top - self.scale.bottom);
        self.bottom - whole(share * f64::from(self.bottom - self.top))
    }

    fn place(&self, (at, power): (f64, f64)) -> (i32, i32) {
        (self.x(at), self.y(power))
    }
}

/// Lowest and highest power of all that is drawn.
fn extremes(runs: &[Vec<PixelColumn>], now: Option<f64>) -> (f64, f64) {
    let columns = runs.iter().flatten().map(|column| (column.lowest, column.highest));
    columns
        .chain(now.map(|now| (now, now)))
        .fold((0.0, 0.0), |(lowest, highest): (f64, f64), (low, high)| (lowest.min(low), highest.max(high)))
}

/// From column to column, and within each from the end that is nearer to the last point to the other.
fn curve(run: &[PixelColumn], frame: &Plot) -> Vec<(i32, i32)> {
    let mut points: Vec<(i32, i32)> = Vec::with_capacity(run.len());
    for column in run {
        let mut ends = [frame.place((column.at, column.lowest)), frame.place((column.at, column.highest))];
        if points.last().is_some_and(|last| (last.1 - ends[1].1).abs() < (last.1 - ends[0].1).abs()) {
            ends.reverse();
        }
        points.extend(ends);
    }
    points.dedup();
    points
}

/// The parts of an edge above zero (`sign` 1) or below it (−1), each beginning and ending on the ground where it crosses.
fn one_side(edge: &[(f64, f64)], sign: f64) -> Vec<Vec<(f64, f64)>> {
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

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// CSS pixels between two ticks of time at least: eight digits and air.
const TICK_DISTANCE: f64 = 72.0;
/// CSS pixels between two ticks of power at least.
const TICK_HEIGHT: f64 = 40.0;
/// How much of the colour the area under the curve has.
const TINT: f64 = 0.25;

#[cfg(test)]
mod tests;
