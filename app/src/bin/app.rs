//! The window's program, and the entry points of its parts that are fetched on first use.
#![allow(unsafe_code, reason = "a screen is called as a foreign function; the macro writes that call")]

use futures_util::FutureExt;
use leptos::prelude::*;
use metertap_app::fetching::NotFetched;
use metertap_app::model::{CardParts, Coming, Drawing, MeterModel, SavedPicture, Surface};
use metertap_app::screens::ahead_tiles::AheadTiles;
use metertap_app::screens::connect::Connect;
use metertap_app::screens::contract::Contract;
use metertap_app::screens::data::Data;
use metertap_app::screens::forward::Forward;
use metertap_app::screens::history::History;
use metertap_app::screens::meter_details::MeterDetails;
use metertap_app::screens::meter_help::MeterHelp;
use metertap_app::screens::meters::Meters;
use metertap_app::screens::notices::Notices;
use metertap_app::screens::octets::Octets;
use metertap_app::screens::outlook::Outlook;
use metertap_app::screens::tiles::Tiles;
use metertap_app::screens::welcome_more::WelcomeMore;
use metertap_app::window;
use metertap_app::window::fetched::Screens;
use metertap_app::window::language;
use metertap_app::window::services;
use metertap_readings::store::MeterKey;
use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::wasm_split;

fn main() {
    window::open(Screens {
        meters: || coming(meters()),
        connect: || coming(connect()),
        data: || coming(data()),
        forward: || coming(forward()),
        notices: || coming(notices()),
        octets: |key| coming(octets(key)),
        history: |view| coming(history(view)),
        card: CardParts {
            tiles: |meter| coming(tiles(meter.key)),
            ahead: |meter| coming(ahead(meter)),
            outlook: |meter| coming(outlook(meter)),
            details: |meter| coming(details(meter)),
            contract: |meter| coming(contract(meter)),
            help: |meter| coming(help(meter)),
        },
        welcome: || coming(welcome()),
        save_picture: |picture| {
            spawn_local(async move {
                let _ = save(picture).await;
            });
        },
        draw: |surface, drawing| {
            let drawn = draw(surface.clone(), drawing);
            // If the code could not be fetched, the next drawing tries again.
            spawn_local(async move {
                let _ = drawn.await;
            });
        },
    });
}

type Screen = Result<AnyView, NotFetched>;

/// Waits for all texts and the code of a screen, and returns the screen.
fn coming(screen: impl Future<Output = Screen> + 'static) -> Coming {
    async move {
        language::whole().await?;
        screen.await
    }
    .boxed_local()
}

#[wasm_split(meters, fallible)]
fn meters() -> Screen {
    Ok(view! { <Meters /> }.into_any())
}

#[wasm_split(connect, fallible)]
fn connect() -> Screen {
    Ok(view! { <Connect /> }.into_any())
}

#[wasm_split(data, fallible)]
fn data() -> Screen {
    Ok(view! { <Data /> }.into_any())
}

#[wasm_split(forward, fallible)]
fn forward() -> Screen {
    Ok(view! { <Forward /> }.into_any())
}

#[wasm_split(notices, fallible)]
fn notices() -> Screen {
    Ok(view! { <Notices /> }.into_any())
}

#[wasm_split(octets, fallible)]
fn octets(key: MeterKey) -> Screen {
    Ok(view! { <Octets key /> }.into_any())
}

#[wasm_split(history, fallible)]
fn history(view: String) -> Screen {
    Ok(view! { <History view /> }.into_any())
}

#[wasm_split(history, fallible)]
fn tiles(key: MeterKey) -> Screen {
    Ok(view! { <Tiles meter=key /> }.into_any())
}

#[wasm_split(ahead, fallible)]
fn ahead(meter: MeterModel) -> Screen {
    Ok(view! { <AheadTiles meter /> }.into_any())
}

#[wasm_split(ahead, fallible)]
fn outlook(meter: MeterModel) -> Screen {
    Ok(view! { <Outlook meter /> }.into_any())
}

#[wasm_split(details, fallible)]
fn details(meter: MeterModel) -> Screen {
    Ok(view! { <MeterDetails meter /> }.into_any())
}

#[wasm_split(contract, fallible)]
fn contract(meter: MeterModel) -> Screen {
    Ok(view! { <Contract meter /> }.into_any())
}

#[wasm_split(details, fallible)]
fn help(meter: MeterModel) -> Screen {
    Ok(view! { <MeterHelp meter /> }.into_any())
}

#[wasm_split(welcome, fallible)]
fn welcome() -> Screen {
    Ok(view! { <WelcomeMore /> }.into_any())
}

#[wasm_split(chart, fallible)]
fn save(picture: SavedPicture) -> Result<(), NotFetched> {
    services::save(picture);
    Ok(())
}

#[wasm_split(chart, fallible)]
fn draw(surface: Surface, drawing: Drawing) -> Result<(), NotFetched> {
    services::draw(&surface, &drawing);
    Ok(())
}
