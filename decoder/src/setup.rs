//! [`Setup`]: what a session must know before the first byte.

use crate::cipher::Keys;
use crate::question::Ask;
use crate::rail::Choice;
use crate::stack::Stack;
use crate::time::Zone;

/// What a session must know before the first byte.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// The protocols on the line, one inside the other.
    pub stack: Stack,
    /// Keys of meters that encrypt.
    pub keys: Keys,
    /// The time zone, for meters whose clock states no offset, and for the hours in which the session must not ask.
    pub zone: Zone,
    /// What to ask a meter that speaks only when it is asked. With `None`, the session never sends anything.
    pub ask: Option<Ask>,
    /// The profile of a Modbus meter on a rail: its answers do not say what they are.
    pub profile: Option<Choice>,
}
