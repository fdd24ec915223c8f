//! [`Keys`]: the keys with which a meter encrypts its telegrams.

/// The keys of a simulated meter that encrypts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keys {
    /// The encryption key (GUEK).
    pub encryption: [u8; 16],
    /// The authentication key (GAK), if the grid operator discloses it.
    pub authentication: Option<[u8; 16]>,
}
