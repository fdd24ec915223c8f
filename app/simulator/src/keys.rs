//! [`Keys`]: what a meter ciphers its telegrams with.

/// The keys of a simulated meter that encrypts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keys {
    /// The encryption key (GUEK).
    pub encryption: [u8; 16],
    /// The authentication key (GAK), where the grid operator tells it.
    pub authentication: Option<[u8; 16]>,
}
