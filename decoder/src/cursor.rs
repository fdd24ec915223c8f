//! [`Cursor`]: reads bytes in order, and checks every bound.

/// A position in a slice of bytes: the bytes after it, and the length of the slice.
///
/// A read returns all the bytes requested. If too few are left, it returns `None`, and the position stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(u8::from_be_bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn position(&self) -> usize {
        self.length - self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_past_the_end_returns_none_and_does_not_move() {
        let mut cursor = Cursor::new(&[1, 2, 3]);
        assert_eq!(cursor.u8(), Some(1));
        assert_eq!(cursor.array::<4>(), None);
        assert_eq!(cursor.take(3), None);
        assert_eq!(cursor.take(2), Some(&[2, 3][..]));
        assert_eq!((cursor.position(), cursor.rest(), cursor.u8()), (3, &[][..], None));
    }
}
