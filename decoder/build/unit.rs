//! `registers/unit.toml`: units as sent, and as readings have them.

use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, read, unit};

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
    let (mut printed, mut dlms, mut every) = (String::new(), String::new(), String::new());
    for row in file.unit {
        let found = format!("({}, {})", unit(&row.unit), row.shift);
        if let Some(text) = &row.printed {
            let mut key = [0; 8];
            key[..text.len()].copy_from_slice(text.as_bytes());
            printed += &format!("{} => Some({found}),", u64::from_le_bytes(key));
            every += &format!("({text:?}, {found}),");
        }
        if let Some(code) = row.dlms {
            dlms += &format!("{code} => Some({found}),");
        }
    }
    line(out, "/// By the octets of the printed unit, the first in the low octet.");
    line(out, "fn unit_printed(key: u64) -> Option<(Unit, i8)> { match key {");
    line(out, &format!("{printed} _ => None }} }}"));
    line(out, "fn unit_of_dlms(code: u8) -> Option<(Unit, i8)> { match code {");
    line(out, &format!("{dlms} _ => None }} }}"));
    line(out, &format!("static UNITS: &[(&str, (Unit, i8))] = &[{every}];"));
}
