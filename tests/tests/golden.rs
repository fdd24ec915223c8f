//! The corpus: every telegram in it is read as its case says.
//!
//! A case is `NAME.hex` with `NAME.json` beside it, one object a reading; what the object has must be in the reading.
//! The folder's `source.toml` says where the octets are from and who says that the values are right. Cases below
//! `broken/CODE/` must be refused with that code and give no reading; one of another protocol than the folder's has a
//! `NAME.toml` of its own.

use std::path::{Path, PathBuf};
use std::{env, fs};

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Notice, Output, Setup};
use metertap_decoder::stack::Stack;
use metertap_tests::{decode, readings};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    /// `by hand` from a standard's clause, `simulated`, or `contributed` by the meter's owner.
    octets: String,
    /// Who says that the expected values are right: a clause, the simulator, another implementation, or `nobody yet`.
    values: String,
    protocol: String,
    /// The keys of an encrypted case, as 32 hex digits: the simulator's, or a standard's.
    encryption_key: Option<String>,
    authentication_key: Option<String>,
}

#[test]
fn every_case_is_read_as_it_says() {
    let (mut cases, mut verified) = (0, 0);
    for folder in folders(&corpus().join("meters")) {
        let source = source(&folder);
        for hex in files(&folder, "hex") {
            let outputs = decode(&setup(&source), &octets(&hex));
            let expected = fs::read_to_string(hex.with_extension("json")).unwrap();
            let expected: Vec<Value> =
                expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let read: Vec<Value> = readings(&outputs)
                .into_iter()
                .map(|reading| serde_json::to_value(reading).unwrap())
                .collect();
            assert_eq!(read.len(), expected.len(), "{}: {outputs:?}", hex.display());
            for (read, expected) in read.iter().zip(&expected) {
                for (field, value) in expected.as_object().unwrap() {
                    assert_eq!(&read[field], value, "{}: {field}", hex.display());
                }
            }
            cases += 1;
            verified += usize::from(source.values != "nobody yet");
        }
    }
    println!("{verified} of {cases} cases independently verified");
    assert!(cases > 0, "the corpus is empty");
}

#[test]
fn every_broken_case_is_refused_by_name() {
    let folders = folders(&corpus().join("broken"));
    assert!(!folders.is_empty(), "the corpus has nothing broken");
    for folder in folders {
        let code = folder.file_name().unwrap().to_str().unwrap();
        for hex in files(&folder, "hex") {
            let own = hex.with_extension("toml");
            let source = if own.is_file() { read_source(&own) } else { source(&folder) };
            let outputs = decode(&setup(&source), &octets(&hex));
            assert!(readings(&outputs).is_empty(), "{}: a reading of a broken telegram", hex.display());
            let codes: Vec<&str> = outputs
                .iter()
                .filter_map(|output| match output {
                    Output::Notice(Notice::Fault(error, _)) => Some(error.code()),
                    _ => None,
                })
                .collect();
            assert!(codes.contains(&code), "{}: {codes:?}", hex.display());
        }
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn source(folder: &Path) -> Source {
    read_source(&folder.join("source.toml"))
}

fn read_source(path: &Path) -> Source {
    let source: Source = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(!source.octets.is_empty() && !source.values.is_empty(), "{}", path.display());
    source
}

fn setup(source: &Source) -> Setup {
    let protocol = source.protocol.parse().unwrap();
    let key = |digits: &Option<String>| digits.as_deref().map(|digits| from_hex(digits).try_into().unwrap());
    let keys =
        Keys { encryption: key(&source.encryption_key), authentication: key(&source.authentication_key) };
    Setup { stack: Stack::of_protocol(protocol).unwrap(), keys, ..Setup::default() }
}

fn octets(hex: &Path) -> Vec<u8> {
    from_hex(&fs::read_to_string(hex).unwrap())
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn folders(below: &Path) -> Vec<PathBuf> {
    entries(below).into_iter().filter(|path| path.is_dir()).collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let files = entries(folder).into_iter();
    files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn entries(below: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
