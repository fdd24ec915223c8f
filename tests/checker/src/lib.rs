//! Compares the files that a page writes with what meters have sent to the page.
//!
//! It knows the contract of a reading (docs/reading.md) and the columns of exports (docs/exports.md). It uses no crate
//! of ours, so it computes its own sums. For each log, it checks that:
//!
//! - every reading in it was sent by that meter, with those values;
//! - no reading is in it twice, and its numbers have no gaps;
//! - every reading that a window was told about is in it, unless a notice reports it as lost: a notice excuses readings
//!   of its meter and time, and no more than it states;
//! - the amounts in its tables are what its counters have counted.
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
    /// How many of them are missing, and excused by a notice.
    pub named: usize,
    /// How many tables were added up.
    pub tables: usize,
    /// A sentence for each thing that is wrong.
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
