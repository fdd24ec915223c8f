//! DLMS/COSEM as meters push it: a data notification whose body is one A-XDR value, the list.
//!
//! ```text
//! 0F | 40 00 00 00 | 0C 07 E6 … | 02 0D 09 07 4B …
//!  │        │            │            the list: a structure or an array of values
//!  │        │            date-time, an octet string that may be empty; Kaifa puts its tag 09 before the length
//!  │        long invoke id and priority
//!  data-notification (IEC 62056-5-3, 8.3)
//! ```
//!
//! What a list means stands in it (OBIS codes beside the values), or in the tables of `meters/` (position).

pub(crate) mod apdu;
pub(crate) mod axdr;
pub(crate) mod frame;
pub(crate) mod list;
