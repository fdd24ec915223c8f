//! The captures in `tests/captures` are replayed. Captures of all simulated meters are redacted, and must then have the
//! same values and contain no number of a meter.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use metertap_decoder::hex;
use metertap_decoder::reading::Reading;
use metertap_decoder::session::Output;
use metertap_readings::files::capture::{Capture, Event, Redaction, redacted};
use metertap_simulator::{Model, Telegram, TrueValue};
use metertap_tests::recording::{recorded, replayed, setup};
use metertap_tests::{as_truth, readings};
use proptest::prelude::*;

/// `tests/captures/MODEL.txt` is a capture of that simulated meter and has its values. The example `capture` writes
/// these files.
#[test]
fn captures_are_read_as_they_were_simulated() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut count = 0;
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let capture = Capture::open(&fs::read(&path).unwrap()).unwrap();
        let start = capture.head.began.unwrap().0 / 1000;
        let (_, telegrams) = recorded(Model::named(name).unwrap(), 1, start, TELEGRAMS);
        assert_says(name, &capture, &telegrams, |value| !identifies(value));
        count += 1;
    }
    println!("{count} captures");
    assert!(count >= 4, "captures are missing");
}

#[test]
fn a_redacted_capture_has_the_same_values_and_no_number() {
    for model in Model::ALL {
        // Across a full hour, so that Norwegian meters send all of their lists.
        check(*model, 1, 1_795_219_200 - 15, 20);
    }
}

#[test]
fn a_damaged_telegram_reveals_no_number() {
    for model in Model::ALL {
        let (mut capture, telegrams) = recorded(*model, 1, 1_795_219_200 - 15, 12);
        let half = capture.events.len() / 2;
        for (place, timed) in capture.events.iter_mut().enumerate().skip(half) {
            // Every fourth piece of the second half has a flipped bit, and the beginning of the first telegram is
            // missing.
            if let Event::Heard(bytes) = &mut timed.event {
                let at = place * 13 % bytes.len();
                bytes[at] ^= if place % 4 == 3 { 1 << (place % 7) } else { 0 };
            }
        }
        capture.events.remove(0);
        assert!(readings(&replayed(&capture)).len() >= 4, "{}", model.name());
        let (redacted, _) = redacted(&capture, &setup(&capture), &[]);
        assert_holds_none(*model, &redacted, &telegrams);
    }
}

#[test]
fn an_encrypted_telegram_without_its_key_is_removed() {
    for model in Model::ALL.iter().filter(|model| model.keys().is_some()) {
        let (mut capture, telegrams) = recorded(*model, 1, 1_795_219_200, 3);
        capture.head.keys = metertap_decoder::cipher::Keys::default();
        let (redacted, left_out) = redacted(&capture, &setup(&capture), &[]);
        assert!(left_out >= telegrams.len(), "{}: {left_out}", model.name());
        assert_eq!(readings(&replayed(&redacted)).len(), 0, "{}", model.name());
        assert_holds_none(*model, &redacted, &telegrams);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Any meter with any number, at any time of this decade.
    #[test]
    fn any_number_of_any_meter_is_redacted(model in prop::sample::select(Model::ALL), seed: u64, start in 1_577_836_800_i64..1_893_456_000) {
        check(model, seed, start, 4);
    }
}

fn check(model: Model, seed: u64, start: i64, count: usize) {
    let name = model.name();
    let (capture, telegrams) = recorded(model, seed, start, count);
    assert_says(name, &capture, &telegrams, |_| true);
    let (redacted, left_out) = redacted(&capture, &setup(&capture), &[]);
    assert_eq!(left_out, 0, "{name}");
    // A locked German meter still sends its number. Two Swedish meters send none.
    let has_number = !numbers(&telegrams).is_empty();
    assert_eq!(redacted.head.redaction == Redaction::Done, has_number || model.keys().is_some(), "{name}");
    let redacted = Capture::open(redacted.to_text().as_bytes()).unwrap();
    assert_says(name, &redacted, &telegrams, |value| !identifies(value));
    assert_holds_none(model, &redacted, &telegrams);
    let (before, after) = (replayed(&capture), replayed(&redacted));
    assert_eq!(after.len(), before.len(), "{name}: the number of outputs");
    let integrity = |outputs: &[Output]| readings(outputs).iter().map(|r| r.integrity).collect::<Vec<_>>();
    assert_eq!(integrity(&after), integrity(&before), "{name}");
    for (one, other) in readings(&before).iter().zip(readings(&after)) {
        assert_eq!(one.meter.is_some(), other.meter.is_some(), "{name}");
        assert!(one.meter.is_none() || one.meter != other.meter, "{name}: {:?}", one.meter);
        assert_eq!((&one.maker, &one.model), (&other.maker, &other.model), "{name}");
    }
}

/// Asserts that a capture gives a reading for each telegram, with the simulator's values.
fn assert_says(name: &str, capture: &Capture, telegrams: &[Telegram], of: impl Fn(&TrueValue) -> bool) {
    let outputs = replayed(capture);
    let readings: Vec<&Reading> = readings(&outputs);
    assert_eq!(readings.len(), telegrams.len(), "{name}: {outputs:?}");
    for (reading, telegram) in readings.iter().zip(telegrams) {
        let values: Vec<_> = reading.values.iter().map(as_truth).collect();
        assert_eq!(values.len(), telegram.truth.values.len(), "{name}");
        for (read, said) in values.iter().zip(&telegram.truth.values).filter(|(_, said)| of(said)) {
            assert_eq!(read, said, "{name}");
        }
        assert_eq!(reading.time.map(|time| time.to_string()), telegram.truth.time, "{name}");
    }
}

/// Whether a value identifies a meter. German meters have a public key, and French ones a delivery point. Messages to
/// the household are replaced as well.
fn identifies(value: &TrueValue) -> bool {
    value.quantity == Some("meter-id")
        || ["129-129:199.130.5", "9.21", "tic:PRM", "tic:MSG1"].contains(&&*value.register)
}

/// The numbers of these telegrams' meters, as printed on the meters.
fn numbers(telegrams: &[Telegram]) -> BTreeSet<String> {
    let truths = telegrams.iter().map(|telegram| &telegram.truth);
    let named = truths.clone().filter_map(|truth| truth.meter.as_deref());
    let values = truths.flat_map(|truth| &truth.values).filter(|value| identifies(value));
    let all = named.chain(values.map(|value| value.value.as_str()));
    let without_maker = all.map(|number| number.rsplit('-').next().unwrap_or(number).to_owned());
    without_maker
        .filter(|number| {
            number.bytes().any(|byte: u8| !byte.is_ascii_digit()) || number.trim_start_matches('0').len() >= 5
        })
        .collect()
}

/// Asserts that the bytes of a capture contain no number, whether as text, as hex of the text, as BCD or as an integer.
fn assert_holds_none(model: Model, capture: &Capture, telegrams: &[Telegram]) {
    let text = capture.to_text();
    let bytes: Vec<u8> = capture
        .events
        .iter()
        .flat_map(|timed| match &timed.event {
            Event::Heard(bytes) | Event::Said(bytes) => bytes.clone(),
            Event::Line(_) => Vec::new(),
        })
        .collect();
    for number in numbers(telegrams) {
        let digits = &number[number.rfind(|letter: char| !letter.is_ascii_digit()).map_or(0, |at| at + 1)..];
        let mut forms = vec![number.clone().into_bytes(), hex::lower(number.as_bytes()).into_bytes()];
        forms.push(hex::upper(number.as_bytes()).into_bytes());
        forms.extend(hex::read(&number).filter(|bytes| bytes.len() >= 6));
        if digits.trim_start_matches('0').len() >= 6 {
            let even = format!("{}{digits}", if digits.len() % 2 == 1 { "0" } else { "" });
            forms.extend(hex::read(&even).map(|bytes| bytes.into_iter().rev().collect()));
            forms.extend(hex::read(&even));
            if let Ok(value) = digits.parse::<u32>() {
                forms.extend([value.to_be_bytes().to_vec(), value.to_le_bytes().to_vec()]);
            }
        }
        for form in forms {
            let found = bytes.windows(form.len()).position(|window| window == form);
            assert_eq!(found, None, "{}: {number} as {form:02X?}", model.name());
        }
        assert!(!text.contains(&number), "{}: {number}", model.name());
    }
}

/// The number of telegrams in each capture of `tests/captures`.
const TELEGRAMS: usize = 6;
