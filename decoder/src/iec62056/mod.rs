//! IEC 62056-21: what a meter prints at its optical port, when asked (modes A to C) or unasked (mode D).
//!
//! ```text
//! /SIEC2WR5 CR LF                   identification: maker, baud rate letter, model
//! 02                                STX: the block check begins after it
//! 6.8(0029.055*MWh)6.26(…) CR LF    data sets: a code and values in parentheses, one or more on a line
//! 1.6.0(02.468*kW)(1703100930)      a value with its time
//! ! CR LF                           end of the data
//! 03 58                             ETX, and the block check: XOR of everything after STX, ETX included
//! ```
//!
//! IEC 62056-21, 6 (modes) and 6.5 (data sets). Mode D has neither STX nor block check, and a blank line follows the
//! identification. Some programs that ask a meter strip STX and block check. A meter's answer to a single question is a
//! block with one data set, without identification and `!`. Optical heads echo what the computer sends: `/?!` and the
//! acknowledgement are skipped.
//!
//! The XOR finds every error of one bit in a block, but not every error of two. It does not cover the identification
//! line. A port set to 8N1 receives the parity bit of 7E1 as the top bit: it is removed if all bytes have even parity.

pub(crate) mod character;
pub(crate) mod checksum;
pub(crate) mod frame;
pub(crate) mod head;
pub(crate) mod poll;
pub(crate) mod readout;
