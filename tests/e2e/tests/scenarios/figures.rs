//! Printed figures, and one that is checked: no byte is lost at 115200 baud.

use std::time::Duration;

use metertap_decoder::crc::crc16_arc;
use metertap_decoder::line::Line;
use metertap_e2e::log::{assert_same, saved};
use metertap_e2e::meter::Telegram;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, say, serve, wait_for};
use metertap_simulator::Model;

#[test]
fn no_byte_is_lost_over_ten_thousand_telegrams_without_pause() {
    let (scene, site) = (Scene::new("no-pause"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    wait_for(PATIENCE, || p1.is_open().then_some(())).expect("the port is opened");
    // The port is opened before it is configured. This test does not measure bytes that arrive in between.
    page.wait_state(&meter, "listening");

    let telegrams =
        (1..=TELEGRAMS).map(|number| Telegram { due: 0, octets: short_telegram(number), truth: () });
    let mut player = Player::play(p1, telegrams);
    player.wait_ended(Duration::from_secs(400));
    let spoken = player.stop();
    let octets: usize = spoken.iter().map(|spoken| spoken.octets).sum();
    let overrun = spoken.iter().filter(|spoken| !spoken.heard).count();

    let all = format!("card.counts.telegrams + card.counts['checksum-failures'] >= {}", TELEGRAMS - overrun);
    page.wait_card(&meter, "has read all telegrams", &all);
    // Readings are sent to the window at once, but other counts only about once a second.
    let told = format!("card.counts.octets >= {octets}");
    let card = page.wait_card(&meter, "shows that no byte was lost", &told);
    let lost = octets.saturating_sub(usize::try_from(card.counts["octets"]).unwrap_or_default());
    say(&format!(
        "bytes lost at 115200 baud: {lost} of {octets}, in {TELEGRAMS} telegrams of {} bytes without pause",
        octets / TELEGRAMS
    ));
    assert_eq!((lost, overrun), (0, 0), "{card:?}");
    assert_eq!(card.counts["telegrams"], TELEGRAMS as u64, "{card:?}");
    for fault in ["checksum-failures", "other-faults", "noise", "line-errors"] {
        assert_eq!(card.counts[fault], 0, "{card:?}");
    }

    let entries = page.export();
    let counters: Vec<&str> = entries
        .iter()
        .flat_map(|entry| entry["values"].as_array().into_iter().flatten())
        .filter(|value| value["register"] == "1-0:1.8.1")
        .filter_map(|value| value["value"].as_str())
        .collect();
    let sent: Vec<String> = (1..=TELEGRAMS).map(counter).collect();
    assert!(counters == sent, "the log holds each telegram once, in order");
}

#[test]
fn the_time_from_the_last_byte_to_the_painted_number_is_printed() {
    let (scene, site) = (Scene::new("latency"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    page.browser().evaluate(&format!("({WATCH})({meter:?})"));
    let mut player = Player::simulate(p1, Model::Dsmr5, 9, 1_795_263_600);
    player.wait_heard(60, Duration::from_secs(120));
    let spoken = player.stop();
    let entries = saved(&page, Model::Dsmr5, &spoken);
    let telegrams = assert_same(&entries, &spoken, &[]);
    let painted = page.browser().evaluate("globalThis.painted");
    let took = (1..).zip(&telegrams).filter_map(|(number, telegram)| {
        let painted = painted.get(u64::to_string(&number))?.as_f64()?;
        Some(painted - telegram.at)
    });
    let mut took: Vec<f64> = took.collect();
    took.sort_by(f64::total_cmp);
    assert!(took.len() >= 50, "most telegrams were painted: {} of {}", took.len(), telegrams.len());
    let at = |hundredth: usize| took[(took.len() * hundredth / 100).min(took.len() - 1)];
    say(&format!(
        "byte at the tty to painted number: p50 {:.0} ms, p99 {:.0} ms, of {} telegrams",
        at(50),
        at(99),
        took.len()
    ));
}

/// The shortest useful DSMR 5 telegram: version, clock, identification, a counter and the power.
fn short_telegram(number: usize) -> Vec<u8> {
    let (minute, second) = (number / 60 % 60, number % 60);
    let lines = [
        "/MTP5SHORT".to_owned(),
        String::new(),
        "1-3:0.2.8(50)".to_owned(),
        format!("0-0:1.0.0(26112112{minute:02}{second:02}W)"),
        "0-0:96.1.1(4D54503030303031)".to_owned(),
        format!("1-0:1.8.1({:0>10}*kWh)", counter(number)),
        "1-0:1.7.0(01.193*kW)".to_owned(),
        "1-0:2.7.0(00.000*kW)".to_owned(),
        "!".to_owned(),
    ];
    let mut octets = lines.join("\r\n").into_bytes();
    let checksum = crc16_arc(&octets);
    octets.extend(format!("{checksum:04X}\r\n").into_bytes());
    octets
}

/// The counter in that telegram, in kWh.
fn counter(number: usize) -> String {
    format!("{}.{:03}", number / 1000, number % 1000)
}

/// Records for each reading when it was painted: after the frame in which the card changed.
const WATCH: &str = "(meter) => {
    globalThis.painted = {};
    const look = () => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
            const seq = document.querySelector(`article[data-meter='${meter}']`)?.dataset.seq;
            if (seq) { painted[seq] ??= performance.timeOrigin + performance.now(); }
        };
        port2.postMessage(0);
    });
    new MutationObserver(look).observe(document.body, { subtree: true, attributeFilter: ['data-value', 'data-seq'] });
}";
const TELEGRAMS: usize = 10_000;
