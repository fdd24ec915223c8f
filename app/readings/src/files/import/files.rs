use super::*;
use crate::entry::Entry;
use crate::files::export::{ExportForm, Exporter, Options, Resolution};
use crate::log::calendar::Quarter;
use crate::log::journal::Journal;
use crate::samples::{at_once, entry, han_list_1, measurement, reading};
use crate::store::MemoryDisk;
use metertap_decoder::number::Number;
use metertap_decoder::reading::{Quantity, Reading};
use metertap_decoder::time::Zone;
use proptest::prelude::*;

pub(super) type Read = Vec<Result<(Moment, Reading), Wrong>>;

pub(super) fn read(text: &str, plan: &Plan, at_once: usize) -> Read {
    let mut reader = Reader::new(plan, Zone::default());
    let mut all = Vec::new();
    for piece in text.as_bytes().chunks(at_once) {
        reader.push(piece);
        while let Some(read) = reader.next() {
            all.push(read);
        }
    }
    reader.end();
    while let Some(read) = reader.next() {
        all.push(read);
    }
    all
}

/// The time, and each value with its register.
pub(super) fn told(read: &Read) -> Vec<String> {
    let told = read.iter().map(|read| match read {
        Ok((moment, reading)) => {
            let values = reading.values.iter().map(|value| format!(" {}={}", value.register, value.value));
            moment.to_string() + &values.collect::<String>()
        }
        Err(Wrong { line, problem: Problem::Register, text }) => format!("{line}: import.register {text}"),
        Err(Wrong { line, problem, .. }) => format!("{line}: {}", problem.code()),
    });
    told.collect()
}

pub(super) fn seen(text: &str) -> (Preview, Vec<String>) {
    let preview = Preview::of(text.as_bytes()).unwrap();
    let all = read(text, &preview.plan, usize::MAX);
    for at_once in [1, 7] {
        assert_eq!(read(text, &preview.plan, at_once), all, "{at_once} bytes at once");
    }
    (preview, told(&all))
}

/// DSMR-reader's export of hours: each row has what was counted from the hour's beginning on.
#[test]
fn hours_of_dsmr_reader_become_positions_at_their_ends() {
    let (preview, told) = seen(
        "Hour Start,Electricity 1 (Dutch Users: Low Tariff),Electricity 2 (Dutch Users: Normal Tariff),\
         Electricity 1 Returned (Dutch Users: Low Tariff),Electricity 2 Returned (Dutch Users: Normal Tariff),Gas\n\
         2024-01-01T00:00:00+01:00,0.196,0,0,0,0.032\n\
         2024-01-01T01:00:00+01:00,0.224,0,0,0,0.056\n\
         2024-01-01T05:00:00+01:00,0.25,0.125,0,1.5,0\n",
    );
    assert_eq!(preview.format.as_deref(), Some("dsmr-reader"));
    assert!(preview.plan.difference && !preview.plan.decimal_comma);
    assert_eq!(
        told,
        [
            "2023-12-31T22:59:59.999Z 1-0:1.8.1=0 1-0:1.8.2=0 1-0:2.8.1=0 1-0:2.8.2=0 0-1:24.2.1=0",
            "2023-12-31T23:59:59.999Z 1-0:1.8.1=0.196 1-0:1.8.2=0 1-0:2.8.1=0 1-0:2.8.2=0 0-1:24.2.1=0.032",
            // An hour that is not followed by the next one still ends after an hour.
            "2024-01-01T00:59:59.999Z 1-0:1.8.1=0.420 1-0:1.8.2=0 1-0:2.8.1=0 1-0:2.8.2=0 0-1:24.2.1=0.088",
            "2024-01-01T04:59:59.999Z 1-0:1.8.1=0.670 1-0:1.8.2=0.125 1-0:2.8.1=0 1-0:2.8.2=1.5 0-1:24.2.1=0.088",
        ]
    );
}

/// The columns of P1 Monitor's history tables, in local time, across the night of 2026-10-25.
#[test]
fn p1_monitors_counters_are_positions_in_local_time() {
    let (preview, told) = seen(
        "TIMESTAMP,VERBR_KWH_181,VERBR_KWH_182,GELVR_KWH_281,GELVR_KWH_282,VERBR_KWH_X,GELVR_KWH_X,TARIEFCODE,\
         ACT_VERBR_KW_170,ACT_GELVR_KW_270,VERBR_GAS_2421\n\
         2026-10-25 02:00:00,1000.5,2000,0,0,0.1,0,P,0.25,0,300.125\n\
         2026-10-25 02:00:00,1000.75,2000,0,0,0.1,0,P,0.25,0,\n",
    );
    assert_eq!(preview.format.as_deref(), Some("p1-monitor"));
    assert_eq!(
        told,
        [
            "2026-10-25T00:00:00.000Z 1-0:1.8.1=1000.5 1-0:1.8.2=2000 1-0:2.8.1=0 1-0:2.8.2=0 0-1:24.2.1=300.125",
            "2026-10-25T01:00:00.000Z 1-0:1.8.1=1000.75 1-0:1.8.2=2000 1-0:2.8.1=0 1-0:2.8.2=0",
        ]
    );
}

/// A grid operator's table: lines before the titles, a date and a time of day, semicolons, decimal commas, Wh.
#[test]
fn an_unknown_table_is_understood_as_far_as_its_titles_say() {
    let text = "Zählpunkt;AT0010000000000000001000000\r\nZeitraum;01.03.2026;31.03.2026\r\n\
                Datum;Uhrzeit;1-0:1.8.0 (Wh);Status\r\n01.03.2026;00:00;12345678,5;W\r\n01.03.2026;00:15;12345999,25;W\r\n\
                01.03.2026;00:30;;W\r\n01.03.2026;00:15;1;W\r\n01.03.2026;00:45;viel;W\r\nSumme;;3;\r\n";
    // Unlike the text that is read, the preview has no date in the lines before the titles.
    let mut preview = Preview::of(text.replace("01.03.2026;31.03.2026", "März").as_bytes()).unwrap();
    assert_eq!((preview.plan.separator, preview.plan.decimal_comma, preview.plan.heads), (';', true, 3));
    assert_eq!(preview.plan.time, (0, Some(1)));
    assert_eq!(preview.titles, ["Datum", "Uhrzeit", "1-0:1.8.0 (Wh)", "Status"]);
    assert_eq!(
        preview.plan.columns,
        [Planned { column: 2, register: "import".into(), scale: -3, ..Planned::default() }]
    );
    preview.plan.heads = 3;
    assert_eq!(
        told(&read(text, &preview.plan, usize::MAX)),
        [
            "2026-02-28T23:00:00.000Z 1-0:1.8.0=12345.6785",
            "2026-02-28T23:15:00.000Z 1-0:1.8.0=12345.99925",
            "6: import.empty",
            "7: import.order",
            "8: import.number",
            "9: import.time",
        ]
    );
}

#[test]
fn own_lines_are_read_back_and_those_of_another_meter_are_refused() {
    let mut other = entry(1, 2000, han_list_1("7"));
    other.reading.meter = Some("another".into());
    let entries = [entry(1, 0, han_list_1("1380")), entry(2, 1000, han_list_1("-5"))];
    let lines: String = entries.iter().map(|entry| entry.to_json() + "\n").collect();
    // Windows editors put a byte order mark before the first letter.
    let text = "\u{FEFF}".to_owned() + &lines + "\n{\"v\":1}\n" + &other.to_json();
    let preview = Preview::of(text.as_bytes()).unwrap();
    let all = read(&text, &preview.plan, 50);
    let expected = entries.map(|Entry { reading, received, .. }| Ok((received, reading)));
    assert_eq!(all[..2], expected);
    assert_eq!(all[2..], [Err(Problem::Json.of(4, "")), Err(Problem::OtherMeter.of(5, ""))]);
}

#[test]
fn overlong_lines_are_refused_and_the_rest_is_read() {
    let line = entry(1, 0, han_list_1("1380")).to_json();
    let text = format!("{}\n{line}\n", "{".repeat(3 << 20));
    let preview = Preview::of(text.as_bytes()).unwrap();
    let all = read(&text, &preview.plan, 4096);
    assert_eq!(all.len(), 2);
    assert_eq!(all[0], Err(Problem::TooLong.of(1, "")));
    let table = format!("time,import\n2026-01-01 00:00,{}\n2026-01-01 01:00,5\n", "1".repeat(1 << 18));
    let plan = Plan {
        columns: vec![Planned { column: 1, register: "import".into(), ..Planned::default() }],
        heads: 1,
        kind: FileKind::Table,
        ..preview.plan
    };
    assert_eq!(
        told(&read(&table, &plan, 4096)),
        ["2: import.too-long", "2026-01-01T00:00:00.000Z 1-0:1.8.0=5"]
    );
}

/// A configuration file as firmware 2.4 saves it: hours until 12:00 UTC on 20 November, and days up to the 19th.
#[test]
fn an_amsreaders_days_and_hours_are_read_and_its_secrets_are_not() {
    let slots = |filled: &[(usize, &str)], count: usize| -> String {
        let slot = |place| filled.iter().find(|(other, _)| *other == place).map_or("0", |(_, wh)| wh);
        (0..count).map(|place| format!(" {}", slot(place))).collect()
    };
    // 2026-11-20T12:00:03Z and 2026-11-20T00:00:03+01:00.
    let text = format!(
        "amsconfig\r\nversion v2.4.1\r\nwifiPsk secret\r\nntpTimezone Europe/Oslo\r\n\
         dayplot 6 1795176003 47479.899 1{} 812.000{}\r\nmonthplot 7 1795129203 47437.700 1{} 810.500{}\r\n\
         energyaccounting 6 11 0.00 0.00 0.00 0.00 0.00 0.00 12 9.80 13 9.92 0 0.00 0 0.00 0 0.00 0.00 0.00\r\n",
        slots(&[(10, "1500"), (11, "20"), (23, "700")], 24),
        slots(&[(11, "880")], 24),
        slots(&[(17, "81430"), (18, "76800")], 31),
        slots(&[(18, "1500")], 31),
    );
    let (preview, told) = seen(&text);
    assert_eq!(preview.plan.kind, FileKind::Amsreader);
    assert!(preview.rows.is_empty() && preview.titles.is_empty());
    assert_eq!(
        told,
        [
            "2026-11-17T22:59:59.999Z 1-0:1.8.0=0.000 1-0:2.8.0=0.000",
            "2026-11-18T22:59:59.999Z 1-0:1.8.0=81.430 1-0:2.8.0=0.000",
            "2026-11-19T22:59:59.999Z 1-0:1.8.0=158.230 1-0:2.8.0=1.500",
            // The hour from 23:00 UTC on is the first hour of the 20th in the house.
            "2026-11-19T23:59:59.999Z 1-0:1.8.0=158.930 1-0:2.8.0=1.500",
            "2026-11-20T10:59:59.999Z 1-0:1.8.0=160.430 1-0:2.8.0=1.500",
            "2026-11-20T11:59:59.999Z 1-0:1.8.0=160.450 1-0:2.8.0=2.380",
        ]
    );
    let old = text.replace("dayplot 6", "dayplot 3");
    assert_eq!(read(&old, &preview.plan, 64)[0], Err(Problem::Version.of(5, "")));
}

#[test]
fn a_file_without_a_table_is_refused() {
    for text in ["", "hello", "a,b\n1,2\n", "PK\u{3}\u{4}\0\0", "MTBACKUP\u{1}"] {
        assert_eq!(Preview::of(text.as_bytes()), Err(Unseen::Unknown), "{text:?}");
    }
}

/// Three hours of differences, then the meter's own counter from 10,000 kWh on. The total is the sum of all hours; the
/// step from one counter to the other is not counted.
#[test]
fn an_import_beside_a_log_counts_nothing_twice() {
    let journal = Journal::new(MemoryDisk::default(), Zone::default());
    let (meter, all) = (MeterKey("house".into()), Quarter(i64::MIN)..=Quarter(i64::MAX));
    let own = |minute: i64| {
        let energy = Number::new(1_000_000 + i128::from(minute), -2).to_string();
        let mut reading = reading(vec![measurement("1-0:1.8.1", Quantity::ActiveEnergyImport, &energy)]);
        reading.values[0].tariff = Some(1);
        // 2024-01-01T02:00:00+01:00: the table's last hour was received by the meter's log as well.
        (Moment(1_704_070_800_000 + minute * 60_000), reading)
    };
    at_once(journal.append_all(&meter, (0..120).map(own))).unwrap();
    let mut join = Join::default();
    join.knows(&at_once(journal.quarters(&meter, all.clone(), |_| false)).unwrap());
    let text = "Hour Start,Electricity 1 (Dutch Users: Low Tariff)\n2024-01-01T00:00:00+01:00,0.5\n\
                2024-01-01T01:00:00+01:00,0.25\n2024-01-01T02:00:00+01:00,7\n";
    let preview = Preview::of(text.as_bytes()).unwrap();
    let new = read(text, &preview.plan, 100).into_iter().map(Result::unwrap);
    let new: Vec<_> = new.filter(|(received, _)| join.takes(*received)).collect();
    assert_eq!((join.new, join.doubles), (3, 1));
    let import = MeterKey("house+1".into());
    at_once(journal.append_all(&import, new)).unwrap();

    let options = Options { form: ExportForm::Csv, resolution: Resolution::Hour, ..Options::default() };
    let mut exporter = Exporter::new(&options, Zone::default());
    let mut quarters = std::collections::BTreeMap::new();
    for log in [&import, &meter] {
        for (quarter, rolled) in at_once(journal.quarters(log, all.clone(), |_| true)).unwrap().0 {
            rolled.tracks.keys().for_each(|track| exporter.see_track(*track));
            assert!(quarters.insert(quarter, rolled).is_none(), "a quarter has one log");
        }
    }
    let mut out = Vec::new();
    exporter.meter("House", &mut out);
    quarters.iter().for_each(|(quarter, rolled)| exporter.period(*quarter, rolled, &mut out));
    exporter.end(&mut out);
    let rows = String::from_utf8(out).unwrap();
    let counted: Vec<&str> = rows.lines().map(|row| row.split(',').nth(4).unwrap()).collect();
    assert_eq!(counted, ["0", "0.5", "0.25", "0.59", "0.60"], "{rows}");
    at_once(journal.remove(&import)).unwrap();
    assert_eq!(at_once(journal.span(&meter)), Ok(Some((1, 120))), "the meter's own log is unchanged");
}

proptest! {
    #[test]
    fn arbitrary_files_do_not_panic(text in "(\\{?[0-9 .:;,\t\"\r\na-zT+-]{0,12}){0,40}", octets in prop::collection::vec(any::<u8>(), 0..300)) {
        read_anything(text.as_bytes());
        read_anything(&octets);
        read_anything(&[b"t,a\n2026-01-01,1\n".as_slice(), &octets].concat());
        let statement = b"replace into e_history_min (TIMESTAMP,VERBR_KWH_181) values ('2026-01-01 00:00',1);\nreplace into ";
        read_anything(&[statement.as_slice(), text.as_bytes()].concat());
        read_anything(&[b"amsconfig\ndayplot 6 1795176003 1 1".as_slice(), text.as_bytes()].concat());
    }
}
