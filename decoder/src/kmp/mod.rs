//! KMP, the Kamstrup Meter Protocol: what heat and water meters answer at their optical eye.
//!
//! ```text
//! 40 | 3F | 10 | 00 3C | 03 | 04 | 43 | 00 00 D6 DE | … | 03 22 | 0D
//!  │    │    │     │      │    │    │        │        │     │     stop
//!  │    │    │     │      │    │    │        │        │     CRC-16/XMODEM of everything from the address on
//!  │    │    │     │      │    │    │        │        further registers
//!  │    │    │     │      │    │    │        mantissa
//!  │    │    │     │      │    │    sign of the mantissa, sign of the exponent, exponent: 10^-3
//!  │    │    │     │      │    octets of the mantissa
//!  │    │    │     │      unit: MWh
//!  │    │    │     register 60: heat energy E1
//!  │    │    command that is answered: GetRegister
//!  │    address: the meter itself
//!  start of an answer; a request begins with 80
//!
//! 06      acknowledgement, alone
//! ```
//!
//! Between start and stop the octets 06, 0D, 1B, 40 and 80 are sent as 1B and their complement. Kamstrup's protocol
//! description, 3.1 (octets), 3.2 (address and CRC), 4.2 (numbers) and 6.2 (GetType, GetSerialNo, GetRegister); the
//! numbers of registers are in the technical descriptions of the meters.
//!
//! An optical head hears what it says: requests and acknowledgements are noise.
//!
//! A CRC-16 finds every error of one, two or three bits. One that makes or breaks a pair of escaped octets shifts what
//! follows and is no such error: it is found unless one chance in 65536 will have it, and most often already because
//! only those five octets are ever escaped.

pub(crate) mod frame;
pub(crate) mod poll;
pub(crate) mod response;
