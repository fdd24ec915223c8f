//! [`Lines`]: the lines of a file, one by one.

use super::table::TooLong;

/// Lines out of octets, without what stands around them.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// What was pushed and not read yet, from `place` on.
    octets: Vec<u8>,
    place: usize,
    /// The number of the next line.
    line: u64,
    /// Whether the next line is longer than any and its beginning is forgotten already.
    too_long: bool,
    ended: bool,
}

impl Lines {
    pub(super) const fn new() -> Self {
        Self { octets: Vec::new(), place: 0, line: 1, too_long: false, ended: false }
    }

    pub(super) fn push(&mut self, octets: &[u8]) {
        self.octets.drain(..self.place);
        self.place = 0;
        self.octets.extend_from_slice(octets);
    }

    /// No more octets come.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Whether all lines there will ever be were read.
    pub(super) fn is_over(&self) -> bool {
        self.ended && self.place == self.octets.len() && !self.too_long
    }

    /// The next line with its number; none where more octets are needed, or none are left.
    pub(super) fn next(&mut self) -> Option<(u64, Result<&[u8], TooLong>)> {
        let (start, number) = (self.place, self.line);
        let rest = self.octets.get(start..).unwrap_or_default();
        let end = rest.iter().position(|octet| *octet == b'\n');
        let Some(length) = end.or((self.ended && !self.is_over()).then_some(rest.len())) else {
            if rest.len() > LONGEST {
                // Its end will say that it was there.
                (self.too_long, self.place) = (true, self.octets.len());
            }
            return None;
        };
        (self.place, self.line) = ((start + length + 1).min(self.octets.len()), number + 1);
        if std::mem::take(&mut self.too_long) || length > LONGEST {
            return Some((number, Err(TooLong)));
        }
        let line = self.octets.get(start..start + length).unwrap_or_default();
        // Windows' editors put a mark before a file's first letter.
        let mark = if number == 1 { "\u{FEFF}".as_bytes() } else { b"" };
        Some((number, Ok(line.strip_prefix(mark).unwrap_or(line).trim_ascii())))
    }
}

/// Octets of a line.
const LONGEST: usize = 1 << 20;
