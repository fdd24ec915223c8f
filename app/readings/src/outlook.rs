//! Forecasts: the peak of the interval in progress, which can still be kept down, and how much will have been used by
//! the end of the day and of the month.
//!
//! The input is intervals of one meter with the energy imported in each, as differences of counter positions; unknown
//! energies are `None`. Peaks are exact numbers. Predictions are statistics, and therefore floats.

pub mod interval;
pub mod peaks;
pub mod prediction;
pub mod question;
