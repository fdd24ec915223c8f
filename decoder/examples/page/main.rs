//! The decoder in your own web page: `index.html` beside this file passes it the bytes that Web Serial reads.
//!
//! ```text
//! cargo build --release --target wasm32-unknown-unknown --example page
//! wasm-bindgen --target web --out-dir examples/page target/wasm32-unknown-unknown/release/examples/page.wasm
//! python3 -m http.server --directory examples/page
//! ```

use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use wasm_bindgen::prelude::*;

/// A P1 port.
#[wasm_bindgen]
pub struct Port(Session);

#[wasm_bindgen]
impl Port {
    /// A port that has received nothing yet. Times are in milliseconds, as `performance.now()` returns them.
    #[wasm_bindgen(constructor)]
    pub fn new(now: u32) -> Self {
        let setup = Setup { stack: Stack::P1, ..Setup::default() };
        Self(Session::new(setup, Instant(now.into())))
    }

    /// Takes bytes as they are received. Returns the readings that are complete by now, each as JSON.
    pub fn heard(&mut self, now: u32, bytes: &[u8]) -> Vec<String> {
        self.0.handle_bytes(Instant(now.into()), bytes);
        let mut readings = Vec::new();
        loop {
            match self.0.poll() {
                Output::Reading(reading, _) => readings.extend(serde_json::to_string(&reading)),
                Output::Wait(_) => return readings,
                _ => {}
            }
        }
    }
}
