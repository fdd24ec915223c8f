//! A small file in many of the forms that `formats.toml` knows, with values that were added up by hand.

use super::files::{read, seen, told};
use super::*;

/// The format that a file is recognised as, and what is read from it.
fn known(name: &str, text: &str) -> Vec<String> {
    let (preview, told) = seen(text);
    assert_eq!(preview.format.as_deref(), Some(name), "{text}");
    told
}

/// The rows of one quarter make one reading. A register that comes later begins at zero where its first row begins; no
/// value is given for a register without a row. Rows of other registers are refused. The number of the connection is
/// written as a formula.
#[test]
fn fluvius_has_a_row_for_each_register() {
    let head = "\u{FEFF}Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;\
                Eenheid;Validatiestatus;Omschrijving\r\n";
    let row = |from: &str, to: &str, register: &str, volume: &str| {
        let ean = "=\"541448800000000001\"";
        format!(
            "02-09-2025;{from};02-09-2025;{to};{ean};1SAG1;Digitale meter;{register};{volume};kWh;Uitgelezen;\r\n"
        )
    };
    let text = [
        head.to_owned(),
        row("05:45:00", "06:00:00", "Afname Nacht", "0,065"),
        row("05:45:00", "06:00:00", "Injectie Nacht", "0,000"),
        row("06:00:00", "06:15:00", "Afname Dag", "1,120"),
        row("06:00:00", "06:15:00", "Reactief", "0,500"),
        row("06:00:00", "06:15:00", "Injectie Dag", "0,005"),
        row("06:15:00", "06:30:00", "Afname Dag", ""),
        row("06:30:00", "06:45:00", "Afname Dag", "0,010"),
    ];
    assert_eq!(
        known("fluvius", &text.concat()),
        [
            "2025-09-02T03:44:59.999Z 1-0:1.8.2=0 1-0:2.8.2=0",
            "5: import.register Reactief, kWh",
            "7: import.empty",
            "2025-09-02T03:59:59.999Z 1-0:1.8.1=0 1-0:1.8.2=0.065 1-0:2.8.1=0 1-0:2.8.2=0.000",
            "2025-09-02T04:14:59.999Z 1-0:1.8.1=1.120 1-0:2.8.1=0.005",
            "2025-09-02T04:44:59.999Z 1-0:1.8.1=1.130",
        ]
    );
}

/// 2025-10-26: the two rows for the first 02:00 have the same moment, and those for the second 02:00 are an hour later.
#[test]
fn fluvius_quarters_of_a_repeated_hour_follow_the_first_ones() {
    let head = "Van (datum);Van (tijdstip);EAN-code;Register;Volume;Eenheid\n";
    let row = |clock: &str, register: &str| format!("26-10-2025;{clock};1;{register};0,5;kWh\n");
    let times = ["02:00:00", "02:45:00", "02:00:00", "03:00:00"];
    let rows = times.iter().map(|clock| row(clock, "Afname Nacht") + &row(clock, "Injectie Nacht"));
    assert_eq!(
        known("fluvius", &(head.to_owned() + &rows.collect::<String>())),
        [
            "2025-10-25T23:59:59.999Z 1-0:1.8.2=0 1-0:2.8.2=0",
            "2025-10-26T00:14:59.999Z 1-0:1.8.2=0.5 1-0:2.8.2=0.5",
            "2025-10-26T00:59:59.999Z 1-0:1.8.2=1.0 1-0:2.8.2=1.0",
            "2025-10-26T01:14:59.999Z 1-0:1.8.2=1.5 1-0:2.8.2=1.5",
            "2025-10-26T02:14:59.999Z 1-0:1.8.2=2.0 1-0:2.8.2=2.0",
        ]
    );
}

/// A table of hours: when a register has a second row for an hour, the repeated hour begins. The rows of other
/// registers for the repeated hour follow that row.
#[test]
fn a_repeated_hour_of_fluvius_follows_the_first_one() {
    let head = "Van Datum;Van Tijdstip;EAN;Register;Volume;Eenheid\n";
    let row = |clock: &str, unit: &str| format!("26-10-2025;{clock};1;Afname;0,5;{unit}\n");
    let times = ["01:00:00", "02:00:00", "02:00:00", "03:00:00"];
    let rows = times.iter().map(|clock| row(clock, "m³") + &row(clock, "kWh"));
    let gas = head.to_owned() + &rows.collect::<String>();
    let ends = ["2025-10-25T22", "2025-10-25T23", "2025-10-26T00", "2025-10-26T01", "2025-10-26T02"];
    let positions = ["0", "0.5", "1.0", "1.5", "2.0"];
    let expected =
        ends.iter().zip(positions).map(|(hour, gas)| format!("{hour}:59:59.999Z 0-1:24.2.1={gas}"));
    let told: Vec<String> = known("fluvius-old", &gas)
        .into_iter()
        .filter(|told| !told.contains("import.register Afname, kWh"))
        .collect();
    assert_eq!(told, expected.collect::<Vec<_>>());

    let row = |clock: &str, register: &str| format!("26-10-2025;{clock};1;{register};0,5;kWh\n");
    let rows = times.iter().map(|clock| row(clock, "Afname nacht") + &row(clock, "Injectie nacht"));
    let power = head.to_owned() + &rows.collect::<String>();
    let expected = ends
        .iter()
        .zip(positions)
        .map(|(hour, kwh)| format!("{hour}:59:59.999Z 1-0:1.8.2={kwh} 1-0:2.8.2={kwh}"));
    assert_eq!(known("fluvius-old", &power), expected.collect::<Vec<_>>());
}

/// Gas is given twice: in m³, which is what the meter counts, and in kWh.
#[test]
fn gas_of_fluvius_is_read_only_in_cubic_metres() {
    let text = "From (date);From (time);To (date);To (time);EAN code;Meter;Meter type;Register;Volume;Unit\n\
                22/10/2023;06:00:00;22/10/2023;07:00:00;1;7FLO;Digital meter;Offtake;0,123;m³\n\
                22/10/2023;06:00:00;22/10/2023;07:00:00;1;7FLO;Digital meter;Offtake;1,38;kWh\n";
    assert_eq!(
        known("fluvius-en", text),
        [
            "3: import.register Offtake, kWh",
            "2023-10-22T03:59:59.999Z 0-1:24.2.1=0",
            "2023-10-22T04:59:59.999Z 0-1:24.2.1=0.123",
        ]
    );
}

#[test]
fn eloverblik_counts_from_a_rows_time_on() {
    let text = "\u{FEFF}MålepunktsID;Fra_dato;Til_dato;Mængde;Måleenhed;Kvalitet;Type\r\n\
                571313100000000001;01-02-2026 00:00:00;01-02-2026 01:00:00;0,198;KWH;Målt;Tidsserie\r\n\
                571313100000000001;01-02-2026 01:00:00;01-02-2026 02:00:00;0,2;KWH;Målt;Tidsserie\r\n\
                571313100000000002;01-02-2026 02:00:00;01-02-2026 03:00:00;9;KWH;Målt;Tidsserie\r\n";
    assert_eq!(
        known("eloverblik", text),
        [
            "2026-01-31T22:59:59.999Z 1-0:1.8.0=0",
            "2026-01-31T23:59:59.999Z 1-0:1.8.0=0.198",
            "4: import.other-meter",
            "2026-02-01T00:59:59.999Z 1-0:1.8.0=0.398",
        ]
    );
    // Windows-1252, as saved by Excel.
    let octets: Vec<u8> = text.trim_start_matches('\u{FEFF}').chars().map(|letter| letter as u8).collect();
    assert_eq!(Preview::of(&octets).unwrap().format.as_deref(), Some("eloverblik"));
}

/// A house with solar panels: import and export are two types of metering points.
#[test]
fn eloverblik_with_types_has_both_directions() {
    let head =
        "MålepunktsID;Fra_dato;Til_dato;Mængde;Måleenhed;Kvalitet;Type;Målepunktstype_Kode;Målepunktstype\n";
    let row = |hour: u32, amount: &str, code: &str| {
        format!(
            "1;01-07-2026 {hour:02}:00:00;01-07-2026 {:02}:00:00;{amount};KWH;Målt;Tidsserie;{code};x\n",
            hour + 1
        )
    };
    let text = [
        head.to_owned(),
        row(10, "0,5", "D07"),
        row(10, "1,25", "D06"),
        row(10, "7", "D01"),
        row(11, "0,25", "D07"),
        row(11, "2", "D06"),
        row(11, "3", "E17"),
    ];
    assert_eq!(
        known("eloverblik-types", &text.concat()),
        [
            "4: import.register D01",
            "2026-07-01T07:59:59.999Z 1-0:1.8.0=0 1-0:2.8.0=0",
            "7: import.order",
            "2026-07-01T08:59:59.999Z 1-0:1.8.0=0.5 1-0:2.8.0=1.25",
            "2026-07-01T09:59:59.999Z 1-0:1.8.0=0.75 1-0:2.8.0=3.25",
        ]
    );
}

/// Commas between cells, and within numbers, which are in quotes. There are always three decimal places, so `1,234` is
/// 1.234 kWh.
#[test]
fn elhub_has_commas_between_cells_and_in_numbers() {
    let text = "\"Fra\",\"Til\",\"KWH 60 Forbruk\",\"Kvalitet\"\n\
                \"29.03.2026 01:00\",\"29.03.2026 03:00\",\"1,234\",\"Målt\"\n\
                \"29.03.2026 03:00\",\"29.03.2026 04:00\",\"2,500\",\"Målt\"\n";
    let expected = [
        "2026-03-28T23:59:59.999Z 1-0:1.8.0=0",
        "2026-03-29T00:59:59.999Z 1-0:1.8.0=1.234",
        "2026-03-29T01:59:59.999Z 1-0:1.8.0=3.734",
    ];
    assert_eq!(known("elhub", text), expected);
    let with_offset = text
        .replace("29.03.2026 01:00", "2026-03-29T01:00:00+01:00")
        .replace("29.03.2026 03:00", "2026-03-29T03:00:00+02:00")
        .replace("\",\"", "\";\"");
    assert_eq!(known("elhub", &with_offset), expected);
}

/// The line about the metering point contains a date, but no value. The supplier's calendar at the end contains no
/// value either.
#[test]
fn enedis_describes_the_metering_point_first() {
    let text = "Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;\
                Unite\n00000000000000;Index;01/09/2019;21/08/2020;Energie active;Consommation;Comptage Brut;Wh\n\n\
                Horodate;Type de releve;EAS F1;EAS F2;EAS D1;EAS D2;EAS T\n\
                2019-09-02T00:00:00+02:00;Arrêté quotidien;1000;834;1012;822;1834405\n\
                2019-09-03T00:00:00+02:00;Arrêté quotidien;1000;834;1015;825;1840911\n\
                Periode;Identifiant calendrier fournisseur;Libelle calendrier fournisseur\n";
    assert_eq!(
        known("enedis-index", text),
        [
            "2019-09-01T22:00:00.000Z 1-0:1.8.0=1834.405",
            "2019-09-02T22:00:00.000Z 1-0:1.8.0=1840.911",
            "7: import.time",
        ]
    );
}

/// The time is a quarter's end: the first of a day is 00:15, the last is 00:00 of the next day.
#[test]
fn netz_noe_counts_until_a_rows_time() {
    let text = "Messzeitpunkt;Verbrauch (kWh);Qualität;Restnetzbezug (kWh);Qualität EG;\n\
                01.01.2025 00:15;0,063000;L1;;;\n01.01.2025 00:30;0,083000;L1;;;\n01.01.2025 01:00;0,1;L1;;;\n";
    let expected = [
        "2024-12-31T22:59:59.999Z 1-0:1.8.0=0",
        "2024-12-31T23:14:59.999Z 1-0:1.8.0=0.063000",
        "2024-12-31T23:29:59.999Z 1-0:1.8.0=0.146000",
        "2024-12-31T23:59:59.999Z 1-0:1.8.0=0.246000",
    ];
    assert_eq!(known("netz-noe", text), expected);
    let fed_in = text.replace("Verbrauch (kWh);Qualität", "Einspeisung (kWh);Qualität");
    assert_eq!(known("netz-noe", &fed_in), expected.map(|line| line.replace("1.8.0", "2.8.0")));
    let before_2024 = text.replace("Verbrauch (kWh);Qualität", "Gemessener Verbrauch (kWh);Ersatzwert");
    assert_eq!(known("netz-noe", &before_2024), expected);
}

#[test]
fn wiener_netze_names_the_metering_point_in_a_title() {
    let text = "Datum;Zeit von;Zeit bis;AT0010000000000000001000000000001 - Verbrauch [kWh]\n\
                01.01.2025;00:00:00;00:15:00;0,5\n01.01.2025;00:15:00;00:30:00;0,25\n";
    assert_eq!(
        known("wiener-netze", text),
        [
            "2024-12-31T22:59:59.999Z 1-0:1.8.0=0",
            "2024-12-31T23:14:59.999Z 1-0:1.8.0=0.5",
            "2024-12-31T23:29:59.999Z 1-0:1.8.0=0.75",
        ]
    );
}

#[test]
fn other_austrian_grid_companies_are_recognised() {
    for (name, text) in [
        (
            "netz-burgenland",
            "Startdatum;Startuhrzeit;Enddatum;Enduhrzeit;Verbrauch (in kWh)\n01.01.2025;00:00;x;x;0,5\n",
        ),
        (
            "vorarlberg-netz",
            "Beginn der Messreihe;Ende der Messreihe;Messwert in kWh\n01.01.2025 00:00;x;0,5\n",
        ),
        ("linz-netz", "Datum von;Datum bis;Energiemenge in kWh;Ersatzwert\n01.01.2025 00:00;x;0,5;\n"),
        ("linz-netz", "Datum von;Datum bis;Verbrauch in kWh;Ersatzwert\n01.01.2025 00:00;x;0,5;\n"),
    ] {
        assert_eq!(
            known(name, text),
            ["2024-12-31T22:59:59.999Z 1-0:1.8.0=0", "2024-12-31T23:59:59.999Z 1-0:1.8.0=0.5"]
        );
    }
}

/// A Dutch user of DSMR-reader's page gets Dutch titles; old versions had other English ones.
#[test]
fn old_and_dutch_titles_of_dsmr_reader_are_recognised() {
    let values = "\r\n2024-01-01T00:00:00+01:00,0.196,0.5,0,0.25,0.032\r\n";
    for (name, head) in [
        (
            "dsmr-reader-nl",
            "Begintijd Uur,Elektriciteit 1 (Nederlandse Gebruikers: Daltarief),Elektriciteit 2 (Piektarief),\
             Elektriciteit 1 Teruggeleverd (Nederlandse Gebruikers: Daltarief),\
             Elektriciteit 2 Teruggeleverd (Piektarief),Gas",
        ),
        (
            "dsmr-reader-old",
            "Hour Start,Electricity 1 (Low Tariff),Electricity 2 (High Tariff),Electricity 1 Returned (Low Tariff),\
             Electricity 2 Returned (High Tariff),Gas",
        ),
    ] {
        assert_eq!(
            known(name, &(head.to_owned() + values)),
            [
                "2023-12-31T22:59:59.999Z 1-0:1.8.1=0 1-0:1.8.2=0 1-0:2.8.1=0 1-0:2.8.2=0 0-1:24.2.1=0",
                "2023-12-31T23:59:59.999Z 1-0:1.8.1=0.196 1-0:1.8.2=0.5 1-0:2.8.1=0 1-0:2.8.2=0.25 0-1:24.2.1=0.032",
            ]
        );
    }
}

/// Days of the house across the night of 2026-10-25: the day of 25 hours does not set the length of the others.
#[test]
fn dsmr_readers_days_end_where_the_next_begins() {
    let head = "Date,Electricity Tariff 1 Diff,Electricity Tariff 2 Diff,Electricity Tariff 1 Returned Diff,\
                Electricity Tariff 2 Returned Diff,Gas Diff,Electricity Tariff 1 Cost,Electricity Tariff 2 Cost,Gas Cost,\
                Fixed Cost,Total Cost,Electricity Reading Timestamp,Electricity Tariff 1 Reading,\
                Electricity Tariff 2 Reading,Electricity Tariff 1 Reading,Electricity Tariff 2 Reading,\
                Gas Reading Timestamp,Gas Reading\n";
    let row = |day: u32| format!("2026-10-{day},1.5,0.0,0.0,0.0,,0.4,0.0,,0.1,0.5,,,,,,,\n");
    assert_eq!(
        known("dsmr-reader-days", &(head.to_owned() + &row(25) + &row(26) + &row(27))),
        [
            "2026-10-24T21:59:59.999Z 1-0:1.8.1=0 1-0:1.8.2=0 1-0:2.8.1=0 1-0:2.8.2=0",
            "2026-10-25T22:59:59.999Z 1-0:1.8.1=1.5 1-0:1.8.2=0.0 1-0:2.8.1=0.0 1-0:2.8.2=0.0",
            "2026-10-26T22:59:59.999Z 1-0:1.8.1=3.0 1-0:1.8.2=0.0 1-0:2.8.1=0.0 1-0:2.8.2=0.0",
            "2026-10-27T22:59:59.999Z 1-0:1.8.1=4.5 1-0:1.8.2=0.0 1-0:2.8.1=0.0 1-0:2.8.2=0.0",
        ]
    );
}

/// P1 Monitor's zip contains a file with minutes, followed by the same again as hours, days, months and years.
#[test]
fn only_the_first_table_of_p1_monitors_sql_is_read() {
    let columns = "TIMESTAMP,VERBR_KWH_181,VERBR_KWH_182,GELVR_KWH_281,GELVR_KWH_282,VERBR_KWH_X,GELVR_KWH_X,TARIEFCODE,\
                   ACT_VERBR_KW_170,ACT_GELVR_KW_270,VERBR_GAS_2421";
    let row = |table: &str, time: &str, low: &str| {
        format!(
            "replace into {table} ({columns}) values ('{time}',{low},2000.0,0,0,0.1,0,'P',0.25,0,300.125);\n"
        )
    };
    let text = [
        row("e_history_min", "2026-10-25 02:59:00", "1000.5"),
        row("e_history_min", "2026-10-25 02:00:00", "1000.75"),
        "replace into e_history_min (TIMESTAMP) values ();\n".to_owned(),
        row("e_history_min", "2026-10-25 02:00:00", "1000.75"),
        row("e_history_uur", "2026-10-25 01:00:00", "999"),
    ];
    assert_eq!(
        known("p1-monitor", &text.concat()),
        [
            "2026-10-25T00:59:00.000Z 1-0:1.8.1=1000.5 1-0:1.8.2=2000.0 1-0:2.8.1=0 1-0:2.8.2=0 0-1:24.2.1=300.125",
            "3: import.time",
            "4: import.order",
            "5: import.register e_history_uur",
            "2026-10-25T01:00:00.000Z 1-0:1.8.1=1000.75 1-0:1.8.2=2000.0 1-0:2.8.1=0 1-0:2.8.2=0 0-1:24.2.1=300.125",
        ]
    );
}

#[test]
fn homewizards_counters_are_positions() {
    let text = "time,Import T1 kWh,Import T2 kWh,Export T1 kWh,Export T2 kWh,L1 max W,L2 max W,L3 max W\n\
                2025-03-01 00:00,5204.307,8210.5,0,0.125,250,,\n";
    assert_eq!(
        known("homewizard", text),
        ["2025-02-28T23:00:00.000Z 1-0:1.8.1=5204.307 1-0:1.8.2=8210.5 1-0:2.8.1=0 1-0:2.8.2=0.125"]
    );
}

/// A user's plan for any table: times as the ends of rows, separated thousands, and Wh in a title.
#[test]
fn the_user_can_plan_times_as_the_ends_of_rows() {
    let text = "Zeit;1-0:1.8.0 (Wh)\n01.03.2026 00:15;1.250,5\n01.03.2026 00:30;750\n";
    let (preview, _) = seen(text);
    assert!(preview.plan.decimal_comma);
    let plan = Plan { difference: true, until: true, ..preview.plan };
    assert_eq!(
        told(&read(text, &plan, 10)),
        [
            "2026-02-28T22:59:59.999Z 1-0:1.8.0=0",
            "2026-02-28T23:14:59.999Z 1-0:1.8.0=1.2505",
            "2026-02-28T23:29:59.999Z 1-0:1.8.0=2.0005",
        ]
    );
}
