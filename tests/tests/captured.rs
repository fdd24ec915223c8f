//! Telegrams that other people captured, with the values that they stated. The telegrams are outside the repository
//! (`METERTAP_CORPUS`, otherwise `../shared/telegrams`). If they are missing, the test says so and passes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde::Deserialize;

#[derive(Deserialize)]
struct Disagreements {
    case: Vec<Disagreement>,
}

#[derive(Deserialize)]
struct Disagreement {
    file: String,
    reason: String,
    clause: String,
}

/// The protocols of the corpus that the decoder supports.
#[rustfmt::skip]
const PROTOCOLS: &[&str] = &[
    "dsmr_p1",
    "han_hdlc",
    "iec62056_21",
    "sml",
    "p1_encrypted",
    "kmp",
    "mbus_wired",
    "cii_dlms",
];

#[test]
fn captured_telegrams_are_read_as_stated() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let corpus = env::var_os("METERTAP_CORPUS").map_or(root.join("../shared/telegrams"), PathBuf::from);
    let check = corpus.join("../tools/corpus-check");
    if !corpus.join("MANIFEST.tsv").is_file() || !check.is_file() {
        println!("no captured telegrams in {}: nothing compared", corpus.display());
        return;
    }
    let known: Disagreements =
        toml::from_str(&fs::read_to_string(root.join("tests/known-disagreements.toml")).unwrap()).unwrap();
    assert!(known.case.iter().all(|case| !case.reason.is_empty() && !case.clause.is_empty()));
    let known: BTreeSet<&str> = known.case.iter().map(|case| case.file.as_str()).collect();

    let decode = build_decode(root);
    let mut fell_short = BTreeSet::new();
    for protocol in PROTOCOLS {
        let output = Command::new("python3")
            .arg(&check)
            .arg(&corpus)
            .args(["--only", protocol, "--decode", decode.to_str().unwrap()])
            .output()
            .expect("python3 runs the corpus check");
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        println!("{report}");
        assert!(report.contains("held: "), "{}", String::from_utf8_lossy(&output.stderr));
        let files = report.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": "));
        fell_short.extend(files.filter(|(file, _)| file.contains('/')).map(|(file, _)| file.to_owned()));
    }
    let fell_short: BTreeSet<&str> = fell_short.iter().map(String::as_str).collect();
    assert_eq!(fell_short, known, "left: cases that fell short; right: tests/known-disagreements.toml");
}

/// Builds the example that the check runs. Cargo itself decides whether it is up to date.
fn build_decode(root: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let built = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--quiet", "--package", "metertap-decoder", "--example", "decode"])
        .arg("--target-dir")
        .arg(target)
        .status();
    assert!(built.is_ok_and(|status| status.success()), "the decode example does not build");
    target.join("debug/examples/decode")
}
