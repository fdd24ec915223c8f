//! What is known about one meter: which protocol it uses, and which of its telegrams a key decrypts.

use metertap_decoder::anatomy::Anatomy;
use metertap_decoder::cipher::Keys;
use metertap_decoder::identity::identifications;
use metertap_decoder::line::Line;
use metertap_decoder::reading::{Protocol, Reading};
use metertap_decoder::session::{Notice, Output, Session, Setup, Stacks};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{Instant, Zone};
use metertap_engine::jobs::capture::{Taped, captured};
use metertap_engine::jobs::inspect::{Telegram, layers};
use metertap_engine::meters::meter::Meter;
use metertap_engine::meters::unlocking::try_keys;
use metertap_protocol::{KeptOctets, Layer};
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Event, Redaction};
use metertap_readings::store::retention::Retention;
use metertap_readings::store::settings::MeterKeys;
use metertap_readings::store::{LineSettings, MeterKey, MeterRecord, SourceRecord};
use metertap_simulator::Meter as Simulated;
use metertap_simulator::Model;

fn meter(source: SourceRecord) -> Meter {
    Meter::new(MeterRecord {
        key: MeterKey("meter-1".to_owned()),
        origin: None,
        name: String::new(),
        place: String::new(),
        source,
        address_from: None,
        identification: None,
        formerly: None,
        topic: None,
        reading: true,
        retention: Retention::Forever,
        schedule: None,
        line_of: None,
        stated: Vec::new(),
        clock_off: None,
        role: None,
        fuse: None,
        fetched: None,
    })
}

fn on_a_line(protocol: Protocol) -> Meter {
    let spoken =
        LineSettings { line: Some(Line::INFRARED), protocol: Some(protocol), ..LineSettings::default() };
    meter(SourceRecord::Serial { vendor: None, product: None, spoken })
}

fn telegrams(model: Model) -> Vec<Vec<u8>> {
    Simulated::new(model, 1, 1_700_000_000).take(8).map(|telegram| telegram.bytes).collect()
}

/// What a session makes of bytes: readings and faults.
fn heard(stack: Stack, keys: Keys, bytes: &[u8]) -> (Vec<Reading>, Vec<Code>) {
    let mut session = Session::new(Setup { stack, keys, ..Setup::default() }, Instant(0));
    session.handle_bytes(Instant(0), bytes);
    session.handle_timeout(Instant(u64::MAX));
    let (mut readings, mut faults) = (Vec::new(), Vec::new());
    loop {
        match session.poll() {
            Output::Reading(reading, _) | Output::Remembered(reading, _) => readings.push(reading),
            Output::Notice(Notice::Fault(error, _)) => faults.push(Code::from(&error)),
            Output::Wait(_) => return (readings, faults),
            Output::Notice(_) | Output::Transmit(_) | Output::Line(_) => {}
        }
    }
}

fn take(meter: &mut Meter, reading: Reading, bytes: &[u8]) {
    let received = Moment(1_700_000_000_000);
    let values = Some(reading.values.len());
    let kept = KeptOctets { at: received, code: None, values, octets: bytes.to_vec() };
    meter.take(Entry { reading, received, seq: 1 }, kept);
}

fn locked(bytes: &[u8]) -> KeptOctets {
    let code = Some(Code::CipherKeyMissing);
    KeptOctets { at: Moment(0), code, values: None, octets: bytes.to_vec() }
}

/// If a meter is exchanged for one of another make, the record stays, and the newest reading may be of the old meter.
#[test]
fn a_meters_protocol_is_that_of_its_line() {
    let mut meter = on_a_line(Protocol::Sml);
    let old = telegrams(Model::Dsmr5).remove(0);
    let (mut readings, _) = heard(Stack::P1, Keys::default(), &old);
    take(&mut meter, readings.remove(0), &old);
    let new = telegrams(Model::IskraMt175).remove(0);
    assert!(meter.tape.put(Moment(1_700_000_001_000), Event::Heard(new.clone())));

    assert_eq!(meter.stack(), Some(Stack::Sml));
    let known = meter.newest().iter().flat_map(|entry| identifications(&entry.reading)).collect();
    let (stack, keys, zone) = (meter.stack(), meter.keys(), Zone::default());
    let taped = Taped { capture: meter.tape.captured(), stack, keys: keys.clone(), known, zone };
    let (capture, note) = captured(taped, false);
    assert_eq!(capture.head.protocol, Some(Protocol::Sml));
    assert_eq!(
        (note, capture.head.redaction),
        (None, Redaction::Done),
        "its numbers were found and replaced"
    );
    let before = meter.bytes.before(&new);
    let expected = Anatomy::of(&Setup { stack: Stack::Sml, ..Setup::default() }, &before, &new);
    let expected: Vec<Layer> = expected.layers.into_iter().map(Layer::from).collect();
    assert_eq!(layers(&Telegram { octets: new, stack, keys, before, zone }), expected);
}

#[test]
fn keys_are_tried_in_the_protocol_of_the_line() {
    let mut meter = on_a_line(Protocol::DlmsMbus);
    let old = telegrams(Model::Dsmr5).remove(0);
    let (mut readings, _) = heard(Stack::P1, Keys::default(), &old);
    take(&mut meter, readings.remove(0), &old);
    let bytes = telegrams(Model::KaifaMa309m).concat();
    meter.bytes.push(locked(&bytes));
    meter.set_keys(MeterKeys { keys: Keys { encryption: Some([1; 16]), authentication: None }, from: None });
    try_keys(Stacks::ALL, &mut meter, Moment(5));
    let trouble = meter.state.trouble.clone().expect("the key is wrong");
    assert!(trouble.code.is_of_cipher(), "{trouble:?}");
}

#[test]
fn a_wrong_key_for_a_file_does_not_clear_its_error() {
    let bytes = telegrams(Model::LuxembourgSmarty).remove(0);
    let (_, faults) = heard(Stack::P1Encrypted, Keys::default(), &bytes);
    assert_eq!(faults, [Code::CipherKeyMissing]);
    let mut meter = meter(SourceRecord::File { name: "smarty.bin".to_owned(), kept: true });
    meter.opened_as = Some(Stack::P1Encrypted);
    meter.bytes.push(locked(&bytes));
    meter.state.trouble = Some(metertap_engine::trouble::trouble(Code::CipherKeyMissing, "", Moment(0)));

    meter.set_keys(MeterKeys { keys: Keys { encryption: Some([1; 16]), authentication: None }, from: None });
    try_keys(Stacks::ALL, &mut meter, Moment(5));
    let trouble = meter.state.trouble.clone().expect("the key is wrong");
    assert!(trouble.code.is_of_cipher(), "{trouble:?}");
    assert_eq!(trouble.at, Moment(5), "it was tried");

    let keys = Model::LuxembourgSmarty.keys().expect("it is encrypted");
    let right = Keys { encryption: Some(keys.encryption), authentication: keys.authentication };
    meter.set_keys(MeterKeys { keys: right, from: None });
    try_keys(Stacks::ALL, &mut meter, Moment(6));
    assert_eq!(meter.state.trouble, None);
}

/// The protocol of a file that was opened on an earlier day is no longer known.
#[test]
fn an_error_that_cannot_be_retried_stays() {
    let mut meter = meter(SourceRecord::File { name: "smarty.bin".to_owned(), kept: true });
    meter.bytes.push(locked(&telegrams(Model::LuxembourgSmarty).remove(0)));
    let before = metertap_engine::trouble::trouble(Code::CipherKeyMissing, "", Moment(0));
    meter.state.trouble = Some(before.clone());
    meter.set_keys(MeterKeys { keys: Keys { encryption: Some([1; 16]), authentication: None }, from: None });
    try_keys(Stacks::ALL, &mut meter, Moment(5));
    assert_eq!(meter.state.trouble, Some(before));
}
