//! Never another reading: a flipped bit in a telegram with a checksum gives the same reading or an error.
//!
//! A 16-bit CRC finds every error of one or two bits; what it does not cover (line ends, the flags, the case of a hex
//! digit) cannot change what is read. A sum or an XOR finds every error of one bit, and not of two that cancel each other.

use std::sync::LazyLock;

use metertap_decoder::reading::{Integrity, Protocol, Reading};
use metertap_decoder::session::Setup;
use metertap_simulator::{Meter, Model};
use metertap_tests::{decode, readings, setup};
use proptest::prelude::*;

struct Case {
    name: &'static str,
    setup: Setup,
    octets: Vec<u8>,
    reading: Reading,
}

/// The first telegram of every meter whose telegrams have a checksum.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let case = |model: &Model| {
        let setup = setup(*model);
        let octets = Meter::new(*model, 1, 1_795_219_190).next()?.octets;
        let outputs = decode(&setup, &octets);
        let reading = (*readings(&outputs).first()?).clone();
        (reading.integrity == Integrity::Checked).then_some(Case {
            name: model.name(),
            setup,
            octets,
            reading,
        })
    };
    Model::ALL.iter().filter_map(case).collect()
});

impl Case {
    /// Whether the telegram with these bits flipped is read as nothing, or as what it says without.
    fn holds(&self, bits: &[usize]) -> bool {
        let mut damaged = self.octets.clone();
        for bit in bits {
            damaged[bit / 8] ^= 1 << (bit % 8);
        }
        let outputs = decode(&self.setup, &damaged);
        readings(&outputs).into_iter().all(|reading| match self.reading.protocol {
            // Its identification lies outside of the block that is checked, and names no value.
            Protocol::Iec62056 => {
                (&reading.values, reading.time) == (&self.reading.values, self.reading.time)
            }
            _ => *reading == self.reading,
        })
    }
}

#[test]
fn every_single_flip_is_found() {
    assert!(CASES.len() >= 9, "meters with a checksum are missing");
    for case in CASES.iter() {
        for bit in 0..case.octets.len() * 8 {
            assert!(case.holds(&[bit]), "{}: bit {bit}", case.name);
        }
    }
}

/// Those whose checksum is a CRC; M-Bus has a sum, IEC 62056-21 an XOR.
static CHECKED_BY_A_CRC: LazyLock<Vec<&Case>> = LazyLock::new(|| {
    CASES
        .iter()
        .filter(|case| !matches!(case.reading.protocol, Protocol::Mbus | Protocol::Iec62056))
        .collect()
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn two_flips_are_found(case in 0..CHECKED_BY_A_CRC.len(), first: usize, second: usize) {
        let case = CHECKED_BY_A_CRC[case];
        let bits = case.octets.len() * 8;
        prop_assume!(first % bits != second % bits);
        prop_assert!(case.holds(&[first % bits, second % bits]));
    }
}
