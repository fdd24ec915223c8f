//! Counters with impossible values, and several meters on one line.

use metertap_decoder::crc::crc16_arc;
use metertap_decoder::hex;
use metertap_decoder::line::Line;
use metertap_e2e::meter::Telegram;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, serve};
use serde_json::Value;

/// 500.058, then 900,000.000, then 500.060 kWh: a glitch in one telegram. The value is stored, but does not count in
/// the totals.
#[test]
fn a_glitch_of_a_counter_is_in_the_log_and_not_in_the_totals() {
    let (scene, site) = (Scene::new("counters-glitch"), serve());
    let pty = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    let said = ["500.015", "500.058", "900000.000", "500.060", "500.061", "500.061"];
    let player = play(pty, said.map(|energy| ("A0000000000000001", energy)));
    player.wait_ended(PATIENCE);
    page.wait_card(&meter, "shows them all", "card.seq === 6");
    let table = page.save("csv", "day");
    assert_eq!(column(&table, COUNTED), ["0.046"], "{table}");
    let kept = page.export();
    let values = kept.iter().flat_map(|entry| entry["values"].as_array().into_iter().flatten());
    let energies = values.filter(|value| value["register"] == "1-0:1.8.0").map(|value| &value["value"]);
    let energies: Vec<&Value> = energies.collect();
    assert_eq!(energies, said, "nothing that was held back is lost");

    // Recomputing gives the same totals, and no step was held back for the user.
    page.go("data");
    page.browser().click("[data-action=recompute]");
    page.browser().wait(
        "totals are computed",
        "document.querySelector('[data-recomputed]')?.dataset.recomputed === '0'",
    );
    assert_eq!(page.browser().evaluate("document.querySelectorAll('[data-held]').length"), 0);
    page.browser().picture("data-totals");
}

/// A counter that jumps and stays there waits for the user's confirmation.
#[test]
fn a_held_back_step_counts_when_the_user_confirms_it() {
    let (scene, site) = (Scene::new("counters-held"), serve());
    let pty = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    let said = ["500.000", "500.010", "600.000", "600.000"];
    let player = play(pty, said.map(|energy| ("A0000000000000001", energy)));
    player.wait_ended(PATIENCE);
    page.wait_card(&meter, "shows them all", "card.seq === 4");
    assert_eq!(column(&page.save("csv", "day"), COUNTED), ["0.010"]);
    page.go("data");
    page.browser().wait("the step is reported", "!!document.querySelector('[data-held=\"1-0:1.8.0\"]')");
    page.browser().picture("data-held");
    page.browser().click("[data-action=confirm-step]");
    page.browser().wait("nothing is held back", "!document.querySelector('[data-held]')");
    assert_eq!(column(&page.save("csv", "day"), COUNTED), ["100.000"]);
    page.reload();
    assert_eq!(column(&page.save("csv", "day"), COUNTED), ["100.000"], "after a restart too");
}

/// Three meters take turns on one line. There are three cards and three logs, each with its own total.
#[test]
fn meters_that_take_turns_on_a_line_are_separate_meters() {
    let (scene, site) = (Scene::new("counters-turns"), serve());
    let pty = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    let names = ["A0000000000000001", "B0000000000000002", "C0000000000000003"];
    let said: Vec<(&str, String)> = (0..8)
        .flat_map(|turn| {
            let energies = [100_000 + turn, 5_000_000 + 2 * turn, 70_000_000 + 3 * turn];
            names.into_iter().zip(energies.map(|energy| format!("{}.{:03}", energy / 1000, energy % 1000)))
        })
        .collect();
    let player = play(pty, said);
    player.wait_ended(PATIENCE);
    page.browser()
        .wait("there are three cards", "document.querySelectorAll('article[data-meter]').length === 3");
    assert_eq!(page.meters().iter().filter(|key| **key == meter).count(), 1, "the first meter stays");
    page.browser().picture("one-line");
    let kept = page.export();
    assert_eq!(kept.len(), 24, "nothing is lost");
    let log_of = |name: &str| -> Vec<&Value> {
        let named = |entry: &&Value| entry["meter"].as_str().is_some_and(|meter| meter.ends_with(name));
        kept.iter().filter(named).map(|entry| &entry["seq"]).collect()
    };
    // The first telegrams of the two others came before the page could know of several meters.
    assert_eq!(log_of(names[1]).len(), 8);
    let mut numbers: Vec<u64> = log_of(names[2]).iter().filter_map(|seq| seq.as_u64()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 3, 4, 5, 6, 7], "the third reading of the first log, and seven of its own");
    // After a reload, all three meters are there again.
    page.reload();
    page.browser()
        .wait("there are three cards", "document.querySelectorAll('article[data-meter]').length === 3");
}

/// Sends a P1 telegram each second, of that meter and with that counter.
fn play<E: AsRef<str>>(
    pty: metertap_e2e::Pty,
    said: impl IntoIterator<Item = (&'static str, E)>,
) -> Player<()> {
    let telegram = |(second, (meter, energy)): (u64, (&str, E))| {
        let number = hex::upper(meter.as_bytes());
        let body = format!(
            "/SIM5\\2METERTAP\r\n\r\n1-3:0.2.8(50)\r\n0-0:96.1.1({number})\r\n1-0:1.8.0({:0>10}*kWh)\r\n\
             1-0:1.7.0(00.360*kW)\r\n!",
            energy.as_ref()
        );
        let octets = format!("{body}{:04X}\r\n", crc16_arc(body.as_bytes())).into_bytes();
        Telegram { due: second * 1000, octets, truth: () }
    };
    let telegrams: Vec<_> = (1..).zip(said).map(telegram).collect();
    Player::play(pty, telegrams.into_iter())
}

/// The cells of a column of a table without quotes.
fn column(table: &str, name: &str) -> Vec<String> {
    let mut rows = table.lines();
    let titles: Vec<&str> = rows.next().expect("a table has a head").split(',').collect();
    let place = titles.iter().position(|title| *title == name);
    let place = place.unwrap_or_else(|| panic!("no {name} in {titles:?}"));
    rows.map(|row| row.split(',').nth(place).unwrap_or_default().to_owned()).collect()
}

const COUNTED: &str = "active_energy_import_counted_kwh";
