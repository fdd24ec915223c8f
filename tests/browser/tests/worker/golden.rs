//! The whole corpus in wasm. The program in the page must decode it as the native program does.

use metertap_tests::golden::{Source, hex, is_read, is_refused};
use wasm_bindgen_test::wasm_bindgen_test;

/// A telegram and its expected readings. If the telegram must be refused, `expected` is empty, and the folder is named
/// after the error.
struct Case {
    name: &'static str,
    folder: &'static str,
    source: &'static str,
    octets: &'static str,
    expected: &'static str,
}

const CASES: &[Case] = &include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

#[wasm_bindgen_test]
fn every_case_is_read_or_refused_as_stated() {
    assert!(CASES.iter().any(|case| case.expected.is_empty()));
    assert!(CASES.iter().any(|case| !case.expected.is_empty()));
    for Case { name, folder, source, octets, expected } in CASES {
        let setup = Source::new(source).setup();
        match *expected {
            "" => is_refused(name, folder, &setup, &hex(octets)),
            expected => is_read(name, &setup, &hex(octets), expected),
        }
    }
}
