//! Runs every target over `tests/corpus` and over random changes to it. The changes are the same in each run.

use super::*;
use crate::frame::{Deframe, Heard};
use crate::hex;
use crate::question::Question;
use crate::{dlms, hdlc, iec62056, kmp, mbus, p1};
use std::path::{Path, PathBuf};
use std::{env, format, fs, println, vec};

/// A telegram of `tests/corpus`, with the stack and the keys given for it.
struct Case {
    stack: Stack,
    /// The bits that state which of the two keys are present, and the keys in sequence.
    keys: (u8, Vec<u8>),
    bytes: Vec<u8>,
}

#[test]
fn every_target_passes_the_corpus_and_random_changes_to_it() {
    let corpus = corpus();
    assert!(corpus.len() > 20, "the corpus is missing");
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for (name, run) in TARGETS {
        let seeds = seeds(name, &corpus);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        seeds.iter().for_each(|seed| run(seed));
        for _ in 0..MUTATIONS {
            run(&chance.mutation(&seeds));
        }
        println!("{name}: {} seeds, {MUTATIONS} mutations", seeds.len());
        // The seeds of `cargo xtask fuzz`.
        if let Some(folder) = env::var_os("METERTAP_SEEDS") {
            let folder = Path::new(&folder).join(name);
            fs::create_dir_all(&folder).unwrap();
            for (number, seed) in seeds.iter().enumerate() {
                fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
            }
        }
    }
}

#[test]
fn past_findings_stay_fixed() {
    for (target, bytes) in FOUND {
        let (_, run) = TARGETS.iter().find(|(name, _)| name == target).unwrap();
        run(bytes);
    }
}

#[test]
fn every_target_has_a_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in fuzz/Cargo.toml");
        let program = fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("fuzz::{name}(")), "{name}.rs runs something else");
    }
    // Other tests check the targets for the log and the engine.
    let others = manifest.matches("[[bin]]").count() - TARGETS.len();
    let programs = fs::read_dir(folder.join("fuzz_targets")).unwrap().map(|program| program.unwrap().path());
    let of_others = |program: &PathBuf| {
        let program = fs::read_to_string(program).unwrap();
        program.contains("metertap_readings::") || program.contains("metertap_native::")
    };
    assert_eq!(programs.filter(of_others).count(), others);
}

/// The first inputs of a target: telegrams for a deframer, and the content of their frames for a parser.
fn seeds(target: &str, corpus: &[Case]) -> Vec<Vec<u8>> {
    let behind = |byte: u8, bytes: &[u8]| [&[byte], bytes].concat();
    let of = |Case { stack, keys: (chosen, keys), bytes }: &Case| match target {
        "cipher" => framed::<dlms::frame::Deframer>(bytes, |packet| packet.bytes.to_vec()),
        "dlms_apdu" => framed::<hdlc::frame::Deframer>(bytes, |frame| {
            frame.information.get(3..).unwrap_or_default().to_vec()
        }),
        "iec62056_readout" => {
            framed::<iec62056::frame::Deframer>(bytes, |frame| behind(frame.headless.into(), frame.data))
        }
        "kmp_response" => framed::<kmp::frame::Deframer>(bytes, |frame| behind(frame.command, frame.answer)),
        "mbus_records" => framed::<mbus::frame::Deframer>(bytes, |frame| behind(frame.ci, frame.user)),
        "p1_telegram" => framed::<p1::frame::Deframer>(bytes, |frame| frame.bytes.to_vec()),
        "sml_message" => framed::<sml::frame::Deframer>(bytes, |frame| behind(0, frame.messages)),
        "anatomy" => vec![[&[place(*stack), *chosen], &keys[..], beginning(bytes)].concat()],
        "session" => vec![[&[place(*stack), *chosen, 50], &keys[..], beginning(bytes)].concat()],
        "asking" => {
            let asks = |(asked, _): &(usize, (Stack, Question))| u8::try_from(*asked).unwrap_or_default();
            let fitting = questions().into_iter().enumerate().filter(|(_, (asked, _))| asked == stack);
            fitting.map(|asked| [&[asks(&asked), 50], beginning(bytes)].concat()).collect()
        }
        _ => vec![behind(50, beginning(bytes))],
    };
    corpus.iter().flat_map(of).collect()
}

fn place(stack: Stack) -> u8 {
    let place = Stack::ALL.iter().position(|one| *one == stack).unwrap_or_default();
    u8::try_from(place).unwrap_or_default()
}

/// The content of the first frames in the bytes.
fn framed<D: Deframe>(bytes: &[u8], content: impl Fn(D::Frame<'_>) -> Vec<u8>) -> Vec<Vec<u8>> {
    let mut deframer = D::default();
    deframer.push(beginning(bytes));
    let mut contents = Vec::new();
    while let Some(heard) = deframer.next() {
        if let Heard::Frame(frame, _) = heard {
            contents.push(content(frame));
        }
    }
    contents
}

/// Enough bytes for a telegram or two: longer input only makes each try slower.
fn beginning(bytes: &[u8]) -> &[u8] {
    bytes.get(..2000).unwrap_or(bytes)
}

fn corpus() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let folders = ["meters", "broken"].map(|part| entries(&root.join(part))).concat();
    let files = folders.iter().flat_map(|folder| entries(folder));
    files.filter(|file| file.extension().is_some_and(|extension| extension == "hex")).map(case).collect()
}

fn case(file: PathBuf) -> Case {
    let own = file.with_extension("toml");
    let source = if own.is_file() { own } else { file.with_file_name("source.toml") };
    let source = fs::read_to_string(source).unwrap();
    let field = |name: &str| {
        let value = source.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        value.map(|value| value.trim_matches('"'))
    };
    let protocol = field("protocol").and_then(|name| name.parse().ok());
    let (encryption, authentication) = (field("encryption_key"), field("authentication_key"));
    let chosen = u8::from(encryption.is_some()) | u8::from(authentication.is_some()) << 1;
    let keys =
        [encryption, authentication].into_iter().flatten().flat_map(|key| hex::read(key).unwrap()).collect();
    Case {
        stack: protocol.and_then(Stack::of_protocol).unwrap_or_default(),
        keys: (chosen, keys),
        bytes: hex::read(fs::read_to_string(file).unwrap()).unwrap(),
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

/// Marsaglia's xorshift64: the same sequence in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    /// One of the seeds with up to eight changes.
    fn mutation(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len());
            let to = at + self.below(bytes.len() - at).min(64);
            match self.below(7) {
                _ if bytes.is_empty() => bytes.push(self.byte()),
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = [0x00, 0x7F, 0x80, 0xFF, 0x0D, 0x1B][self.below(6)],
                2 => bytes[at] = self.byte(),
                3 => bytes.insert(at, self.byte()),
                4 => drop(bytes.drain(at..to)),
                // Longer than any limit, like a telegram that never ends.
                5 if self.below(20) == 0 => {
                    let flood = bytes[at..to].repeat(18_000 / (to - at).max(1));
                    bytes.splice(at..at, flood);
                }
                _ => {
                    let piece = bytes[at..to].to_vec();
                    let place = self.below(bytes.len());
                    bytes.splice(place..place, piece);
                }
            }
        }
        bytes
    }
}

/// Minimised inputs with which libFuzzer once made a target fail.
const FOUND: &[(&str, &[u8])] = &[
    // A packet that was too long ended at the last byte that had arrived, so its end depended on the pieces.
    ("dlms_frame", b"\x08\xDB\x00\x82\x40\x3F\x10\xFD\x2E\xFE\xE9"),
    // The end of a notification was accepted before the bytes that turn its last value into a name.
    ("dlms_frame", b"\x00\x0F\xDB\x08\xA9\x08\x00\x02\x02\x00\x16\x1B\xFF\xDB\xE9I\xFF\x41IIII"),
    // A printed code was taken for a position in a list without names, and could not be parsed back.
    ("p1_telegram", b"/MTP5TEST\r\n\r\nlist:2.7.0(1*W)\r\n"),
    // An end without a CRC, with LF alone, was accepted only if no byte had followed it yet.
    ("p1_frame", b"\x00/MTP5\r\n1-0:1.7.0(1*W)\r\n!\nx"),
    (
        "dlms_frame",
        &[
            0, 15, 64, 0, 0, 0, 0, 2, 27, 2, 1, 6, 9, 0, 0, 1, 0, 128, 255, 9, 12, 3, 234, 11, 21, 6, 81, 59,
            9, 6, 1, 0, 0, 3, 0, 22, 7, 0, 255, 6, 0, 0, 0, 0, 2, 2, 15, 0, 62, 27,
        ],
    ),
    (
        "dlms_frame",
        &[
            0, 15, 64, 0, 0, 0, 0, 1, 27, 2, 12, 19, 2, 9, 6, 0, 0, 1, 0, 0, 22, 19, 2, 3, 9, 6, 1, 0, 3, 63,
            38, 255, 6, 0, 0, 0, 0, 2, 2, 255, 255, 255, 255, 255, 255, 255, 58, 3, 0, 22, 0, 0, 1, 0, 0, 0,
            0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 43, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ],
    ),
];

const MUTATIONS: usize = 3000;
