//! [`Cells`]: writes the rows of any table, as in RFC 4180 or for a workbook.

use metertap_decoder::number::Number;

use super::{ExportForm, Options, sheet, text};
use crate::plain::is_formula;

#[derive(Clone, Copy, Debug)]
pub(super) struct Cells {
    separator: u8,
    decimal_mark: u8,
    marked: bool,
    /// Whether the cells are for a workbook, see [`sheet`]. If so, the fields above have no effect.
    workbook: bool,
    /// Whether the next cell is the first of its row.
    first: bool,
}

impl Cells {
    pub(super) fn new(options: &Options) -> Self {
        let [separator, ..] = u32::from(options.separator.character()).to_le_bytes();
        let decimal_mark = if options.decimal_comma { b',' } else { b'.' };
        let workbook = options.form == ExportForm::Workbook;
        Self { separator, decimal_mark, marked: options.marked, workbook, first: true }
    }

    /// Writes the byte order mark, if the user wants one. A workbook has none.
    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        if self.marked && !self.workbook {
            out.extend_from_slice("\u{FEFF}".as_bytes());
        }
    }

    pub(super) fn time(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        self.plain(sheet::TIME, out, write);
    }

    pub(super) fn empty(&mut self, out: &mut Vec<u8>) {
        self.plain(sheet::EMPTY, out, |_| ());
    }

    pub(super) fn octets(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        self.plain(sheet::TEXT, out, |out| text::hex(octets, out));
    }

    /// Writes a number, in quotes if its decimal comma would end the cell.
    pub(super) fn number(&mut self, number: Number, out: &mut Vec<u8>) {
        let mark = if self.workbook { b'.' } else { self.decimal_mark };
        let quoted = !self.workbook && mark == self.separator && number.scaler < 0;
        self.plain(sheet::NUMBER, out, |out| {
            out.extend(quoted.then_some(b'"'));
            text::number(number, mark, out);
            out.extend(quoted.then_some(b'"'));
        });
    }

    /// Writes a text. If a spreadsheet would take it for a formula, an apostrophe is written before it (OWASP, CSV
    /// Injection). A text with a separator, a quote or a line end is put in quotes, and its quotes are doubled (RFC
    /// 4180, 2.6 and 2.7). A workbook needs none of this.
    pub(super) fn text(&mut self, text: &str, out: &mut Vec<u8>) {
        if self.workbook {
            return self.plain(sheet::TEXT, out, |out| sheet::text(text, out));
        }
        let special = |octet: &u8| matches!(octet, b'"' | b'\r' | b'\n') || *octet == self.separator;
        let quoted = text.as_bytes().iter().any(special);
        self.plain(sheet::TEXT, out, |out| {
            out.extend(quoted.then_some(b'"'));
            out.extend(is_formula(text).then_some(b'\''));
            if quoted {
                for octet in text.bytes() {
                    out.extend((octet == b'"').then_some(octet));
                    out.push(octet);
                }
                out.push(b'"');
            } else {
                out.extend_from_slice(text.as_bytes());
            }
        });
    }

    pub(super) fn sheet(&mut self, name: &str, out: &mut Vec<u8>) {
        self.plain(sheet::SHEET, out, |out| sheet::text(name, out));
        self.end_row(out);
    }

    pub(super) fn end_row(&mut self, out: &mut Vec<u8>) {
        self.first = true;
        out.extend_from_slice(if self.workbook { &[sheet::ROW] } else { b"\r\n" });
    }

    /// Writes a cell as it is, without adding quotes.
    fn plain(&mut self, kind: u8, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        if self.workbook {
            out.push(kind);
        } else if !std::mem::replace(&mut self.first, false) {
            out.push(self.separator);
        }
        write(out);
        out.extend(self.workbook.then_some(sheet::CELL));
    }
}
