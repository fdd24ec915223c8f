//! Small tables in the forms of portals and programs. The expected values were added up by hand.

use super::files::told;
use super::*;
use metertap_decoder::time::Zone;

fn read(text: &str, zone: &str, plan: &Plan) -> Vec<String> {
    let mut reader = Reader::new(plan, Zone::named(zone).unwrap());
    reader.push(text.as_bytes());
    reader.end();
    told(&std::iter::from_fn(|| reader.next()).collect())
}

/// The format that a table is recognised as, and what is read from it in this zone.
fn seen(text: &str, zone: &str) -> (Option<String>, Vec<String>) {
    let preview = Preview::of(text.as_bytes()).unwrap();
    let told = read(text, zone, &preview.plan);
    (preview.format, told)
}

fn known(name: &str, text: &str, zone: &str) -> Vec<String> {
    let (format, told) = seen(text, zone);
    assert_eq!(format.as_deref(), Some(name), "{text}");
    told
}

/// In Spain, the first hour of a day is from midnight until one.
#[test]
fn hours_are_numbered_in_spain() {
    let text =
        "CUPS;Fecha;Hora;Consumo_kWh;Metodo_obtencion\nES1;05/04/2026;1;0,2;R\nES1;05/04/2026;2;0,3;R\n";
    let expected = [
        "2026-04-04T21:59:59.999Z 1-0:1.8.0=0",
        "2026-04-04T22:59:59.999Z 1-0:1.8.0=0.2",
        "2026-04-04T23:59:59.999Z 1-0:1.8.0=0.5",
    ];
    assert_eq!(known("cnmc", text, "Europe/Madrid"), expected);
    let datadis = text
        .replace("05/04/2026;", "2026/04/05;0")
        .replace(";0,", ":00;0,")
        .replace("Consumo_kWh", "consumo_kWh");
    assert_eq!(known("cnmc", &datadis, "Europe/Madrid"), expected);
}

/// 0.8 kW for a quarter of an hour is 0.2 kWh. The head contains a date, but no values.
#[test]
fn a_mean_power_becomes_energy() {
    let head = "Dados;;;\nData de Início;2026-04-05;;\n;;;\n";
    let table = "Data;Hora;Consumo registado, Ativa (kW);Estado\n2026/04/05;00:15;0,8;Real\n2026/04/05;00:30;0,4;Real\n\
                 2026/04/05;00:45;1,0;Real\n";
    let expected = [
        "2026-04-04T22:59:59.999Z 1-0:1.8.0=0",
        "2026-04-04T23:14:59.999Z 1-0:1.8.0=0.200",
        "2026-04-04T23:29:59.999Z 1-0:1.8.0=0.300",
        "2026-04-04T23:44:59.999Z 1-0:1.8.0=0.550",
    ];
    for text in [table.to_owned(), head.to_owned() + table] {
        assert_eq!(known("e-redes", &text, "Europe/Lisbon"), expected);
    }
    // The head of an Enedis curve says what its values are, and their unit.
    let text = "Identifiant;Type;Date de debut;Date de fin;Grandeur metier;Unite\n1;Courbe de charge;2026-04-05;2026-04-06;\
                Consommation;W\nHorodate;Valeur\n2026-04-05T00:30:00+02:00;500\n2026-04-05T01:00:00+02:00;300\n\
                2026-04-05T01:30:00+02:00;100\n";
    assert_eq!(
        seen(text, "Europe/Paris").1,
        [
            "2026-04-04T21:59:59.999Z 1-0:1.8.0=0",
            "2026-04-04T22:29:59.999Z 1-0:1.8.0=0.250",
            "2026-04-04T22:59:59.999Z 1-0:1.8.0=0.400",
            "2026-04-04T23:29:59.999Z 1-0:1.8.0=0.450",
        ]
    );
    let production = text.replace("Consommation", "Production");
    assert_eq!(Preview::of(production.as_bytes()).unwrap().plan.columns, [], "production is not consumption");
}

#[test]
fn titles_may_be_times() {
    let text = "Giorno;00:00-00:15;00:15-00:30;00:30-00:45;00:45-01:00\n05/04/2026;0,1;0,2;0,3;0,4\n06/04/2026;;0,5;;0,5\n\
                07/04/2026;0;0;0;0\n";
    let told = known("e-distribuzione", text, "Europe/Rome");
    assert_eq!(told.len(), 11);
    assert_eq!(told[0], "2026-04-04T21:59:59.999Z 1-0:1.8.0=0");
    assert_eq!(told[4], "2026-04-04T22:59:59.999Z 1-0:1.8.0=1.0");
    assert_eq!(told[10], "2026-04-06T22:59:59.999Z 1-0:1.8.0=2.0");
    let text = "entity_id,type,unit,2026-04-05T10:00:00.000Z,2026-04-05T11:00:00.000Z,2026-04-05T12:00:00.000Z\n\
                sensor.a,grid_consumption,kWh,0.25,,0.5\nsensor.a_cost,grid_consumption_cost,EUR,9,9,9\n\
                sensor.b,grid_return,Wh,0,1500,250\n";
    assert_eq!(
        known("ha-energy", text, "Europe/Oslo"),
        [
            "3: import.register grid_consumption_cost",
            "2026-04-05T09:59:59.999Z 1-0:1.8.0=0 1-0:2.8.0=0",
            "2026-04-05T10:59:59.999Z 1-0:1.8.0=0.25 1-0:2.8.0=0.000",
            "2026-04-05T11:59:59.999Z 1-0:2.8.0=1.500",
            "2026-04-05T12:59:59.999Z 1-0:1.8.0=0.75 1-0:2.8.0=1.750",
        ]
    );
}

/// Rows from new to old are reversed. If all rows of one register come before those of the other, rows with the same
/// time are combined.
#[test]
fn rows_in_any_order_are_sorted() {
    let text = "MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n\
                1,2,0.5,Active Import Interval (kW),05-04-2026 01:00\n1,2,0.25,Active Export Interval (kW),05-04-2026 01:00\n\
                1,2,0.1,Active Import Interval (kW),05-04-2026 00:30\n1,2,0,Active Export Interval (kW),05-04-2026 00:30\n";
    assert_eq!(
        known("esb", text, "Europe/Dublin"),
        [
            "2026-04-04T22:59:59.999Z 1-0:1.8.0=0 1-0:2.8.0=0",
            "2026-04-04T23:29:59.999Z 1-0:1.8.0=0.050 1-0:2.8.0=0.000",
            "2026-04-04T23:59:59.999Z 1-0:1.8.0=0.300 1-0:2.8.0=0.125",
        ]
    );
    let hours = |kind: &str, amount: &str| -> String {
        (1..=24).map(|hour| format!("2026-04-05 {hour}:00;{amount};{kind}\n")).collect()
    };
    let text = "Data; Wartość kWh;Rodzaj\n".to_owned() + &hours("pobór", "0,5") + &hours("oddanie", "0,25");
    let told = known("tauron", &text, "Europe/Warsaw");
    assert_eq!(told.len(), 25);
    assert_eq!(told[0], "2026-04-04T21:59:59.999Z 1-0:1.8.0=0 1-0:2.8.0=0");
    assert_eq!(told[24], "2026-04-05T21:59:59.999Z 1-0:1.8.0=12.0 1-0:2.8.0=6.00");
    let text = "OpnameDatum;StandNormaal;StandDal;TerugleveringNormaal;TerugleveringDal\n2026-04-06;20;10;2;1\n2026-04-05;18;9;2;1\n";
    assert_eq!(
        known("greenchoice", text, "Europe/Amsterdam"),
        [
            "2026-04-04T22:00:00.000Z 1-0:1.8.1=9 1-0:1.8.2=18 1-0:2.8.1=1 1-0:2.8.2=2",
            "2026-04-05T22:00:00.000Z 1-0:1.8.1=10 1-0:1.8.2=20 1-0:2.8.1=1 1-0:2.8.2=2",
        ]
    );
}

#[test]
fn home_assistants_history_has_a_row_for_each_state() {
    let text = "entity_id,state,last_changed\nsensor.energy_consumed,10.5,2026-04-05T10:00:00.000Z\n\
                sensor.energy_consumed,unavailable,2026-04-05T10:15:00.000Z\nsensor.energy_consumed,11,2026-04-05T10:30:00.000Z\n\
                sensor.energy_produced,3,2026-04-05T10:00:00.000Z\nsensor.energy_produced,4,2026-04-05T10:30:00.000Z\n\
                sensor.dishwasher_energy,1,2026-04-05T10:00:00.000Z\n";
    assert_eq!(
        known("ha-history", text, "Europe/Oslo"),
        [
            "3: import.empty",
            "7: import.register sensor.dishwasher_energy",
            "2026-04-05T10:00:00.000Z 1-0:1.8.0=10.5 1-0:2.8.0=3",
            "2026-04-05T10:30:00.000Z 1-0:1.8.0=11 1-0:2.8.0=4",
        ]
    );
}

#[test]
fn units_signs_and_zones_are_those_of_the_table() {
    let text = "Vanaf;Tot;Verbruik laag tarief;Verbruik hoog tarief;Teruglevering laag tarief;Teruglevering hoog tarief;Totaal;\n\
                2026-04-05 00:00;2026-04-06 00:00;1,5;0,0;-0,5;0,0;1,0;\n2026-04-06 00:00;2026-04-07 00:00;1,0;2,0;0,0;-1,25;1,75;\n\
                2026-04-07 00:00;2026-04-08 00:00;1,0;2,0;0,0;0,0;3,0;\n";
    let told = known("energie-manager", text, "Europe/Amsterdam");
    assert_eq!(told[3], "2026-04-07T21:59:59.999Z 1-0:1.8.1=3.5 1-0:1.8.2=4.0 1-0:2.8.1=0.5 1-0:2.8.2=1.25");
    let text = "time,water usage dl\n2026-04-05 00:00,7\n2026-04-05 00:15,0\n2026-04-05 00:30,5\n";
    let told = known("homewizard-water", text, "Europe/Amsterdam");
    assert_eq!(told[3], "2026-04-04T22:44:59.999Z 8-0:1.0.0=0.0012");
    let text = "Date/time UTC,Active energy Wh (B),Returned energy Wh (B)\n2026-04-05 00:00,5.5,0\n2026-04-05 00:10,4.5,0\n\
                2026-04-05 00:20,1,0\n";
    let told = known("shelly", text, "Europe/Oslo");
    assert_eq!(told[0], "2026-04-04T23:59:59.999Z 1-0:1.8.0=0 1-0:2.8.0=0");
    assert_eq!(told[3], "2026-04-05T00:29:59.999Z 1-0:1.8.0=0.0110 1-0:2.8.0=0.000");
}

/// In the United States, summer time begins on 8 March 2026. Both tables contain that day of 23 hours. The second has
/// no day after the 12th: only the even steps show that the month comes first.
#[test]
fn an_american_table_begins_its_dates_with_the_month() {
    let day = |day: u32| format!("03/{day:02}/2026 00:00,0,5,0,{day}00\n");
    let head =
        "Date/Time,Energy Produced (Wh),Energy Consumed (Wh),Exported to Grid (Wh),Imported from Grid (Wh)\n";
    for days in [7..16, 3..11] {
        let text = head.to_owned() + &days.clone().map(day).collect::<String>();
        let told = known("enphase", &text, "America/New_York");
        assert_eq!(told.len(), days.len() + 1, "{told:?}");
        let eighth = told.iter().find(|told| told.starts_with("2026-03-09T03:59:59.999Z"));
        assert!(eighth.is_some(), "{told:?}");
    }
    // A single day, and nothing shows whether it is in April or in May.
    let text = "When,Import (kWh)\n04/05/2026 00:00,0.5\n04/05/2026 01:00,0.5\n04/05/2026 02:00,0.25\n";
    let preview = Preview::of(text.as_bytes()).unwrap();
    assert_eq!(preview.plan.times.dates, None);
    assert_eq!(read(text, "Europe/Oslo", &preview.plan)[0], "2: import.dates");
    let answered = Times { dates: Some(Dates::DayFirst), ..preview.plan.times };
    let told = read(text, "Europe/Oslo", &Plan { times: answered, ..preview.plan });
    assert_eq!(told[3], "2026-05-04T00:59:59.999Z 1-0:1.8.0=1.25");
}

/// The head or the user says what the titles do not. The time is the column that differs from row to row.
#[test]
fn an_unknown_table_is_understood() {
    let text = "Wasser;01.05.26;\n;;\nDatum;Zeit;Zählerstand\n05.04.26;11:30;100,5\n06.04.26;12:00;101,25\n";
    assert_eq!(
        seen(text, "Europe/Berlin").1,
        ["2026-04-05T09:30:00.000Z 8-0:1.0.0=100.5", "2026-04-06T10:00:00.000Z 8-0:1.0.0=101.25"]
    );
    let text = "Anläggning;735999100000000001\nTid;Förbrukning kWh\n2026-04-05 00:00;1,5\n2026-04-05 01:00;1,0\n2026-04-05 02:00;0,5\n";
    assert_eq!(seen(text, "Europe/Stockholm").1[3], "2026-04-05T00:59:59.999Z 1-0:1.8.0=3.0");
    let text = "#group,false,false,true,true,false,false\n,result,table,_start,_stop,_time,_value\n\
                ,,0,2026-04-05T00:00:00Z,2026-04-06T00:00:00Z,2026-04-05T00:00:00Z,28477.5\n\
                ,,0,2026-04-05T00:00:00Z,2026-04-06T00:00:00Z,2026-04-05T01:00:00Z,28478\n";
    let preview = Preview::of(text.as_bytes()).unwrap();
    assert_eq!((preview.plan.time, preview.plan.heads, preview.plan.columns.len()), ((5, None), 2, 0));
    let plan = preview.choose(&preview.plan, 6, None, Register::named("import"));
    assert_eq!(
        read(text, "Europe/Oslo", &plan),
        ["2026-04-05T00:00:00.000Z 1-0:1.8.0=28477.5", "2026-04-05T01:00:00.000Z 1-0:1.8.0=28478"]
    );
    let text = "name,time,value\nkWh,1775347200000000000,5000.5\nkWh,1775350800000000000,5001\n";
    let preview = Preview::of(text.as_bytes()).unwrap();
    let plan = preview.choose(&preview.plan, 2, None, Register::named("import"));
    assert_eq!(read(text, "Europe/Oslo", &plan)[0], "2026-04-05T00:00:00.000Z 1-0:1.8.0=5000.5");
}

/// If the title has no unit, Wh must not be taken for kWh, and gas may be in m³ or in kWh.
#[test]
fn a_number_without_a_unit_is_kwh_only_if_a_home_can_use_that_much() {
    let columns = |title: &str, amounts: [&str; 3]| {
        let row = |(hour, amount): (usize, &&str)| format!("2026-04-05 0{hour}:00;{amount}\n");
        let text = format!("Tid;{title}\n") + &amounts.iter().enumerate().map(row).collect::<String>();
        let planned = Preview::of(text.as_bytes()).unwrap().plan.columns;
        planned.first().map(|planned| (planned.register.clone(), planned.scale))
    };
    assert_eq!(columns("Verbruik", ["0,5", "1,25", "0,75"]), Some(("import".into(), 0)));
    assert_eq!(columns("Verbruik", ["500", "1250", "750"]), None);
    assert_eq!(columns("Verbruik Wh", ["500", "1250", "750"]), Some(("import".into(), -3)));
    assert_eq!(columns("Gasverbruik", ["0,5", "1,25", "0,75"]), None);
    assert_eq!(columns("Gasverbruik m³", ["0,5", "1,25", "0,75"]), Some(("gas".into(), 0)));
}

/// The user moves the time to another column, and the first row of values to another row.
#[test]
fn the_user_can_choose_the_column_with_the_time() {
    let text = "A;B;Verbrauch kWh\n05.04.2026 10:00;05.04.2026 00:00;1,5\n05.04.2026 11:00;05.04.2026 01:00;1,0\n\
                05.04.2026 12:00;05.04.2026 02:00;0,5\n";
    let preview = Preview::of(text.as_bytes()).unwrap();
    assert_eq!(preview.plan.time, (0, None));
    let planned = Plan { time: (1, None), heads: 2, ..preview.plan.clone() };
    let preview = Preview::as_planned(text.as_bytes(), planned).unwrap();
    assert_eq!((preview.plan.time, preview.plan.heads), ((1, None), 2));
    assert_eq!(
        read(text, "Europe/Berlin", &preview.plan),
        [
            "2026-04-04T22:59:59.999Z 1-0:1.8.0=0",
            "2026-04-04T23:59:59.999Z 1-0:1.8.0=1.0",
            "2026-04-05T00:59:59.999Z 1-0:1.8.0=1.5",
        ]
    );
}

#[test]
fn json_and_logs_of_other_programs_are_refused() {
    let json =
        "{\n  \"data\": [\n    {\"startTime\":\"2026-04-05T00:00:00+02:00\",\"quantity\":1.5}\n  ]\n}\n";
    assert_eq!(Preview::of(json.as_bytes()), Err(Unseen::OtherJson));
    let log =
        "00:00:10.120 MQT: tele/SENSOR = {\"Time\":\"2026-04-05T00:00:10\",\"Total_in\":1234.5}\n".repeat(3);
    assert_eq!(Preview::of(log.as_bytes()), Err(Unseen::Unknown));
}
