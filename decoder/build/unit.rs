//! `registers/unit.toml`: units as meters send them, and the units of readings that they become.

use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, read, word};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitFile {
    prefix: Vec<PrefixRow>,
    unit: Vec<UnitRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrefixRow {
    printed: char,
    shift: i8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitRow {
    printed: Option<String>,
    #[serde(default)]
    prefixes: String,
    dlms: Option<u8>,
    unit: String,
    shift: i8,
}

impl UnitRow {
    /// The unit without a prefix, then with each of its prefixes.
    fn with_prefixes(self, prefixes: &[PrefixRow]) -> Vec<Self> {
        let printed = self.printed.clone().unwrap_or_default();
        let mut rows: Vec<Self> = self
            .prefixes
            .chars()
            .map(|letter| {
                let prefix = prefixes.iter().find(|prefix| prefix.printed == letter);
                let prefix = prefix.unwrap_or_else(|| panic!("{FILE}: {letter} is not a prefix"));
                let (unit, shift) = (self.unit.clone(), self.shift + prefix.shift);
                Self {
                    printed: Some(format!("{letter}{printed}")),
                    prefixes: String::new(),
                    dlms: None,
                    unit,
                    shift,
                }
            })
            .collect();
        rows.insert(0, self);
        rows
    }
}

/// For each printed unit: the unit of readings, and the power of ten that converts values to it.
pub(crate) struct Units(Vec<UnitRow>);

impl Units {
    pub(crate) fn read() -> Self {
        let file: UnitFile = read(Path::new(FILE));
        Self(file.unit.into_iter().flat_map(|row| row.with_prefixes(&file.prefix)).collect())
    }

    pub(crate) fn find(&self, printed: &str) -> (String, i8) {
        let row = self.0.iter().find(|row| row.printed.as_deref() == Some(printed));
        let row = row.unwrap_or_else(|| panic!("{FILE} has no {printed}"));
        (word("Unit", &row.unit, FILE), row.shift)
    }
}

pub(crate) fn write(out: &mut String) {
    let Units(rows) = Units::read();
    let (mut printed, mut dlms, mut every) = (String::new(), String::new(), String::new());
    for row in rows {
        let found = format!("({}, {})", word("Unit", &row.unit, FILE), row.shift);
        if let Some(text) = &row.printed {
            assert!(text.len() <= 8, "{FILE}: {text} is longer than eight bytes");
            let mut key = [0; 8];
            key[..text.len()].copy_from_slice(text.as_bytes());
            printed += &format!("{} => Some({found}),", u64::from_le_bytes(key));
            every += &format!("({text:?}, {found}),");
        }
        if let Some(code) = row.dlms {
            dlms += &format!("{code} => Some({found}),");
        }
    }
    line(out, "/// The key holds the bytes of the printed unit, the first one lowest.");
    line(out, "fn unit_printed(key: u64) -> Option<(Unit, i8)> { match key {");
    line(out, &format!("{printed} _ => None }} }}"));
    line(out, "fn unit_of_dlms(code: u8) -> Option<(Unit, i8)> { match code {");
    line(out, &format!("{dlms} _ => None }} }}"));
    line(out, &format!("static UNITS: &[(&str, (Unit, i8))] = &[{every}];"));
}

const FILE: &str = "registers/unit.toml";
