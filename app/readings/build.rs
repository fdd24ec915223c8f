//! The rows of `formats.toml` become a table of the program. A row that makes no sense ends the build.
#![allow(clippy::expect_used, clippy::panic, reason = "a panic here is a build error")]

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use toml::{Table, Value};

fn main() {
    println!("cargo::rerun-if-changed={FILE}");
    let text = fs::read_to_string(FILE).expect("formats.toml lies beside this file");
    let rows: Table = text.parse().expect("formats.toml is TOML");
    let registers = list(&rows, "register");
    let mut out = String::from("/// What a column may mean.\npub static REGISTERS: &[Register] = &[\n");
    for row in registers {
        writeln!(
            out,
            "    Register {{ name: {:?}, title: {:?}, obis: {:?}, quantity: {:?}, tariff: {:?}, channel: {:?} }},",
            word(row, "name"),
            word(row, "title"),
            word(row, "obis"),
            word(row, "quantity"),
            row.get("tariff").map(|tariff| tariff.as_integer().expect("a tariff is a number")),
            row.get("channel").map(|channel| channel.as_integer().expect("a channel is a number")),
        )
        .expect("text in memory takes what is written to it");
    }
    out += "];\n\n/// The tables that are recognised.\npub static FORMATS: &[Format] = &[\n";
    for row in list(&rows, "format") {
        let columns = list(row.as_table().expect("a format is a table"), "columns").iter().map(|column| {
            let register = word(column, "register");
            let place = registers.iter().position(|row| word(row, "name") == register);
            let place = place.unwrap_or_else(|| panic!("no register is called {register}"));
            let scale =
                column.get("scale").map_or(0, |scale| scale.as_integer().expect("a scale is a number"));
            let only = column.get("only").map(|only| {
                let words =
                    only.as_array().and_then(|only| Some((only.first()?.as_str()?, only.get(1)?.as_str()?)));
                words.unwrap_or_else(|| panic!("{only} is no column with its cell"))
            });
            format!(
                "Column {{ name: {:?}, register: {place}, scale: {scale}, only: {only:?} }}",
                word(column, "name")
            )
        });
        let (difference, until) = match word(row, "counts") {
            "position" => (false, false),
            "from" => (true, false),
            "until" => (true, true),
            other => panic!("{other} is no way of counting"),
        };
        let maybe = |name: &str| row.get(name).map(|_| word(row, name));
        writeln!(
            out,
            "    Format {{ name: {:?}, title: {:?}, time: ({:?}, {:?}), meter: {:?}, difference: {difference}, \
             until: {until}, columns: &[{}] }},",
            word(row, "name"),
            word(row, "title"),
            word(row, "time"),
            maybe("clock"),
            maybe("meter"),
            columns.collect::<Vec<_>>().join(", ")
        )
        .expect("text in memory takes what is written to it");
    }
    out += "];\n";
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to"));
    fs::write(folder.join("formats.rs"), out).expect("cargo's own folder can be written");
}

fn list<'a>(rows: &'a Table, name: &str) -> &'a [Value] {
    rows.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_else(|| panic!("no {name}"))
}

fn word<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} is missing in {row:?}"))
}

const FILE: &str = "formats.toml";
