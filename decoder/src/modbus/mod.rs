//! Modbus RTU: questions and answers (Modbus over Serial Line 1.02; Modbus Application Protocol 1.1b3).
//!
//! ```text
//! 01 04 00 34 00 02 30 05                  address, function, first register, count, CRC
//! 01 04 04 43 66 80 00 6F DF               address, function, byte count, data, CRC
//! 01 84 02 C2 C1                           refused: function with its top bit, reason, CRC
//! ```
//!
//! An answer states neither the meter's model nor the register: only the question gives it a meaning. So only one
//! question is open at a time, and an answer is accepted only if its address, function and length fit the question.
//!
//! **Nothing here changes a meter.** [`question::Read`] contains every possible question, and none of them writes.

pub(crate) mod emi;
pub(crate) mod frame;
pub(crate) mod plausible;
pub(crate) mod poll;
pub(crate) mod question;
pub(crate) mod rail;
pub(crate) mod rail_poll;
mod recognition;
mod reply;
pub(crate) mod scan;
