//! Power from a P1 port, line by line: `cargo run --example serial -- /dev/ttyUSB0`.

use std::env;
use std::error::Error;
use std::io::{ErrorKind, Read};
use std::time::{self, Duration};

use metertap_decoder::reading::{Quantity, Reading};
use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("which port?")?;
    // DSMR 4 and later: 115200 8N1.
    let mut port = serialport::new(path, 115_200).timeout(Duration::from_millis(100)).open()?;
    let begun = time::Instant::now();
    let now = || Instant(begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX));
    let mut session = Session::new(Setup { stack: Stack::P1, ..Setup::default() }, now());
    let mut octets = [0; 4096];
    loop {
        match port.read(&mut octets) {
            Ok(0) => return Ok(()),
            Ok(length) => session.handle_octets(now(), octets.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::TimedOut => session.handle_timeout(now()),
            Err(error) => return Err(error.into()),
        }
        loop {
            match session.poll() {
                Output::Reading(reading, _) => print(&reading),
                Output::Notice(Notice::Fault(error, _)) => eprintln!("{error}"),
                Output::Notice(_) => {}
                Output::Transmit(octets) => port.write_all(&octets)?,
                Output::Line(line) => port.set_baud_rate(line.baud)?,
                Output::Remembered(..) => {}
                // The port's own timeout is shorter than any that a session waits for.
                Output::Wait(_) => break,
            }
        }
    }
}

fn print(reading: &Reading) {
    for value in &reading.values {
        if value.phase.is_none() && value.quantity == Some(Quantity::ActivePowerImport) {
            println!("{} W", value.value);
        }
    }
}
