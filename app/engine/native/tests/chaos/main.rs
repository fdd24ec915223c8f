//! A house with random events: tabs open, close, crash and freeze, disks fail, clocks jump, and adapters and brokers
//! disappear. At the end, a checker compares the stored data with what the meters sent. The checker uses none of our
//! crates.
//!
//! Each walk is a pure function of its seed, which is printed with every finding. `METERTAP_CHAOS_SECONDS` sets how
//! long to run walks one after the other, as `cargo xtask soak` does. `METERTAP_SEED` then sets the first seed.

mod action;
mod walk;

use std::time::{Duration, Instant};
use std::{env, fs};

use metertap_checker::{Verdict, check};

use self::action::{Action, State};
use self::walk::{Plant, Walk};

/// Runs a walk, and returns the walk with the checker's verdict.
fn walk(seed: u64, steps: u32, plant: Option<Plant>) -> (Walk, Verdict) {
    let mut walk = Walk::begin(seed);
    for _ in 0..steps {
        walk.step();
    }
    if let Some(plant) = plant {
        assert!(walk.plant(plant), "METERTAP_SEED={seed}: {plant:?} found nothing to damage");
    }
    walk.end();
    let verdict = check(&walk.evidence);
    (walk, verdict)
}

fn assert_nothing_is_found(seed: u64, steps: u32) -> Walk {
    let (walk, verdict) = walk(seed, steps, None);
    let account = walk.account();
    assert!(
        verdict.findings.is_empty(),
        "METERTAP_SEED={seed}, {steps} steps: {:#?}\n{account}",
        verdict.findings
    );
    assert!(verdict.found > 0, "METERTAP_SEED={seed}: no reading was reported\n{account}");
    println!(
        "METERTAP_SEED={seed}: {} readings stored, {} reported and found, {} named as lost, {} tables\n{account}",
        verdict.readings, verdict.found, verdict.named, verdict.tables
    );
    walk
}

/// Asserts that enough has happened for the walks to prove something.
fn assert_enough_has_happened(walks: &[Walk], states: &[State]) {
    for action in Action::ALL {
        let times: u32 = walks.iter().map(|walk| walk.times(*action)).sum();
        assert!(times >= 2, "{action:?} was done {times} times");
    }
    for state in states {
        let times: u32 = walks.iter().map(|walk| walk.reached(*state)).sum();
        assert!(times >= 1, "{state:?} was never reached");
    }
}

#[test]
fn nothing_is_lost_doubled_or_invented() {
    if let Some(seconds) = env::var("METERTAP_CHAOS_SECONDS").ok().and_then(|text| text.parse().ok()) {
        let first = env::var("METERTAP_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
        let (began, mut walks) = (Instant::now(), Vec::new());
        while began.elapsed() < Duration::from_secs(seconds) {
            walks.push(assert_nothing_is_found(first + walks.len() as u64, STEPS));
        }
        println!("{} walks of {STEPS} steps", walks.len());
        return assert_enough_has_happened(&walks, State::ALL);
    }
    let walks: Vec<Walk> = SEEDS.iter().map(|seed| assert_nothing_is_found(*seed, STEPS)).collect();
    assert_enough_has_happened(&walks, State::SOON);
}

/// Tests the checker: it must find each fault that is planted at the end of a walk. Without a planted fault, it finds
/// nothing in these walks.
#[test]
fn planted_bugs_are_found() {
    let plants =
        [(Plant::Skipped, "has lost"), (Plant::Doubled, " twice,"), (Plant::ChunkDropped, "has lost")];
    for seed in SEEDS {
        for (plant, says) in plants {
            let (_, verdict) = walk(seed, FEW, Some(plant));
            let found = verdict.findings.iter().filter(|finding| finding.contains(says)).count();
            assert!(found > 0, "METERTAP_SEED={seed}: {plant:?} is not found: {:#?}", verdict.findings);
        }
    }
}

#[test]
fn evidence_from_files_gives_the_same_verdict() {
    let (walk, verdict) = walk(SEEDS[0], 5, None);
    let folder = env::temp_dir().join(format!("metertap-chaos-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for the evidence");
    walk.write(&folder).expect("it can be written");
    let read = metertap_checker::Evidence::open(&folder).expect("it can be read");
    assert_eq!(check(&read), verdict);
    fs::remove_dir_all(&folder).expect("it can be removed");
}

/// Walks with odd seeds are plain: no clock jumps, nothing is cleared, and totals are checked. Walks whose seed is a
/// multiple of four start after hours of readings, so that the oldest readings can be deleted to make room.
const SEEDS: [u64; 3] = [1, 2, 4];
const STEPS: u32 = 60;
/// The number of steps before a fault is planted.
const FEW: u32 = 20;
