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
    /// The push setup that only this maker's lists state.
    push: Option<String>,
    #[serde(default)]
    models: Vec<String>,
    /// `standard-time` if the clock shows standard time all year, whatever offset and season it states.
    clock: Option<String>,
    /// Values of group F that mark a sum over a span of time, not an earlier billing period.
    #[serde(default)]
    sums: Vec<u8>,
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
    #[serde(default)]
    otherwise: Vec<OtherwiseRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListRow {
    length: usize,
    places: Vec<PlaceRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceRow {
    r#type: String,
    begins: Option<String>,
    #[serde(default)]
    or_empty: bool,
    /// `None` if the meaning of the value is unknown.
    obis: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    scaler: i8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherwiseRow {
    of: String,
    shift: i8,
    #[serde(default)]
    unless_model: bool,
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
        .map(|entry| entry.expect("meters/ is readable").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    line(out, "static METERS: &[Meter] = &[");
    for path in files {
        let meter: MeterFile = read(&path);
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a file name in ASCII").to_owned();
        let stack = stack(&meter.stack).unwrap_or_else(|| {
            panic!(
                "{}: no stack is called {}; stack() in build/meter.rs lists all",
                path.display(),
                meter.stack
            )
        });
        let keeps_standard_time = match meter.clock.as_deref() {
            None => false,
            Some("standard-time") => true,
            Some(other) => panic!("{}: {other} is not a clock; only standard-time is", path.display()),
        };
        for question in &meter.kmp_questions {
            assert!(
                (1..=8).contains(&question.len()),
                "{}: a question has one to eight registers",
                path.display()
            );
        }
        let questions = meter.kmp_questions.iter().fold(String::new(), |all, one| format!("{all}&{one:?},"));
        let mut lists = String::new();
        for list in &meter.list {
            let (named, length) = (list.places.len(), list.length);
            assert!(named <= length, "{}: a list of {length} has {named} places", path.display());
            let places = list.places.iter().fold(String::new(), |all, row| all + &place(row, &path));
            write!(lists, "PositionalList {{ length: {}, places: &[{places}] }},", list.length)
                .expect("writing to a String succeeds");
        }
        // In the order of their codes, for binary search.
        let mut scale: Vec<&ScaleRow> = meter.scale.iter().collect();
        scale.sort_by_key(|row| numbers(&row.obis));
        let scale = scale.iter().fold(String::new(), |all, row| all + &self::scale(row, &path));
        let otherwise = meter.otherwise.iter().fold(String::new(), |all, row| {
            let (of, shift, unless_model) = (scale_group(&row.of, &path), row.shift, row.unless_model);
            format!("{all}Otherwise {{ of: {of}, shift: {shift}, unless_model: {unless_model} }},")
        });
        let push = meter.push.as_deref().map(|name| format!("Some({})", obis(name, &path)));
        line(
            out,
            &format!(
                "Meter {{ name: {name:?}, title: {:?}, maker: {:?}, countries: &{:?}, medium: {:?}, stack: {stack}, \
                 line: {:?}, every: {}, list_version: {:?}, push: {}, models: &{:?}, short_powers_below: {}, \
                 kmp: &{:?}, keeps_standard_time: {keeps_standard_time}, sums: &{:?}, \
                 kmp_questions: &[{questions}], lists: &[{lists}], scale: &[{scale}], \
                 otherwise: &[{otherwise}] }},",
                meter.title,
                meter.maker,
                meter.countries,
                meter.medium,
                meter.line,
                meter.every,
                meter.list_version,
                push.as_deref().unwrap_or("None"),
                meter.models,
                meter.short_powers_below,
                meter.kmp,
                meter.sums
            ),
        );
    }
    line(out, "];");
}

fn numbers(obis: &str) -> Vec<u8> {
    obis.split(['-', ':', '.']).filter_map(|group| group.parse().ok()).collect()
}

fn scale(row: &ScaleRow, path: &Path) -> String {
    let (obis, unit) = (obis(&row.obis, path), row.unit.as_deref().unwrap_or_default());
    format!("Scale {{ obis: {obis}, unit: {unit:?}, scaler: {} }},", row.scaler)
}

fn obis(text: &str, path: &Path) -> String {
    let named = format!("{}: {text}", path.display());
    let [a, b, c, d, e] = code(text, &path.display().to_string()).map(|part| whole(&part, &named));
    format!("Obis::new({a}, {b}, {c}, {d}, {e})")
}

fn scale_group(name: &str, path: &Path) -> &'static str {
    match name {
        "voltage" => "ScaleGroup::Voltage",
        "current" => "ScaleGroup::Current",
        "power" => "ScaleGroup::Power",
        "energy" => "ScaleGroup::Energy",
        other => panic!("{}: {other} is not one of voltage, current, power and energy", path.display()),
    }
}

/// An element of a list without names. Types have the names of IEC 62056-6-2, 4.1.5, except that a name may state the
/// content of an octet string. Brackets mean that the element is the only one of a nested list.
fn place(row: &PlaceRow, path: &Path) -> String {
    let named = row.r#type.trim_matches(['[', ']']);
    let form = match named {
        "any" => "ElementType::Any",
        "text" => "ElementType::Text",
        "octet-string" => "ElementType::Octets",
        "date-time" => "ElementType::Moment",
        "date" => "ElementType::Date",
        "time" => "ElementType::Time",
        "boolean" => "ElementType::Tag(0x03)",
        "unsigned" => "ElementType::Tag(0x11)",
        "long-unsigned" => "ElementType::Tag(0x12)",
        "double-long-unsigned" => "ElementType::Tag(0x06)",
        other => panic!("{}: {other} is not a type; place() in build/meter.rs lists all", path.display()),
    };
    let scale = row.obis.as_ref().map(|text| {
        let (obis, unit) = (obis(text, path), row.unit.as_deref().unwrap_or_default());
        format!("Some(Scale {{ obis: {obis}, unit: {unit:?}, scaler: {} }})", row.scaler)
    });
    format!(
        "Place {{ form: {form}, nested: {}, begins: {:?}, or_empty: {}, scale: {} }},",
        named != row.r#type,
        row.begins.as_deref().unwrap_or_default(),
        row.or_empty,
        scale.as_deref().unwrap_or("None")
    )
}

/// Names put the outermost protocol first.
pub(crate) fn stack(name: &str) -> Option<&'static str> {
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
        "tic" => "Stack::Tic",
        "emi" => "Stack::Emi",
        "modbus" => "Stack::Modbus",
        _ => return None,
    })
}
