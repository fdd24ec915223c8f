//! `meters/`: one file for each family of meters.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::obis::{code, whole};
use crate::rust::{line, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeterFile {
    title: String,
    maker: String,
    countries: Vec<String>,
    medium: String,
    stack: String,
    line: String,
    list_version: Option<String>,
    model: Option<String>,
    #[serde(default)]
    short_powers_below: u32,
    #[serde(default)]
    every: u32,
    #[serde(default)]
    kmp: Vec<u16>,
    #[serde(default)]
    kmp_questions: Vec<Vec<u16>>,
    #[serde(default)]
    list: Vec<ListRow>,
    #[serde(default)]
    scale: Vec<ScaleRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListRow {
    length: usize,
    registers: Vec<ScaleRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaleRow {
    obis: String,
    unit: Option<String>,
    #[serde(default)]
    scaler: i8,
}

pub(crate) fn write(out: &mut String) {
    let mut files: Vec<PathBuf> = fs::read_dir("meters")
        .expect("meters/ is there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    line(out, "static METERS: &[Meter] = &[");
    for path in files {
        let meter: MeterFile = read(&path);
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a file name in ASCII").to_owned();
        let stack = stack(&meter.stack)
            .unwrap_or_else(|| panic!("{}: no stack is called {}", path.display(), meter.stack));
        for question in &meter.kmp_questions {
            assert!((1..=8).contains(&question.len()), "{}: one to eight at a time", path.display());
        }
        let questions = meter.kmp_questions.iter().fold(String::new(), |all, one| format!("{all}&{one:?},"));
        let mut lists = String::new();
        for list in &meter.list {
            assert!(list.registers.len() <= list.length, "{}: a list is shorter", path.display());
            let registers = rows(&list.registers, &path);
            write!(lists, "List {{ length: {}, registers: &{registers} }},", list.length)
                .expect("a String takes all");
        }
        // In the order of their codes, so that they are found by halving.
        let mut scale: Vec<&ScaleRow> = meter.scale.iter().collect();
        scale.sort_by_key(|row| numbers(&row.obis));
        let scale = rows(scale, &path);
        line(
            out,
            &format!(
                "Meter {{ name: {name:?}, title: {:?}, maker: {:?}, countries: &{:?}, medium: {:?}, stack: {stack}, \
                 line: {:?}, every: {}, list_version: {:?}, model: {:?}, short_powers_below: {}, kmp: &{:?}, \
                 kmp_questions: &[{questions}], lists: &[{lists}], scale: &{scale} }},",
                meter.title,
                meter.maker,
                meter.countries,
                meter.medium,
                meter.line,
                meter.every,
                meter.list_version,
                meter.model,
                meter.short_powers_below,
                meter.kmp
            ),
        );
    }
    line(out, "];");
}

/// The five groups of a code.
fn numbers(obis: &str) -> Vec<u8> {
    obis.split(['-', ':', '.']).filter_map(|group| group.parse().ok()).collect()
}

fn rows<'a>(rows: impl IntoIterator<Item = &'a ScaleRow>, path: &Path) -> String {
    let mut out = String::from("[");
    for row in rows {
        let named = format!("{}: {}", path.display(), row.obis);
        let [a, b, c, d, e] = code(&row.obis).map(|part| whole(&part, &named));
        write!(
            out,
            "Scale {{ obis: Obis::new({a}, {b}, {c}, {d}, {e}), unit: {:?}, scaler: {} }},",
            row.unit.as_deref().unwrap_or_default(),
            row.scaler
        )
        .expect("a String takes all");
    }
    out + "]"
}

/// What is written inside out in `meters/`, the outermost first.
fn stack(name: &str) -> Option<&'static str> {
    Some(match name {
        "p1" => "Stack::P1",
        "p1-encrypted" => "Stack::P1Encrypted",
        "kmp" => "Stack::Kmp",
        "hdlc+dlms" => "Stack::HdlcDlms",
        "mbus+dlms" => "Stack::MbusDlms",
        "dlms" => "Stack::RawDlms",
        "sml" => "Stack::Sml",
        "iec62056" => "Stack::Iec62056",
        "mbus" => "Stack::Mbus",
        _ => return None,
    })
}
