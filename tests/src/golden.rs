//! A case of the corpus, checked alike natively and in wasm.
//!
//! A case is `NAME.hex` with `NAME.json` beside it, one object a reading; what the object has must be in the reading.
//! The folder's `source.toml` says where the octets are from and who says that the values are right. Cases below
//! `broken/CODE/` must be refused with that code and give no reading; one of another protocol than its folder's has a
//! `NAME.toml` of its own.

use metertap_decoder::cipher::Keys;
use metertap_decoder::hex;
use metertap_decoder::session::{Notice, Output, Setup};
use metertap_decoder::stack::Stack;
use serde::Deserialize;
use serde_json::Value;

use crate::{decode, readings};

/// What `source.toml` says of the cases beside it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `by hand` from a standard's clause, `simulated`, or `contributed` by the meter's owner.
    pub octets: String,
    /// Who says that the expected values are right: a clause, the simulator, another implementation, or `nobody yet`.
    pub values: String,
    /// The word that the readings carry.
    pub protocol: String,
    /// The keys of an encrypted case, as 32 hex digits: the simulator's, or a standard's.
    pub encryption_key: Option<String>,
    /// Likewise.
    pub authentication_key: Option<String>,
}

impl Source {
    /// From the file's text.
    ///
    /// # Panics
    /// It is not as it should be.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let source: Self = toml::from_str(text).unwrap_or_else(|error| panic!("source.toml: {error}"));
        assert!(!source.octets.is_empty() && !source.values.is_empty(), "{text}");
        source
    }

    /// What the session is told.
    ///
    /// # Panics
    /// The protocol is none that is read, or a key is no key.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let stack = self.protocol.parse().ok().and_then(Stack::of_protocol).expect(&self.protocol);
        let key = |digits: &Option<String>| digits.as_deref().map(|digits| hex(digits).try_into().unwrap());
        let keys =
            Keys { encryption: key(&self.encryption_key), authentication: key(&self.authentication_key) };
        Setup { stack, keys, ..Setup::default() }
    }
}

/// Reads the octets and compares with what is expected, one JSON object a line.
///
/// # Panics
/// They are read otherwise.
pub fn is_read(name: &str, setup: &Setup, octets: &[u8], expected: &str) {
    let outputs = decode(setup, octets);
    let expected: Vec<Value> = expected.lines().map(|line| parsed(name, line)).collect();
    let read: Vec<Value> =
        readings(&outputs).into_iter().map(|reading| serde_json::to_value(reading).unwrap()).collect();
    assert_eq!(read.len(), expected.len(), "{name}: {outputs:?}");
    for (read, expected) in read.iter().zip(&expected) {
        for (field, value) in expected.as_object().unwrap() {
            // One value after the other: two whole lists side by side show nobody where they differ.
            let (is, should_be) = (read[field].as_array(), value.as_array());
            let pairs = is.into_iter().flatten().zip(should_be.into_iter().flatten());
            pairs.for_each(|(is, should_be)| assert_eq!(is, should_be, "{name}: {field}"));
            assert_eq!(&read[field], value, "{name}: {field}");
        }
    }
}

fn parsed(name: &str, line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error} in the reading {line}"))
}

/// Reads the octets, which must give a fault of that code and no reading.
///
/// # Panics
/// They are read, or refused otherwise.
pub fn is_refused(name: &str, code: &str, setup: &Setup, octets: &[u8]) {
    let outputs = decode(setup, octets);
    assert!(readings(&outputs).is_empty(), "{name}: a reading of a broken telegram");
    let codes: Vec<&str> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Notice(Notice::Fault(error, _)) => Some(error.code()),
            _ => None,
        })
        .collect();
    assert!(codes.contains(&code), "{name}: {codes:?}");
}

/// The octets of hex digits; white space between them says nothing.
///
/// # Panics
/// Something else stands there.
#[must_use]
pub fn hex(text: &str) -> Vec<u8> {
    hex::read(text).unwrap()
}
