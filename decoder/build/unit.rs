//! `registers/unit.toml`: units as sent, and as readings have them.

use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, option, read, unit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitFile {
    unit: Vec<UnitRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitRow {
    printed: Option<String>,
    dlms: Option<u8>,
    unit: String,
    shift: i8,
}

pub(crate) fn write(out: &mut String) {
    let file: UnitFile = read(Path::new("registers/unit.toml"));
    line(out, "static UNITS: &[UnitRow] = &[");
    for row in file.unit {
        let printed = row.printed.unwrap_or_default();
        let (dlms, unit) = (option(row.dlms), unit(&row.unit));
        line(
            out,
            &format!("UnitRow {{ printed: {printed:?}, dlms: {dlms}, unit: {unit}, shift: {} }},", row.shift),
        );
    }
    line(out, "];");
}
