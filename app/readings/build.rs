//! Turns the rows of `formats.toml`, `words.toml`, `notices.toml` and `peaks.toml` into Rust tables. An invalid row
//! fails the build.
#![allow(clippy::expect_used, clippy::panic, reason = "a panic here is a build error")]

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use toml::{Table, Value};

fn main() {
    let rows = table("formats.toml");
    write("formats.rs", &(registers(&rows) + &formats(&rows)));
    write("words.rs", &words(&table("words.toml")));
    write("notices.rs", &notices(&table("notices.toml")));
    write("peaks.rs", &peaks(&table("peaks.toml")));
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
        .expect("writing to a string in memory succeeds");
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
                words.unwrap_or_else(|| panic!("{only} is not a column with its cell"))
            });
            let power = column.get("power").is_some_and(|power| power.as_bool().expect("`power` is true or false"));
            format!(
                "FormatColumn {{ name: {:?}, register: {place}, scale: {scale}, only: {only:?}, power: {power} }}",
                word(column, "name")
            )
        });
        let (difference, until) = match word(row, "counts") {
            "position" => (false, false),
            "from" => (true, false),
            "until" => (true, true),
            other => panic!("{other} is not a way of counting"),
        };
        let maybe = |name: &str| row.get(name).map(|_| word(row, name));
        let dates = match maybe("dates") {
            None => "None",
            Some("day-first") => "Some(Dates::DayFirst)",
            Some("month-first") => "Some(Dates::MonthFirst)",
            Some(other) => panic!("dates cannot begin with {other}"),
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
        .expect("writing to a string in memory succeeds");
    }
    out + "];\n"
}

fn words(rows: &Table) -> String {
    let mut out =
        String::from("/// Words and their meanings.\npub(super) static WORDS: &[(Meaning, &[&str])] = &[\n");
    for row in list(rows, "word") {
        let means = camel(word(row, "means"));
        let words = row.get("words").and_then(Value::as_array).expect("words are a list");
        let words: Vec<&str> = words.iter().map(|word| word.as_str().expect("a word is a text")).collect();
        writeln!(out, "    (Meaning::{means}, &{words:?}),").expect("writing to a string in memory succeeds");
    }
    out + "];\n"
}

fn notices(rows: &Table) -> String {
    let mut out = String::from(
        "/// All rules, in the order in which they are shown.\npub static RULES: &[Rule] = &[\n",
    );
    for row in list(rows, "rule") {
        let limit = decimal(word(row, "limit"));
        let limit = match row.get("of").map(|_| word(row, "of")) {
            None => format!("Limit::Fixed({limit})"),
            Some("power") => format!("Limit::OfPower({limit})"),
            Some("fuse") => format!("Limit::OfFuse({limit})"),
            Some(other) => panic!("{other} is not a setting of the user"),
        };
        let none = Vec::new();
        let needs = row.get("needs").map_or(&none, |needs| needs.as_array().expect("needs are a list"));
        let needs = needs
            .iter()
            .map(|need| format!("Quantity::{}", camel(need.as_str().expect("a quantity is a text"))));
        writeln!(
            out,
            "    Rule {{ name: {:?}, title: {:?}, means: {:?}, subject: Subject::{}, side: Side::{}, limit: {limit}, \
             hysteresis: {}, duration: {}, settles: {}, needs: &[{}], tells: {} }},",
            word(row, "name"),
            word(row, "title"),
            word(row, "means"),
            camel(word(row, "watches")),
            camel(word(row, "side")),
            decimal(word(row, "hysteresis")),
            milliseconds(row, "duration"),
            milliseconds(row, "settles"),
            needs.collect::<Vec<_>>().join(", "),
            row.get("tells").and_then(Value::as_bool).expect("`tells` is true or false"),
        )
        .expect("writing to a string in memory succeeds");
    }
    out + "];\n"
}

fn peaks(rows: &Table) -> String {
    let mut out = String::from("/// All rules.\npub static PEAK_RULES: &[PeakRule] = &[\n");
    for row in list(rows, "rule") {
        let rule = row.as_table().expect("a rule is a table");
        let interval = match rule.get("interval").and_then(Value::as_integer) {
            Some(15) => "Quarter",
            Some(60) => "Hour",
            other => panic!("{other:?} minutes are not an interval"),
        };
        let day = |name: &str| {
            row.get(name).map(|day| {
                let date = day.as_datetime().and_then(|day| day.date).expect("a day is a date");
                days_since_1970(date.year.into(), date.month.into(), date.day.into())
            })
        };
        let read = row.get("read").expect("a rule states when its source was read").to_string();
        let peaks = list(rule, "peak").iter().map(peak).collect::<String>();
        let months = row.get("months").map_or(1, |months| months.as_integer().expect("months are a number"));
        writeln!(
            out,
            "    PeakRule {{ name: {:?}, title: {:?}, zones: &{:?}, interval: Period::{interval}, days: ({}, {}), \
             read: {read:?}, months: {months}, floor: {}, blocks: {}, peaks: &[\n{peaks}    ] }},",
            word(row, "name"),
            word(row, "title"),
            texts(row, "zones"),
            day("from").unwrap_or(i64::MIN),
            day("until").unwrap_or(i64::MAX),
            row.get("floor").map_or("None".to_owned(), |_| format!("Some({})", decimal(word(row, "floor")))),
            blocks(rows, row),
        )
        .expect("writing to a string in memory succeeds");
    }
    out + "];\n"
}

fn peak(row: &Value) -> String {
    let distinct = match row.get("distinct").map(|_| word(row, "distinct")) {
        None => false,
        Some("day") => true,
        Some(other) => panic!("intervals cannot be distinct by {other}"),
    };
    let none = Vec::new();
    let windows = row.get("windows").map_or(&none, |windows| windows.as_array().expect("windows are a list"));
    let windows = windows.iter().map(|row| {
        format!(
            "Window {{ days: Days::{}, minutes: ({}, {}), weight: {} }}",
            camel(word(row, "days")),
            minutes(word(row, "from")),
            minutes(word(row, "to")),
            decimal(word(row, "weight"))
        )
    });
    format!(
        "        Peak {{ title: {:?}, count: {}, distinct_days: {distinct}, months: {}, block: {:?}, windows: &[{}], \
         otherwise: {} }},\n",
        word(row, "title"),
        row.get("count").and_then(Value::as_integer).filter(|count| *count > 0).expect("a peak has a count"),
        months(row, "months").unwrap_or(0xFFF),
        row.get("block").map(|block| block.as_integer().expect("a block is a number")),
        windows.collect::<Vec<_>>().join(", "),
        row.get("otherwise").map_or("Number::whole(1)".to_owned(), |_| decimal(word(row, "otherwise"))),
    )
}

/// The Rust expression for a rule's blocks, with the holidays of its calendar.
fn blocks(rows: &Table, row: &Value) -> String {
    if row.get("levels").is_none() {
        return "None".to_owned();
    }
    let levels: Vec<u32> =
        word(row, "levels").chars().map(|level| level.to_digit(10).expect("a level is a digit")).collect();
    assert_eq!(levels.len(), 24, "a day has 24 hours");
    let calendar = word(row, "calendar");
    let holidays = list(rows, "holidays").iter().find(|holidays| word(holidays, "calendar") == calendar);
    let holidays = holidays.unwrap_or_else(|| panic!("no calendar is called {calendar}"));
    let fixed = texts(holidays, "fixed").into_iter().map(|day| {
        let (month, day) = day.split_once('-').expect("a holiday is a month and a day");
        (month.parse::<i8>().expect("a month is a number"), day.parse::<i8>().expect("a day is a number"))
    });
    format!(
        "Some(Blocks {{ levels: {levels:?}, low: {}, holidays: Holidays {{ fixed: &{:?}, easter: &{:?} }} }})",
        months(row, "low").expect("a rule with levels has a low season"),
        fixed.collect::<Vec<_>>(),
        numbers(holidays, "easter"),
    )
}

/// Months as bits, the lowest for January.
fn months(row: &Value, name: &str) -> Option<u16> {
    row.get(name)?;
    let months = numbers(row, name);
    assert!(months.iter().all(|month| (1..=12).contains(month)), "{months:?} are not months");
    Some(months.iter().fold(0, |bits, month| bits | 1 << (month - 1)))
}

fn numbers(row: &Value, name: &str) -> Vec<i64> {
    let all = row.get(name).and_then(Value::as_array).unwrap_or_else(|| panic!("{name} is a list"));
    all.iter().map(|number| number.as_integer().expect("the list holds numbers")).collect()
}

fn texts<'a>(row: &'a Value, name: &str) -> Vec<&'a str> {
    let all = row.get(name).and_then(Value::as_array).unwrap_or_else(|| panic!("{name} is a list"));
    all.iter().map(|text| text.as_str().expect("the list holds texts")).collect()
}

/// The minute of the day of a time such as 22:00.
fn minutes(text: &str) -> i32 {
    let (hours, minutes) = text.split_once(':').unwrap_or_else(|| panic!("{text} is not a time"));
    let number = |text: &str| text.parse::<i32>().unwrap_or_else(|_| panic!("{text} is not a time"));
    number(hours) * 60 + number(minutes)
}

/// The number of days from 1970-01-01 to a date: `days_from_civil` in Howard Hinnant's "chrono-Compatible Low-Level
/// Date Algorithms".
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The Rust expression for a decimal, as an exact number.
fn decimal(text: &str) -> String {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let mantissa: i64 =
        [whole, places].concat().parse().unwrap_or_else(|_| panic!("{text} is not a decimal"));
    let scaler = i8::try_from(places.len()).expect("a decimal is short");
    format!("Number::new({mantissa}, {})", -scaler)
}

/// Converts the seconds under a row's key to milliseconds.
fn milliseconds(row: &Value, name: &str) -> i64 {
    let seconds = row.get(name).and_then(Value::as_integer);
    seconds
        .filter(|seconds| *seconds >= 0)
        .unwrap_or_else(|| panic!("{name} of {row:?} is not a number of seconds"))
        * 1000
}

/// A hyphenated word as the name of a variant.
fn camel(word: &str) -> String {
    let capital = |part: &str| {
        let (first, rest) = part.split_at(1);
        first.to_uppercase() + rest
    };
    word.split('-').map(capital).collect()
}

fn table(file: &str) -> Table {
    println!("cargo::rerun-if-changed={file}");
    let text = fs::read_to_string(file).unwrap_or_else(|_| panic!("{file} is missing beside build.rs"));
    text.parse().unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn write(file: &str, text: &str) {
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(folder.join(file), text).expect("cargo's output folder is writable");
}

fn list<'a>(rows: &'a Table, name: &str) -> &'a [Value] {
    rows.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_else(|| panic!("no {name}"))
}

fn word<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} is missing in {row:?}"))
}
