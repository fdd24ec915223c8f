//! The anatomy of a telegram agrees with the decoder, for every case of the corpus and every simulated meter. Every
//! byte is in exactly one innermost field. Every value of the reading is in a field, and every fault is at a field.

use std::fs;
use std::path::Path;

use metertap_decoder::anatomy::{Anatomy, Field, Layer, Stage};
use metertap_decoder::reading::Measurement;
use metertap_decoder::session::{Notice, Output, Setup};
use metertap_simulator::{Meter, Model};
use metertap_tests::captures;
use metertap_tests::golden::{Source, hex};
use metertap_tests::{decode, readings, setup};

#[test]
fn anatomy_and_reading_agree_for_every_meter_of_the_corpus() {
    for (name, _, setup, bytes) in cases("meters") {
        agrees(&name, &setup, &bytes);
    }
}

/// Captured telegrams, if they are available.
#[test]
fn anatomy_and_reading_agree_for_every_capture() {
    let captures = captures::all();
    for capture in &captures {
        agrees(&capture.name, &capture.setup, &capture.bytes);
    }
    println!("{} captures", captures.len());
}

#[test]
fn every_broken_case_has_its_code_at_a_field() {
    for (name, code, setup, bytes) in cases("broken") {
        let anatomy = agrees(&name, &setup, &bytes);
        assert!(faults(&anatomy).any(|(_, field)| field.fault.unwrap().code() == code), "{name}: no {code}");
    }
}

#[test]
fn a_fault_is_located_at_the_field_that_is_wrong() {
    let places = [
        ("cipher.key-missing/dlms-hdlc", "ciphertext"),
        ("cipher.key-wrong/mbus-mode-5", "encrypted records"),
        ("cipher.suite-unsupported/dlms-compressed", "security control"),
        ("cipher.suite-unsupported/mbus-mode-7", "configuration"),
        ("cipher.system-title/dlms-hdlc", "system title length"),
        ("cipher.tag-mismatch/dlms-hdlc", "authentication tag"),
        ("frame.checksum/iec62056-block-check", "BCC"),
        ("frame.checksum/kmp-serial-number", "CRC"),
        ("frame.checksum/mbus-one-bit", "checksum"),
        ("frame.checksum/sml-message", "crc16"),
        ("frame.checksum/thesis-list-1", "FCS"),
        ("frame.malformed/dlms-block-missing", "block number"),
        ("frame.malformed/dlms-mbus-segment-missing", "CI field"),
        ("frame.malformed/dlms-segments-interleaved", "segment"),
        ("frame.malformed/mbus-lengths", "L field"),
        ("frame.malformed/mbus-stop", "stop"),
        ("parse.refused/iec62056-error", "line"),
        ("parse.refused/mbus-busy", "application error"),
        ("parse.too-many/mbus-difes", "DIFE"),
        ("parse.truncated/kmp-first-register", "value"),
        ("parse.truncated/mbus-record", "data"),
        ("parse.type-unexpected/sml-six-fields", "type and length"),
        ("parse.unsupported/dlms-get-request", "service"),
        ("parse.unsupported/kmp-logger", "CID"),
        ("parse.unsupported/mbus-compact-frame", "CI field"),
        ("parse.unsupported/sml-no-list", "type of message"),
    ];
    let cases = cases("broken");
    for (case, place) in places {
        let is_it = |(name, ..): &&(String, String, Setup, Vec<u8>)| name.contains(case);
        let (_, code, setup, bytes) = cases.iter().find(is_it).expect(case);
        let anatomy = agrees(case, setup, bytes);
        let (_, field) = faults(&anatomy).find(|(_, field)| field.fault.unwrap().code() == code).unwrap();
        assert_eq!(field.name, place, "{case}");
    }
}

#[test]
fn anatomy_and_reading_agree_for_every_simulated_meter() {
    for model in Model::ALL {
        for telegrams in [Meter::new(*model, 1, AN_HOUR), Meter::new(*model, 2, AN_HOUR).segmented(64)] {
            for telegram in telegrams.take(12) {
                agrees(model.name(), &setup(*model), &telegram.bytes);
            }
        }
    }
}

/// Each telegram is cut off at every seventh byte.
#[test]
fn anatomy_and_reading_agree_for_a_truncated_telegram() {
    for model in Model::ALL {
        let telegram = Meter::new(*model, 1, AN_HOUR).next().unwrap();
        for length in (1..telegram.bytes.len()).step_by(7) {
            agrees(model.name(), &setup(*model), &telegram.bytes[..length]);
        }
    }
}

/// If a checksum fails, the fault is at the checksum's field, wherever the damaged byte is.
#[test]
fn a_flipped_bit_is_a_fault_at_the_checksum() {
    for model in
        [Model::KaifaMa304h3e, Model::Dsmr5, Model::IskraMt175, Model::Multical403, Model::CybleWater]
    {
        let mut bytes = Meter::new(model, 1, AN_HOUR).next().unwrap().bytes;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x01;
        let anatomy = agrees(model.name(), &setup(model), &bytes);
        let (_, field) = faults(&anatomy).next().unwrap_or_else(|| panic!("{}: no fault", model.name()));
        assert_eq!(field.fault.unwrap().code(), "frame.checksum", "{}", model.name());
        assert_eq!(field.stage, Stage::Checksum, "{}: {field:?}", model.name());
    }
}

/// NVE's list 1 as in the Kaifa HAN specification: the names of its fields.
#[test]
fn the_bytes_of_a_list_of_one_value_have_the_standards_names() {
    let bytes = hex(include_str!("../corpus/meters/thesis-kaifa-list-1/list-1.hex"));
    let anatomy = Anatomy::of(&setup(Model::KaifaMa304h3e), &[], &bytes);
    let names: Vec<&str> = anatomy.layers[0].leaves().map(|field| field.name).collect();
    let expected = [
        "opening flag",
        "frame format",
        "destination address",
        "source address",
        "control",
        "HCS",
        "LLC destination LSAP",
        "LLC source LSAP",
        "LLC quality",
        "service",
        "long-invoke-id-and-priority",
        "octet-string",
        "date-time length",
        "date-time",
        "type",
        "number of elements",
        "type",
        "value",
        "FCS",
        "closing flag",
    ];
    assert_eq!(names, expected);
}

/// Checks that the anatomy of these bytes agrees with the decoder's outputs. Returns the anatomy.
fn agrees(name: &str, setup: &Setup, bytes: &[u8]) -> Anatomy {
    let anatomy = Anatomy::of(setup, &[], bytes);
    assert_eq!(anatomy.layers[0].octets, bytes, "{name}");
    for layer in &anatomy.layers {
        tiles(name, layer);
    }
    let outputs = decode(setup, bytes);
    let said: Vec<&str> = anatomy
        .layers
        .iter()
        .flat_map(|layer| &layer.fields)
        .filter_map(|field| field.value.as_deref())
        .collect();
    for measurement in readings(&outputs).iter().flat_map(|reading| &reading.values) {
        let (register, value) = (measurement.register.to_string(), as_said(measurement));
        assert!(
            said.iter().any(|said| said.contains(&value)),
            "{name}: no {register} = {value}: {anatomy:#?}"
        );
        assert!(
            said.iter().any(|said| said.starts_with(&register)) || is_status(&register),
            "{name}: no {register}: {said:#?}"
        );
    }
    for output in &outputs {
        if let Output::Notice(Notice::Fault(error, _)) = output {
            let is_there = faults(&anatomy).any(|(_, field)| field.fault == Some(*error));
            assert!(is_there, "{name}: {error} is at no field: {:?}", faults(&anatomy).collect::<Vec<_>>());
        }
    }
    anatomy
}

/// Checks that the innermost fields lie side by side, and that every field lies within its outer field.
fn tiles(name: &str, layer: &Layer) {
    let mut at = 0;
    for field in layer.leaves() {
        assert_eq!(field.at, at, "{name}, {}: {field:?}", layer.title);
        assert!(field.length > 0, "{name}, {}: {field:?}", layer.title);
        at += field.length;
    }
    assert_eq!(at, layer.octets.len(), "{name}, {}", layer.title);
    let mut around: Vec<&Field> = Vec::new();
    for field in &layer.fields {
        around.truncate(field.depth.into());
        assert_eq!(around.len(), usize::from(field.depth), "{name}: {field:?}");
        if let Some(outer) = around.last() {
            let is_in = field.at >= outer.at && field.at + field.length <= outer.at + outer.length;
            assert!(is_in, "{name}: {field:?} is not in {outer:?}");
        }
        around.push(field);
    }
}

fn faults(anatomy: &Anatomy) -> impl Iterator<Item = (&Layer, &Field)> {
    let fields = anatomy.layers.iter().flat_map(|layer| layer.fields.iter().map(move |field| (layer, field)));
    fields.filter(|(_, field)| field.fault.is_some())
}

fn as_said(measurement: &Measurement) -> String {
    match measurement.unit {
        Some(unit) => format!("{} {unit}", measurement.value),
        None => measurement.value.to_string(),
    }
}

/// The status of M-Bus is not a record, so its field does not state a register.
fn is_status(register: &str) -> bool {
    register == "status"
}

/// Name, folder, setup and bytes of each case.
fn cases(below: &str) -> Vec<(String, String, Setup, Vec<u8>)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(below);
    let mut cases = Vec::new();
    for folder in fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()) {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|extension| extension == "hex") {
                let own = path.with_extension("toml");
                let source = if own.is_file() { own } else { folder.join("source.toml") };
                let setup = Source::new(&fs::read_to_string(source).unwrap()).setup();
                let bytes = hex(&fs::read_to_string(&path).unwrap());
                let code = folder.file_name().unwrap().to_string_lossy().into_owned();
                cases.push((path.display().to_string(), code, setup, bytes));
            }
        }
    }
    assert!(!cases.is_empty(), "no case in {below}");
    cases.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    cases
}

/// Shortly before a full hour, so that Norwegian meters send all of their lists.
const AN_HOUR: i64 = 1_795_219_200 - 15;
