//! `registers/heat.toml`: what the codes of heat meters mean.

use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, read, variant};

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
    let path = Path::new("registers/heat.toml");
    let file: HeatFile = read(path);
    line(out, "fn heat_register(c: u8, d: u8) -> Option<Quantity> { match (c, d) {");
    for row in file.register {
        let groups: Vec<u8> = row.code.split('.').filter_map(|group| group.parse().ok()).collect();
        let [c, d] = groups[..] else { panic!("{}: {} is no code", path.display(), row.code) };
        line(out, &format!("({c}, {d}) => Some({}),", variant("Quantity", &row.quantity)));
    }
    line(out, "_ => None } }");
}
