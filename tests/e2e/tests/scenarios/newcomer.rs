//! A new user, with and without a meter, and with unsuitable files and devices.

use std::fs;

use metertap_decoder::crc::crc16_x25;
use metertap_decoder::line::Line;
use metertap_e2e::meter::Telegram;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, serve};
use metertap_simulator::{Meter, Model};

#[test]
fn one_click_starts_a_simulated_meter() {
    let (scene, site) = (Scene::new("newcomer"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    assert!(page.meters().is_empty(), "a new profile has no meters");
    page.browser().picture("nothing-yet");
    page.browser().click("[data-action=simulate]");
    page.go("live");
    page.browser().wait("a meter is on the screen", "!!document.querySelector('article[data-meter]')");
    let meter = page.meters().remove(0);
    let card = page.wait_card(&meter, "is live", "card.state === 'live' && card.seq > 0");
    let net = card.values.iter().find(|value| value.register == "net").expect("the power is on the screen");
    assert_eq!((net.quantity.as_deref(), net.unit.as_deref()), (Some("active-power"), Some("W")));
    for screen in ["connect", "data", "forward", "live"] {
        page.go(screen);
        page.browser().picture(&format!("simulated-{screen}"));
    }

    // After a reload, the readings are still there, and the meter continues.
    let before = page.card(&meter).expect("the meter is there").seq;
    page.reload();
    page.wait_card(&meter, "goes on", &format!("card.state === 'live' && card.seq > {before}"));
    let numbers: Vec<u64> = page.export().iter().filter_map(|entry| entry["seq"].as_u64()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[test]
fn before_the_first_meter_a_sample_house_and_the_requirements_are_shown() {
    let (scene, site) = (Scene::new("welcome"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let power = "document.querySelector('[data-part=preview] .digits')?.innerText";
    let first = page.browser().wait("a house has a power", power);
    page.browser().wait("its power changes", &format!("({power}) !== {first}"));
    let countries = "document.querySelectorAll('[data-part=needs] [data-country]').length >= 13";
    page.browser().wait("every country is there", countries);
    page.browser().picture("welcome");
    assert!(page.meters().is_empty(), "the sample house is not a meter");
}

#[test]
fn a_card_enters_and_leaves_full_screen() {
    let (scene, site) = (Scene::new("full-screen"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.go("live");
    page.wait_card(&meter, "is live", "card.state === 'live' && card.seq > 0");
    let fill = format!("[data-action=fill-screen][data-meter={meter:?}]");
    page.browser().click(&fill);
    page.browser().wait(
        "the card fills the screen",
        &format!("document.fullscreenElement?.dataset.meter === {meter:?}"),
    );
    page.browser().picture("full-screen");
    page.browser().click(&fill);
    page.browser().wait("the page is back", "document.fullscreenElement === null");
}

#[test]
fn every_model_can_be_simulated() {
    let site = serve();
    // With more meters in one page, a machine with two cores is too slow.
    for models in Model::ALL.chunks(8) {
        let scene = Scene::new("models");
        let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
        // Several at once: a meter that pushes once a minute delays only itself.
        let meters: Vec<_> = models.iter().map(|model| page.simulate(*model)).collect();
        for meter in meters {
            page.wait_card(&meter, "is live", "card.state === 'live' && card.seq > 0");
        }
    }
}

#[test]
fn a_file_is_read_and_one_without_telegrams_is_reported() {
    let (scene, site) = (Scene::new("files"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.go("connect");
    fs::write(scene.path("letter.txt"), "Dear grid operator,\n\nplease open my port.\n")
        .expect("a file is written");
    page.browser().choose("[data-action=open-file]", &scene.path("letter.txt"));
    page.browser().wait(
        "the file is named unreadable",
        "!!document.querySelector(\"[data-trouble='file.no-telegram']\")",
    );
    page.browser().picture("no-telegram");

    let telegrams: Vec<_> = Meter::new(Model::Dsmr5, 10, 1_795_263_600).take(3).collect();
    let octets: Vec<u8> = telegrams.iter().flat_map(|telegram| telegram.bytes.clone()).collect();
    fs::write(scene.path("capture.txt"), octets).expect("a file is written");
    page.go("connect");
    page.browser().choose("[data-action=open-file]", &scene.path("capture.txt"));
    page.go("live");
    page.browser().wait("the file is read", "!!document.querySelector('article[data-state=done]')");
    let entries = page.export();
    assert_eq!(entries.len(), telegrams.len());
    for (entry, telegram) in entries.iter().zip(&telegrams) {
        assert_eq!(metertap_e2e::log::difference(entry, &telegram.truth), None);
    }
}

#[test]
fn silence_and_a_port_that_will_not_open_are_reported() {
    let (scene, site) = (Scene::new("silence"), serve());
    let silent = scene.plug(Vendor::SiLabs, Line::HAN);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::SiLabs, PortKind::Han);
    page.wait_state(&meter, "listening");
    page.browser().picture("listening");
    page.wait_card(&meter, "is reported as silent", "card.trouble === 'port.silent'");
    page.browser().picture("silent");
    scene.unplug(Vendor::SiLabs, silent);
    page.wait_state(&meter, "unplugged");

    // A name in the list that leads nowhere fails to open, just like a port that another program holds.
    let taken = scene.plug(Vendor::Ftdi, Line::P1);
    let (name, aside) = (scene.path("ports/ttyFtdi"), scene.path("ports/aside"));
    fs::rename(&name, &aside).expect("the port's name can be changed");
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    page.wait_card(&meter, "is reported as busy", "card.state === 'blocked' && card.trouble === 'port.busy'");
    page.browser().picture("blocked");
    fs::rename(&aside, &name).expect("the port's name can be changed back");
    let _player = Player::simulate(taken, Model::Dsmr5, 11, 1_795_263_600);
    page.wait_card(&meter, "is read once it can be", "card.state === 'live' && card.seq > 0");
}

#[test]
fn an_unknown_list_is_stored() {
    let (scene, site) = (Scene::new("unknown-list"), serve());
    let han = scene.plug(Vendor::SiLabs, Line::HAN);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.connect(Vendor::SiLabs, PortKind::Han);
    page.wait_state(&meter, "listening");
    let telegrams = (0..5).map(|number| Telegram { due: number * 2000, octets: unknown_list(), truth: () });
    let player = Player::play(han, telegrams);
    player.wait_heard(1, PATIENCE);
    page.wait_card(&meter, "reports an unknown list", "card.trouble === 'parse.list-unknown'");
    page.browser().picture("unknown-list");
    page.browser().click(&format!("article[data-meter={meter:?}] a[data-action=octets]"));
    page.browser()
        .wait("its bytes are kept", "!!document.querySelector(\"[data-kept='parse.list-unknown']\")");
    page.browser().picture("octets");
}

/// A frame as a Norwegian Kaifa sends it, with a list of five numbers that no meter table describes. It has frame
/// format type 3 (IEC 62056-46), and holds a DLMS DataNotification without a date, with a structure of
/// double-long-unsigned values.
fn unknown_list() -> Vec<u8> {
    let mut payload = vec![0xE6, 0xE7, 0x00, 0x0F, 0x40, 0x00, 0x00, 0x00, 0x00, 0x02, 0x05];
    payload.extend((0..5).flat_map(|number| [0x06, 0x00, 0x00, 0x01, number]));
    let length = 2 + 3 + 1 + 2 + payload.len() + 2;
    let mut frame = vec![0xA0, u8::try_from(length).expect("the frame is short"), 0x01, 0x02, 0x01, 0x10];
    frame.extend(crc16_x25(&frame).to_le_bytes());
    frame.extend(payload);
    frame.extend(crc16_x25(&frame).to_le_bytes());
    [vec![0x7E], frame, vec![0x7E]].concat()
}

#[test]
fn a_removed_meter_is_gone() {
    let (scene, site) = (Scene::new("removal"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let stays = page.simulate(Model::Dsmr5);
    let goes = page.simulate(Model::KaifaMa304h3e);
    page.wait_state(&goes, "live");
    page.remove(&goes);
    page.wait_state(&stays, "live");
    page.reload();
    page.wait_state(&stays, "live");
    assert_eq!(page.meters(), [stays], "also after a reload");
}
