//! The worker's program, and the entry points of its parts that are fetched on first use.
#![allow(unsafe_code, reason = "a part is called as a foreign function; the macro writes that call")]

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use metertap_app::fetching::NotFetched;
use metertap_app::protocol::{Event, bytes};
use metertap_app::worker::disk::{Entries, entries_of};
use metertap_app::worker::{Browser, Rare, run};
use metertap_engine::broker::ForwardWork;
use metertap_engine::jobs::{AheadWork, FileWork, LogWork, OctetWork};
use metertap_engine::log::HeldWork;
use metertap_engine::notices::NoticeWork;
use metertap_engine::part::{self, Work};
use metertap_engine::protocols::ProtocolWork;
use metertap_engine::readers::SourceWork;
use metertap_engine::{Errand, Parts};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::wasm_split;

fn main() {
    console_error_panic_hook::set_once();
    let parts = Parts {
        errands: |work| to_its_end(errands(work)).boxed_local(),
        files: |work| to_its_end(files(work)).boxed_local(),
        log: |work| to_its_end(log(work)).boxed_local(),
        held: |work| to_its_end(held(work)).boxed_local(),
        notices: |work| to_its_end(notices(work)).boxed_local(),
        ahead: |work| to_its_end(ahead(work)).boxed_local(),
        forward: |work| to_its_end(forward(work)).boxed_local(),
        octets: |work| to_its_end(octets(work)).boxed_local(),
        protocols: |work| to_its_end(protocols(work)).boxed_local(),
        sources: |work| to_its_end(sources(work)).boxed_local(),
    };
    let rare = Rare {
        told: |bytes| told(bytes).boxed_local(),
        entries: |rows| entries(rows).boxed_local(),
        // If it fails, the first question fetches the code again.
        prepare: || spawn_local(async { drop(fetch_log().await) }),
    };
    spawn_local(run(parts, rare));
}

/// The future of a part, once the part's code is loaded.
type Begun = Result<LocalBoxFuture<'static, ()>, NotFetched>;

async fn to_its_end(begun: impl Future<Output = Begun>) -> Result<(), part::NotFetched> {
    begun.await.map_err(|NotFetched| part::NotFetched)?.await;
    Ok(())
}

#[wasm_split(errands, fallible)]
fn errands(work: Errand<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(files, fallible)]
fn files(work: FileWork<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(log, fallible, preload(fetch_log))]
fn log(work: LogWork<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(held, fallible)]
fn held(work: HeldWork<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(notices, fallible)]
fn notices(work: NoticeWork<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(ahead, fallible)]
fn ahead(work: AheadWork<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(forward, fallible)]
fn forward(work: ForwardWork<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(octets, fallible)]
fn octets(work: OctetWork<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(protocols, fallible)]
fn protocols(work: ProtocolWork) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(sources, fallible)]
fn sources(work: SourceWork<Browser>) -> Begun {
    Ok(work.go_on())
}

#[wasm_split(told, fallible)]
fn told(bytes: Vec<u8>) -> Result<Option<Event>, NotFetched> {
    Ok(bytes::read(&bytes))
}

#[wasm_split(entries, fallible)]
fn entries(rows: Vec<JsValue>) -> Result<Entries, NotFetched> {
    Ok(entries_of(rows))
}
