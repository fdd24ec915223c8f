//! `meters/modbus/`: one file for each map of registers of meters on a rail.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::rust::{line, option, read, variant, word};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    title: String,
    lines: Vec<String>,
    /// Functions that read the same registers.
    #[serde(default)]
    also: Vec<u8>,
    #[serde(default)]
    direct_current: bool,
    #[serde(default)]
    no_direction: bool,
    #[serde(default)]
    doubtful: bool,
    register: Vec<RegisterRow>,
    #[serde(default)]
    identity: Vec<RegisterRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterRow {
    function: u8,
    at: u16,
    r#type: String,
    #[serde(default)]
    shift: i8,
    unit: Option<String>,
    quantity: Option<String>,
    phase: Option<String>,
    #[serde(default)]
    names: Vec<NameRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameRow {
    code: u16,
    name: String,
}

pub(crate) fn write(out: &mut String) {
    let mut files: Vec<PathBuf> = fs::read_dir(FOLDER)
        .expect("meters/modbus/ is there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    line(out, "static PROFILES: &[Profile] = &[");
    for path in files {
        let file: ProfileFile = read(&path);
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a file name in ASCII").to_owned();
        let mut rows: Vec<RegisterRow> = file.register.into_iter().chain(file.identity).collect();
        rows.sort_by_key(|row| (row.function, row.at));
        let mut seen = BTreeSet::new();
        let rows = rows.iter().fold(String::new(), |all, row| {
            assert!(
                seen.insert((row.function, row.at)),
                "{}: {:04X} stands there twice",
                path.display(),
                row.at
            );
            all + &register(row, &path)
        });
        line(
            out,
            &format!(
                "Profile {{ name: {name:?}, title: {:?}, lines: &{:?}, also: &{:?}, is_direct_current: {}, \
                 has_no_direction: {}, is_doubtful: {}, registers: &[{rows}] }},",
                file.title, file.lines, file.also, file.direct_current, file.no_direction, file.doubtful
            ),
        );
    }
    line(out, "];");
}

fn register(row: &RegisterRow, path: &Path) -> String {
    let file = path.display().to_string();
    // The only functions that read registers.
    assert!(matches!(row.function, 3 | 4), "{file}: {:04X} is read by function 3 or 4", row.at);
    let form = variant("RailForm", &row.r#type);
    let unit = option(row.unit.as_deref().map(|unit| word("Unit", unit, &file)));
    let quantity = option(row.quantity.as_deref().map(|quantity| word("Quantity", quantity, &file)));
    let phase = option(row.phase.as_deref().map(|phase| word("Phase", phase, &file)));
    let names: Vec<(u16, &str)> = row.names.iter().map(|row| (row.code, row.name.as_str())).collect();
    format!(
        "RailRegister {{ function: {}, at: {}, form: {form}, shift: {}, unit: {unit}, quantity: {quantity}, \
         phase: {phase}, names: &{names:?} }},",
        row.function, row.at, row.shift
    )
}

const FOLDER: &str = "meters/modbus";
