//! [`Setup`]: what a session must know before the first byte.

use crate::cipher::Keys;
use crate::question::Ask;
use crate::rail::Choice;
use crate::stack::Stack;
use crate::time::Zone;

/// What a session must know before the first byte.
///
/// The default is a plain P1 port in Central Europe: no keys, and no polling. State what differs:
///
/// ```
/// use metertap_decoder::cipher::Keys;
/// use metertap_decoder::hex;
/// use metertap_decoder::session::Setup;
/// use metertap_decoder::stack::Stack;
///
/// let key = hex::key("000102030405060708090A0B0C0D0E0F").ok_or("a key has 32 hex digits")?;
/// let keys = Keys { encryption: Some(key), ..Keys::default() };
/// let setup = Setup { stack: Stack::MbusDlms, keys, ..Setup::default() };
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// The protocols on the line, one inside the other.
    pub stack: Stack,
    /// Keys of meters that encrypt. [`hex::key`](crate::hex::key) reads one from its digits.
    pub keys: Keys,
    /// The time zone, for meters whose clock states no offset, and for the hours in which the session must not ask. The
    /// default is [`Zone::CENTRAL_EUROPE`].
    pub zone: Zone,
    /// What to ask a meter that must be asked, and when. With `None`, the session never sends anything.
    pub ask: Option<Ask>,
    /// The profile of a DIN rail meter with Modbus: its answers do not say what they mean. With `None`, or a name that
    /// no profile has, a session that polls finds out which profile fits. A session that only listens makes no readings
    /// then.
    pub profile: Option<Choice>,
}
