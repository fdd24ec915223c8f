//! Writes the telegrams of a simulated meter to standard output, byte for byte and without pause.
//!
//! `cargo run -p metertap-simulator --example play -- MODEL [SEED] [COUNT] > telegrams.bin`
//!
//! The keys of a meter that encrypts go to standard error.

use std::io::{self, Write};
use std::process::ExitCode;

use metertap_decoder::hex;
use metertap_simulator::{Meter, Model};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let model = arguments.next().and_then(|name| Model::named(&name));
    let seed = arguments.next().map_or(Ok(1), |seed| seed.parse());
    let count = arguments.next().map_or(Ok(10), |count| count.parse());
    let (Some(model), Ok(seed), Ok(count), None) = (model, seed, count, arguments.next()) else {
        eprintln!("usage: play MODEL [SEED] [COUNT], where MODEL is one of");
        for model in Model::ALL {
            eprintln!("  {:24} {} at {}", model.name(), model.title(), model.line());
        }
        return ExitCode::from(2);
    };
    if let Some(keys) = model.keys() {
        eprintln!("encryption key {}", hex::upper(&keys.encryption));
        if let Some(key) = keys.authentication {
            eprintln!("authentication key {}", hex::upper(&key));
        }
    }
    let mut out = io::stdout().lock();
    for telegram in Meter::new(model, seed, START).take(count) {
        if out.write_all(&telegram.bytes).is_err() {
            // The program that reads our output has ended.
            break;
        }
    }
    ExitCode::SUCCESS
}

/// 2026-11-21T02:59:50+01:00: ten seconds before a full hour, so that hourly lists come soon.
const START: i64 = 1_795_226_390;
