//! The screens in a real page, with events as input. The tests check the texts and the data attributes of the screens.
#![cfg(target_arch = "wasm32")]

mod forms;
mod stage;

use leptos::prelude::*;
use metertap_app::browser::{clock, storage};
use metertap_app::model::{Picture, Screen, apply};
use metertap_app::protocol::{Command, Event, KeptOctets, Layer};
use metertap_app::screens::forward::Forward;
use metertap_app::screens::live::Live;
use metertap_app::screens::octets::Octets;
use metertap_decoder::anatomy::Anatomy;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{HtmlCanvasElement, HtmlElement, HtmlInputElement};

use self::stage::{NOW, Stage, entry, meter, ready, row};

wasm_bindgen_test_configure!(run_in_browser);

/// List 2 of a house that exports energy.
fn feeding_in() -> Value {
    json!([
        {"register": "1-0:1.7.0", "quantity": "active-power-import", "value": "0", "unit": "W"},
        {"register": "1-0:2.7.0", "quantity": "active-power-export", "value": "12431", "unit": "W"},
        {"register": "1-0:32.7.0", "quantity": "voltage", "phase": "l1", "value": "230.0", "unit": "V"},
        {"register": "1-0:99.1.0", "quantity": null, "value": "0042", "unit": null},
    ])
}

#[wasm_bindgen_test]
async fn a_page_without_a_meter_offers_to_connect_one() {
    let stage = Stage::mount(false, || view! { <Live /> });
    stage.hear(ready(json!([])));
    stage.wait("[data-action=simulate]", "data-model", "dsmr-5").await;
    stage.wait("[data-screen=connect]", "href", "#/connect").await;
}

#[wasm_bindgen_test]
async fn every_value_has_its_data_attributes() {
    let stage = Stage::mount(false, || view! { <Live /> });
    stage.hear(ready(json!([meter("live", json!([entry(41, NOW - 500, feeding_in())]))])));
    stage.wait("article[data-meter=kaifa-1]", "data-seq", "41").await;
    stage.wait("article", "data-state", "live").await;
    stage.wait("[data-register=net]", "data-value", "-12431").await;
    let net = stage.find("[data-register=net]").unwrap().text_content().unwrap();
    assert!(net.contains('\u{2212}') && net.contains("kW") && net.contains("export"), "{net}");
    stage.wait("[data-register='1-0:32.7.0']", "data-value", "230.0").await;
    stage.wait("[data-register='1-0:32.7.0']", "data-phase", "l1").await;
    stage.wait("[data-register='1-0:32.7.0']", "data-unit", "V").await;
    stage.wait("[data-register='1-0:2.7.0']", "data-quantity", "active-power-export").await;
    // An unknown register is shown as it was sent.
    stage.wait("[data-register='1-0:99.1.0']", "data-value", "0042").await;
    assert!(!stage.find("[data-register='1-0:99.1.0']").unwrap().has_attribute("data-quantity"));
    stage.wait("[data-count=checksum-failures]", "data-value", "1").await;
    stage.wait("[data-count=noise]", "data-value", "17").await;
}

#[wasm_bindgen_test]
async fn a_wrong_value_says_whether_the_meter_or_the_page_found_it() {
    let stage = Stage::mount(false, || view! { <Live /> });
    let values = json!([
        {"register": "1-0:32.7.0", "quantity": "voltage", "phase": "l1", "value": "9.9", "unit": "V", "error": "implausible"},
        {"register": "0-1:24.2.1", "quantity": "gas-volume", "channel": 1, "value": "7", "unit": "m3", "error": "invalid"},
    ]);
    stage.hear(ready(json!([meter("live", json!([entry(1, NOW - 500, values)]))])));
    stage.wait("[data-register='1-0:32.7.0']", "data-error", "implausible").await;
    stage.wait("[data-register='0-1:24.2.1']", "data-error", "invalid").await;
    let words = |of: &str| stage.find(of).unwrap().parent_element().unwrap().text_content().unwrap();
    assert!(!words("[data-register='1-0:32.7.0']").contains("by the meter"), "the page found it");
    assert!(words("[data-register='0-1:24.2.1']").contains("by the meter"));
}

#[wasm_bindgen_test]
async fn many_new_registers_do_not_fill_the_card() {
    let stage = Stage::mount(false, || view! { <Live /> });
    stage.hear(ready(json!([meter("live", json!([entry(1, NOW - 500, feeding_in())]))])));
    for seq in 2..=12 {
        let named = |number| json!({"register": format!("1-{seq}:{number}.7.0"), "quantity": null, "value": "1", "unit": null});
        let values = (0..100).map(named).collect();
        stage.hear(json!({"reading": {"meter": "kaifa-1", "row": row(&entry(seq, NOW, values))}}));
    }
    stage.wait("article", "data-seq", "12").await;
    stage.wait("[data-registers]", "data-registers", "partial").await;
    let shown = stage.element.query_selector_all(".value[data-register]").unwrap().length();
    assert!(shown <= 501, "{shown} values");
}

#[wasm_bindgen_test]
async fn a_new_reading_changes_only_its_own_values() {
    let stage = Stage::mount(false, || view! { <Live /> });
    stage.hear(ready(json!([meter("live", json!([entry(1, NOW - 2000, feeding_in())]))])));
    stage.wait("[data-register=net]", "data-value", "-12431").await;
    let list_1 =
        json!([{"register": "1-0:1.7.0", "quantity": "active-power-import", "value": "1380", "unit": "W"}]);
    stage.hear(json!({"reading": {"meter": "kaifa-1", "row": row(&entry(2, NOW, list_1))}}));
    stage.wait("article", "data-seq", "2").await;
    stage.wait("[data-register=net]", "data-value", "1380").await;
    stage.wait("[data-register='1-0:1.7.0']", "data-value", "1380").await;
    stage.wait("[data-register='1-0:32.7.0']", "data-value", "230.0").await;
}

#[wasm_bindgen_test]
async fn a_meter_silent_for_three_intervals_is_stale() {
    let stage = Stage::mount(false, || view! { <Live /> });
    stage.hear(ready(json!([meter("live", json!([entry(1, NOW - 6000, feeding_in())]))])));
    stage.wait("article", "data-state", "live").await;
    stage.model.now.set(Moment(NOW + 1));
    stage.wait("article", "data-state", "stale").await;
}

#[wasm_bindgen_test]
async fn an_error_is_shown_until_it_is_over() {
    let stage = Stage::mount(false, || view! { <Live /> });
    let mut state = meter("live", json!([]));
    state["trouble"] =
        json!({"code": "frame.checksum", "detail": "1A2B, not 9F00", "at": Moment(NOW).to_string()});
    stage.hear(ready(json!([state])));
    stage.wait("article [data-trouble]", "data-trouble", "frame.checksum").await;
    stage.wait("article [data-action=octets]", "href", "#/octets/kaifa-1").await;
    stage.hear(json!({"meter": {"state": meter("live", json!([]))}}));
    for _ in 0..200 {
        if stage.find("article [data-trouble]").is_none() {
            return;
        }
        clock::sleep(10).await;
    }
    panic!("the error is still reported");
}

#[wasm_bindgen_test]
async fn the_chart_is_drawn_on_the_canvas() {
    let stage = Stage::mount(false, || view! { <Live /> });
    stage.hear(ready(json!([meter("live", json!([entry(1, NOW - 500, feeding_in())]))])));
    stage.wait("article", "data-seq", "1").await;
    let picture = Picture {
        from: Moment(NOW - 600_000),
        to: Moment(NOW),
        columns: (0..300).map(|column| Some((f64::from(column), f64::from(column + 20)))).collect(),
    };
    stage.model.meter(&MeterKey("kaifa-1".to_owned())).unwrap().picture.set(Some(picture));
    let canvas: HtmlCanvasElement = stage.find("canvas").unwrap().unchecked_into();
    for _ in 0..200 {
        if is_drawn_on(&canvas) {
            let words = canvas.get_attribute("aria-label").unwrap();
            assert!(words.contains("between 0 and 319 watts"), "{words}");
            return;
        }
        clock::sleep(10).await;
    }
    panic!("the canvas is empty");
}

#[wasm_bindgen_test]
async fn a_broker_that_the_browser_will_block_is_reported_before_an_attempt() {
    let stage = Stage::mount(true, || view! { <Forward /> });
    stage.hear(ready(json!([])));
    stage.wait("[data-forward]", "data-forward", "off").await;
    stage.wait("[name=broker-base]", "value", "meters").await;
    for (url, warned) in [
        ("ws://homeassistant:8123", true),
        ("ws://192.168.1.5:9001", true),
        ("mqtt://192.168.1.5", true),
        ("wss://broker.example", false),
        ("ws://localhost:9001", false),
    ] {
        let field: HtmlInputElement = stage.find("[name=broker-url]").unwrap().unchecked_into();
        field.set_value(url);
        field.dispatch_event(&web_sys::Event::new("input").unwrap()).unwrap();
        clock::sleep(0).await;
        let notice: HtmlElement = stage.find(".notice").unwrap().unchecked_into();
        assert_eq!(notice.hidden(), !warned, "{url}");
    }
    stage.find("[data-action=forward-save]").unwrap().unchecked_into::<HtmlElement>().click();
    clock::sleep(0).await;
    let said = stage.commands.get_untracked();
    assert!(
        matches!(&said[..], [Command::Forward { broker: Some(broker) }] if broker.url == "ws://localhost:9001"),
        "{said:?}"
    );
}

/// A telegram of a simulated Kaifa with one damaged byte, and the fields that the decoder finds in it.
#[wasm_bindgen_test]
async fn a_telegram_is_shown_field_by_field() {
    let key = MeterKey("kaifa-1".to_owned());
    let stage = Stage::mount(false, || view! { <Octets key=MeterKey("kaifa-1".to_owned()) /> });
    stage.hear(ready(json!([meter("live", json!([]))])));
    let mut telegrams =
        metertap_simulator::Meter::new(metertap_simulator::Model::KaifaMa304h3e, 1, NOW / 1000);
    // A damaged frame ends at the next byte that could be a flag. The chosen telegram has no such byte inside.
    let has_no_flag = |octets: &[u8]| octets.iter().filter(|octet| **octet == 0x7E).count() == 2;
    let mut octets = telegrams.find(|telegram| has_no_flag(&telegram.bytes)).unwrap().bytes;
    let good = octets.clone();
    let damaged = octets.len() / 2;
    octets[damaged] ^= 1;
    let kept = |octets: &[u8], code: Option<Code>| KeptOctets {
        at: Moment(NOW),
        code,
        values: None,
        octets: octets.to_vec(),
    };
    let all = vec![kept(&good, None), kept(&octets, Some(Code::FrameChecksum))];
    apply(stage.model, Event::Octets { meter: key.clone(), kept: all });
    stage.wait("[data-kept='frame.checksum']", "aria-pressed", "true").await;
    let is_asked = stage.commands.get_untracked().iter().any(
        |command| matches!(command, Command::Inspect { meter, octets: asked } if *meter == key && *asked == octets),
    );
    assert!(is_asked, "{:?}", stage.commands.get_untracked());
    let setup = Setup { stack: Stack::HdlcDlms, ..Setup::default() };
    let anatomy = |octets: &[u8]| Event::Anatomy {
        meter: key.clone(),
        layers: Anatomy::of(&setup, &[], octets).layers.into_iter().map(Layer::from).collect(),
    };
    apply(stage.model, anatomy(&octets));
    // ISO/IEC 13239: first a flag. The frame check sequence, which is wrong here, is before the last flag.
    stage.wait(".octets [data-field]", "data-stage", "framing").await;
    stage.wait(".octets [data-fault]", "data-stage", "checksum").await;
    stage.wait(".octets [data-fault]", "class", "lit").await;
    let note = stage.find(".note").unwrap().text_content().unwrap();
    assert!(note.contains("FCS") && note.contains("the frame's checksum is"), "{note}");
    assert!(stage.find("[data-stage=name], [data-stage=value]").is_some());

    stage.find("[data-kept=reading]").unwrap().unchecked_into::<HtmlElement>().click();
    stage.wait("[data-kept=reading]", "aria-pressed", "true").await;
    apply(stage.model, anatomy(&good));
    for _ in 0..200 {
        if stage.find(".octets [data-field]").is_some() && stage.find("[data-fault]").is_none() {
            break;
        }
        clock::sleep(10).await;
    }
    assert!(stage.find("[data-fault]").is_none(), "a good telegram has no fault");
    stage.find(".octets [data-field]").unwrap().unchecked_into::<HtmlElement>().click();
    stage.wait(".octets [data-field]", "class", "lit").await;
    let note = stage.find(".note").unwrap().text_content().unwrap();
    assert!(note.contains("opening flag"), "{note}");
    let model: String = stage.find(".octets").unwrap().text_content().unwrap();
    assert!(model.starts_with("0000") && model.contains("7e"), "{model}");
}

/// Other pages of the same origin share `localStorage`: <https://html.spec.whatwg.org/multipage/webstorage.html>.
#[wasm_bindgen_test]
async fn remembered_items_of_an_earlier_version_get_our_prefix() {
    let kept = web_sys::window().unwrap().local_storage().unwrap().unwrap();
    kept.clear().unwrap();
    kept.set_item("meters-since", "2025-01-01T00:00:00Z").unwrap();
    kept.set_item("persistence-asked", "yes").unwrap();
    assert_eq!(storage::remembered("meters-since").as_deref(), Some("2025-01-01T00:00:00Z"));
    assert!(!storage::persist_once().await, "it was asked before");
    let mut names: Vec<_> = (0..kept.length().unwrap()).filter_map(|n| kept.key(n).unwrap()).collect();
    names.sort();
    assert_eq!(names, ["metertap-meters-since", "metertap-persistence-asked"]);
    assert_eq!(kept.get_item("metertap-meters-since").unwrap().as_deref(), Some("2025-01-01T00:00:00Z"));
    storage::forget("meters-since");
    assert_eq!(storage::remembered("meters-since"), None);
    kept.clear().unwrap();
}

#[wasm_bindgen_test]
fn addresses_lead_back_to_their_screens() {
    let octets = Screen::Octets(MeterKey("kaifa-1".to_owned()));
    for screen in Screen::MAIN.into_iter().chain(Screen::OTHERS).chain([octets]) {
        assert_eq!(Screen::of_hash(&screen.hash()), screen);
    }
    assert_eq!(Screen::of_hash(""), Screen::Live);
    assert_eq!(Screen::of_hash("#/nowhere"), Screen::Live);
}

fn is_drawn_on(canvas: &HtmlCanvasElement) -> bool {
    let context: web_sys::CanvasRenderingContext2d =
        canvas.get_context("2d").unwrap().unwrap().unchecked_into();
    let (width, height) = (canvas.width().cast_signed(), canvas.height().cast_signed());
    let pixels = context.get_image_data(0, 0, width.max(1), height.max(1)).unwrap();
    pixels.data().iter().any(|octet| *octet != 0)
}
