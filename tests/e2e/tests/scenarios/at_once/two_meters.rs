//! Two meters of different kinds on two ports. The screen, the log and the exported file hold exactly what the meters
//! sent.

use std::collections::BTreeMap;
use std::time::Duration;

use metertap_decoder::line::Line;
use metertap_e2e::log::{assert_same, saved};
use metertap_e2e::meter::SentTelegram;
use metertap_e2e::page::{Card, PortKind};
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, Site, dist, now, serve, wait_for};
use metertap_simulator::{Model, Truth};

#[test]
fn two_meters_at_once_are_shown_stored_and_saved_exactly() {
    let (scene, site) = (Scene::new("two-meters"), serve());
    let (han, p1) = (scene.plug(Vendor::SiLabs, Line::HAN), scene.plug(Vendor::Ftdi, Line::P1));
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let kaifa = page.connect(Vendor::SiLabs, PortKind::Han);
    let dsmr = page.connect(Vendor::Ftdi, PortKind::P1);
    // Shortly before the full hour: the Kaifa sends its list with the counters ten seconds after it.
    let players = [
        (kaifa, Player::simulate(han, Model::KaifaMa304h3e, 1, FULL_HOUR - 5)),
        (dsmr, Player::simulate(p1, Model::Dsmr5, 2, FULL_HOUR - 5)),
    ];
    for (meter, player) in &players {
        assert_shown(&page, meter, player);
        player.wait_heard(10, Duration::from_secs(60));
        assert_shown(&page, meter, player);
    }
    page.browser().picture("live");
    page.wait_kept();

    let mut away = Vec::new();
    away.push(reload(&page, &players));
    let port = site.port();
    drop(site);
    away.push(reload(&page, &players));
    let site = Site::open(&dist(), port).expect("the port is still free");
    for (meter, player) in &players {
        player.wait_heard(3, PATIENCE);
        assert_shown(&page, meter, player);
    }
    drop(site);

    for ((_, mut player), model) in players.into_iter().zip([Model::KaifaMa304h3e, Model::Dsmr5]) {
        let spoken = player.stop();
        assert_same(&saved(&page, model, &spoken), &spoken, &away);
    }
    let troubles: Vec<_> = page.browser().notes().into_iter().filter(|note| note.contains("error")).collect();
    assert!(troubles.is_empty(), "the console is quiet: {troubles:?}");
}

/// Reloads the page. Both ports must be reopened without the user. Returns the span in which nobody listened.
fn reload(page: &Page, players: &[(String, Player<Truth>)]) -> (f64, f64) {
    let before: Vec<u64> = players.iter().map(|(meter, _)| page.wait_state(meter, "live").seq).collect();
    let from = now() - UNDERWAY;
    page.reload();
    for ((meter, player), before) in players.iter().zip(before) {
        page.wait_card(
            meter,
            "reads on after a reload",
            &format!("card.state === 'live' && card.seq > {before}"),
        );
        assert_shown(page, meter, player);
    }
    (from, now())
}

/// Waits until a card shows, for each register, the last value that the meter sent, and nothing else.
fn assert_shown(page: &Page, meter: &str, player: &Player<Truth>) {
    player.wait_heard(1, PATIENCE);
    let mut last = String::new();
    let shown = wait_for(PATIENCE, || {
        let card = page.card(meter)?;
        let spoken = player.spoken();
        // A telegram may arrive during the check, so any of the newest ones is accepted.
        let newest = spoken.len().saturating_sub(2)..=spoken.len();
        let found = newest.map(|until| differs(&card, &spoken[..until])).min_by_key(Vec::len)?;
        last = found.join("\n");
        last.is_empty().then_some(())
    });
    assert!(shown.is_some(), "meter {meter} is not shown as it spoke:\n{last}");
}

fn differs(card: &Card, spoken: &[SentTelegram<Truth>]) -> Vec<String> {
    let mut said = BTreeMap::new();
    for value in spoken.iter().filter(|spoken| spoken.heard).flat_map(|spoken| &spoken.truth.values) {
        said.insert(value.register.as_str(), (value.value.as_str(), value.unit, value.quantity));
    }
    let last = spoken.iter().rev().find(|spoken| spoken.heard);
    let power = |register| {
        let values = &last?.truth.values;
        values.iter().find(|value| value.register == register)?.value.parse::<f64>().ok()
    };
    // Only a telegram with both import and export gives the net power.
    let net = power("1-0:1.7.0").zip(power("1-0:2.7.0")).map(|(import, export)| import - export);
    let shown_net =
        card.values.iter().find(|shown| shown.register == "net").and_then(|net| net.value.parse().ok());
    let net =
        net.filter(|net| shown_net != Some(*net)).map(|net| format!("net shows {shown_net:?}, is {net}"));
    // If a meter sends only tariffs, the card shows their sum as well.
    let sum = |quantity: Option<&str>| {
        let tariffs = said.values().filter(|(_, unit, of)| unit.is_some() && *of == quantity);
        tariffs.filter_map(|(value, ..)| value.parse::<f64>().ok()).sum::<f64>()
    };
    let totals = card.values.iter().filter(|shown| shown.register == "total");
    let totals = totals.filter(|total| format!("{:.3}", sum(total.quantity.as_deref())) != total.value);
    let totals = totals.map(|total| format!("the total shows {total:?}"));
    let shown = card.values.iter().filter(|shown| !["net", "total"].contains(&shown.register.as_str()));
    let shown: BTreeMap<_, _> = shown
        .map(|shown| {
            (
                shown.register.as_str(),
                (shown.value.as_str(), shown.unit.as_deref(), shown.quantity.as_deref()),
            )
        })
        .collect();
    let wrong = shown.iter().filter(|(register, value)| said.get(*register) != Some(value));
    let wrong =
        wrong.map(|(register, value)| format!("{register} shows {value:?}, said {:?}", said.get(register)));
    // A value with a unit is a measurement and must be on the card.
    let absent = said.iter().filter(|(register, value)| value.1.is_some() && !shown.contains_key(*register));
    let absent = absent.map(|(register, value)| format!("{register} is not shown, said {value:?}"));
    wrong.chain(absent).chain(net).chain(totals).collect()
}

/// 2026-11-21T12:00:00Z.
const FULL_HOUR: i64 = 1_795_262_400;
/// Milliseconds after its arrival in which a telegram may not be in the log yet.
const UNDERWAY: f64 = 250.0;
