//! A house anywhere in the world. Tables with local times are imported, and exported with the correct times.

use std::rc::Rc;

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZoneDatabase;
use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::{Command, Event, ExportOptions, ImportState};
use metertap_readings::fault::Code;
use metertap_readings::files::export::{ExportForm, Resolution};

use crate::house::*;

/// Days in zones with and without a clock change, and their number of quarter-hours by local law.
const DAYS: &[(&str, &str, usize)] = &[
    ("America/New_York", "2026-03-08", 92),
    ("America/New_York", "2026-11-01", 100),
    ("Asia/Kolkata", "2026-03-29", 96),
    ("Australia/Lord_Howe", "2026-10-04", 94),
    ("Australia/Lord_Howe", "2026-04-05", 98),
    ("Europe/Kyiv", "2026-03-29", 92),
    ("Europe/Kyiv", "2026-10-25", 100),
    ("UTC", "2026-10-25", 96),
    ("Atlantic/Canary", "2026-03-29", 92),
    ("Atlantic/Canary", "2026-10-25", 100),
];

/// The ends of all quarter-hours of a day, computed by another implementation.
fn ends(zone: &str, day: &str) -> Vec<Zoned> {
    let date: Date = day.parse().expect("a date");
    let zone = TimeZoneDatabase::bundled().get(zone).expect("a zone");
    let start = date.to_zoned(zone.clone()).expect("a moment").timestamp();
    let end = date.tomorrow().expect("a date").to_zoned(zone.clone()).expect("a moment").timestamp();
    let seconds = start.as_second() + 900..=end.as_second();
    let moment = |second| jiff::Timestamp::from_second(second).expect("a moment").to_zoned(zone.clone());
    seconds.step_by(900).map(moment).collect()
}

fn table(world: &World, tab: &Tab, resolution: Resolution) -> Vec<Vec<String>> {
    let file = File::new("table.csv", Vec::new());
    let options = ExportOptions { form: ExportForm::Csv, resolution, ..ExportOptions::default() };
    let export = Command::Export { id: 2, meters: keys(tab), from: None, to: None, options, into_file: true };
    tab.send_beside(export, Handle::File(Rc::clone(&file)));
    world.run(MINUTE);
    let text = String::from_utf8(file.octets()).expect("text");
    text.lines().skip(1).map(|row| row.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn a_day_of_local_times_is_imported_and_exported_in_every_zone() {
    for (zone, day, count) in DAYS {
        let ends = ends(zone, day);
        assert_eq!(ends.len(), *count, "{zone}");
        let rows = ends
            .iter()
            .enumerate()
            .map(|(place, end)| format!("{};{}\n", end.strftime("%d.%m.%Y %H:%M"), 100 + place));
        let text = format!("Zeit;1.8.0\n{}", rows.collect::<String>());
        let world = World::default();
        world.set_clock("2026-12-01T12:00:00Z".parse().expect("a moment"));
        world.move_to(zone);
        let tab = opened(&world);
        let file = File::new("day.csv", text.into_bytes());
        tab.send_beside(Command::Import { id: 1, meter: None, plan: None, run: true }, Handle::File(file));
        world.run(MINUTE);
        let state = tab.last(|event| match event {
            Event::Import { state, .. } => Some(state.clone()),
            _ => None,
        });
        let Some(ImportState::Complete(report)) = state else { panic!("{zone}: {state:?}") };
        assert_eq!((report.new, report.refused), (*count as u64, 0), "{zone} {:?}", report.problems);

        let raw = table(&world, &tab, Resolution::Raw);
        let received: Vec<&str> = raw.iter().map(|row| row[1].as_str()).collect();
        // A position counts in the quarter-hour that it ends.
        let kept = |end: &Zoned| end - jiff::SignedDuration::from_millis(1);
        let expected: Vec<String> =
            ends.iter().map(|end| kept(end).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()).collect();
        assert_eq!(received, expected, "{zone}");

        let days = table(&world, &tab, Resolution::Day);
        let [row] = days.as_slice() else { panic!("{zone}: {days:?}") };
        let midnight = &ends[0] - jiff::SignedDuration::from_mins(15);
        let midnight = midnight.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        assert_eq!((&row[0], &row[2]), (&midnight, &count.to_string()), "{zone}");
    }
}

/// A table of a house in Lisbon, on a computer in Oslo. Noon in Lisbon is 12:00 UTC in winter and 11:00 UTC in summer.
/// A position at noon is kept at the last moment of the morning.
#[test]
fn times_of_an_imported_table_are_in_the_chosen_zone() {
    for (zone, received) in [
        (None, ["2026-01-10T11:59:59.999+01:00", "2026-07-10T11:59:59.999+02:00"]),
        (Some("Europe/Lisbon"), ["2026-01-10T12:59:59.999+01:00", "2026-07-10T12:59:59.999+02:00"]),
        (Some("Etc/GMT-1"), ["2026-01-10T11:59:59.999+01:00", "2026-07-10T12:59:59.999+02:00"]),
    ] {
        let world = World::default();
        world.set_clock("2026-12-01T12:00:00Z".parse().expect("a moment"));
        let tab = opened(&world);
        let text = "Zeit;1.8.0\n10.01.2026 12:00;100\n10.07.2026 12:00;200\n";
        let look = |plan, run| {
            let file = File::new("day.csv", text.as_bytes().to_vec());
            tab.send_beside(Command::Import { id: 1, meter: None, plan, run }, Handle::File(file));
            world.run(MINUTE);
            tab.last(|event| match event {
                Event::Import { state, .. } => Some(state.clone()),
                _ => None,
            })
        };
        let Some(ImportState::Seen((preview, _))) = look(None, false) else { panic!("it is previewed") };
        let plan = metertap_readings::files::import::Plan { zone: zone.map(Into::into), ..preview.plan };
        assert!(matches!(look(Some(plan.clone()), false), Some(ImportState::Seen(_))));
        assert!(matches!(look(Some(plan.clone()), true), Some(ImportState::Complete(_))));
        let raw = table(&world, &tab, Resolution::Raw);
        let times: Vec<&str> = raw.iter().map(|row| row[1].as_str()).collect();
        assert_eq!(times, received, "{zone:?}");
        let nowhere = metertap_readings::files::import::Plan { zone: Some("Mars/Olympus".into()), ..plan };
        let Some(ImportState::Refused(trouble)) = look(Some(nowhere), false) else { panic!("it is unknown") };
        assert_eq!(trouble.code, Code::ImportZone);
    }
}

#[test]
fn an_unknown_zone_is_reported_and_not_replaced() {
    let world = World::default();
    world.move_to("Mars/Olympus");
    let tab = opened(&world);
    let said = |tab: &Tab| {
        tab.last(|event| match event {
            Event::Notice { meter: None, trouble } if trouble.code == Code::ClockZone => {
                Some(trouble.detail.clone())
            }
            _ => None,
        })
    };
    assert_eq!(said(&tab).as_deref(), Some("Mars/Olympus"));
    let elsewhere = World::default();
    assert_eq!(said(&opened(&elsewhere)), None);
}
