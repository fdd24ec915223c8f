//! Bars: what was counted in each of several spans of time.

use plotters::element::{PathElement, Rectangle};
use plotters::prelude::DrawingBackend;
use plotters::style::Color;

use super::palette::Hue;
use super::plot::Plot;
use super::{Area, Chart, Drawn};
use crate::entry::Moment;

/// What was counted in a span of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Its first moment.
    pub from: Moment,
    /// The first moment after it.
    pub to: Moment,
    /// The pieces of the bar: those above zero are stacked upwards, those below zero downwards.
    pub pieces: Vec<Piece>,
    /// Whether an unknown part of it was counted before the span. Such a bar is drawn as an outline.
    pub is_vague: bool,
    /// Whether it is only there for comparison. Such a bar is drawn in a quiet colour, to the left of the bar that is
    /// compared with it.
    pub is_quiet: bool,
}

/// A piece of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// The value; negative if it leaves the house.
    pub value: f64,
    /// Its colour.
    pub hue: Hue,
    /// From 0 on: further pieces in one colour are lighter, so that they can be distinguished.
    pub shade: u8,
}

impl Bar {
    fn ends(&self) -> (f64, f64) {
        self.pieces
            .iter()
            .fold((0.0, 0.0), |(low, high), piece| (low + piece.value.min(0.0), high + piece.value.max(0.0)))
    }
}

pub(super) fn extremes(bars: &[Bar], (from, to): (Moment, Moment)) -> Option<(f64, f64)> {
    let seen = bars.iter().filter(|bar| bar.from < to && from < bar.to);
    seen.map(Bar::ends).reduce(|(lowest, highest), (low, high)| (lowest.min(low), highest.max(high)))
}

pub(super) fn draw<B: DrawingBackend>(
    bars: &[Bar],
    chart: &Chart<'_>,
    area: &Area<B>,
    plot: &Plot,
) -> Drawn<B> {
    let is_compared = bars.iter().any(|bar| bar.is_quiet);
    for bar in bars.iter().filter(|bar| bar.from < chart.to && chart.from < bar.to) {
        let (left, right) = (plot.x(plot.since(bar.from)), plot.x(plot.since(bar.to)));
        // In whole pixels: a bar that is narrower than eight pixels gets no gap, and touches the next.
        let air = ((right - left) / 8).min(chart.pixels(6.0));
        let (left, right) = (left + air, (right - air).max(left + air + 1));
        let (left, right) = match (is_compared, bar.is_quiet) {
            (false, _) => (left, right),
            (true, true) => (left, left + (right - left) / 3),
            (true, false) => (left + (right - left) / 3 + 1, right.max(left + (right - left) / 3 + 2)),
        };
        let (left, right) = (left.max(plot.room.left), right.min(plot.room.right));
        if left >= right {
            continue;
        }
        let (mut low, mut high) = (0.0, 0.0);
        for piece in bar.pieces.iter().filter(|piece| piece.value != 0.0) {
            let end = if piece.value < 0.0 { &mut low } else { &mut high };
            let (foot, head) = (plot.y(*end), plot.y(*end + piece.value));
            *end += piece.value;
            let corners = [(left, foot.min(head)), (right, foot.max(head))];
            let hue = if bar.is_quiet { Hue::Quiet } else { piece.hue };
            let share = if bar.is_quiet {
                QUIET
            } else {
                SHADES.get(usize::from(piece.shade)).copied().unwrap_or(0.4)
            };
            let colour = chart.palette.of(hue);
            if bar.is_vague {
                let outline = colour.stroke_width(chart.hair());
                let [(left, top), (right, bottom)] = corners;
                let around = [(left, bottom), (left, top), (right, top), (right, bottom), (left, bottom)];
                area.draw(&PathElement::new(around, outline))?;
                area.draw(&Rectangle::new(corners, colour.mix(VAGUE).filled()))?;
            } else {
                area.draw(&Rectangle::new(corners, colour.mix(share).filled()))?;
            }
        }
    }
    Ok(())
}

/// The opacity of a piece, by its shade.
const SHADES: [f64; 4] = [0.9, 0.6, 0.45, 0.35];
const QUIET: f64 = 0.45;
const VAGUE: f64 = 0.2;
