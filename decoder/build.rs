//! Reads `meters/` and `registers/` and writes them as static Rust tables, so that no TOML parser ships in the wasm.
//! A row that makes no sense ends the build with the file's name.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here is a build error"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObisFile {
    register: Vec<RegisterRow>,
    device: Vec<DeviceRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterRow {
    code: String,
    quantity: String,
    phase: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceRow {
    r#type: u8,
    volume: Option<String>,
    energy: Option<String>,
}

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

fn main() {
    println!("cargo::rerun-if-changed=meters");
    println!("cargo::rerun-if-changed=registers");
    let mut out = String::new();
    registers(&mut out);
    units(&mut out);
    meters(&mut out);
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("tables.rs");
    fs::write(target, out).expect("OUT_DIR is writable");
}

fn registers(out: &mut String) {
    let file: ObisFile = read(Path::new("registers/obis.toml"));
    let mut codes: Vec<&str> = file.register.iter().map(|row| row.code.as_str()).collect();
    codes.sort_unstable();
    if let Some(twice) = codes.windows(2).find(|pair| pair[0] == pair[1]) {
        panic!("registers/obis.toml: {} stands there twice", twice[0]);
    }
    line(out, "static OBIS: &[ObisRow] = &[");
    for row in file.register {
        let [a, b, c, d, e] = code(&row.code);
        let meaning = match row.quantity.as_str() {
            "by-device" => "Meaning::ByDevice".into(),
            quantity => format!("Meaning::Quantity({})", variant("Quantity", quantity)),
        };
        let phase = option(row.phase.map(|phase| variant("Phase", &phase)));
        line(
            out,
            &format!(
                "ObisRow {{ a: {a}, b: {b}, c: {c}, d: {d}, e: {e}, meaning: {meaning}, phase: {phase} }},"
            ),
        );
    }
    line(out, "];\nstatic DEVICES: &[DeviceRow] = &[");
    for row in file.device {
        let volume = option(row.volume.map(|quantity| variant("Quantity", &quantity)));
        let energy = option(row.energy.map(|quantity| variant("Quantity", &quantity)));
        line(out, &format!("DeviceRow {{ device: {}, volume: {volume}, energy: {energy} }},", row.r#type));
    }
    line(out, "];");
}

fn units(out: &mut String) {
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

fn meters(out: &mut String) {
    let mut files: Vec<PathBuf> = fs::read_dir("meters")
        .expect("meters/ is there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    line(out, "static METERS: &[Meter] = &[");
    for path in files {
        let meter: MeterFile = read(&path);
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a file name in ASCII").to_owned();
        let stack = match meter.stack.as_str() {
            "p1" => "Stack::P1",
            "hdlc+dlms" => "Stack::HdlcDlms",
            other => panic!("{}: no stack is called {other}", path.display()),
        };
        let mut lists = String::new();
        for list in &meter.list {
            assert_eq!(list.registers.len(), list.length, "{}: a list has another length", path.display());
            write!(lists, "&{},", rows(&list.registers, &path)).expect("a String takes all");
        }
        let scale = rows(&meter.scale, &path);
        line(
            out,
            &format!(
                "Meter {{ name: {name:?}, title: {:?}, maker: {:?}, countries: &{:?}, medium: {:?}, stack: {stack}, \
                 line: {:?}, list_version: {:?}, model: {:?}, lists: &[{lists}], scale: &{scale} }},",
                meter.title,
                meter.maker,
                meter.countries,
                meter.medium,
                meter.line,
                meter.list_version,
                meter.model
            ),
        );
    }
    line(out, "];");
}

fn rows(rows: &[ScaleRow], path: &Path) -> String {
    let mut out = String::from("[");
    for row in rows {
        let [a, b, c, d, e] = code(&row.obis).map(|part| {
            part.strip_prefix("Part::Is(")
                .and_then(|part| part.strip_suffix(')'))
                .map(str::to_owned)
                .unwrap_or_else(|| panic!("{}: {} is no whole OBIS code", path.display(), row.obis))
        });
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

/// `1-*:1.8.t` as five patterns.
fn code(text: &str) -> [String; 5] {
    let parts: Vec<String> = text.split(['-', ':', '.']).map(pattern).collect();
    parts.try_into().unwrap_or_else(|_| panic!("registers: {text} is no OBIS pattern"))
}

fn pattern(part: &str) -> String {
    match part {
        "*" => "Part::Any".into(),
        "t" => "Part::Tariff".into(),
        "c" => "Part::Channel".into(),
        number => {
            let number: u8 =
                number.parse().unwrap_or_else(|_| panic!("registers: {number} is no part of an OBIS code"));
            format!("Part::Is({number})")
        }
    }
}

/// `active-power-import` → `Quantity::ActivePowerImport`; the compiler refuses a name that is none.
fn variant(kind: &str, word: &str) -> String {
    let camel: String = word
        .split('-')
        .map(|part| {
            part.chars()
                .next()
                .map(|c| c.to_ascii_uppercase())
                .into_iter()
                .chain(part.chars().skip(1))
                .collect::<String>()
        })
        .collect();
    format!("{kind}::{camel}")
}

fn unit(symbol: &str) -> &'static str {
    match symbol {
        "W" => "Unit::Watt",
        "var" => "Unit::Var",
        "VA" => "Unit::VoltAmpere",
        "kWh" => "Unit::KilowattHour",
        "kvarh" => "Unit::KilovarHour",
        "kVAh" => "Unit::KilovoltAmpereHour",
        "V" => "Unit::Volt",
        "A" => "Unit::Ampere",
        "Hz" => "Unit::Hertz",
        "°" => "Unit::Degree",
        "1" => "Unit::One",
        "m3" => "Unit::CubicMetre",
        "m3/h" => "Unit::CubicMetrePerHour",
        "kg/h" => "Unit::KilogramPerHour",
        "°C" => "Unit::Celsius",
        "h" => "Unit::Hour",
        "s" => "Unit::Second",
        "GJ" => "Unit::Gigajoule",
        "MJ" => "Unit::Megajoule",
        "Gcal" => "Unit::Gigacalorie",
        other => panic!("registers/unit.toml: {other} is no unit of a reading"),
    }
}

fn option<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "None".into(), |value| format!("Some({value})"))
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a String takes all");
}

fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
