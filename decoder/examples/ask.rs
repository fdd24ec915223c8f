//! Polls a DIN rail meter over Modbus every two seconds: `cargo run --example ask -- /dev/ttyUSB0 eastron-1p`.
//!
//! Meters of other protocols need no profile, but another `stack` and `question`: `Stack::Mbus` with
//! `Question::Mbus(Address::ANY, Baud::default())`, or `Stack::Kmp` with `Question::Kmp`.

use std::env;
use std::error::Error;
use std::io::{ErrorKind, Read};
use std::time::{self, Duration};

use metertap_decoder::line::{Line, Parity};
use metertap_decoder::question::{Ask, Question, Rail};
use metertap_decoder::rail::Profile;
use metertap_decoder::schedule::Schedule;
use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use serialport::SerialPort;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("which port?")?;
    let name = env::args().nth(2).ok_or("which profile? The name of a file in meters/modbus/")?;
    let profile = Profile::named(&name).ok_or(format!("{name} is not a profile"))?;
    let question = Question::Rail(Rail { address: 1, lines: profile.lines().collect() });
    let setup = Setup {
        stack: Stack::Modbus,
        ask: Some(Ask::new(question, Schedule::every(2))),
        profile: Some(profile.into()),
        ..Setup::default()
    };

    // The session outputs the line settings before it sends anything.
    let mut port = serialport::new(path, 9600).open()?;
    let begun = time::Instant::now();
    let now = || Instant::from(begun.elapsed());
    let mut session = Session::new(setup, now());
    let mut bytes = [0; 4096];
    loop {
        let until = loop {
            match session.poll() {
                Output::Reading(reading, _) => {
                    for value in &reading.values {
                        println!("{} {:?}: {value}", value.register, value.quantity);
                    }
                }
                Output::Notice(Notice::Fault(error, _)) => eprintln!("{error}"),
                Output::Transmit(bytes) => port.write_all(&bytes)?,
                Output::Line(line) => set(&mut *port, line)?,
                Output::Wait(until) => break until,
                _ => {}
            }
        };
        let pause = until.map_or(Duration::from_secs(1), |until| until.since(now()));
        port.set_timeout(pause.max(Duration::from_millis(1)))?;
        match port.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(length) => session.handle_bytes(now(), bytes.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::TimedOut => session.handle_timeout(now()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn set(port: &mut dyn SerialPort, line: Line) -> serialport::Result<()> {
    port.set_baud_rate(line.baud)?;
    port.set_data_bits(match line.data_bits {
        7 => serialport::DataBits::Seven,
        _ => serialport::DataBits::Eight,
    })?;
    port.set_parity(match line.parity {
        Parity::None => serialport::Parity::None,
        Parity::Even => serialport::Parity::Even,
        Parity::Odd => serialport::Parity::Odd,
    })?;
    port.set_stop_bits(match line.stop_bits {
        2 => serialport::StopBits::Two,
        _ => serialport::StopBits::One,
    })
}
