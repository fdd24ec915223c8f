//! Words of the tables as words of Rust.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

/// `active-power-import` → `Quantity::ActivePowerImport`; the compiler refuses a name that is none.
pub(crate) fn variant(kind: &str, word: &str) -> String {
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

pub(crate) fn unit(symbol: &str) -> &'static str {
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
        "kg" => "Unit::Kilogram",
        "kg/h" => "Unit::KilogramPerHour",
        "°C" => "Unit::Celsius",
        "h" => "Unit::Hour",
        "d" => "Unit::Day",
        "min" => "Unit::Minute",
        "s" => "Unit::Second",
        "month" => "Unit::Month",
        "year" => "Unit::Year",
        "GJ" => "Unit::Gigajoule",
        "MJ" => "Unit::Megajoule",
        "Gcal" => "Unit::Gigacalorie",
        "J/h" => "Unit::JoulePerHour",
        "m3/min" => "Unit::CubicMetrePerMinute",
        "m3/s" => "Unit::CubicMetrePerSecond",
        "ft3" => "Unit::CubicFoot",
        "bar" => "Unit::Bar",
        "%" => "Unit::Percent",
        other => panic!("registers: {other} is no unit of a reading"),
    }
}

pub(crate) fn option<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "None".into(), |value| format!("Some({value})"))
}

pub(crate) fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a String takes all");
}

pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
