//! Makes the linker emit relocations, which xtask/bindgen needs to divide a program into parts. Turns `countries.toml`
//! into a table, and the texts of `locales` into functions.
#![allow(clippy::expect_used, clippy::panic, reason = "a panic here is a build error")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use metertap_locales::Locales;
use toml::{Table, Value};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={COUNTRIES}");
    println!("cargo::rerun-if-changed={LOCALES}");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let rows: Table = fs::read_to_string(COUNTRIES)
        .expect("countries.toml can be read")
        .parse()
        .expect("countries.toml is TOML");
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(folder.join("countries.rs"), countries(&rows)).expect("cargo's folder can be written");
    let locales = Locales::read(Path::new(LOCALES)).unwrap_or_else(|problem| panic!("{problem}"));
    let english: Vec<String> = locales.files().take(2).map(|(_, lines)| lines).collect();
    let english = format!("/// The English texts.\nconst ENGLISH: [&str; 2] = {english:?};\n");
    fs::write(folder.join("texts.rs"), metertap_locales::code(&locales) + &english)
        .expect("cargo's folder can be written");
}

fn countries(rows: &Table) -> String {
    let mut out = String::from("/// All countries, by name.\npub const COUNTRIES: &[Country] = &[\n");
    let mut last = "";
    for row in rows.get("country").and_then(Value::as_array).expect("there are countries") {
        let name = word(row, "name");
        assert!(last < name, "{name} does not come after {last}");
        last = name;
        let zones = row.get("zones").and_then(Value::as_array).expect("a country has zones");
        let zones: Vec<&str> = zones.iter().map(|zone| zone.as_str().expect("a zone is a string")).collect();
        assert!(zones.iter().all(|zone| zone.contains('/')), "{name}: {zones:?}");
        writeln!(
            out,
            "    Country {{ name: {name:?}, title: crate::texts::countries::{name}, zones: &{zones:?}, needs: \
             crate::texts::countries::{name}_needs }},",
        )
        .expect("writing to a String cannot fail");
    }
    out + "];\n"
}

fn word<'a>(row: &'a Value, key: &str) -> &'a str {
    let word = row.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no {key} in {row}"));
    assert!(!word.is_empty(), "an empty {key} in {row}");
    word
}

const COUNTRIES: &str = "countries.toml";
const LOCALES: &str = "locales";
