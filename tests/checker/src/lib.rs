//! Compares what a page has kept with what was said to it, by the files that it writes.
//!
//! It knows the contract of a reading (docs/reading.md) and the columns of exports (docs/exports.md), and no crate of ours: so
//! it computes its own sums. Checked of each log:
//!
//! - every reading in it was said by that meter, with those values;
//! - none is in it twice, and its numbers have no gaps;
//! - every reading that a window was told is in it, unless a notice names it as gone: by its meter and its time, and no more
//!   of them than the notice says;
//! - what its tables say was counted is what its counters went on by.
//!
//! [`Evidence::open`] reads all of that from a folder.

mod evidence;
mod extent;
mod logs;
mod number;
mod totals;

pub use evidence::{Evidence, Told};

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verdict {
    /// How many readings the logs have.
    pub readings: usize,
    /// How many of those that windows were told are there.
    pub found: usize,
    /// How many of them a notice names.
    pub named: usize,
    /// How many tables were added up.
    pub tables: usize,
    /// What is wrong, a sentence each.
    pub findings: Vec<String>,
}

/// Checks everything.
#[must_use]
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::default();
    logs::check(evidence, &mut verdict);
    totals::check(evidence, &mut verdict);
    verdict
}
