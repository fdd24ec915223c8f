//! Prints the power from a P1 port, line by line: `cargo run --example serial -- /dev/ttyUSB0`.
//!
//! Other meters that send by themselves need another `Stack` and `Line`; `examples/ask.rs` reads meters that must be
//! asked.

use std::env;
use std::error::Error;
use std::io::{ErrorKind, Read};
use std::time::{self, Duration};

use metertap_decoder::line::Line;
use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("which port?")?;
    // 115200 8N1; eight data bits without parity are serialport's default.
    let mut port = serialport::new(path, Line::P1.baud).timeout(Duration::from_millis(100)).open()?;
    let begun = time::Instant::now();
    let now = || Instant::from(begun.elapsed());
    let mut session = Session::new(Setup { stack: Stack::P1, ..Setup::default() }, now());
    let mut bytes = [0; 4096];
    loop {
        match port.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(length) => session.handle_bytes(now(), bytes.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::TimedOut => session.handle_timeout(now()),
            Err(error) => return Err(error.into()),
        }
        loop {
            match session.poll() {
                Output::Reading(reading, _) => match reading.net_power() {
                    Some(power) => println!("{power} W"),
                    None => println!("no power in this telegram"),
                },
                Output::Notice(Notice::Fault(error, _)) => eprintln!("{error}"),
                // The port's timeout is shorter than any wait of a session that only listens.
                Output::Wait(_) => break,
                // Noise between telegrams. No meter is polled, so the session sends nothing.
                _ => {}
            }
        }
    }
}
