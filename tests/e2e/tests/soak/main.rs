//! The long tests: fifty kills of a browser, and a day of a meter at high speed. `cargo xtask soak` runs them.
//!
//! `METERTAP_KILLS` and `METERTAP_HOURS` make them shorter or longer.

use std::env;
use std::time::{Duration, Instant};

use metertap_decoder::line::Line;
use metertap_e2e::browser::Heaps;
use metertap_e2e::chance::Chance;
use metertap_e2e::house::House;
use metertap_e2e::log::{assert_same, saved};
use metertap_e2e::meter::Telegram;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, Page, Player, Scene, say, serve, wait_for};
use metertap_simulator::{Meter, Model};

#[test]
fn kills_at_random_moments_lose_nothing() {
    let (scene, site) = (Scene::new("soak-kills"), serve());
    let kills = number("METERTAP_KILLS", 50);
    let mut chance = Chance::of_the_day(&format!("{kills} kills"));
    let (mut house, mut page) = House::open(&scene, &site);
    for kill in 1..=kills {
        page = house.kill(page, &mut chance);
        if kill % 10 == 0 {
            say(&format!("{kill} of {kills} kills"));
        }
    }
    house.assert_nothing_lost(&page);
}

#[test]
fn a_day_at_high_speed_takes_no_more_memory_at_its_end_than_at_its_beginning() {
    let (scene, site) = (Scene::new("soak-day"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    // The line is never idle, and the computer's clock keeps up with the meter's.
    page.browser().evaluate_in_engine(FAST);
    let hours = usize::try_from(number("METERTAP_HOURS", 24)).expect("it is a number of hours");
    let telegrams = Meter::new(Model::Dsmr5, 51, START).step_by(APART).take(hours * 3600 / APART);
    let whole = telegrams.map(|telegram| Telegram { due: 0, octets: telegram.bytes, truth: telegram.truth });
    let mut player = Player::play(p1, whole);
    page.wait_state(&meter, "live");

    let mut samples: Vec<Heaps> = Vec::new();
    let began = Instant::now();
    let ended = wait_for(PATIENCE, || {
        let due = SAMPLES_APART * u32::try_from(samples.len()).unwrap_or(u32::MAX);
        if began.elapsed() >= due {
            samples.push(page.browser().heaps());
        }
        player.has_said(hours * 3600 / APART).then_some(())
    });
    ended.expect("the day comes to its end");
    let spoken = player.stop();
    samples.push(page.browser().heaps());
    tell("JavaScript objects", &samples, |heaps| heaps.objects);
    tell("buffers", &samples, |heaps| heaps.buffers);
    tell("wasm", &samples, |heaps| heaps.wasm);
    assert_same(&saved(&page, Model::Dsmr5, &spoken), &spoken, &[]);
    assert!(samples.iter().all(|heaps| heaps.wasm > 0), "the memory of wasm is measured");
    for of in [|heaps: &Heaps| heaps.objects, |heaps: &Heaps| heaps.buffers, |heaps: &Heaps| heaps.wasm] {
        // Memory may grow in the first quarter, while code is compiled and buffers reach their size.
        let (first, last) = (peak(quarter(&samples, 1), of), peak(quarter(&samples, 3), of));
        assert!(last <= first + SLACK, "memory grew from {first} to {last} bytes");
    }
}

fn tell(what: &str, samples: &[Heaps], of: fn(&Heaps) -> u64) {
    let megabytes = |octets: u64| format!("{}.{} MB", octets / 1_000_000, octets / 100_000 % 10);
    let at = |place: Option<&Heaps>| megabytes(place.map(of).unwrap_or_default());
    let (start, end, peak) = (at(samples.first()), at(samples.last()), megabytes(peak(samples, of)));
    say(&format!("{what}: start {start}, end {end}, peak {peak}"));
}

fn quarter(samples: &[Heaps], number: usize) -> &[Heaps] {
    let length = (samples.len() / 4).max(1);
    samples.get(number * length..).map_or(samples, |rest| &rest[..length.min(rest.len())])
}

fn peak(samples: &[Heaps], of: fn(&Heaps) -> u64) -> u64 {
    samples.iter().map(of).max().unwrap_or_default()
}

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().expect("it is a number"))
}

/// At 115,200 baud, a telegram takes a twelfth of a second. Ten seconds of the meter's time pass meanwhile.
const FAST: &str = "(() => {
    const [began, at] = [Date.now(), performance.now()];
    Date.now = () => began + Math.round((performance.now() - at) * 120);
})()";

/// 2026-11-20T23:00:00Z, midnight at the meter's place.
const START: i64 = 1_795_215_600;
/// Seconds between two telegrams of the day.
const APART: usize = 10;
const SAMPLES_APART: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(3600);
/// How many bytes a heap may grow without a leak, because some garbage has not been collected yet.
const SLACK: u64 = 4_000_000;
