//! Tests of the environment itself, without Metertap. If one of them fails, fix it before all others.

use std::fs;

use metertap_decoder::line::{Line, Parity};
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Scene, Site, wait_for};
use serde_json::json;

#[test]
fn a_worker_of_a_plain_page_reads_what_is_sent_over_the_tty() {
    let scene = Scene::new("ground");
    fs::create_dir(scene.path("page")).expect("the scene's folder can be written");
    fs::write(scene.path("page/index.html"), "<!doctype html><title>Ground</title>")
        .expect("a page is written");
    fs::write(scene.path("page/worker.js"), WORKER).expect("a script is written");
    let site = Site::open(&scene.path("page"), 0).expect("the loopback has a free port");
    let (ftdi, silabs) = (scene.plug(Vendor::Ftdi, Line::P1), scene.plug(Vendor::SiLabs, Line::HAN));

    let browser = open(&scene, &site);
    browser.wait("both adapters are listed", &format!("({VENDORS}).then((ids) => ids.length === 2)"));
    browser.pick(Vendor::SiLabs);
    let picked =
        browser.evaluate("navigator.serial.requestPort().then((port) => port.getInfo().usbVendorId)");
    assert_eq!(picked, Vendor::SiLabs.id());

    read(&browser, Vendor::Ftdi, "{ baudRate: 115200, bufferSize: 65536 }");
    wait_for(PATIENCE, || ftdi.is_open().then_some(())).expect("the worker has the port open");
    assert!(!silabs.is_open(), "the worker has only that port open");
    browser.wait("the port is set", "said.includes('open')");
    let octets: Vec<u8> = (0..30_000_u32).map(|number| (number % 251) as u8).collect();
    assert_eq!(ftdi.send(&octets).lost, 0);
    let sum = octets.iter().map(|octet| u64::from(*octet)).sum::<u64>();
    browser.wait("every byte arrived", &format!("count === {} && sum === {sum}", octets.len()));

    // A port that expects a parity bit receives what a line with parity bits sends.
    read(&browser, Vendor::SiLabs, "{ baudRate: 2400, parity: 'even' }");
    browser.wait("the port is set", "said.filter((word) => word === 'open').length === 2");
    assert_eq!(silabs.send(&octets[..50]).lost, 0);
    scene.unplug(Vendor::SiLabs, silabs);
    browser.wait("the page receives the event", "said.includes('disconnect')");
    browser.wait("the open stream ends", "said.includes('lost')");
    // From a line without parity bits, all bytes arrive changed.
    let other = scene.plug(Vendor::SiLabs, Line { parity: Parity::None, ..Line::HAN });
    browser.wait("the page receives the event", "said.includes('connect')");
    read(&browser, Vendor::SiLabs, "{ baudRate: 2400, parity: 'even' }");
    browser.wait("the port is set", "said.filter((word) => word === 'open').length === 3");
    assert_eq!(other.send(&octets[..50]).lost, 50);

    browser.kill();
    let browser = open(&scene, &site);
    let vendors = browser.evaluate(&format!("({VENDORS}).then((ids) => ids.sort())"));
    assert_eq!(
        vendors,
        json!([Vendor::Ftdi, Vendor::SiLabs].map(Vendor::id)),
        "the permission survives a crash"
    );
}

fn open(scene: &Scene, site: &Site) -> Browser {
    let browser = Browser::start(scene, &site.url());
    browser.open(&site.url());
    browser.wait("the page is there", "document.title === 'Ground'");
    browser.evaluate(
        "globalThis.said = []; globalThis.count = 0; globalThis.sum = 0;
        for (const plug of ['connect', 'disconnect']) { navigator.serial.addEventListener(plug, () => said.push(plug)); }",
    );
    browser
}

fn read(browser: &Browser, vendor: Vendor, options: &str) {
    browser.evaluate(&format!(
        "void (() => {{
            const worker = new Worker('worker.js');
            worker.onmessage = ({{ data }}) => {{
                if (typeof data === 'string') {{ said.push(data); return; }}
                count += data.length;
                for (const octet of data) {{ sum += octet; }}
            }};
            worker.postMessage([{}, {options}]);
        }})()",
        vendor.id()
    ));
}

const VENDORS: &str =
    "navigator.serial.getPorts().then((ports) => ports.map((port) => port.getInfo().usbVendorId))";
const WORKER: &str = "
onmessage = async ({ data: [vendor, options] }) => {
    const ports = await navigator.serial.getPorts();
    const port = ports.find((port) => port.getInfo().usbVendorId === vendor);
    await port.open(options);
    postMessage('open');
    try {
        const reader = port.readable.getReader();
        for (;;) {
            const { value, done } = await reader.read();
            if (done) { break; }
            postMessage(value);
        }
    } catch { postMessage('lost'); }
};
";
