//! What will come: the peak that is under way and may still be kept down, and how much will have been used by the end of
//! the day and of the month.
//!
//! In come intervals of one meter with what was taken in each, as differences of counter positions; what is not known is
//! none. Peaks are exact numbers, predictions are statistics and therefore floats.

pub mod interval;
pub mod peaks;
pub mod prediction;
pub mod question;
