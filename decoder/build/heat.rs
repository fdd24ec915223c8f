//! `registers/heat.toml`: what the codes of heat meters mean.

use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, read, word};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeatFile {
    register: Vec<HeatRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeatRow {
    code: String,
    quantity: String,
}

pub(crate) fn write(out: &mut String) {
    let file: HeatFile = read(Path::new(FILE));
    line(out, "fn heat_register(c: u8, d: u8) -> Option<Quantity> { match (c, d) {");
    for row in file.register {
        let groups: Vec<u8> = row.code.split('.').filter_map(|group| group.parse().ok()).collect();
        let [c, d] = groups[..] else { panic!("{FILE}: {} is not a code", row.code) };
        line(out, &format!("({c}, {d}) => Some({}),", word("Quantity", &row.quantity, FILE)));
    }
    line(out, "_ => None } }");
}

const FILE: &str = "registers/heat.toml";
