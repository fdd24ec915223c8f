//! [`CellRows`]: the cells of a table, row by row.

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::pushed::Pushed;

/// Splits bytes into cells. Rows without any cell are skipped.
#[derive(Clone, Debug)]
pub(super) struct CellRows {
    reader: csv_core::Reader,
    pub(super) octets: Pushed,
    /// Whether the byte order mark before the first letter has been looked for.
    begun: bool,
    /// The current row: its text, the ends of its cells, and how much of both is filled.
    text: Vec<u8>,
    ends: Vec<usize>,
    written: (usize, usize),
    /// Whether the current row is too long and is being skipped.
    too_long: bool,
    /// The line on which the last row begins.
    line: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooLong;

impl CellRows {
    pub(super) fn new(separator: char) -> Self {
        let [separator, ..] = u32::from(separator).to_le_bytes();
        Self {
            reader: ReaderBuilder::new().delimiter(separator).build(),
            octets: Pushed::default(),
            begun: false,
            text: vec![0; LONGEST],
            ends: vec![0; MOST_CELLS],
            written: (0, 0),
            too_long: false,
            line: 0,
        }
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The next row; `None` if more bytes are needed, or none are left.
    pub(super) fn next(&mut self) -> Option<Result<Vec<String>, TooLong>> {
        if !self.begun {
            self.begin()?;
        }
        loop {
            let octets = self.octets.rest();
            if octets.is_empty() && !self.octets.has_ended() {
                return None;
            }
            let (text, cells) = self.written;
            let room = (self.text.get_mut(text..)?, self.ends.get_mut(cells..)?);
            let (result, read, wrote, ended) = self.reader.read_record(octets, room.0, room.1);
            let last = self.octets.take(read).last().copied();
            self.written = (text + wrote, cells + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    // The rest of the row is read and dropped.
                    self.too_long = true;
                    self.written = (0, 0);
                }
                ReadRecordResult::Record => {
                    let (text, cells) = std::mem::take(&mut self.written);
                    self.line = self.line_of(text, last);
                    if std::mem::take(&mut self.too_long) {
                        return Some(Err(TooLong));
                    }
                    return Some(Ok(self.cells(cells)));
                }
                ReadRecordResult::End => return None,
            }
        }
    }

    /// Skips the byte order mark that Windows programs put before the first letter; `None` if more bytes are needed.
    fn begin(&mut self) -> Option<()> {
        let (mark, octets) = ("\u{FEFF}".as_bytes(), self.octets.rest());
        if octets.len() < mark.len() && !self.octets.has_ended() && mark.starts_with(octets) {
            return None;
        }
        if octets.starts_with(mark) {
            self.octets.take(mark.len());
        }
        self.begun = true;
        Some(())
    }

    /// The line on which the row that has just ended began: the current line, less the line feeds within its cells and
    /// the line feed at its end. If the row ended with a carriage return, that line feed is still to be read. `last` is
    /// the last byte that was read.
    fn line_of(&self, text: usize, last: Option<u8>) -> u64 {
        let written = self.text.get(..text).unwrap_or_default();
        let within = written.iter().filter(|octet| **octet == b'\n').count();
        let behind = within + usize::from(last == Some(b'\n'));
        self.reader.line().saturating_sub(u64::try_from(behind).unwrap_or_default())
    }

    fn cells(&self, count: usize) -> Vec<String> {
        let mut start = 0;
        let ends = self.ends.iter().take(count);
        let cell = |end: &usize| {
            let cell = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            text(cell).trim().to_owned()
        };
        ends.map(cell).collect()
    }
}

/// A cell that is not UTF-8 is taken as Windows-1252, as Excel saves it.
fn text(cell: &[u8]) -> String {
    let letter = |byte: &u8| {
        let special = byte.checked_sub(0x80).and_then(|place| SPECIAL.get(usize::from(place)));
        special.copied().unwrap_or(char::from(*byte))
    };
    std::str::from_utf8(cell).map_or_else(|_| cell.iter().map(letter).collect(), ToOwned::to_owned)
}

/// The characters of Windows-1252 from 0x80 to 0x9F. All others are those of ISO 8859-1. Five places are empty and
/// stand for control characters, as in the index of the WHATWG's Encoding Standard.
const SPECIAL: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The most bytes in a row.
const LONGEST: usize = 1 << 16;
/// The most cells in a row.
const MOST_CELLS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// The characters beside the letters as Microsoft's table of code page 1252 has them.
    #[test]
    fn a_cell_that_is_not_utf_8_is_windows_1252() {
        assert_eq!(text(b"K\xF6ln \x80 \x96 \x84x\x93 \x9F\xA0"), "Köln € – „x“ Ÿ\u{a0}");
        assert_eq!(text("Köln €".as_bytes()), "Köln €");
    }
}
