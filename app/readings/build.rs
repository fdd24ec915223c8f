//! The rows of `formats.toml` and `words.toml` become tables of the program. A row that makes no sense ends the build.
#![allow(clippy::expect_used, clippy::panic, reason = "a panic here is a build error")]

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use toml::{Table, Value};

fn main() {
    let rows = table("formats.toml");
    write("formats.rs", &(registers(&rows) + &formats(&rows)));
    write("words.rs", &words(&table("words.toml")));
}

fn registers(rows: &Table) -> String {
    let mut out = String::from("/// What a column may mean.\npub static REGISTERS: &[Register] = &[\n");
    for row in list(rows, "register") {
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
    out + "];\n\n"
}

fn formats(rows: &Table) -> String {
    let registers = list(rows, "register");
    let mut out = String::from("/// The tables that are recognised.\npub static FORMATS: &[Format] = &[\n");
    for row in list(rows, "format") {
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
            let power = column.get("power").is_some_and(|power| power.as_bool().expect("it is power or not"));
            format!(
                "FormatColumn {{ name: {:?}, register: {place}, scale: {scale}, only: {only:?}, power: {power} }}",
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
        let dates = match maybe("dates") {
            None => "None",
            Some("day-first") => "Some(Dates::DayFirst)",
            Some("month-first") => "Some(Dates::MonthFirst)",
            Some(other) => panic!("{other} is nothing that dates begin with"),
        };
        writeln!(
            out,
            "    Format {{ name: {:?}, title: {:?}, time: ({:?}, {:?}), meter: {:?}, difference: {difference}, \
             until: {until}, unit: {:?}, dates: {dates}, columns: &[{}] }},",
            word(row, "name"),
            word(row, "title"),
            word(row, "time"),
            maybe("clock"),
            maybe("meter"),
            maybe("unit"),
            columns.collect::<Vec<_>>().join(", ")
        )
        .expect("text in memory takes what is written to it");
    }
    out + "];\n"
}

fn words(rows: &Table) -> String {
    let mut out =
        String::from("/// Words, and what they say.\npub(super) static WORDS: &[(Meaning, &[&str])] = &[\n");
    for row in list(rows, "word") {
        let means = word(row, "means").split('-').map(|part| {
            let (first, rest) = part.split_at(1);
            first.to_uppercase() + rest
        });
        let words = row.get("words").and_then(Value::as_array).expect("words are a list");
        let words: Vec<&str> = words.iter().map(|word| word.as_str().expect("a word is a text")).collect();
        writeln!(out, "    (Meaning::{}, &{words:?}),", means.collect::<String>())
            .expect("text in memory takes what is written to it");
    }
    out + "];\n"
}

fn table(file: &str) -> Table {
    println!("cargo::rerun-if-changed={file}");
    let text = fs::read_to_string(file).unwrap_or_else(|_| panic!("{file} lies beside this file"));
    text.parse().unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn write(file: &str, text: &str) {
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to"));
    fs::write(folder.join(file), text).expect("cargo's own folder can be written");
}

fn list<'a>(rows: &'a Table, name: &str) -> &'a [Value] {
    rows.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_else(|| panic!("no {name}"))
}

fn word<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} is missing in {row:?}"))
}
