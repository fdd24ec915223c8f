//! Browsers in time zones all over the world. The browser's zone determines the local times in exports and imports.

use std::fs;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp, Zoned};
use metertap_e2e::{Browser, Page, Scene, serve};

use crate::exchange::{column, import, undo, wait_new};

/// Days on which clocks change in some zones, and their number of quarter-hours by local law.
const DAYS: &[(&str, [(&str, usize); 2])] = &[
    ("America/New_York", [("2026-03-08", 92), ("2025-11-02", 100)]),
    ("Asia/Kolkata", [("2026-03-29", 96), ("2025-10-26", 96)]),
    ("Australia/Lord_Howe", [("2025-10-05", 94), ("2026-04-05", 98)]),
    ("Europe/Kyiv", [("2026-03-29", 92), ("2025-10-26", 100)]),
    ("UTC", [("2026-03-29", 96), ("2025-10-26", 96)]),
    ("Atlantic/Canary", [("2026-03-29", 92), ("2025-10-26", 100)]),
];

#[test]
fn a_day_of_local_times_is_imported_and_exported_in_every_zone() {
    for (zone, days) in DAYS {
        let (scene, site) = (Scene::new("zones"), serve());
        let page = Page::open(Browser::start_in(&scene, &site.url(), zone), &site.url());
        for (day, count) in days {
            let ends = ends(zone, day);
            assert_eq!(ends.len(), *count, "{zone}");
            let rows = ends
                .iter()
                .enumerate()
                .map(|(place, end)| format!("{};{}\n", end.strftime("%d.%m.%Y %H:%M"), 100 + place));
            let table = format!("Zeit;1.8.0\n{}", rows.collect::<String>());
            fs::write(scene.path("day.csv"), table).expect("a file is written");
            page.go("data");
            page.browser().choose("[name=import]", &scene.path("day.csv"));
            wait_new(&page, *count);
            import(&page);

            // A position counts in the quarter-hour that it ends.
            let kept = |end: &Zoned| end - SignedDuration::from_millis(1);
            let expected = ends.iter().map(|end| written(&kept(end), "%Y-%m-%dT%H:%M:%S%.3f%:z"));
            assert_eq!(column(&page.save("csv", "raw"), "received"), expected.collect::<Vec<_>>(), "{zone}");
            let table = page.save("csv", "day");
            let midnight = &ends[0] - SignedDuration::from_mins(15);
            assert_eq!(column(&table, "start"), [written(&midnight, "%Y-%m-%dT%H:%M:%S%:z")], "{zone}");
            assert_eq!(column(&table, "readings"), [count.to_string()], "{zone}");
            undo(&page);
        }
    }
}

#[test]
fn an_unknown_zone_is_reported() {
    let (scene, site) = (Scene::new("zones-unknown"), serve());
    let page = Page::open(Browser::start_in(&scene, &site.url(), "Mars/Olympus"), &site.url());
    let told = page.wait_notice("clock.zone", Duration::from_secs(20));
    assert!(told.contains("computer’s time zone is not known"), "{told}");
    page.browser().picture("zone-unknown");
}

/// The ends of all quarter-hours of a day, computed by another implementation.
fn ends(zone: &str, day: &str) -> Vec<Zoned> {
    let date: Date = day.parse().expect("a date");
    let zone = TimeZoneDatabase::bundled().get(zone).expect("a zone");
    let start = |date: Date| date.to_zoned(zone.clone()).expect("a moment").timestamp().as_second();
    let seconds = start(date) + 900..=start(date.tomorrow().expect("a date"));
    let moment = |second| Timestamp::from_second(second).expect("a moment").to_zoned(zone.clone());
    seconds.step_by(900).map(moment).collect()
}

fn written(moment: &Zoned, format: &str) -> String {
    moment.strftime(format).to_string()
}
