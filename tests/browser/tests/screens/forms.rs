//! The forms on the card of a polled meter, and the labels of quantities.

use leptos::prelude::*;
use metertap_app::browser::clock;
use metertap_app::parts::label;
use metertap_app::protocol::{Command, Unrecognised};
use metertap_app::screens::live::Live;
use metertap_app::texts;
use metertap_decoder::address::Address;
use metertap_decoder::line::Line;
use metertap_decoder::rail::By;
use metertap_decoder::reading::{Protocol, Quantity};
use metertap_readings::store::MeterKey;
use serde_json::json;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};

use super::stage::{Stage, meter, ready};

#[wasm_bindgen_test]
fn every_quantity_has_a_label() {
    texts::put_english();
    for quantity in Quantity::ALL {
        assert!(!label::quantity(*quantity).is_empty(), "{quantity:?}");
    }
}

/// The form for a Modbus meter that answers at address 5 and seems to be made by Eltako.
async fn doubtful() -> Stage {
    let stage = Stage::mount(false, || view! { <Live /> });
    let mut state = meter("listening", json!([]));
    let like = Some(("eltako-dsz15".to_owned(), "Eltako DSZ15DZMOD".to_owned()));
    let unrecognised = Unrecognised { like, address: 5, line: Line::INFRARED };
    state["unrecognised"] = serde_json::to_value(unrecognised).unwrap();
    stage.hear(ready(json!([state])));
    stage.wait("[data-form=rail] [name=address]", "value", "5").await;
    stage
}

fn field<T: JsCast>(stage: &Stage, selector: &str) -> T {
    stage.find(selector).unwrap().unchecked_into()
}

/// The command that the form sends. `None` if it sends none.
async fn sent(stage: &Stage) -> Option<Command> {
    field::<HtmlElement>(stage, "[data-action=rail]").click();
    clock::sleep(0).await;
    stage.commands.get_untracked().last().cloned()
}

#[wasm_bindgen_test]
async fn the_form_suggests_the_profile_and_address_of_a_doubtful_meter() {
    let stage = doubtful().await;
    assert_eq!(field::<HtmlSelectElement>(&stage, "[name=profile]").value(), "eltako-dsz15");
    let Some(Command::Ask { meter, spoken }) = sent(&stage).await else { panic!("nothing is sent") };
    assert_eq!(meter, MeterKey("kaifa-1".to_owned()));
    assert_eq!((spoken.profile.as_str(), spoken.profile_by), ("eltako-dsz15", By::Person));
    assert_eq!(spoken.address, Some(Address::Primary(5)));
    assert_eq!((spoken.protocol, spoken.line), (Some(Protocol::Modbus), Some(Line::INFRARED)));
    assert!(spoken.asked && spoken.by_hand);
}

#[wasm_bindgen_test]
async fn another_meter_at_another_address_can_be_chosen() {
    let stage = doubtful().await;
    field::<HtmlSelectElement>(&stage, "[name=profile]").set_value("eastron-3p");
    field::<HtmlInputElement>(&stage, "[name=address]").set_value("17");
    let Some(Command::Ask { spoken, .. }) = sent(&stage).await else { panic!("nothing is sent") };
    assert_eq!((spoken.profile.as_str(), spoken.address), ("eastron-3p", Some(Address::Primary(17))));
}

/// A number field accepts `1e1`, which the browser reads as ten.
#[wasm_bindgen_test]
async fn a_number_is_parsed_as_the_browser_does() {
    let stage = doubtful().await;
    field::<HtmlInputElement>(&stage, "[name=address]").set_value("1e1");
    let Some(Command::Ask { spoken, .. }) = sent(&stage).await else { panic!("nothing is sent") };
    assert_eq!(spoken.address, Some(Address::Primary(10)));
}

#[wasm_bindgen_test]
async fn an_impossible_address_is_not_sent() {
    for address in ["0", "248", "", "one"] {
        let stage = doubtful().await;
        field::<HtmlInputElement>(&stage, "[name=address]").set_value(address);
        assert!(sent(&stage).await.is_none(), "{address}");
    }
}

#[wasm_bindgen_test]
async fn fetching_a_load_profile_can_be_stopped() {
    let stage = Stage::mount(false, || view! { <Live /> });
    let mut state = meter("live", json!([]));
    state["fetching"] = json!({"done": 40, "of": 96});
    stage.hear(ready(json!([state])));
    stage.wait("article progress", "value", "40").await;
    field::<HtmlElement>(&stage, "[data-action=fetch-stop]").click();
    clock::sleep(0).await;
    let said = stage.commands.get_untracked();
    assert!(matches!(&said[..], [Command::Fetch { on: false, .. }]), "{said:?}");
}
