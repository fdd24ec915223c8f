//! `registers/obis.toml`: what OBIS codes mean.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, option, read, word};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObisFile {
    register: Vec<RegisterRow>,
    device: Vec<DeviceRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterRow {
    code: String,
    quantity: String,
    phase: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceRow {
    r#type: u8,
    volume: Option<String>,
    energy: Option<String>,
}

pub(crate) fn write(out: &mut String) {
    let file: ObisFile = read(Path::new(FILE));
    let mut codes: Vec<&str> = file.register.iter().map(|row| row.code.as_str()).collect();
    codes.sort_unstable();
    if let Some(twice) = codes.windows(2).find(|pair| pair[0] == pair[1]) {
        panic!("{FILE}: {} occurs twice", twice[0]);
    }
    let mut by_quantity: BTreeMap<String, String> = BTreeMap::new();
    for row in file.register {
        let [a, b, c, d, e] = code(&row.code, FILE);
        let meaning = match row.quantity.as_str() {
            "by-device" => "Meaning::ByDevice".into(),
            "by-direction" => "Meaning::ByDirection".into(),
            quantity => format!("Meaning::Quantity({})", word("Quantity", quantity, FILE)),
        };
        let phase = option(row.phase.map(|phase| word("Phase", &phase, FILE)));
        *by_quantity.entry(whole(&c, &row.code)).or_default() +=
            &format!("ObisRow {{ a: {a}, b: {b}, d: {d}, e: {e}, meaning: {meaning}, phase: {phase} }},");
    }
    line(out, "/// The rows with this group C, which distinguishes most rows.");
    line(out, "fn obis_rows(c: u8) -> &'static [ObisRow] { match c {");
    for (c, rows) in by_quantity {
        line(out, &format!("{c} => &[{rows}],"));
    }
    line(out, "_ => &[] } }\nstatic DEVICES: &[DeviceRow] = &[");
    for row in file.device {
        let volume = option(row.volume.map(|quantity| word("Quantity", &quantity, FILE)));
        let energy = option(row.energy.map(|quantity| word("Quantity", &quantity, FILE)));
        line(out, &format!("DeviceRow {{ device: {}, volume: {volume}, energy: {energy} }},", row.r#type));
    }
    line(out, "];");
}

/// `1-*:1.8.t` as five patterns.
pub(crate) fn code(text: &str, file: &str) -> [String; 5] {
    let parts: Option<Vec<String>> = text.split(['-', ':', '.']).map(pattern).collect();
    parts
        .and_then(|parts| parts.try_into().ok())
        .unwrap_or_else(|| panic!("{file}: {text} does not have the form A-B:C.D.E"))
}

/// The number in a pattern that must not be a wildcard.
pub(crate) fn whole(pattern: &str, code: &str) -> String {
    let number = pattern.strip_prefix("Part::Is(").and_then(|part| part.strip_suffix(')'));
    number.unwrap_or_else(|| panic!("{code} has a wildcard where a number is required")).to_owned()
}

fn pattern(part: &str) -> Option<String> {
    Some(match part {
        "*" => "Part::Any".into(),
        "t" => "Part::Tariff".into(),
        "c" => "Part::Channel".into(),
        number => format!("Part::Is({})", number.parse::<u8>().ok()?),
    })
}

const FILE: &str = "registers/obis.toml";
