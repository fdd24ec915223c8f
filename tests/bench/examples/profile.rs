//! Decodes one simulated meter's telegrams repeatedly, for a profiler: `profile NAME ROUNDS`.

use std::env;
use std::time::Instant;

use metertap_decoder::stack::Stack;
use metertap_simulator::{Meter, Model};

fn main() {
    let mut arguments = env::args().skip(1);
    let model = arguments.next().and_then(|name| Model::named(&name));
    let rounds = arguments.next().and_then(|rounds| rounds.parse::<u32>().ok()).filter(|rounds| *rounds > 0);
    let (Some(model), Some(rounds)) = (model, rounds) else {
        eprintln!("profile NAME ROUNDS, where NAME is a simulated meter");
        return;
    };
    let bytes: Vec<u8> =
        Meter::new(model, 1, 1_795_219_200).take(TELEGRAMS).flat_map(|telegram| telegram.bytes).collect();
    let stack = Stack::of_protocol(model.protocol()).unwrap_or_default();
    let begun = Instant::now();
    let values: usize = (0..rounds).map(|_| metertap_bench::values(stack, &bytes)).sum();
    let each = begun.elapsed() / rounds / u32::try_from(TELEGRAMS).unwrap_or(1);
    println!("{each:?} a telegram, {values} values");
}

const TELEGRAMS: usize = 200;
