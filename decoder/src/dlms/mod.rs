//! DLMS/COSEM as meters push it: a notification whose body is one A-XDR value, the list.
//!
//! ```text
//!  frame of HDLC, M-Bus or none ─► block ─► (cipher) ─► apdu ─► list
//!                                  E0 …      DB …       0F …    02 0D 09 07 4B …
//! ```
//!
//! The file of each stage shows its bytes. The meaning of a list is either in the list itself (OBIS codes beside
//! the values), or in the tables of `meters/` (by position).
//!
//! DLMS has no checksum of its own. Either its carrier has one (HDLC, M-Bus), or the tag of a ciphered payload reveals
//! damage.

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
