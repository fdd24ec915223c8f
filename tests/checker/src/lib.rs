//! Compares the files that a page writes with what meters have sent to the page.
//!
//! This program knows the contract of a reading (docs/reading.md) and the columns of exports (docs/exports.md). It uses
//! no crate of ours, so it computes its own sums. For each log, it checks that:
//!
//! - every reading in the log was sent by that meter, with those values;
//! - no reading is in the log twice, and the numbers have no gaps;
//! - every reading that a window was told about is in the log, unless a notice reports the reading as lost. A notice
//!   excuses readings of its meter and time, and no more than it states;
//! - the amounts in the log's tables agree with the counters in its readings.
//!
//! [`Evidence::open`] reads all of that from a folder.

mod evidence;
mod extent;
mod logs;
mod number;
mod totals;

pub use evidence::{Evidence, Told};

/// What was checked, and what is wrong with it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verdict {
    /// How many readings the logs have.
    pub readings: usize,
    /// How many of the readings that windows were told about are in the logs.
    pub found: usize,
    /// How many of these readings are missing but excused by a notice.
    pub named: usize,
    /// How many tables were added up.
    pub tables: usize,
    /// A sentence for each error that was found.
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
