//! [`Pushed`]: the bytes of a file as they come, read from the front.

#[derive(Clone, Debug, Default)]
pub(super) struct Pushed {
    octets: Vec<u8>,
    /// How many of the `octets` were read.
    read: usize,
    ended: bool,
}

impl Pushed {
    pub(super) fn push(&mut self, octets: &[u8]) {
        self.octets.drain(..self.read);
        self.read = 0;
        self.octets.extend_from_slice(octets);
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn is_over(&self) -> bool {
        self.ended && self.rest().is_empty()
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.octets.get(self.read..).unwrap_or_default()
    }

    /// The next `count` bytes, or all that are left if there are fewer.
    pub(super) fn take(&mut self, count: usize) -> &[u8] {
        let start = self.read;
        self.read = start.saturating_add(count).min(self.octets.len());
        self.octets.get(start..self.read).unwrap_or_default()
    }
}
