//! [`Span`]: where in the octets handed in something stands.

/// A run of the octets handed in, counted from the first that this session heard.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span {
    /// Octets before it.
    pub at: u64,
    /// Octets in it.
    pub length: u64,
}

impl Span {
    /// Whether that one lies in this one.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.length > 0 && other.at >= self.at && other.at + other.length <= self.at + self.length
    }

    /// From the first octet of this one to the last of that.
    pub(crate) fn until(self, last: Self) -> Self {
        Self { at: self.at, length: (last.at + last.length).saturating_sub(self.at) }
    }
}
