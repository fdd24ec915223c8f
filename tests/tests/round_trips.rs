//! decode(simulate(x)) = x, for every simulated meter. The simulator shares no parser and no table with the decoder.

use metertap_decoder::error::{Error, ParseError};
use metertap_decoder::session::{Notice, Output};
use metertap_simulator::{Meter, Model, Telegram};
use metertap_tests::{as_truth, decode, readings, setup};
use proptest::prelude::*;

/// Whether the output is the notice that follows every reading of a meter without its PIN.
fn is_locked(output: &Output) -> bool {
    matches!(output, Output::Notice(Notice::Fault(Error::Parse(ParseError::Locked), _)))
}

fn check(model: Model, telegrams: &[Telegram]) {
    let bytes: Vec<u8> = telegrams.iter().flat_map(|telegram| telegram.bytes.clone()).collect();
    let outputs = decode(&setup(model), &bytes);
    let readings = readings(&outputs);
    let others = outputs.iter().filter(|output| !matches!(output, Output::Reading(..)) && !is_locked(output));
    assert_eq!(others.count(), 0, "{}: something other than readings: {outputs:?}", model.name());
    assert_eq!(readings.len(), telegrams.len(), "{}", model.name());
    for (reading, telegram) in readings.into_iter().zip(telegrams) {
        let values: Vec<_> = reading.values.iter().map(as_truth).collect();
        for (read, sent) in values.iter().zip(&telegram.truth.values) {
            assert_eq!(read, sent, "{}", model.name());
        }
        assert_eq!(values.len(), telegram.truth.values.len(), "{}", model.name());
        assert_eq!(reading.time.map(|time| time.to_string()), telegram.truth.time, "{}", model.name());
        if telegram.truth.meter.is_some() {
            assert_eq!(reading.meter.as_deref(), telegram.truth.meter.as_deref(), "{}", model.name());
        }
    }
}

/// Across a full hour, so that Norwegian meters send all of their lists.
#[test]
fn every_meter_is_read_as_it_was_simulated() {
    for model in Model::ALL {
        let start = 1_795_219_200 - 15;
        let telegrams: Vec<Telegram> = Meter::new(*model, 1, start).take(60).collect();
        check(*model, &telegrams);
    }
}

#[test]
fn segmented_frames_have_the_same_values() {
    for model in Model::ALL {
        let meter = Meter::new(*model, 1, 1_795_219_200).segmented(64);
        check(*model, &meter.take(20).collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Any household at any time of this decade, including the hours in which clocks change.
    #[test]
    fn meters_are_read_as_simulated_at_any_time(model in prop::sample::select(Model::ALL), seed: u64, start in 1_577_836_800_i64..1_893_456_000) {
        check(model, &Meter::new(model, seed, start).take(8).collect::<Vec<_>>());
    }
}
