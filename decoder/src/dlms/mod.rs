//! DLMS/COSEM as meters push it: a notification whose body is one A-XDR value, the list.
//!
//! ```text
//!  frame of HDLC, M-Bus or none ─► block ─► (cipher) ─► apdu ─► list
//!                                  E0 …      DB …       0F …    02 0D 09 07 4B …
//! ```
//!
//! Each of these has its picture in the file of its name. What a list means stands in it (OBIS codes beside the values),
//! or in the tables of `meters/` (position).
//!
//! DLMS has no checksum of its own: what carries it has one (HDLC, M-Bus), or the tag of a ciphered payload proves it.

pub(crate) mod apdu;
pub(crate) mod axdr;
pub(crate) mod block;
pub(crate) mod ciphering;
mod datum;
pub(crate) mod frame;
pub(crate) mod list;
mod name;
pub(crate) mod object_list;
mod scalar;
pub(crate) mod tag;
