//! What is tried, and in which order: the rows of `candidates.toml`.

use alloc::vec::Vec;

use super::Hints;
use crate::stack::Stack;
use crate::time::Zone;

/// A line on which meters push.
#[derive(Debug)]
pub(super) struct Listen {
    pub(super) line: &'static str,
    pub(super) stacks: &'static [Stack],
    pub(super) zones: &'static [&'static str],
    pub(super) vendors: &'static [u16],
}

/// A protocol in which meters are asked.
#[derive(Debug)]
pub(super) struct Questioning {
    pub(super) stack: Stack,
    /// Milliseconds until the first octet of the answer.
    pub(super) patience: u64,
}

/// The lines to listen to: those of the place first, and among them those of the adapter.
pub(super) fn likeliest_first(hints: &Hints, here: Zone) -> Vec<&'static Listen> {
    let mut lines: Vec<_> = LISTENS.iter().collect();
    lines.sort_by_key(|listen| {
        let fits_place = listen.zones.iter().any(|zone| Zone::named(zone) == Some(here));
        let fits_adapter = hints.vendor.is_some_and(|vendor| listen.vendors.contains(&vendor));
        (!fits_place, !fits_adapter)
    });
    lines
}

include!(concat!(env!("OUT_DIR"), "/candidates.rs"));
