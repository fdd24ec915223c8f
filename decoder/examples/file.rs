//! The readings of a file: `cargo run --example file -- telegrams.bin`.
//!
//! The file holds the octets of a P1 port, as `cat /dev/ttyUSB0 > telegrams.bin` writes them.

use std::error::Error;
use std::{env, fs};

use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("which file?")?;
    let bytes = fs::read(path)?;
    let mut session = Session::new(Setup { stack: Stack::P1, ..Setup::default() }, Instant(0));
    session.handle_bytes(Instant(0), &bytes);
    loop {
        match session.poll() {
            Output::Reading(reading, span) => {
                println!("octet {}: meter {}", span.at, reading.meter.as_deref().unwrap_or("unknown"));
                for value in &reading.values {
                    let quantity = value.quantity.map_or("unknown", |quantity| quantity.as_str());
                    println!("  {} {quantity}: {value}", value.register);
                }
            }
            Output::Notice(Notice::Fault(error, span)) => println!("octet {}: {error}", span.at),
            Output::Notice(_) => {}
            // Nobody is asked here, so nothing is said.
            Output::Transmit(_) | Output::Line(_) => {}
            // The file is over as if the line had fallen silent.
            Output::Wait(Some(until)) => session.handle_timeout(until),
            Output::Wait(None) => return Ok(()),
            Output::Remembered(..) => {}
        }
    }
}
