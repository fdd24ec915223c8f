//! Checks that a warmed-up session allocates nothing for a telegram except the reading itself: decoding a telegram
//! makes no more allocations than copying its reading.

use allocation_counter::measure;
use metertap_decoder::register::Value;
use metertap_decoder::session::{Output, Session};
use metertap_decoder::time::Instant;
use metertap_simulator::{Meter, Model};
use metertap_tests::setup;

#[test]
fn a_telegram_allocates_only_its_reading() {
    let mut beyond = Vec::new();
    for model in Model::ALL {
        let mut session = Session::new(setup(*model), Instant(0));
        let mut telegrams = Meter::new(*model, 1, 1_795_219_190);
        for telegram in telegrams.by_ref().take(WARM) {
            read(&mut session, &telegram.bytes).for_each(drop);
        }
        for telegram in telegrams.take(20) {
            let mut outputs = Vec::with_capacity(8);
            let reading = measure(|| outputs.extend(read(&mut session, &telegram.bytes)));
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

/// A program that hands each reading back makes no allocations once it has warmed up, except for long texts and octet
/// strings.
#[test]
fn a_loop_that_returns_its_readings_does_not_allocate() {
    let mut beyond = Vec::new();
    for model in [Model::Dsmr5, Model::AidonSweden, Model::IskraMt175] {
        let mut session = Session::new(setup(model), Instant(0));
        let mut telegrams = Meter::new(model, 1, 1_795_219_190);
        let mut look = |bytes: &[u8]| {
            session.handle_bytes(Instant(0), bytes);
            let mut texts = 0;
            loop {
                match session.poll() {
                    Output::Wait(_) => return texts,
                    output => {
                        texts += long_texts(&output) + runs_of_bytes(&output);
                        if let Output::Reading(reading, _) = output {
                            session.hand_back(reading);
                        }
                    }
                }
            }
        };
        for telegram in telegrams.by_ref().take(WARM) {
            look(&telegram.bytes);
        }
        for telegram in telegrams.take(20) {
            let mut texts = 0;
            let taken = measure(|| texts = look(&telegram.bytes)).count_total;
            if taken > texts {
                beyond.push((model.name(), taken, texts));
            }
        }
    }
    assert!(beyond.is_empty(), "meter, allocations, long texts: {beyond:?}");
}

/// The session's outputs for these bytes, as an iterator, which allocates nothing.
fn read<'s>(session: &'s mut Session, bytes: &[u8]) -> impl Iterator<Item = Output> + use<'s> {
    session.handle_bytes(Instant(0), bytes);
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

/// The number of values that are octet strings, each of which has its own memory.
fn runs_of_bytes(output: &Output) -> u64 {
    let Output::Reading(reading, _) = output else { return 0 };
    reading.values.iter().filter(|value| matches!(value.value, Value::Octets(_))).count() as u64
}

/// The number of telegrams after which every buffer has its final size and the meter has identified itself.
const WARM: usize = 40;
