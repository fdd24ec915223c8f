//! [`Lines`]: the lines of a file, one by one.

use super::pushed::Pushed;
use super::table::TooLong;

/// Splits bytes into lines, without surrounding whitespace.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    pub(super) octets: Pushed,
    read: u64,
    /// Whether the next line is too long and its beginning has been dropped.
    too_long: bool,
}

impl Lines {
    pub(super) fn is_over(&self) -> bool {
        self.octets.is_over() && !self.too_long
    }

    /// The next line with its number; `None` if more bytes are needed, or none are left.
    pub(super) fn next(&mut self) -> Option<(u64, Result<&[u8], TooLong>)> {
        let rest = self.octets.rest();
        let end = rest.iter().position(|octet| *octet == b'\n');
        let is_last = self.octets.has_ended() && !self.is_over();
        let Some(length) = end.or(is_last.then_some(rest.len())) else {
            if rest.len() > LONGEST {
                // The line is reported once its end is found.
                self.octets.take(usize::MAX);
                self.too_long = true;
            }
            return None;
        };
        self.read += 1;
        let line = self.octets.take(length + 1);
        if std::mem::take(&mut self.too_long) || length > LONGEST {
            return Some((self.read, Err(TooLong)));
        }
        // Windows editors put a byte order mark before a file's first letter.
        let mark = if self.read == 1 { "\u{FEFF}".as_bytes() } else { b"" };
        Some((self.read, Ok(line.strip_prefix(mark).unwrap_or(line).trim_ascii())))
    }
}

/// The most bytes in a line.
const LONGEST: usize = 1 << 20;
