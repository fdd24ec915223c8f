//! [`DiskError`]: why a disk could not do it.

use std::fmt;

/// Why a disk could not do it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DiskError {
    /// The browser gives no storage at all.
    Unavailable,
    /// The connection is over: what was under way may or may not have been done, and all that was kept may be gone.
    Closed,
    /// No room is left.
    Full,
    /// A newer version of this program has written it, or is about to.
    Newer,
    /// Something is there already under the number or name of what is new, or is not what it was expected to be.
    Taken,
    /// Anything else, in the browser's words.
    Failed(String),
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str("the browser gives no storage"),
            Self::Closed => f.write_str("the browser has closed the database"),
            Self::Full => f.write_str("the browser's storage is full"),
            Self::Newer => f.write_str("a newer version of this page has written it"),
            Self::Taken => f.write_str("something else is there already"),
            Self::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for DiskError {}
