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

/// The unit of readings that a printed unit becomes, and the shift to it.
pub(crate) struct Units(Vec<UnitRow>);

impl Units {
    pub(crate) fn read() -> Self {
        Self(read::<UnitFile>(Path::new("registers/unit.toml")).unit)
    }

    pub(crate) fn find(&self, printed: &str) -> (&'static str, i8) {
        let row = self.0.iter().find(|row| row.printed.as_deref() == Some(printed));
        let row = row.unwrap_or_else(|| panic!("registers/unit.toml has no {printed}"));
        (unit(&row.unit), row.shift)
    }
}

pub(crate) fn write(out: &mut String) {
    let Units(rows) = Units::read();
    let (mut printed, mut dlms, mut every) = (String::new(), String::new(), String::new());
    for row in rows {
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
