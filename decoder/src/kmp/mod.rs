//! KMP, the Kamstrup Meter Protocol, at the optical port of heat and water meters.
//!
//! ```text
//! 40 | 3F | 10 | 00 3C | 03 | 04 | 43 | 00 00 D6 DE | … | 03 22 | 0D
//!  │    │    │     │      │    │    │        │        │     │     stop
//!  │    │    │     │      │    │    │        │        │     CRC-16/XMODEM of all bytes from the address on
//!  │    │    │     │      │    │    │        │        further registers
//!  │    │    │     │      │    │    │        mantissa
//!  │    │    │     │      │    │    sign of the mantissa, sign of the exponent, exponent: 10^-3
//!  │    │    │     │      │    length of the mantissa in bytes
//!  │    │    │     │      unit: MWh
//!  │    │    │     register 60: heat energy E1
//!  │    │    command that is answered: GetRegister
//!  │    address: the meter itself
//!  start of an answer; a request begins with 80
//!
//! 06      acknowledgement, alone
//! ```
//!
//! Between start and stop, the bytes 06, 0D, 1B, 40 and 80 are sent as 1B and their complement. Kamstrup's protocol
//! description, 3.1 (bytes), 3.2 (address and CRC), 4.2 (numbers) and 6.2 (GetType, GetSerialNo, GetRegister). The
//! technical descriptions of the meters list the register numbers.
//!
//! An optical head echoes what the computer sends: requests and acknowledgements are noise.
//!
//! A CRC-16 finds every error of one, two or three bits, unless the error creates or destroys an escape. Such an error
//! shifts all bytes after it, and the CRC misses it with a chance of one in 65536. Most of these errors are found
//! anyway: an escape of any other byte is refused.

pub(crate) mod frame;
pub(crate) mod poll;
pub(crate) mod response;
