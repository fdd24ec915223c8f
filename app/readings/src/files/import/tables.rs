//! Tables with any columns, in any CSV dialect, and of any length.

use super::files::seen;
use super::*;
use crate::log::calendar::Quarter;
use metertap_decoder::time::Zone;
use proptest::prelude::*;

/// The formats do not conflict: a table with a format's columns is recognised as that format.
#[test]
fn each_format_is_known_by_its_own_columns() {
    for format in FORMATS {
        let (time, clock) = format.time;
        let name = |name: &'static str| match name {
            "" => "2026-01-01T00:00:00Z;2026-01-01T01:00:00Z".to_owned(),
            name => name.replace('*', ""),
        };
        let only = format.columns.iter().filter_map(|column| Some(column.only?.0.to_owned()));
        let mut titles: Vec<String> =
            only.chain(format.columns.iter().map(|column| name(column.name))).collect();
        let mut seen = std::collections::BTreeSet::new();
        titles.retain(|title| seen.insert(title.clone()));
        let head: Vec<String> = [time, clock.unwrap_or_default()]
            .into_iter()
            .filter(|title| !title.is_empty())
            .map(String::from)
            .collect();
        let titles = [head, titles].concat().join(";");
        // A row with `cell` in the columns whose texts tell registers apart.
        let row = |cell: &str| {
            let cells = titles.split(';').map(|title| match title {
                title if Some(title) == clock => "00:00",
                title if title == time => "2026-01-01 00:00",
                title
                    if format
                        .columns
                        .iter()
                        .any(|column| column.only.is_some_and(|only| only.0 == title)) =>
                {
                    cell
                }
                _ => "1",
            });
            cells.collect::<Vec<_>>().join(";") + "\n"
        };
        let texts = format
            .columns
            .iter()
            .map(|column| column.only.map_or_else(String::new, |only| only.1.replace('*', "")));
        let text = titles.clone() + "\n" + &texts.map(|text| row(&text)).collect::<String>();
        let preview = Preview::of(text.as_bytes()).unwrap();
        assert_eq!(preview.format.as_deref(), Some(format.name), "{text}");
        assert_eq!(preview.plan.columns.len(), format.columns.len(), "{text}");
        assert_eq!(preview.plan.difference, format.difference, "{text}");
    }
}

/// A byte order mark, Windows line ends, quotes where needed, a title of two lines, empty cells, an empty line, and no
/// line end after the last row: each problem is reported with the line on which its row begins.
#[test]
fn a_table_is_read_in_any_csv_dialect() {
    let text = "\u{FEFF}\"Number;\nof the row\";Time;\"1-0:1.8.0 \"\"total\"\" (MWh)\"\r\n\
                1;01.01.2026 00:00;\"12,5\"\r\n\r\n\
                2;01.01.2026 00:15;\r\n\
                \"3\r\n\";01.01.2026 00:30;12,75\r\n\
                4;01.01.2026 00:30;12,75\r\n\
                5;01.01.2026 00:15;12,8\r\n\
                6;;\r\n\
                7;01.01.2026 00:45;13";
    let (preview, told) = seen(text);
    assert_eq!(preview.titles, ["Number;\nof the row", "Time", "1-0:1.8.0 \"total\" (MWh)"]);
    assert_eq!(
        preview.plan.columns,
        [Planned { column: 2, register: "import".into(), scale: 3, ..Planned::default() }]
    );
    assert_eq!(
        told,
        [
            "2025-12-31T23:00:00.000Z 1-0:1.8.0=12500",
            "5: import.empty",
            "2025-12-31T23:30:00.000Z 1-0:1.8.0=12750",
            "8: import.order",
            "9: import.order",
            "10: import.time",
            "2025-12-31T23:45:00.000Z 1-0:1.8.0=13000",
        ]
    );
}

/// A phase's register is not the total. Units in titles are converted to ours by powers of ten.
#[test]
fn titles_say_register_and_unit() {
    let columns = |title: &str| {
        let text = format!("Time;{title}\n01.01.2026 00:00;1\n");
        let planned = Preview::of(text.as_bytes()).unwrap().plan.columns;
        planned.first().map(|planned| (planned.register.clone(), planned.scale))
    };
    for (title, register, scale) in [
        ("1.8.0 [kWh]", "import", 0),
        ("1-0:1.8.0*255 Wh", "import", -3),
        ("OBIS 2.8.0 MWh", "export", 3),
        ("1-1:1.8.1 (Wh)", "import-t1", -3),
        ("0-1:24.2.1 m³", "gas", 0),
        ("1.7.0 kW", "power-import", 3),
        ("2.7.0 W", "power-export", 0),
    ] {
        assert_eq!(columns(title), Some((register.to_owned(), scale)), "{title}");
    }
    for title in ["21.8.0 kWh", "1-0:41.7.0 W", "1.8.01", "Wert"] {
        assert_eq!(columns(title), None, "{title}");
    }
}

/// Ten digits may be a moment. In a table with a column of days, they are a contract number.
#[test]
fn the_time_is_not_the_number_of_a_contract() {
    let preview = Preview::of(b"contract,when,1.8.0\n1234567890,2026-01-01 00:00,5\n").unwrap();
    assert_eq!(preview.plan.time, (1, None));
    let preview = Preview::of(b"when,1.8.0\n1767225600,5\n").unwrap();
    assert_eq!(preview.plan.time, (0, None));
}

/// An amount cannot be negative, and nothing in a row with a negative amount is counted.
#[test]
fn a_difference_is_not_negative() {
    let text = "Hour Start,Electricity 1 (Dutch Users: Low Tariff)\n2024-01-01T00:00:00+01:00,1\n\
                2024-01-01T01:00:00+01:00,-5\n2024-01-01T02:00:00+01:00,2\n2024-01-01T03:00:00+01:00,0.5\n";
    let (_, told) = seen(text);
    assert_eq!(
        told,
        [
            "2023-12-31T22:59:59.999Z 1-0:1.8.1=0",
            "3: import.number",
            "2023-12-31T23:59:59.999Z 1-0:1.8.1=1",
            "2024-01-01T01:59:59.999Z 1-0:1.8.1=3",
            "2024-01-01T02:59:59.999Z 1-0:1.8.1=3.5",
        ]
    );
}

/// A file that this program wrote for a German spreadsheet: the registers that an import knows are read back.
#[test]
fn our_own_table_is_read_back() {
    let text = "\u{FEFF}time;received;seq;meter;active_power_import_w;voltage_l1_v;active_energy_import_t1_kwh;\
                gas_volume_ch1_m3;1-0:99.97.0\r\n\
                2026-11-21T02:30:10+01:00;2026-11-21T02:30:12.345+01:00;2;KFM-1;;230,20;10329,481;2104,512;\"a;\"\r\n\
                2026-11-21T02:30:20+01:00;2026-11-21T02:30:22.345+01:00;3;KFM-1;1380;;;;\r\n";
    let (preview, told) = seen(text);
    assert_eq!(preview.format.as_deref(), Some("metertap"));
    assert_eq!(
        told,
        [
            "2026-11-21T01:30:12.345Z 1-0:1.8.1=10329.481 0-1:24.2.1=2104.512",
            "2026-11-21T01:30:22.345Z 1-0:1.7.0=1380",
        ]
    );
}

/// Only a piece of a long file is in memory: fifty thousand rows take the memory of two thousand.
#[test]
fn a_long_file_takes_the_memory_of_a_short_one() {
    let plans = ["time;1.8.0\n", "Van (datum);Van (tijdstip);Register;Volume;Eenheid\n"];
    let rows: [fn(u32) -> String; 2] = [
        |row| format!("{};{row},5\n", 1_767_225_600 + row * 60),
        |row| {
            let day = 1 + row / 2 / 1440 % 28;
            let minute = row / 2 % 1440;
            let register = if row % 2 == 0 { "Afname Dag" } else { "Injectie Dag" };
            let (year, month) = (2000 + row / 2 / 1440 / 28 / 12, 1 + row / 2 / 1440 / 28 % 12);
            format!("{day:02}-{month:02}-{year};{:02}:{:02};{register};0,5;kWh\n", minute / 60, minute % 60)
        },
    ];
    for (head, row) in plans.iter().zip(rows) {
        let beginning: String = (0..10).map(row).collect();
        let plan = Preview::of((head.to_string() + &beginning).as_bytes()).unwrap().plan;
        let peak = |count: u32| {
            let mut read = 0_u32;
            let info = allocation_counter::measure(|| {
                let mut reader = Reader::new(&plan, Zone::default());
                reader.push(head.as_bytes());
                for first in (0..count).step_by(1000) {
                    reader.push((first..first + 1000).map(row).collect::<String>().as_bytes());
                    while let Some(next) = reader.next() {
                        read += u32::from(next.is_ok());
                    }
                }
                reader.end();
                while reader.next().is_some() {
                    read += 1;
                }
            });
            (read, info.bytes_max)
        };
        let (short, long) = (peak(2000), peak(50_000));
        assert!(long.0 > short.0 * 20, "{short:?} {long:?}");
        assert!(long.1 < short.1 + 4096, "{short:?} {long:?}");
    }
}

proptest! {
    /// Quarters of an hour as wall clocks show them, without offsets and across both changes of clocks, become the
    /// original moments.
    #[test]
    fn local_times_become_the_original_moments(start in 0_i64..96, count in 2_i64..200, place in 0..4_usize) {
        let (zone, night) = [
            ("Europe/Oslo", "2026-03-28T00:00:00Z"),
            ("Europe/Oslo", "2026-10-24T00:00:00Z"),
            ("Europe/Lisbon", "2026-03-28T00:00:00Z"),
            ("Europe/Lisbon", "2026-10-24T00:00:00Z"),
        ][place];
        let rules = jiff::tz::TimeZoneDatabase::bundled().get(zone).unwrap();
        let zone = Zone::named(zone).unwrap();
        let first = Quarter::of(night.parse::<Moment>().unwrap()).0 + start;
        let moments: Vec<Moment> = (first..first + count).map(|quarter| Quarter(quarter).start()).collect();
        let row = |moment: &Moment| {
            let timestamp = jiff::Timestamp::from_millisecond(moment.0).unwrap();
            format!("{};1\n", rules.to_datetime(timestamp).strftime("%d.%m.%Y %H:%M"))
        };
        let text = "Zeit;1.8.0\n".to_owned() + &moments.iter().map(row).collect::<String>();
        let mut reader = Reader::new(&Preview::of(text.as_bytes()).unwrap().plan, zone);
        reader.push(text.as_bytes());
        reader.end();
        let mut read = Vec::new();
        while let Some(next) = reader.next() {
            read.push(next.unwrap().0);
        }
        prop_assert_eq!(read, moments);
    }
}
