//! [`Span`]: a range of the bytes that were passed in.

/// A range of the bytes that were passed in, counted from the first byte that this session received.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span {
    /// The number of bytes before the range.
    pub at: u64,
    /// The number of bytes in the range.
    pub length: u64,
}

impl Span {
    /// Whether `other` lies inside this span. Nothing lies inside an empty span.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.length > 0 && other.at >= self.at && other.at + other.length <= self.at + self.length
    }

    /// From the first byte of this span to the last byte of `last`.
    pub(crate) fn until(self, last: Self) -> Self {
        Self { at: self.at, length: (last.at + last.length).saturating_sub(self.at) }
    }
}
