//! What users have corrected is written in separate lines and tables, and does not change the readings.

use super::*;
use crate::files::corrections::CorrectionLine;
use crate::files::import::{Preview, Problem, Reader};
use crate::stated::{Correction, CorrectionKind};
use crate::store::MeterKey;

fn oslo() -> Zone {
    Zone::named("Europe/Oslo").unwrap()
}

fn row(from: &str, what: CorrectionKind) -> CorrectionRow {
    let replaced = matches!(what, CorrectionKind::Replaced { .. }).then(|| "Old".to_owned());
    let correction = Correction { from: from.parse().unwrap(), what };
    let line = CorrectionLine {
        correction,
        meter: Some("123".to_owned()),
        of: MeterKey("p1-0001".to_owned()),
        values: [],
    };
    CorrectionRow { name: "House".to_owned(), replaced, line }
}

fn rows() -> Vec<CorrectionRow> {
    let (until, why) = ("2026-10-25T01:00:00Z".parse().unwrap(), "Guests, \"many\"".to_owned());
    let ratio = "200/5".parse().unwrap();
    let meter = MeterKey("p1-0000".to_owned());
    vec![
        row("2026-01-31T23:00:00Z", CorrectionKind::CurrentTransformer { ratio }),
        row("2026-02-28T23:00:00Z", CorrectionKind::Clock { minutes: -60 }),
        row("2026-03-31T22:00:00Z", CorrectionKind::Replaced { meter }),
        row("2026-10-25T00:00:00Z", CorrectionKind::LeftOut { until, why }),
    ]
}

fn written(options: Options) -> String {
    let (mut exporter, mut out) = (Exporter::new(&options, oslo()), Vec::new());
    exporter.head(&mut out);
    exporter.end(&mut out);
    exporter.corrections(&rows(), &mut out);
    String::from_utf8(out).unwrap()
}

/// On the night of 25 October, the hour from two to three occurs twice: the first of the two is left out.
#[test]
fn a_table_has_a_row_for_each_correction_with_local_times() {
    let expected = "meter,correction,from,until,value,register,quantity,reason\r\n\
        House,current-transformer,2026-02-01T00:00:00+01:00,,200/5,,,\r\n\
        House,clock,2026-03-01T00:00:00+01:00,,-60,,,\r\n\
        House,replaced,2026-04-01T00:00:00+02:00,,Old,,,\r\n\
        House,left-out,2026-10-25T02:00:00+02:00,2026-10-25T02:00:00+01:00,,,,\"Guests, \"\"many\"\"\"\r\n";
    assert_eq!(written(Options { form: ExportForm::Corrections, ..Options::default() }), expected);
}

#[test]
fn a_workbook_has_corrections_on_another_sheet_and_other_forms_have_none() {
    let book = written(Options { form: ExportForm::Workbook, corrections: true, ..Options::default() });
    let (readings, corrections) = book.split_once("sCorrections\x1F\x1E").unwrap();
    assert_eq!(readings, "ttime\x1Ftreceived\x1Ftseq\x1Ftmeter\x1F\x1E");
    assert_eq!(corrections.matches('\x1E').count(), 5);
    for form in [ExportForm::Csv, ExportForm::Influx, ExportForm::HomeAssistantCounters] {
        let with = written(Options { form, corrections: true, ..Options::default() });
        assert_eq!(with, written(Options { form, ..Options::default() }), "{form:?}");
    }
    assert_eq!(written(Options::default()), "", "corrections were not asked for");
}

/// The expected line is written by hand. No line of a correction has a value that a program could add up.
#[test]
fn json_lines_have_corrections_after_the_readings_and_import_reads_them() {
    let lines = written(Options { corrections: true, ..Options::default() });
    let last = r#"{"correction":{"from":"2026-10-25T00:00:00.000Z","what":{"left-out":{"until":"2026-10-25T01:00:00.000Z","why":"Guests, \"many\""}}},"meter":"123","of":"p1-0001","values":[]}"#;
    assert_eq!(lines.lines().last(), Some(last));
    let mut own = entry(1, 0, han_list_1("1380"));
    own.reading.meter = Some("123".into());
    let others = lines.replace("123", "456").replace("p1-0001", "p1-0002");
    let text = format!("{}\n{lines}{others}{}\n", own.to_json(), r#"{"correction":{},"of":"p1-0001"}"#);
    let preview = Preview::of(text.as_bytes()).unwrap();
    let mut reader = Reader::new(&preview.plan, oslo());
    reader.push(text.as_bytes());
    reader.end();
    let (mut readings, mut refused) = (0, Vec::new());
    while let Some(read) = reader.next() {
        match read {
            Ok(_) => readings += 1,
            Err(wrong) => refused.push(wrong.problem),
        }
    }
    let expected: Vec<_> = (2..).zip(rows().into_iter().map(|row| row.line.correction)).collect();
    assert_eq!((readings, reader.corrections()), (1, expected.as_slice()));
    let other = Problem::OtherMeter;
    assert_eq!(refused, [other, other, other, other, Problem::Json]);
}
