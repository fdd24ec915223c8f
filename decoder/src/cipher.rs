//! Stage 3: ciphered payload → plain payload.

use core::fmt;

/// The keys of one meter, as the grid operator gives them. They are never printed.
#[derive(Clone, Default, PartialEq)]
pub struct Keys {
    /// The encryption key (GUEK).
    pub encryption: Option<[u8; 16]>,
    /// The authentication key (GAK).
    pub authentication: Option<[u8; 16]>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys { .. }")
    }
}
