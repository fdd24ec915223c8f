//! A loop that allocates nothing after its start: each reading is handed back after use.
//! `cargo run --example steady`

use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;

fn main() {
    let mut session = Session::new(Setup { stack: Stack::P1, ..Setup::default() }, Instant(0));
    let mut readings = 0;
    for second in 0..1000 {
        session.handle_bytes(Instant(second * 1000), TELEGRAM);
        loop {
            match session.poll() {
                Output::Reading(reading, _) => {
                    readings += 1;
                    // Use the reading here. The session then reuses its memory for the next one.
                    session.hand_back(reading);
                }
                Output::Wait(_) => break,
                _ => {}
            }
        }
    }
    println!("{readings} readings");
}

/// A P1 telegram of version 2, which has no checksum.
const TELEGRAM: &[u8] = b"/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n1-0:2.7.0(00.000*kW)\r\n!\r\n";
