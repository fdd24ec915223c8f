//! SML, as the infrared port of German electricity meters sends it. Most send it unasked; `poll` asks the others.
//!
//! ```text
//! 1B 1B 1B 1B  01 01 01 01            start of a file
//!   76 05 02 07 1A 3F                 a message: a list of six, its transaction id …
//!      62 00  62 00                   group number, what to do after an error
//!      72 63 07 01 77 …               body: 0701 is a GetList.Res
//!      63 F1 2E                       checksum of the message up to here
//!      00                             end of the message
//!   …
//!   00 00                             fill, to a length divisible by four
//! 1B 1B 1B 1B  1A 02 3C 59            end: two fill bytes, checksum of everything before it
//! ```
//!
//! SML 1.04 (BSI TR-03109-1, annex IV b): transport protocol version 1 in clause 8, messages in 5, their encoding in 6.
//! Four bytes 1B in a message are sent twice.
//!
//! The checksums of messages and files are CRC-16/X-25, low byte first. In a file shorter than 4 kB, they find every
//! error of one or two bits. Holley's meters send CRC-16/KERMIT, high byte first. If either kind were accepted at each
//! place, some errors of two bits would turn one kind into the other. So all messages of a file must use the same kind.
//! A file that ends with Kermit's checksum must use it in its messages as well.

pub(crate) mod field;
pub(crate) mod frame;
pub(crate) mod message;
mod moment;
pub(crate) mod poll;
