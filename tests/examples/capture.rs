//! Writes a redacted capture of a simulated meter to standard output. `tests/captures` contains such captures.
//!
//! `cargo run -p metertap-tests --example capture -- MODEL`

use std::process::ExitCode;

use metertap_readings::files::capture::redacted;
use metertap_simulator::Model;
use metertap_tests::recording::{recorded, setup};

fn main() -> ExitCode {
    let Some(model) = std::env::args().nth(1).and_then(|name| Model::named(&name)) else {
        eprintln!("usage: capture MODEL");
        return ExitCode::from(2);
    };
    let (capture, _) = recorded(model, 1, START, TELEGRAMS);
    print!("{}", redacted(&capture, &setup(&capture), &[]).0.to_text());
    ExitCode::SUCCESS
}

/// 2026-11-21T02:59:50+01:00: ten seconds before a full hour.
const START: i64 = 1_795_226_390;
const TELEGRAMS: usize = 6;
