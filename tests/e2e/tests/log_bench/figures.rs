//! [`Row`]: a figure of both contenders, as a row of a table.

use std::fmt;

/// Whether less or more is better.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Better {
    More,
    Less,
}

/// A row of the table. `cargo xtask bench log` reads it as `log-bench`, name, our figure, theirs, ratio and goal,
/// separated by tabs.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) better: Better,
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
    pub(crate) goal: &'static str,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, better, ours, theirs, goal } = self;
        let ratio = if *better == Better::More { ours / theirs } else { theirs / ours };
        write!(f, "log-bench\t{what}\t{}\t{}\t{}\t{goal}", Digits(*ours), Digits(*theirs), Digits(ratio))
    }
}

/// Prints a number with two decimal places, one from 10, and none from 100.
struct Digits(f64);

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.abs() {
            large if large >= 100.0 => write!(f, "{:.0}", self.0),
            middle if middle >= 10.0 => write!(f, "{:.1}", self.0),
            _ => write!(f, "{:.2}", self.0),
        }
    }
}
