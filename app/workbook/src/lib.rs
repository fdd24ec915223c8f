//! [`Book`]: a table of the log as a workbook for spreadsheets (Office Open XML, ECMA-376).
//!
//! Cells come in the encoding of [`metertap_readings::files::export::sheet`], in pieces of any length. The workbook is
//! written only at the end, because its first part lists all sheets. Numbers in a spreadsheet have fifteen digits, so a
//! number with more digits becomes text, and no digit of the meter is lost. Times are local times, because spreadsheets
//! support no others; the offset is in the cell's format, and is shown after the time.

use metertap_readings::entry::Moment;
use metertap_readings::files::export::sheet::{Cell, Sheet};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// A workbook that is being written: a sheet of readings, followed by further sheets.
pub struct Book {
    complete: Vec<Worksheet>,
    sheet: Worksheet,
    /// The name of the current sheet.
    name: String,
    octets: Sheet,
    formats: Formats,
    row: u32,
    columns: u16,
    cells: usize,
}

/// The table has more rows or columns than a sheet can have (1,048,576 and 16,384), or more than [`MOST_CELLS`] cells.
///
/// Other errors of the library do not occur: the names of sheets are fixed, long texts are cut off, and times that a
/// spreadsheet does not support become text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooLarge;

impl Default for Book {
    fn default() -> Self {
        Self {
            complete: Vec::new(),
            sheet: Worksheet::new(),
            name: "Readings".to_owned(),
            octets: Sheet::default(),
            formats: Formats::default(),
            row: 0,
            columns: 0,
            cells: 0,
        }
    }
}

impl Book {
    /// Takes the next bytes of the table, whose first row is its head.
    ///
    /// # Errors
    /// [`TooLarge`] if the table exceeds the limits of a workbook. The book is then incomplete and must be dropped.
    pub fn push(&mut self, octets: &[u8]) -> Result<(), TooLarge> {
        let mut taken = std::mem::take(&mut self.octets);
        let pushed = taken.push(octets, |next| self.row(next));
        self.octets = taken;
        pushed
    }

    /// Writes the cells of a row, or begins the sheet with this name.
    fn row(&mut self, next: &mut dyn Iterator<Item = Cell<'_>>) -> Result<(), TooLarge> {
        for (column, cell) in (0..).zip(next) {
            if let Cell::Sheet(name) = cell {
                return self.begin(name).map_err(|_| TooLarge);
            }
            let Self { sheet, formats, row, columns, cells, .. } = self;
            *cells += 1;
            if *cells > MOST_CELLS {
                return Err(TooLarge);
            }
            *columns = column.max(*columns);
            write(sheet, formats, (*row, column), cell).map_err(|_| TooLarge)?;
        }
        self.row += 1;
        Ok(())
    }

    /// Completes the current sheet and begins another one.
    fn begin(&mut self, name: &str) -> Result<(), XlsxError> {
        let mut sheet = std::mem::take(&mut self.sheet);
        sheet.set_name(std::mem::replace(&mut self.name, name.to_owned()))?;
        sheet.set_freeze_panes(1, 0)?;
        if self.row > 1 {
            sheet.autofilter(0, 0, self.row - 1, self.columns)?;
        }
        self.complete.push(sheet);
        (self.row, self.columns) = (0, 0);
        Ok(())
    }

    /// Returns the bytes of the workbook's file. `at` becomes its creation time, if a workbook can state it.
    ///
    /// # Errors
    /// [`TooLarge`] if its parts are too large for an archive.
    pub fn finish(mut self, at: Moment) -> Result<Vec<u8>, TooLarge> {
        self.complete(at).map_err(|_| TooLarge)
    }

    fn complete(&mut self, at: Moment) -> Result<Vec<u8>, XlsxError> {
        self.begin("")?;
        let mut book = Workbook::new();
        // A clock that is wrong by millennia is no reason to fail.
        if let Ok(at) = ExcelDateTime::from_timestamp(at.0.div_euclid(1000)) {
            book.set_properties(&DocProperties::new().set_creation_datetime(&at));
        }
        for sheet in self.complete.drain(..) {
            book.push_worksheet(sheet);
        }
        book.save_to_buffer()
    }
}

fn write(
    sheet: &mut Worksheet,
    formats: &mut Formats,
    (row, column): (u32, u16),
    cell: Cell<'_>,
) -> Result<(), XlsxError> {
    match cell {
        // `Book::row` handles the name of a sheet before it calls this function.
        Cell::Empty | Cell::Sheet(_) => {}
        Cell::Text(text) if row == 0 => {
            sheet.set_column_width(column, text.len().max(NARROWEST) as f64)?;
            sheet.write_string_with_format(row, column, text, &Format::new().set_bold())?;
        }
        Cell::Text(text) => drop(sheet.write_string(row, column, shortened(text))?),
        Cell::Number(text) => match text.parse::<f64>() {
            Ok(number) if digits(text) <= MOST_DIGITS => {
                let places = text.split_once('.').map_or(0, |(_, places)| places.len());
                let format = formats.of(&format!("0{}{:0<places$}", if places > 0 { "." } else { "" }, ""));
                sheet.write_number_with_format(row, column, number, format)?;
            }
            _ => drop(sheet.write_string(row, column, text)?),
        },
        Cell::Time(text) => match wall_time(text) {
            Some((time, offset, places)) => {
                if row == 1 {
                    sheet.set_column_width(column, TIME_WIDTH)?;
                }
                let format = formats.of(&format!("yyyy-mm-dd hh:mm:ss{places}\"{offset}\""));
                sheet.write_datetime_with_format(row, column, &time, format)?;
            }
            None => drop(sheet.write_string(row, column, text)?),
        },
    }
    Ok(())
}

/// The local time, its offset, and the format of its fraction of a second; `None` for a time before 1900, which
/// spreadsheets do not support.
fn wall_time(text: &str) -> Option<(ExcelDateTime, &str, &'static str)> {
    let (wall, offset) = text.split_at_checked(text.len().checked_sub("+01:00".len())?)?;
    let time = ExcelDateTime::parse_from_str(wall).ok()?;
    Some((time, offset, if wall.contains('.') { ".000" } else { "" }))
}

/// The number of digits from the first non-zero digit on.
fn digits(number: &str) -> usize {
    let digits = number.bytes().filter(u8::is_ascii_digit);
    digits.skip_while(|digit| *digit == b'0').count()
}

/// The text, cut off after [`MOST_CHARACTERS`]. No meter sends a text that long.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(MOST_CHARACTERS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The number formats in use, by their codes. A table needs only a few.
#[derive(Default)]
struct Formats(Vec<(String, Format)>);

impl Formats {
    fn of(&mut self, code: &str) -> &Format {
        let known = self.0.iter().position(|(known, _)| known == code);
        let place = known.unwrap_or_else(|| {
            self.0.push((code.to_owned(), Format::new().set_num_format(code)));
            self.0.len() - 1
        });
        &self.0[place].1
    }
}

/// The most cells in a workbook, empty ones included: enough for a year of quarter-hours with fifty columns.
pub const MOST_CELLS: usize = 2_000_000;

/// A cell stores a binary64 (ECMA-376 part 1, 18.3.1.96), which keeps every decimal of fifteen digits unchanged.
const MOST_DIGITS: usize = 15;
/// The most characters in a cell. A cell holds 32,767 UTF-16 code units, and a character takes at most two.
const MOST_CHARACTERS: usize = 16_383;
/// The least width of a column, in characters.
const NARROWEST: usize = 10;
const TIME_WIDTH: f64 = 29.0;
