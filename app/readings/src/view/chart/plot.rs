//! [`Plot`]: where time and values lie on the backend.

use super::scale::{Axis, Scale, whole};
use crate::entry::Moment;

/// The part of a chart that holds curves and bars, in device pixels. Charts of one width and kind have the same part,
/// so that they share an axis of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Room {
    /// The left edge.
    pub left: i32,
    /// The right edge.
    pub right: i32,
    /// The upper edge.
    pub top: i32,
    /// The lower edge.
    pub bottom: i32,
}

impl Room {
    /// The room in a chart of this size in device pixels, with `ratio` of them in a CSS pixel.
    #[must_use]
    pub fn of(size: (u32, u32), ratio: f64, margin: Margin) -> Self {
        let edge = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
        let pixels = |css: f64| whole(css * ratio);
        let (before, behind, above) = match (Self::is_wide(size, ratio), margin) {
            (true, Margin::Now) => (64.0, 96.0, 12.0),
            (true, Margin::Axis) => (64.0, 64.0, 12.0),
            (true, Margin::None) => (64.0, 24.0, 12.0),
            // There is no room beside the plot: the current value stands above it.
            (false, Margin::Now) => (56.0, 16.0, 32.0),
            (false, Margin::Axis) => (56.0, 56.0, 12.0),
            (false, Margin::None) => (56.0, 16.0, 12.0),
        };
        let (left, top) = (pixels(before), pixels(above));
        // However small the canvas, no edge passes the opposite one.
        let right = (edge(size.0).saturating_sub(pixels(behind))).max(left + 1);
        let bottom = (edge(size.1).saturating_sub(pixels(28.0))).max(top + 1);
        Self { left, right, top, bottom }
    }

    /// Whether there is room beside the plot.
    pub(super) fn is_wide(size: (u32, u32), ratio: f64) -> bool {
        f64::from(size.0) >= WIDE * ratio
    }
}

/// What needs room to the right of a plot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Margin {
    /// Nothing.
    None,
    /// The current value, beside the end of its curve.
    Now,
    /// An axis of values.
    Axis,
}

pub(super) struct Plot {
    pub(super) room: Room,
    pub(super) scale: Scale,
    from: Moment,
    span: f64,
}

impl Plot {
    pub(super) fn new(
        (from, to): (Moment, Moment),
        room: Room,
        extremes: Option<(f64, f64)>,
        axis: Axis,
        ratio: f64,
    ) -> Self {
        let most = (f64::from(room.bottom - room.top) / (TICK_HEIGHT * ratio)).max(1.0);
        let scale = Scale::new(extremes.unwrap_or_default(), most, axis);
        // The span is a divisor, so it must not be zero.
        let span = (to.0.saturating_sub(from.0) as f64).max(1.0);
        Self { room, scale, from, span }
    }

    /// Milliseconds from the left edge to a moment.
    pub(super) fn since(&self, moment: Moment) -> f64 {
        moment.0.saturating_sub(self.from.0) as f64
    }

    /// Milliseconds from edge to edge.
    pub(super) fn span(&self) -> f64 {
        self.span
    }

    pub(super) fn x(&self, at: f64) -> i32 {
        self.room.left + whole(at / self.span * f64::from(self.room.right - self.room.left))
    }

    pub(super) fn y(&self, value: f64) -> i32 {
        let share = (value - self.scale.bottom) / (self.scale.top - self.scale.bottom);
        self.room.bottom - whole(share * f64::from(self.room.bottom - self.room.top))
    }

    pub(super) fn place(&self, (at, value): (f64, f64)) -> (i32, i32) {
        (self.x(at), self.y(value))
    }
}

/// The least number of CSS pixels between two ticks of values, before the axis is extended to whole steps.
const TICK_HEIGHT: f64 = 40.0;
/// The least width of a chart, in CSS pixels, at which the current value stands beside its curve.
const WIDE: f64 = 480.0;
