//! Axes: a grid with its labels.

use plotters::element::PathElement;
use plotters::prelude::DrawingBackend;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::plot::{Plot, Room};
use super::scale::whole;
use super::ticks::{Tick, ticks};
use super::{Across, Area, Chart, Drawn};
use crate::entry::Moment;

pub(super) fn draw<B: DrawingBackend>(
    chart: &Chart<'_>,
    area: &Area<B>,
    plot: &Plot,
    right_hand: Option<&Plot>,
) -> Drawn<B> {
    draw_values(chart, area, plot, HPos::Right)?;
    if let Some(plot) = right_hand {
        draw_values(chart, area, plot, HPos::Left)?;
    }
    draw_across(chart, area, plot)
}

/// Draws an axis of values. With `HPos::Right`, the axis is on the left, and its labels end at the plot. If labels with
/// units are too wide for the margin, the unit stands once, above the plot.
fn draw_values<B: DrawingBackend>(chart: &Chart<'_>, area: &Area<B>, plot: &Plot, anchor: HPos) -> Drawn<B> {
    let (Room { left, right, top, .. }, scale, space) = (plot.room, plot.scale, chart.pixels(8.0));
    let edge = i32::try_from(area.dim_in_pixel().0).unwrap_or(i32::MAX);
    // The grid belongs to the axis on the left: two grids would be confusing.
    let (has_grid, margin, beside, above, inwards) = match anchor {
        HPos::Right => (true, left, left - space, left, HPos::Left),
        HPos::Left | HPos::Center => (false, edge - right, right + space, right, HPos::Right),
    };
    let has_units =
        scale.ticks().all(|value| whole(width(&scale.label(value)) * chart.ratio) <= margin - space);
    for value in scale.ticks() {
        let y = plot.y(value);
        if has_grid {
            let colour = if value == 0.0 { chart.palette.ink_quiet } else { chart.palette.line };
            area.draw(&PathElement::new([(left, y), (right, y)], colour.stroke_width(chart.hair())))?;
        }
        let label = if has_units { scale.label(value) } else { scale.number(value) };
        area.draw(&chart.text(&label, (beside, y), (anchor, VPos::Center), false))?;
    }
    if !has_units {
        area.draw(&chart.text(scale.unit(), (above, top), (inwards, VPos::Bottom), false))?;
    }
    Ok(())
}

/// The CSS pixels that a label takes in a wide font: a label that fits by this measure fits in any font.
fn width(label: &str) -> f64 {
    let letter = |letter: char| match letter {
        '.' | ' ' | '\u{a0}' => 4.0,
        'W' | 'M' | 'm' => 12.0,
        _ => 7.5,
    };
    label.chars().map(letter).sum()
}

/// Draws the horizontal axis. A label that would reach beyond the right edge is moved to the left. A label that would
/// overlap the previous one is left out.
fn draw_across<B: DrawingBackend>(chart: &Chart<'_>, area: &Area<B>, plot: &Plot) -> Drawn<B> {
    let quiet = chart.palette.line.stroke_width(chart.hair());
    let Room { left, right, top, bottom } = plot.room;
    let letter = LETTER * chart.ratio;
    let letters = f64::from(right - left) / letter;
    let (width, _) = area.dim_in_pixel();
    let edge = i32::try_from(width).unwrap_or(i32::MAX);
    let mut free = 0;
    for tick in marks(chart, letters) {
        let x = plot.x(plot.since(tick.at));
        area.draw(&PathElement::new([(x, top), (x, bottom)], quiet))?;
        let half = whole(tick.label.chars().count() as f64 * letter / 2.0);
        let middle = x.min(edge - half);
        if middle - half < free {
            continue;
        }
        free = middle + half;
        let place = (middle, bottom + chart.pixels(8.0));
        area.draw(&chart.text(&tick.label, place, (HPos::Center, VPos::Top), false))?;
    }
    Ok(())
}

fn marks(chart: &Chart<'_>, letters: f64) -> Vec<Tick> {
    let span = (chart.from, chart.to);
    match chart.across {
        Across::Time => ticks(span, chart.zone, letters, chart.months),
        Across::Months => months(ticks(span, chart.zone, letters, chart.months), chart.months),
        Across::Share => shares(span, letters),
    }
}

/// Replaces labels that name a year by the name of January, because several years are drawn over one another.
fn months(mut ticks: Vec<Tick>, months: &str) -> Vec<Tick> {
    let january = months.split(' ').next().unwrap_or_default();
    for tick in ticks.iter_mut().filter(|tick| tick.label.bytes().all(|letter| letter.is_ascii_digit())) {
        january.clone_into(&mut tick.label);
    }
    ticks
}

/// Ticks at quarters of the whole, or at tenths if there is room.
fn shares((from, to): (Moment, Moment), letters: f64) -> Vec<Tick> {
    let step: i64 = if letters < 70.0 { 25 } else { 10 };
    let length = to.0.saturating_sub(from.0);
    let at = |percent: i64| Moment(from.0.saturating_add(length / 100 * percent));
    let percents = (0..=100 / step).map(|place| place * step);
    percents.map(|percent| Tick { at: at(percent), label: format!("{percent}\u{a0}%") }).collect()
}

/// How many CSS pixels a letter of a label takes.
const LETTER: f64 = 7.0;
