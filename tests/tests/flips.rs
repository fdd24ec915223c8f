//! A flipped bit in a telegram with a checksum or a tag never gives a different reading: the telegram gives the same
//! reading or an error.
//!
//! One flip: every bit of every such telegram, our own and the captured ones if available. Two flips: a million random
//! pairs, except in telegrams that only the sum of M-Bus or the exclusive or of IEC 62056-21 protects. These two checks
//! find every single flip, but two flips can cancel each other.
//!
//! The sum of TIC does not even find every single flip, and a Modbus answer does not say which question it answers.
//! TIC and Modbus are tested with further pairs in `weak`.

#[path = "flips/weak.rs"]
mod weak;

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::{fs, thread};

use metertap_decoder::reading::{Integrity, Measurement, Protocol, Reading};
use metertap_decoder::register::Value;
use metertap_decoder::session::{Output, Setup};
use metertap_tests::captures;
use metertap_tests::golden::{Source, hex};
use metertap_tests::{decode, readings};

struct Case {
    name: String,
    setup: Setup,
    bytes: Vec<u8>,
    readings: Vec<Reading>,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut seen = BTreeSet::new();
    let ours = corpus().into_iter();
    let captured = captures::all().into_iter().map(|capture| (capture.name, capture.setup, capture.bytes));
    let telegrams = ours.chain(captured).flat_map(|(name, setup, bytes)| checked(&name, &setup, &bytes));
    telegrams.filter(|case| seen.insert(case.bytes.clone())).collect()
});

fn corpus() -> Vec<(String, Setup, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/meters");
    let mut cases = Vec::new();
    for meter in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let setup = Source::new(&fs::read_to_string(meter.join("source.toml")).unwrap()).setup();
        for path in fs::read_dir(&meter).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|extension| extension == "hex") {
                let bytes = hex(&fs::read_to_string(&path).unwrap());
                cases.push((path.display().to_string(), setup.clone(), bytes));
            }
        }
    }
    cases.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    cases
}

/// The telegrams in these bytes whose checksum or tag is valid, each with the readings that it gives alone.
fn checked(name: &str, setup: &Setup, bytes: &[u8]) -> Vec<Case> {
    let telegram = |output: &Output| {
        let Output::Reading(reading, span) = output else { return None };
        if reading.integrity == Integrity::Unchecked {
            return None;
        }
        let (at, length) = (usize::try_from(span.at).ok()?, usize::try_from(span.length).ok()?);
        let bytes = bytes.get(at..at + length)?.to_vec();
        let readings: Vec<Reading> = readings(&decode(setup, &bytes)).into_iter().cloned().collect();
        Some(Case { name: format!("{name} at {at}"), setup: setup.clone(), bytes, readings })
    };
    decode(setup, bytes).iter().filter_map(telegram).collect()
}

impl Case {
    /// Whether the telegram with these bits flipped gives no reading, its usual readings, or parts of a TIC reading.
    fn holds(&self, bits: &[usize]) -> bool {
        let mut damaged = self.bytes.clone();
        for bit in bits {
            damaged[bit / 8] ^= 1 << (bit % 8);
        }
        let outputs = decode(&self.setup, &damaged);
        readings(&outputs)
            .into_iter()
            .all(|reading| self.readings.contains(reading) || self.has_parts(reading, bits))
    }

    /// Whether a reading is a part of a TIC reading. In TIC, each group has its own check. A failed check removes the
    /// group's value and everything that depends on the value.
    fn has_parts(&self, reading: &Reading, bits: &[usize]) -> bool {
        let is_tic = matches!(reading.protocol, Protocol::TicHistoric | Protocol::TicStandard);
        let said: Vec<&Measurement> = self.readings.iter().flat_map(|reading| &reading.values).collect();
        let is_part = |value: &Measurement| {
            let own = said.iter().find(|own| own.register == value.register);
            // Two flips in one letter of a text may pass every check, because the sum ignores bit 6.
            let may_differ = bits.len() > 1 && matches!(value.value, Value::Text(_));
            own.is_some_and(|own| {
                own.quantity == value.quantity
                    && own.phase == value.phase
                    && value.unit.is_none_or(|unit| own.unit == Some(unit))
                    && value.time.is_none_or(|time| own.time == Some(time))
                    && (own.value == value.value || may_differ)
            })
        };
        is_tic && reading.values.iter().all(is_part)
    }

    fn bits(&self) -> usize {
        self.bytes.len() * 8
    }

    /// Whether two flips are tested as well. A plain sum or exclusive or may miss them.
    fn finds_two(&self) -> bool {
        self.readings.iter().all(|reading| {
            reading.integrity == Integrity::Authenticated
                || !matches!(reading.protocol, Protocol::Mbus | Protocol::DlmsMbus | Protocol::Iec62056)
        })
    }
}

/// Divides the work among all cores, piece by piece, and collects the results.
fn on_every_core(pieces: usize, work: impl Fn(usize) -> Vec<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    match next.fetch_add(1, Ordering::Relaxed) {
                        piece if piece < pieces => found.lock().unwrap().extend(work(piece)),
                        _ => return,
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

#[test]
fn every_single_flip_is_found() {
    assert!(CASES.len() >= 100, "telegrams with a checksum are missing");
    let flips: usize = CASES.iter().map(Case::bits).sum();
    let missed = on_every_core(CASES.len(), |piece| {
        let case = &CASES[piece];
        let missed = (0..case.bits()).filter(|bit| !case.holds(&[*bit]));
        missed.map(|bit| format!("{}: bit {bit}", case.name)).collect()
    });
    assert!(missed.is_empty(), "{} flips gave another reading:\n{}", missed.len(), missed.join("\n"));
    println!("{flips} flips of {} telegrams", CASES.len());
}

#[test]
fn a_million_double_flips_are_found() {
    let cases: Vec<&Case> = CASES.iter().filter(|case| case.finds_two()).collect();
    let missed = on_every_core(DOUBLE_FLIPS / PIECE, |piece| {
        let mut draw = Draw(piece as u64 + 1);
        let flip = |_| {
            let case = cases[draw.below(cases.len())];
            let (first, second) = (draw.below(case.bits()), draw.below(case.bits()));
            let holds = first == second || case.holds(&[first, second]);
            (!holds).then(|| format!("{}: bits {first}, {second}", case.name))
        };
        (0..PIECE).filter_map(flip).collect()
    });
    assert!(missed.is_empty(), "{} pairs gave another reading:\n{}", missed.len(), missed.join("\n"));
    println!("{DOUBLE_FLIPS} double flips of {} telegrams", cases.len());
}

/// The same pseudo-random numbers in every run (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

const DOUBLE_FLIPS: usize = 1_000_000;
const PIECE: usize = 1000;
