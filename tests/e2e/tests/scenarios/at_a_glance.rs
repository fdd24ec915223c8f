//! The power of a reading is painted before anything else of the reading.

use metertap_decoder::line::Line;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, Page, Player, Scene, serve};
use metertap_simulator::Model;

#[test]
fn the_power_is_painted_before_the_rest_of_its_reading_is_written() {
    let (scene, site) = (Scene::new("power-first"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let browser = Browser::start(&scene, &site.url());
    browser.run_at_start(FRAMES);
    let page = Page::open(browser, &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    let _player = Player::simulate(p1, Model::Dsmr5, 3, START);
    page.wait_card(&meter, "is live", "card.state === 'live' && card.seq > 2");

    page.browser().evaluate("holdFrames()");
    page.browser().wait("a reading comes", "held.length");
    page.browser().wait("its power is written", &format!("({POWER}) !== held.power"));
    let rest_waits = page.browser().evaluate(&format!("({SEQ}) === held.seq"));
    assert_eq!(rest_waits, true, "nothing else of the reading is written before the frame");
    page.browser().evaluate("void releaseFrames()");
    page.browser().wait("the rest follows", &format!("({SEQ}) > seqBefore"));
}

/// Holds back frames, and the timers by which the page works if no frame comes. Begins once all earlier readings are
/// written.
const FRAMES: &str = "
    {
        const { requestAnimationFrame, setTimeout } = globalThis;
        globalThis.held = null;
        let pending = 0;
        globalThis.holdFrames = () => new Promise((done) => {
            const begin = () => {
                if (pending > 0) { return setTimeout(begin, 10); }
                held = [];
                done();
            };
            begin();
        });
        globalThis.releaseFrames = () => {
            const acts = held;
            globalThis.seqBefore = held.seq;
            held = null;
            acts.forEach((act) => act());
        };
        const hold = (act) => {
            // When the first frame or timer is held back, a reading has come and nothing of it is written yet.
            held.seq ??= Number(document.querySelector('article[data-seq]').dataset.seq);
            held.power ??= document.querySelector('.net .digits').textContent;
            return held.push(act);
        };
        globalThis.requestAnimationFrame = (act) =>
            held ? hold(() => requestAnimationFrame(act)) : requestAnimationFrame(act);
        globalThis.setTimeout = (act, milliseconds, ...more) => {
            if (milliseconds !== 250) { return setTimeout(act, milliseconds, ...more); }
            if (held) { return hold(() => setTimeout(act, 0, ...more)); }
            pending += 1;
            return setTimeout(() => { pending -= 1; act(...more); }, milliseconds);
        };
    }
";
const POWER: &str = "document.querySelector('.net .digits').textContent";
const SEQ: &str = "Number(document.querySelector('article[data-seq]').dataset.seq)";
/// 2026-11-21T12:00:00Z.
const START: i64 = 1_795_262_400;
