//! Reads `meters/`, `registers/` and `candidates.toml` and writes them as static Rust tables, so that no TOML parser
//! ships in the wasm. An invalid row fails the build.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here is a build error"
)]

use std::path::PathBuf;
use std::{env, fs};

mod candidate;
mod emi;
mod heat;
mod kmp;
mod makers;
mod meter;
mod obis;
mod plausible;
mod rail;
mod rust;
mod tic;
mod unit;
mod vif;

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=candidates.toml");
    println!("cargo::rerun-if-changed=meters");
    println!("cargo::rerun-if-changed=registers");
    let mut out = String::new();
    obis::write(&mut out);
    unit::write(&mut out);
    plausible::write(&mut out);
    kmp::write(&mut out);
    heat::write(&mut out);
    meter::write(&mut out);
    save("tables.rs", &out);
    let mut out = String::new();
    vif::write(&mut out);
    save("vif.rs", &out);
    let mut out = String::new();
    makers::write(&mut out);
    save("makers.rs", &out);
    let mut out = String::new();
    tic::write(&mut out);
    save("tic.rs", &out);
    let mut out = String::new();
    emi::write(&mut out);
    save("emi.rs", &out);
    let mut out = String::new();
    rail::write(&mut out);
    save("rail.rs", &out);
    let mut out = String::new();
    candidate::write(&mut out);
    save("candidates.rs", &out);
}

fn save(name: &str, out: &str) {
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join(name);
    fs::write(target, out).expect("OUT_DIR is writable");
}
