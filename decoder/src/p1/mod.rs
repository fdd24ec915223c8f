//! P1: the customer port of the Netherlands, Belgium, Luxembourg, Sweden and others, as printed text.
//!
//! ```text
//! /ISk5\2MT382-1000 CR LF          identification: maker, baud letter, model
//! CR LF
//! 1-0:1.8.1(012345.678*kWh) CR LF  a data line: OBIS code, values in parentheses
//! …
//! !A077 CR LF                      end, CRC-16/ARC of everything from / to !, in hex
//! ```
//!
//! DSMR P1 companion standards 2.2, 3.0, 4.2 and 5.0.2, which build on IEC 62056-21 mode D; Fluvius e-MUCS P1 1.7. The
//! Swedish and Luxembourg ports are DSMR 5 with other registers. Versions before 4 end in a bare `!`.
//!
//! A CRC-16 finds every error of one or two bits in a telegram shorter than 4 kB. Versions without a CRC give
//! `unchecked` readings.

pub(crate) mod checksum;
pub(crate) mod codes;
pub(crate) mod frame;
pub(crate) mod sealed;
pub(crate) mod telegram;
