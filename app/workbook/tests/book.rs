//! Workbooks as another program reads them: calamine, and a ZIP reader for what calamine does not show.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use metertap_readings::entry::Moment;
use metertap_workbook::{Book, MOST_CELLS, TooLarge};
use proptest::prelude::*;
use zip::ZipArchive;

/// The cells of a workbook whose bytes were pushed in two pieces.
fn read(octets: &[u8], cut: usize) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(saved(octets, cut))).unwrap();
    let sheet = book.worksheet_range("Readings").unwrap();
    sheet.rows().map(<[Data]>::to_vec).collect()
}

fn saved(octets: &[u8], cut: usize) -> Vec<u8> {
    let (mut book, (one, other)) = (Book::default(), octets.split_at(cut));
    book.push(one).unwrap();
    book.push(other).unwrap();
    book.finish(AT).unwrap()
}

fn cell(octets: &str) -> Data {
    read(format!("thead\x1F\x1E{octets}\x1F\x1E").as_bytes(), 9).remove(1).remove(0)
}

#[test]
fn cells_keep_their_type_and_text() {
    let octets = "tstart\x1Ftmeter\x1Ftactive_power_import_w\x1F\x1E\
        d2026-11-21T02:30:10+01:00\x1FtKFM-6970631405353535\x1Fn1380\x1F\x1E\
        d2026-11-21T02:30:20+01:00\x1Ft0002\x1Fe\x1F\x1E";
    for cut in [0, 20, 77, octets.len()] {
        let rows = read(octets.as_bytes(), cut);
        let text = |text: &str| Data::String(text.to_owned());
        assert_eq!(rows[0], [text("start"), text("meter"), text("active_power_import_w")]);
        assert_eq!(rows[1][1..], [text("KFM-6970631405353535"), Data::Float(1380.0)]);
        // Text that only looks like a number keeps its zeros.
        assert_eq!(rows[2][1..], [text("0002"), Data::Empty]);
    }
}

#[test]
fn corrections_get_their_own_sheet() {
    let octets = "tstart\x1Ftmeter\x1F\x1Ed2026-11-21T02:30:10+01:00\x1FtHouse\x1F\x1E\
        sCorrections\x1F\x1Etmeter\x1Ftreason\x1F\x1EtHouse\x1FtGuests\x1F\x1E";
    for cut in [0, 40, 62, octets.len()] {
        let mut book: Xlsx<_> =
            calamine::open_workbook_from_rs(Cursor::new(saved(octets.as_bytes(), cut))).unwrap();
        assert_eq!(book.sheet_names(), ["Readings", "Corrections"]);
        let sheet = book.worksheet_range("Corrections").unwrap();
        let rows: Vec<_> =
            sheet.rows().map(|row| row.iter().map(Data::to_string).collect::<Vec<_>>()).collect();
        assert_eq!(rows, [["meter", "reason"], ["House", "Guests"]]);
        assert_eq!(book.worksheet_range("Readings").unwrap().rows().count(), 2);
    }
}

#[test]
fn a_wrong_clock_prevents_no_workbook() {
    for at in [i64::MIN, i64::MAX] {
        let octets = Book::default().finish(Moment(at)).unwrap();
        let book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(octets)).unwrap();
        assert_eq!(book.sheet_names(), ["Readings"]);
    }
}

/// Excel counts days from 31 December 1899 and thinks that 1900 was a leap year. So 1 January 2026 is day 46023, and 21
/// November is 324 days later.
#[test]
fn a_time_is_local_and_shows_its_offset() {
    let serial = |octets: &str| match cell(octets) {
        Data::DateTime(time) => time.as_f64(),
        other => panic!("{other:?}"),
    };
    let seconds = |serial: f64| (serial * 86_400.0 * 1000.0).round() / 1000.0;
    assert_eq!(seconds(serial("d2026-11-21T02:30:10+01:00")), 46_347.0 * 86_400.0 + 9010.0);
    assert_eq!(seconds(serial("d2026-11-21T02:30:10.345-05:00")), 46_347.0 * 86_400.0 + 9010.345);
    assert_eq!(cell("d1899-01-01T00:00:00+00:00"), Data::String("1899-01-01T00:00:00+00:00".to_owned()));

    // The autumn hour that comes twice.
    let octets = "tstart\x1F\x1Ed2026-10-25T02:15:00+02:00\x1F\x1Ed2026-10-25T02:15:00.500+01:00\x1F\x1E";
    let mut archive = ZipArchive::new(Cursor::new(saved(octets.as_bytes(), 0))).unwrap();
    let mut styles = String::new();
    archive.by_name("xl/styles.xml").unwrap().read_to_string(&mut styles).unwrap();
    for code in ["yyyy-mm-dd hh:mm:ss&quot;+02:00&quot;", "yyyy-mm-dd hh:mm:ss.000&quot;+01:00&quot;"] {
        assert!(styles.contains(code), "{styles}");
    }
}

#[test]
fn no_text_becomes_a_formula_and_no_digit_is_lost() {
    for text in ["=1+1", "@SUM(A1)", "+1", "-1", "<a>&\"æ\u{1F4A1}", "http://example.com"] {
        assert_eq!(cell(&format!("t{text}")), Data::String(text.to_owned()));
    }
    assert_eq!(cell("n-0.007"), Data::Float(-0.007));
    assert_eq!(cell("n000999999999999.999"), Data::Float(999_999_999_999.999));
    for number in ["1234567890.123456", "170141183460469231731687303715884105727"] {
        assert_eq!(cell(&format!("n{number}")), Data::String(number.to_owned()));
    }
}

#[test]
fn more_cells_or_rows_than_a_workbook_holds_are_refused() {
    let mut book = Book::default();
    let row = "e\x1F".repeat(1000) + "\x1E";
    for _ in 0..MOST_CELLS / 1000 {
        assert_eq!(book.push(row.as_bytes()), Ok(()));
    }
    assert_eq!(book.push(row.as_bytes()), Err(TooLarge));

    // A sheet ends at row 1,048,576 (Excel's specifications and limits).
    let mut book = Book::default();
    for _ in 0..1024 {
        assert_eq!(book.push("n1\x1F\x1E".repeat(1024).as_bytes()), Ok(()));
    }
    assert_eq!(book.push(b"n1\x1F\x1E"), Err(TooLarge));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_number_keeps_its_digits(mantissa in -999_999_999_999_999_i64..1_000_000_000_000_000, places in 0_usize..9) {
        let digits = format!("{:0>1$}", mantissa.unsigned_abs(), places + 1);
        let (whole, behind) = digits.split_at(digits.len() - places);
        let number = format!("{}{whole}{}{behind}", if mantissa < 0 { "-" } else { "" }, if places > 0 { "." } else { "" });
        match cell(&format!("n{number}")) {
            Data::Float(found) => prop_assert_eq!(format!("{found:.places$}"), number),
            Data::Int(found) => prop_assert_eq!(found.to_string(), number),
            other => prop_assert!(false, "{:?} is not a number", other),
        }
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(octets in prop::collection::vec(prop_oneof![
        Just(0x1F), Just(0x1E), Just(b'd'), Just(b'n'), Just(b't'), b' '..b'~', any::<u8>()
    ], 0..300)) {
        let mut book = Book::default();
        if book.push(&octets).is_ok() {
            let _ = book.finish(AT);
        }
    }
}

/// 2026-11-21T01:30:10Z.
const AT: Moment = Moment(1_795_224_610_000);
