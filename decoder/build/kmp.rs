//! `registers/kmp.toml`: what the registers and units of KMP mean.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, option, read, word};
use crate::unit::Units;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KmpFile {
    register: Vec<RegisterRow>,
    unit: Vec<UnitRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterRow {
    id: u16,
    quantity: String,
    phase: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitRow {
    code: u8,
    unit: String,
    #[serde(default)]
    shift: i8,
}

pub(crate) fn write(out: &mut String) {
    let file: KmpFile = read(Path::new(FILE));
    let units = Units::read();
    let mut seen = BTreeSet::new();
    line(out, "fn kmp_register(id: u16) -> Option<(Meaning, Option<Phase>)> { match id {");
    for row in file.register {
        assert!(seen.insert(row.id), "{FILE}: {} occurs twice", row.id);
        let meaning = match row.quantity.as_str() {
            "volume" => "Meaning::Volume".into(),
            quantity => format!("Meaning::Quantity({})", word("Quantity", quantity, FILE)),
        };
        let phase = option(row.phase.map(|phase| word("Phase", &phase, FILE)));
        line(out, &format!("{} => Some(({meaning}, {phase})),", row.id));
    }
    line(out, "_ => None } }\nfn unit_of_kmp(code: u8) -> Option<(Unit, i8)> { match code {");
    for row in file.unit {
        let (unit, shift) = units.find(&row.unit);
        line(out, &format!("{} => Some(({unit}, {})),", row.code, shift + row.shift));
    }
    line(out, "_ => None } }");
}

const FILE: &str = "registers/kmp.toml";
