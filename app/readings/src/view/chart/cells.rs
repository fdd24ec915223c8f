//! Cells of a map: each stands for an hour of a day. The more energy flowed in the hour, the more opaque its cell.

use plotters::element::Rectangle;
use plotters::prelude::DrawingBackend;
use plotters::style::Color;

use super::palette::Hue;
use super::plot::Plot;
use super::{Area, Chart, Drawn};
use crate::entry::Moment;

/// A cell of a map: a stretch of time, and a stretch of the axis of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Its left edge.
    pub from: Moment,
    /// Its right edge.
    pub to: Moment,
    /// Its lower edge.
    pub low: f64,
    /// Its upper edge.
    pub high: f64,
    /// How opaque its colour is, from 0 to 1.
    pub share: f64,
    /// Its colour.
    pub hue: Hue,
}

pub(super) fn extremes(cells: &[Cell]) -> Option<(f64, f64)> {
    let edges = cells.iter().map(|cell| (cell.low, cell.high));
    edges.reduce(|(lowest, highest), (low, high)| (lowest.min(low), highest.max(high)))
}

pub(super) fn draw<B: DrawingBackend>(
    cells: &[Cell],
    chart: &Chart<'_>,
    area: &Area<B>,
    plot: &Plot,
) -> Drawn<B> {
    for cell in cells.iter().filter(|cell| cell.from < chart.to && chart.from < cell.to) {
        let left = plot.x(plot.since(cell.from)).max(plot.room.left);
        let right = plot.x(plot.since(cell.to)).clamp(left + 1, plot.room.right.max(left + 1));
        let (bottom, top) = (plot.y(cell.low), plot.y(cell.high));
        let colour = chart.palette.of(cell.hue).mix(LEAST + (1.0 - LEAST) * cell.share.clamp(0.0, 1.0));
        area.draw(&Rectangle::new([(left, top), (right, bottom.max(top + 1))], colour.filled()))?;
    }
    Ok(())
}

/// The opacity of an hour with readings and no energy, so that it differs from an hour without readings.
const LEAST: f64 = 0.06;
