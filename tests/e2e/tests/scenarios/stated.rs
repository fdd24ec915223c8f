//! Statements by the user about a meter: a transformer's ratio changes what is shown. The page says so, and the ratio
//! can be taken back.

use std::time::Duration;

use metertap_decoder::line::Line;
use metertap_e2e::page::{Card, PortKind};
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, serve, wait_for};
use metertap_simulator::{Model, Truth};

#[test]
fn a_transformers_ratio_is_applied_shown_and_removed() {
    let (scene, site) = (Scene::new("stated"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    let player = Player::simulate(p1, Model::Dsmr5, 5, START);
    page.wait_state(&meter, "live");
    assert_net(&page, &meter, &player, 1.0);

    open_settings(&page);
    page.browser().picture("meter-settings");
    let form = "form[data-form=state]";
    page.browser().enter(&format!("{form} [name=stated-amount]"), "200/5");
    page.browser()
        .evaluate(&format!("document.querySelector('{form} [name=stated-from]').value = '2020-01-01'"));
    page.browser().click("[data-action=state]");
    page.browser().wait("the ratio is listed", "!!document.querySelector('[data-statement]')");
    page.browser().picture("meter-stated");
    page.go("live");
    assert_net(&page, &meter, &player, 40.0);
    page.browser().wait("the card says so", "!!document.querySelector('.glance [data-scaling=stated]')");
    page.browser().picture("live-stated");

    open_settings(&page);
    page.browser().click("[data-action=take-back]");
    page.browser().wait("it is taken back", "!document.querySelector('[data-statement]')");
    page.go("live");
    assert_net(&page, &meter, &player, 1.0);
}

/// Expands all settings of the only meter.
fn open_settings(page: &Page) {
    page.go("meters");
    page.browser().wait("the meter is listed", "!!document.querySelector('.meter-line details')");
    page.browser().evaluate(
        "document.querySelectorAll('.meter-line details').forEach((part) => { part.open = true; })",
    );
}

/// Waits until the card shows the meter's net power multiplied by that factor.
fn assert_net(page: &Page, meter: &str, player: &Player<Truth>, factor: f64) {
    player.wait_heard(2, Duration::from_secs(30));
    let shows =
        |card: &Card| card.values.iter().find(|shown| shown.register == "net")?.value.parse::<f64>().ok();
    let mut seen = Vec::new();
    let found = wait_for(PATIENCE, || {
        let net = page.card(meter).as_ref().and_then(shows)?;
        let said: Vec<f64> =
            player.spoken().iter().rev().take(3).filter_map(|spoken| net_of(&spoken.truth)).collect();
        let is_so = said.iter().any(|said| (said * factor - net).abs() < 0.5);
        seen = [&[net], said.as_slice()].concat();
        is_so.then_some(())
    });
    assert!(found.is_some(), "the card and the meter say {seen:?}, but the factor should be {factor}");
}

fn net_of(truth: &Truth) -> Option<f64> {
    let power = |register: &str| {
        truth.values.iter().find(|value| value.register == register)?.value.parse::<f64>().ok()
    };
    Some(power("1-0:1.7.0")? - power("1-0:2.7.0")?)
}

/// 2026-11-21T12:00:00Z.
const START: i64 = 1_795_262_400;
