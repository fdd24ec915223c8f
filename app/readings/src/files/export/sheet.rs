//! [`Sheet`]: decodes the cells of a table for the program that makes a workbook.
//!
//! A cell is encoded as a letter for its kind, its text, and ASCII's unit separator. A row ends with the record
//! separator (ECMA-48, 8.3.153 and 8.3.112). No text contains either: XML does not allow most control characters, so
//! all of them become spaces here.

/// A cell of a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Empty,
    /// A number in plain decimal digits: `10329.481`.
    Number(&'a str),
    /// A moment with its offset: `2026-11-21T02:30:10+01:00`, with milliseconds or without.
    Time(&'a str),
    /// Anything else.
    Text(&'a str),
    /// No cell: the rows after this one belong to another sheet, which has this name.
    Sheet(&'a str),
}

/// Decodes bytes into rows.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The beginning of an incomplete row.
    begun: Vec<u8>,
}

impl Sheet {
    /// Takes the next bytes, and passes each row that they complete to `row`. Anything that is not a cell is left out.
    ///
    /// # Errors
    /// The error that `row` returned. The bytes after that row are dropped.
    pub fn push<E>(
        &mut self,
        octets: &[u8],
        mut row: impl FnMut(&mut dyn Iterator<Item = Cell<'_>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut octets = octets;
        while let Some(end) = octets.iter().position(|octet| *octet == ROW) {
            let (behind, rest) = octets.split_at(end);
            octets = rest.get(1..).unwrap_or_default();
            self.begun.extend_from_slice(behind);
            let cells = self.begun.split(|octet| *octet == CELL);
            let result = row(&mut cells.filter_map(cell));
            self.begun.clear();
            result?;
        }
        self.begun.extend_from_slice(octets);
        Ok(())
    }
}

fn cell(octets: &[u8]) -> Option<Cell<'_>> {
    let (kind, text) = octets.split_first()?;
    let text = str::from_utf8(text).ok()?;
    Some(match *kind {
        EMPTY => Cell::Empty,
        NUMBER => Cell::Number(text),
        TIME => Cell::Time(text),
        TEXT => Cell::Text(text),
        SHEET => Cell::Sheet(text),
        _ => return None,
    })
}

/// Writes a text, with a space for each control character.
pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    out.extend(text.bytes().map(|octet| if octet.is_ascii_control() { b' ' } else { octet }));
}

pub(super) const EMPTY: u8 = b'e';
pub(super) const NUMBER: u8 = b'n';
pub(super) const TIME: u8 = b'd';
pub(super) const TEXT: u8 = b't';
pub(super) const SHEET: u8 = b's';
pub(super) const CELL: u8 = 0x1F;
pub(super) const ROW: u8 = 0x1E;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(pieces: &[&[u8]]) -> Vec<Vec<String>> {
        let (mut sheet, mut rows) = (Sheet::default(), Vec::new());
        for piece in pieces {
            let taken: Result<(), ()> = sheet.push(piece, |cells| {
                rows.push(cells.map(|cell| format!("{cell:?}")).collect());
                Ok(())
            });
            assert_eq!(taken, Ok(()));
        }
        rows
    }

    #[test]
    fn rows_do_not_depend_on_how_the_bytes_are_split() {
        let octets = b"n10329.481\x1Fe\x1Ft=1+1 \xC3\xA6\x1F\x1Ed2026-11-21T02:30:10+01:00\x1F\x1E";
        let expected = [
            vec![r#"Number("10329.481")"#, "Empty", r#"Text("=1+1 æ")"#],
            vec![r#"Time("2026-11-21T02:30:10+01:00")"#],
        ];
        for cut in 0..octets.len() {
            let (one, other) = octets.split_at(cut);
            assert_eq!(rows(&[one, other]), expected);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_do_not_panic(
            octets in prop::collection::vec(prop_oneof![Just(CELL), Just(ROW), any::<u8>()], 0..200)
        ) {
            rows(&[&octets]);
        }
    }
}
