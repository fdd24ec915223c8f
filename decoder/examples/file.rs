//! Prints the readings of a file: `cargo run --example file -- telegrams.bin`.
//!
//! The file contains the bytes of a P1 port, as `cat /dev/ttyUSB0 > telegrams.bin` writes them.

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
                println!("byte {}: meter {}", span.at, reading.meter.as_deref().unwrap_or("unknown"));
                for value in &reading.values {
                    let quantity = value.quantity.map_or("unknown", |quantity| quantity.as_str());
                    println!("  {} {quantity}: {value}", value.register);
                }
            }
            Output::Notice(Notice::Fault(error, span)) => println!("byte {}: {error}", span.at),
            Output::Notice(_) => {}
            // No meter is polled here, so the session sends nothing.
            Output::Transmit(_) | Output::Line(_) => {}
            // The end of the file counts as silence on the line.
            Output::Wait(Some(until)) => session.handle_timeout(until),
            Output::Wait(None) => return Ok(()),
            Output::Remembered(..) => {}
        }
    }
}
