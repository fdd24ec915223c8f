//! [`DiskError`]: why an operation on a disk failed.

use std::fmt;

/// Why an operation on a disk failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DiskError {
    /// The browser provides no storage at all.
    Unavailable,
    /// The connection has ended. An operation in progress may or may not have been done, and all data may be gone.
    Closed,
    /// No room is left.
    Full,
    /// A newer version of this program has written the disk, or is about to.
    Newer,
    /// The number or name of something new is already taken, or a record is not as expected.
    Taken,
    /// Any other error, in the browser's words.
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
