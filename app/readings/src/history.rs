//! The totals of the log: answers to users' questions about days, months and years.
//!
//! What a counter has counted is always a difference of its positions. Power is never integrated.

pub mod address;
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
