//! [`Chart`]: values over time, drawn on any plotters backend: a canvas in the browser, SVG in tests and files.
//!
//! A curve is given as the lowest and the highest value of each pixel column, which a [`crate::view::series::Series`]
//! computes. A chart may also have bars and cells. No peak is lost at any zoom, because both ends of a column are
//! drawn. Where nothing was received, a curve is interrupted. The gaps of a tinted curve are hatched. Power taken from
//! the grid is tinted above zero, and power fed in is tinted below zero in its own colour.
//!
//! Everything is drawn with the backend's primitives, and text is never measured: in a browser, plotters measures text
//! with an inline style, which a strict Content-Security-Policy forbids.

mod axes;
mod bars;
mod cells;
mod curve;
mod dense;
mod palette;
mod plot;
mod scale;
mod ticks;

use metertap_decoder::time::Zone;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, TextStyle};

pub use self::bars::{Bar, Piece};
pub use self::cells::Cell;
pub use self::curve::{Columns, Curve};
pub use self::palette::{Hue, Palette};
pub use self::plot::{Margin, Room};
pub use self::scale::Axis;

use self::plot::Plot;
use self::scale::whole;
use crate::entry::Moment;

/// A chart of values over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart<'a> {
    /// The moment at the left edge.
    pub from: Moment,
    /// The moment at the right edge.
    pub to: Moment,
    /// What is drawn, from the bottom layer to the top one.
    pub layers: &'a [Layer<'a>],
    /// The axis that all layers share, except curves that have the axis to the right.
    pub axis: Axis,
    /// What stands to the right of the plot.
    pub right: Right,
    /// What the horizontal axis shows.
    pub across: Across,
    /// The current value, written at the end of the last curve.
    pub now: Option<f64>,
    /// The time zone of the axis of time.
    pub zone: Zone,
    /// The short names of the twelve months, separated by spaces.
    pub months: &'a str,
    /// The colours.
    pub palette: Palette,
    /// A CSS font family.
    pub font: &'a str,
    /// Device pixels per CSS pixel; all sizes are multiplied by it.
    pub ratio: f64,
    /// Whether to draw what a browser rasters fastest: columns that are a pixel or two wide become rectangles, and a
    /// long line is drawn in several strokes. Otherwise a curve is one line, as a file needs it.
    pub is_quick: bool,
}

/// What stands to the right of a plot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Right {
    /// Nothing.
    #[default]
    Nothing,
    /// The room of an axis, because a chart above or below has one.
    Room,
    /// An axis of values.
    Axis(Axis),
}

/// What the horizontal axis shows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Across {
    /// Time.
    #[default]
    Time,
    /// The months of a year, whichever year it is.
    Months,
    /// A share of the whole time, from 0 to 100 %.
    Share,
}

/// Something that is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layer<'a> {
    /// A curve.
    Curve(Curve<'a>),
    /// Bars.
    Bars(&'a [Bar]),
    /// A map of cells.
    Cells(&'a [Cell]),
}

impl Chart<'_> {
    /// Draws the chart over the whole backend, whose size is in device pixels.
    ///
    /// # Errors
    ///
    /// If the backend fails.
    pub fn draw<B: DrawingBackend>(&self, backend: B) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let area = backend.into_drawing_area();
        let margin = match (self.now, self.right) {
            (Some(_), _) => Margin::Now,
            (None, Right::Nothing) => Margin::None,
            (None, Right::Room | Right::Axis(_)) => Margin::Axis,
        };
        let room = Room::of(area.dim_in_pixel(), self.ratio, margin);
        let span = (self.from, self.to);
        let plot = Plot::new(span, room, self.extremes(false), self.axis, self.ratio);
        let right = match self.right {
            Right::Axis(axis) => Some(Plot::new(span, room, self.extremes(true), axis, self.ratio)),
            Right::Nothing | Right::Room => None,
        };
        area.fill(&self.palette.ground)?;
        axes::draw(self, &area, &plot, right.as_ref())?;
        for layer in self.layers {
            match layer {
                Layer::Curve(curve) if curve.on_right => {
                    if let Some(right) = &right {
                        curve::draw(curve, self, &area, right)?;
                    }
                }
                Layer::Curve(curve) => curve::draw(curve, self, &area, &plot)?,
                Layer::Bars(bars) => bars::draw(bars, self, &area, &plot)?,
                Layer::Cells(cells) => cells::draw(cells, self, &area, &plot)?,
            }
        }
        self.draw_now(&area, &plot)?;
        area.present()
    }

    /// The lowest and the highest value of everything that belongs to one of the axes.
    fn extremes(&self, on_right: bool) -> Option<(f64, f64)> {
        let of_layers = self.layers.iter().filter_map(|layer| match layer {
            Layer::Curve(curve) if curve.on_right != on_right => None,
            Layer::Curve(curve) => curve.extremes((self.from, self.to)),
            Layer::Bars(_) | Layer::Cells(_) if on_right => None,
            Layer::Bars(bars) => bars::extremes(bars, (self.from, self.to)),
            Layer::Cells(cells) => cells::extremes(cells),
        });
        of_layers
            .chain(self.now.filter(|_| !on_right).map(|now| (now, now)))
            .reduce(|(lowest, highest), (low, high)| (lowest.min(low), highest.max(high)))
    }

    /// Draws the current value: beside the curve's end at its height, or above the plot if there is no room.
    fn draw_now<B: DrawingBackend>(&self, area: &Area<B>, plot: &Plot) -> Drawn<B> {
        let ends = self.layers.iter().rev().find_map(|layer| match layer {
            Layer::Curve(curve) => curve.end(plot),
            Layer::Bars(_) | Layer::Cells(_) => None,
        });
        let (Some(now), Some(end)) = (self.now, ends) else { return Ok(()) };
        let colour = if now < 0.0 { self.palette.export } else { self.palette.import };
        let ((x, y), half) = (plot.place((end, now)), self.pixels(3.0));
        let dot = [(x - half, y - half), (x + half, y + half)];
        area.draw(&plotters::element::Rectangle::new(dot, colour.filled()))?;
        let right = plot.room.right;
        let is_wide = Room::is_wide(area.dim_in_pixel(), self.ratio);
        let (place, anchor) = if is_wide {
            ((right + self.pixels(8.0), y), (HPos::Left, VPos::Center))
        } else {
            ((right, plot.room.top - self.pixels(10.0)), (HPos::Right, VPos::Bottom))
        };
        area.draw(&self.text(&plot.scale.exact(now), place, anchor, true))
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

    /// Hatches a stretch of time over the whole height of the plot, with strokes from lower left to upper right.
    fn hatch<B: DrawingBackend>(&self, area: &Area<B>, plot: &Plot, (left, right): (i32, i32)) -> Drawn<B> {
        let Room { top, bottom, .. } = plot.room;
        let (left, right) = (left.max(plot.room.left), right.min(plot.room.right));
        let (height, step) = (bottom - top, self.pixels(8.0).max(1));
        let style = self.palette.line.stroke_width(self.hair());
        let mut foot = left - height + step;
        while foot < right {
            // The stroke starts on the ground at `foot`, and rises as far as it moves to the right.
            let (from, to) = (foot.max(left), (foot + height).min(right));
            let ends = [(from, bottom - (from - foot)), (to, bottom - (to - foot))];
            area.draw(&PathElement::new(ends, style))?;
            foot += step;
        }
        Ok(())
    }
}

type Area<B> = DrawingArea<B, Shift>;
type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

#[cfg(test)]
mod tests;
