//! Noise destroys at most the frame that it hits, and every byte is accounted for.

use metertap_decoder::reading::Protocol;
use metertap_decoder::session::{Notice, Output, Setup, Span};
use metertap_decoder::stack::Stack;
use metertap_simulator::{Meter, Model, Telegram};
use metertap_tests::{as_truth, decode, readings, setup};
use proptest::prelude::*;

fn telegrams(model: Model, seed: u64, count: usize) -> Vec<Telegram> {
    Meter::new(model, seed, 1_795_219_200).take(count).collect()
}

/// The spans of readings, faults and noise. A span inside the one before it, such as that of a fault about a reading,
/// is left out.
fn spans(outputs: &[Output]) -> Vec<Span> {
    let spans = outputs.iter().filter_map(|output| match output {
        Output::Reading(_, span) | Output::Notice(Notice::Fault(_, span) | Notice::Noise(span)) => {
            Some(*span)
        }
        _ => None,
    });
    let mut told: Vec<Span> = Vec::new();
    for span in spans {
        if !told.last().is_some_and(|last| last.has(span)) {
            told.push(span);
        }
    }
    told
}

/// The meters whose telegrams begin with a marker that noise does not contain. A notification without a link layer has
/// only the silence before it, and this test has no silence.
fn marked() -> Vec<Model> {
    let marked = |model: &Model| model.protocol() != Protocol::DlmsRaw;
    Model::ALL.iter().copied().filter(marked).collect()
}

/// Checks that every byte is in exactly one span, in order.
fn account(setup: &Setup, bytes: &[u8]) {
    let mut at = 0;
    for span in spans(&decode(setup, bytes)) {
        assert_eq!(span.at, at);
        at += span.length;
    }
    assert_eq!(at, bytes.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_is_in_one_span(
        stack in prop::sample::select(Stack::ALL),
        bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), Just(b'/'), Just(b'!'), Just(b'\r'), Just(b'\n'), Just(0x7E), Just(0xA0), Just(0x68), Just(0x16), Just(0xDB), Just(0xE0), Just(0x0F)], 0..3000),
    ) {
        account(&Setup { stack, ..Default::default() }, &bytes);
    }

    /// Telegrams in pieces, with bytes changed, removed and inserted, and truncated at the end.
    #[test]
    fn every_byte_of_damaged_telegrams_is_in_one_span(
        model in prop::sample::select(Model::ALL),
        seed: u64,
        longest_information in 40_usize..300,
        damage in prop::collection::vec((any::<usize>(), 0..3_u8, any::<u8>()), 0..6),
        end: usize,
    ) {
        let meter = Meter::new(model, seed, 1_795_219_200).segmented(longest_information);
        let mut bytes: Vec<u8> = meter.take(3).flat_map(|telegram| telegram.bytes).collect();
        bytes.truncate(bytes.len() - end % (bytes.len() / 3));
        for (place, kind, byte) in damage {
            let at = place % bytes.len();
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.drain(at..(at + usize::from(byte) % 40).min(bytes.len() - 1).max(at))),
            }
        }
        account(&setup(model), &bytes);
    }

    #[test]
    fn junk_between_telegrams_loses_none_of_them(
        model in prop::sample::select(marked()),
        seed: u64,
        // A `~`, or a `/` or `!` with or without its parity bit, may look like the beginning or the end of a frame, and
        // consume the first bytes of a telegram. The next test covers that.
        junk in prop::collection::vec(
            any::<u8>().prop_filter("no start", |o| *o != 0x7E && !matches!(o & 0x7F, b'/' | b'!')),
            0..60,
        ),
    ) {
        let telegrams = telegrams(model, seed, 3);
        let bytes: Vec<u8> = telegrams.iter().flat_map(|telegram| [&junk[..], &telegram.bytes].concat()).collect();
        prop_assert_eq!(readings(&decode(&setup(model), &bytes)).len(), telegrams.len());
    }

    #[test]
    fn a_burst_over_one_telegram_loses_only_that_one(
        model in prop::sample::select(marked()),
        seed: u64,
        burst in prop::collection::vec(any::<u8>(), 1..120),
        place: usize,
    ) {
        let telegrams = telegrams(model, seed, 3);
        let mut middle = telegrams[1].bytes.clone();
        let burst = &burst[..burst.len().min(middle.len())];
        let at = place % (middle.len() - burst.len() + 1);
        middle[at..at + burst.len()].copy_from_slice(burst);
        let bytes = [&telegrams[0].bytes[..], &middle, &telegrams[2].bytes].concat();
        let outputs = decode(&setup(model), &bytes);
        let read: Vec<Vec<_>> =
            readings(&outputs).iter().map(|reading| reading.values.iter().map(as_truth).collect()).collect();
        prop_assert!(read.contains(&telegrams[0].truth.values), "the telegram before the burst is lost");
        prop_assert!(read.contains(&telegrams[2].truth.values), "the telegram after the burst is lost");
    }
}
