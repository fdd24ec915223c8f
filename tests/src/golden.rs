//! A case of the corpus, checked in the same way natively and in wasm.
//!
//! A case is `NAME.hex` with `NAME.json` beside it, with one object for each reading. Every field of the object must be
//! in the reading. The folder's `source.toml` states where the bytes come from and who vouches for the values. Cases
//! below `broken/CODE/` must be refused with that code and give no reading. A case whose protocol differs from that of
//! its folder has its own `NAME.toml`.

use metertap_decoder::cipher::Keys;
use metertap_decoder::hex;
use metertap_decoder::session::{Notice, Output, Setup};
use metertap_decoder::stack::Stack;
use serde::Deserialize;
use serde_json::Value;

use crate::{decode, readings};

/// The content of a `source.toml`, about the cases beside it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `by hand` from a standard's clause, `simulated`, or `contributed` by the meter's owner.
    pub octets: String,
    /// Who vouches for the expected values: a clause, the simulator, another implementation, or `nobody yet`.
    pub values: String,
    /// The protocol that the readings state.
    pub protocol: String,
    /// The encryption key of an encrypted case, as 32 hex digits: the simulator's or a standard's.
    pub encryption_key: Option<String>,
    /// The authentication key of an encrypted case, as 32 hex digits.
    pub authentication_key: Option<String>,
}

impl Source {
    /// Parses the text of the file.
    ///
    /// # Panics
    /// If the text is malformed or a required field is empty.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let source: Self = toml::from_str(text).unwrap_or_else(|error| panic!("source.toml: {error}"));
        assert!(!source.octets.is_empty() && !source.values.is_empty(), "{text}");
        source
    }

    /// The setup of the session.
    ///
    /// # Panics
    /// If no stack reads the protocol, or a key is malformed.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let stack = self.protocol.parse().ok().and_then(Stack::of_protocol).expect(&self.protocol);
        let key = |digits: &Option<String>| digits.as_deref().map(|digits| hex(digits).try_into().unwrap());
        let keys =
            Keys { encryption: key(&self.encryption_key), authentication: key(&self.authentication_key) };
        Setup { stack, keys, ..Setup::default() }
    }
}

/// Reads the bytes, and compares the readings with those expected, one JSON object per line.
///
/// # Panics
/// If the readings differ.
pub fn is_read(name: &str, setup: &Setup, bytes: &[u8], expected: &str) {
    let outputs = decode(setup, bytes);
    let expected: Vec<Value> = expected.lines().map(|line| parsed(name, line)).collect();
    let read: Vec<Value> =
        readings(&outputs).into_iter().map(|reading| serde_json::to_value(reading).unwrap()).collect();
    assert_eq!(read.len(), expected.len(), "{name}: {outputs:?}");
    for (read, expected) in read.iter().zip(&expected) {
        for (field, value) in expected.as_object().unwrap() {
            // Compares the values one by one, because a comparison of whole lists would not show where they differ.
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

/// Reads the bytes, which must give a fault with that code and no reading.
///
/// # Panics
/// If they give a reading, or no fault with that code.
pub fn is_refused(name: &str, code: &str, setup: &Setup, bytes: &[u8]) {
    let outputs = decode(setup, bytes);
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

/// The bytes that hex digits spell; white space between them is ignored.
///
/// # Panics
/// If there is anything else.
#[must_use]
pub fn hex(text: &str) -> Vec<u8> {
    hex::read(text).unwrap()
}
