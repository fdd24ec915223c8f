//! [`Setup`]: what a session is told before the first octet.

use crate::cipher::Keys;
use crate::question::Ask;
use crate::rail::Choice;
use crate::stack::Stack;
use crate::time::Zone;

/// What a session is told before the first octet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// The protocols on the line, one inside the other.
    pub stack: Stack,
    /// For meters that encrypt.
    pub keys: Keys,
    /// For meters whose clock states no offset, and for hours in which nothing is asked.
    pub zone: Zone,
    /// For meters that speak only when they are asked; without it nothing is ever said.
    pub ask: Option<Ask>,
    /// For Modbus meters on a rail, whose answers do not say what they are.
    pub profile: Option<Choice>,
}
