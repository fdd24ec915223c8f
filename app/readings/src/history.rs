//! What the log came to: answers to a person's questions about days, months and years.
//!
//! In come quarters of an hour and days of one meter, in the order of time; out come amounts, peaks and profiles. What a
//! counter counted is always a difference of its positions. Power is integrated nowhere.

pub mod calendar;
pub mod completeness;
pub mod counting;
pub mod csv;
pub mod flow;
pub mod house;
pub mod profile;
pub mod question;
pub mod records;
pub mod timeline;
pub mod totals;

use crate::as_text;
