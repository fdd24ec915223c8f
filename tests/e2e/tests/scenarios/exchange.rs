//! Exports and imports: every format, an import that is undone, and a backup that restores everything.

use std::fs;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use metertap_e2e::{Browser, Page, Scene, Site, file_of, serve};
use metertap_simulator::{Meter, Model, Telegram};

#[test]
fn every_export_format_has_what_the_meter_sent() {
    let (scene, site) = (Scene::new("exchange-forms"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let telegrams = read_a_file(&scene, &page);
    let energy: Vec<String> = telegrams.iter().map(|telegram| said(telegram, "1-0:1.8.1")).collect();
    let power: Vec<String> = telegrams.iter().map(|telegram| said(telegram, "1-0:1.7.0")).collect();

    let table = page.save("csv", "raw");
    assert_eq!(column(&table, "active_energy_import_t1_kwh"), energy);
    assert_eq!(column(&table, "active_power_import_w"), power);
    let seqs: Vec<String> = (1..=telegrams.len()).map(|seq| seq.to_string()).collect();
    assert_eq!(column(&table, "seq"), seqs);
    page.browser().picture("data-export");

    for resolution in ["quarter", "hour", "day", "month"] {
        let table = page.save("csv", resolution);
        assert_eq!(column(&table, "active_energy_import_t1_kwh").last(), energy.last(), "{resolution}");
        let readings: usize =
            column(&table, "readings").iter().filter_map(|cell| cell.parse::<usize>().ok()).sum();
        assert_eq!(readings, telegrams.len(), "{resolution}");
    }

    let table = page.save_octets("workbook", "raw");
    let found = cells(&table, "active_power_import_w");
    let numbers: Vec<Data> = power.iter().filter_map(|watts| watts.parse().ok().map(Data::Float)).collect();
    assert_eq!((found, numbers.len()), (numbers, telegrams.len()));
    page.browser().picture("data-export-workbook");
    let table = page.save_octets("workbook", "month");
    let last = energy.last().and_then(|energy| energy.parse().ok().map(Data::Float));
    assert_eq!(cells(&table, "active_energy_import_t1_kwh").last(), last.as_ref());

    let lines = page.save("influx", "");
    assert_eq!(lines.lines().count(), telegrams.len());
    for (line, power) in lines.lines().zip(&power) {
        assert!(
            line.starts_with("metertap,meter=") && line.contains(&format!("active_power_import_w={power},")),
            "{line}"
        );
    }

    let statistics = page.save("home-assistant-counters", "");
    let row = statistics.lines().rfind(|row| row.contains("_active_energy_import_t1\tkWh\t"));
    assert_eq!(row.and_then(|row| row.split('\t').nth(3)), energy.last().map(String::as_str), "{statistics}");
}

#[test]
fn a_workbook_is_refused_with_a_message_if_its_program_cannot_be_fetched() {
    let scene = Scene::new("exchange-without-workbook");
    let folder = scene.copy_of_page();
    fs::remove_file(file_of(&folder, "workbook_loader.js")).expect("the page has such a program");
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    read_a_file(&scene, &page);
    page.go("data");
    page.browser().click("[name=form][value=workbook]");
    page.browser().click("[data-action=export]");
    let told = "document.querySelector(\"[data-export=failed] [data-trouble='export.program']\")?.innerText";
    let told = page.browser().wait("the page says what is missing", told);
    assert!(told.as_str().is_some_and(|told| told.contains("reload the page")), "{told}");
    page.browser().picture("data-export-failed");
}

#[test]
fn an_import_is_listed_and_can_be_undone() {
    let (scene, site) = (Scene::new("exchange-import"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let telegrams = read_a_file(&scene, &page);
    let (meter, before) = (page.meters().remove(0), page.export());
    let lines: String = before.iter().map(|entry| format!("{entry}\n")).collect();
    fs::write(scene.path("own.jsonl"), lines).expect("a file is written");

    // Into its own meter: no reading is new.
    page.go("data");
    page.select("[name=import-meter]", &meter);
    page.browser().choose("[name=import]", &scene.path("own.jsonl"));
    wait_new(&page, 0);

    // Into another meter: every reading is new, and the export then holds each reading twice.
    page.select("[name=import-meter]", "");
    wait_new(&page, telegrams.len());
    page.browser().picture("data-import");
    import(&page);
    let both = page.export();
    assert_eq!(both.len(), 2 * before.len());
    assert!(before.iter().all(|entry| both.iter().filter(|other| *other == entry).count() == 2));
    undo(&page);
    assert_eq!(page.export(), before);

    // The first hours of DSMR-reader's example.
    fs::write(scene.path("hours.csv"), HOURS).expect("a file is written");
    page.go("data");
    page.browser().choose("[name=import]", &scene.path("hours.csv"));
    wait_new(&page, 4);
    page.browser().picture("data-import-table");
    import(&page);
    let table = page.save("csv", "hour");
    for counted in ["0.196", "0.224", "0.189"] {
        let found = column(&table, "active_energy_import_t1_counted_kwh");
        assert!(found.iter().any(|cell| cell == counted), "{counted} is not in {table}");
    }
    undo(&page);
    assert_eq!(page.export(), before);

    fs::write(scene.path("letter.txt"), "Dear grid operator,\n\nplease open my port.\n")
        .expect("a file is written");
    page.go("data");
    page.browser().choose("[name=import]", &scene.path("letter.txt"));
    page.browser()
        .wait("a letter is refused", "!!document.querySelector(\"[data-trouble='import.unknown']\")");
}

#[test]
fn a_backup_restores_everything_and_a_damaged_one_changes_nothing() {
    let (scene, site) = (Scene::new("exchange-backup"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    read_a_file(&scene, &page);
    let before = page.export();
    page.go("data");
    let already = page.browser().saved_so_far();
    page.browser().click("[data-action=back-up]");
    let backup = page.browser().saved(already + 1);

    let elsewhere = Scene::new("exchange-elsewhere");
    let mut damaged = backup.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let cut = &backup[..backup.len() - 10];
    for (name, octets) in [("damaged", damaged.as_slice()), ("cut", cut), ("whole", &backup)] {
        fs::write(elsewhere.path(&format!("{name}.metertap")), octets).expect("a file is written");
    }
    let page = Page::open(Browser::start(&elsewhere, &site.url()), &site.url());
    page.go("data");
    for name in ["damaged", "cut"] {
        page.browser().choose("[name=backup]", &elsewhere.path(&format!("{name}.metertap")));
        let refused = "!!document.querySelector(\"[data-restore=refused] [data-trouble^='backup.']\")";
        page.browser().wait(&format!("a {name} backup is refused"), refused);
    }
    page.go("live");
    assert!(page.meters().is_empty(), "nothing of a damaged backup is kept");

    page.go("data");
    page.browser().choose("[name=backup]", &elsewhere.path("whole.metertap"));
    page.browser().wait("the backup is whole", "!!document.querySelector('[data-restore=seen]')");
    page.browser().picture("data-backup");
    page.browser().click("[data-action=restore-merge]");
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
    assert_eq!(page.export(), before);
    page.reload();
    assert_eq!(page.export(), before, "also the next time");

    // Again, over the existing readings.
    page.go("data");
    page.browser().choose("[name=backup]", &elsewhere.path("whole.metertap"));
    page.browser().wait("the backup is whole", "!!document.querySelector('[data-restore=seen]')");
    page.browser().click("[data-action=restore-merge]");
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
    assert_eq!(page.export(), before, "nothing is duplicated");
}

/// Opens a recording of a Dutch meter as a file.
pub(crate) fn read_a_file(scene: &Scene, page: &Page) -> Vec<Telegram> {
    let telegrams: Vec<_> = Meter::new(Model::Dsmr5, 10, 1_795_263_600).take(30).collect();
    let octets: Vec<u8> = telegrams.iter().flat_map(|telegram| telegram.bytes.clone()).collect();
    fs::write(scene.path("capture.txt"), octets).expect("a file is written");
    page.go("connect");
    page.browser().choose("[data-action=open-file]", &scene.path("capture.txt"));
    page.go("live");
    page.browser().wait("the file is read", "!!document.querySelector('article[data-state=done]')");
    telegrams
}

fn said(telegram: &Telegram, register: &str) -> String {
    let value = telegram.truth.values.iter().find(|value| value.register == register);
    value.unwrap_or_else(|| panic!("the meter does not send {register}")).value.clone()
}

/// The cells of a column of a table without quotes.
pub(crate) fn column(table: &str, name: &str) -> Vec<String> {
    let mut rows = table.lines();
    let titles: Vec<&str> = rows.next().expect("a table has a head").split(',').collect();
    let place =
        titles.iter().position(|title| *title == name).unwrap_or_else(|| panic!("no {name} in {titles:?}"));
    rows.map(|row| row.split(',').nth(place).unwrap_or_default().to_owned()).collect()
}

pub(crate) fn wait_new(page: &Page, count: usize) {
    let script = format!(
        "document.querySelector('[data-count=import-new]')?.dataset.value === '{count}'
            && document.querySelector('[data-action=import]').disabled === {}",
        count == 0
    );
    page.browser().wait(&format!("{count} readings are new"), &script);
}

/// The cells of a workbook below that title.
fn cells(workbook: &[u8], title: &str) -> Vec<Data> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(workbook)).expect("it is a workbook");
    let sheet = workbook.worksheet_range("Readings").expect("it has a sheet");
    let mut rows = sheet.rows();
    let place = rows.next().and_then(|titles| titles.iter().position(|cell| *cell == title));
    let place = place.unwrap_or_else(|| panic!("there is no {title}"));
    rows.map(|row| row[place].clone()).collect()
}

pub(crate) fn import(page: &Page) {
    page.browser().click("[data-action=import]");
    page.browser().wait("it is imported", "!!document.querySelector('[data-import=complete]')");
    page.browser().wait("the import is listed", "!!document.querySelector('[data-imported]')");
}

pub(crate) fn undo(page: &Page) {
    page.go("data");
    page.browser().click("[data-action=undo-import]");
    page.browser().wait("the import is gone", "!document.querySelector('[data-imported]')");
}

const HOURS: &str = "\
Hour Start,Electricity 1 (Dutch Users: Low Tariff),Electricity 2 (Dutch Users: Normal Tariff),Electricity 1 Returned \
(Dutch Users: Low Tariff),Electricity 2 Returned (Dutch Users: Normal Tariff),Gas
2024-01-01T00:00:00+01:00,0.196,0,0,0,0.032
2024-01-01T01:00:00+01:00,0.224,0,0,0,0.056
2024-01-01T02:00:00+01:00,0.189,0,0,0,0.026
";
