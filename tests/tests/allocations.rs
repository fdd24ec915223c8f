//! No allocation for a telegram before the reading itself: once a session has warmed up, reading a telegram takes no more
//! memory from the system than copying its reading would.

use allocation_counter::measure;
use metertap_decoder::register::Value;
use metertap_decoder::session::{Output, Session};
use metertap_decoder::time::Instant;
use metertap_simulator::{Meter, Model};
use metertap_tests::setup;

#[test]
fn a_telegram_costs_what_its_reading_costs() {
    let mut beyond = Vec::new();
    for model in Model::ALL {
        let mut session = Session::new(setup(*model), Instant(0));
        let mut telegrams = Meter::new(*model, 1, 1_795_219_190);
        for telegram in telegrams.by_ref().take(WARM) {
            read(&mut session, &telegram.octets).for_each(drop);
        }
        for telegram in telegrams.take(20) {
            let mut outputs = Vec::with_capacity(8);
            let reading = measure(|| outputs.extend(read(&mut session, &telegram.octets)));
            let mut copies = Vec::with_capacity(outputs.len());
            let copying = measure(|| copies.extend(outputs.iter().cloned()));
            // Copies share their long texts.
            let due = copying.count_total + outputs.iter().map(long_texts).sum::<u64>();
            if reading.count_total > due {
                beyond.push((model.name(), reading.count_total, due));
            }
        }
    }
    assert!(beyond.is_empty(), "meter, allocations of reading, allocations of copying: {beyond:?}");
}

/// What the session says of it, without a list of its own.
fn read<'s>(session: &'s mut Session, octets: &[u8]) -> impl Iterator<Item = Output> + use<'s> {
    session.handle_octets(Instant(0), octets);
    std::iter::from_fn(|| Some(session.poll()).filter(|output| !matches!(output, Output::Wait(_))))
}

fn long_texts(output: &Output) -> u64 {
    let Output::Reading(reading, _) = output else { return 0 };
    reading
        .values
        .iter()
        .filter(|value| matches!(&value.value, Value::Text(text) if text.is_heap_allocated()))
        .count() as u64
}

/// Telegrams after which every buffer has its size, and the meter has said who it is.
const WARM: usize = 40;
