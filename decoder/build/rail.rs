//! `meters/modbus/`: one file for each register map of DIN rail meters.

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
    /// How many words one question may read.
    #[serde(default = "usual_most")]
    most: u16,
    /// The most words without a row that may lie between two rows of one question.
    #[serde(default)]
    reach: u16,
    #[serde(default)]
    sign: Vec<SignRow>,
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

/// An identification that only these meters send.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignRow {
    /// The order in which signs are asked for, lowest first.
    order: u8,
    /// 3, 4, or 43 for the device identification, which is text.
    function: u8,
    #[serde(default)]
    at: u16,
    /// How many words are read; a text has two letters in each.
    #[serde(default = "one")]
    words: u16,
    /// Ranges of numbers, both ends included.
    #[serde(default)]
    codes: Vec<(u16, u16)>,
    /// How a text begins; with function 43, what it contains.
    #[serde(default)]
    texts: Vec<String>,
}

const fn one() -> u16 {
    1
}

/// Some meters that are asked for more than sixty words answer late or incompletely.
const fn usual_most() -> u16 {
    60
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
        .map(|entry| entry.expect("meters/modbus/ is readable").path())
        .collect();
    files.sort();
    let mut titles = String::new();
    line(out, "static PROFILES: &[Profile] = &[");
    for path in files {
        let file: ProfileFile = read(&path);
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a file name in ASCII").to_owned();
        let (often, rarely) = blocks(&file);
        let identity = joined(file.identity.iter(), file.most, 0);
        let signs: String = file.sign.iter().map(|row| sign(row, &path)).collect();
        titles += &format!("({name:?}, {:?}),", file.title);
        let mut rows: Vec<RegisterRow> = file.register.into_iter().chain(file.identity).collect();
        rows.sort_by_key(|row| (row.function, row.at));
        let mut seen = BTreeSet::new();
        let rows = rows.iter().fold(String::new(), |all, row| {
            assert!(seen.insert((row.function, row.at)), "{}: {:04X} occurs twice", path.display(), row.at);
            all + &register(row, &path)
        });
        line(
            out,
            &format!(
                "Profile {{ name: {name:?}, title: {:?}, lines: &{:?}, also: &{:?}, is_direct_current: {}, \
                 has_no_direction: {}, is_doubtful: {}, signs: &[{signs}], identity: &[{}], often: &[{}], \
                 rarely: &[{}], registers: &[{rows}] }},",
                file.title,
                file.lines,
                file.also,
                file.direct_current,
                file.no_direction,
                file.doubtful,
                written(&identity),
                written(&often),
                written(&rarely)
            ),
        );
    }
    line(out, &format!("];\nstatic TITLES: &[(&str, &str)] = &[{titles}];"));
}

/// Words that one question reads: function, first, and how many.
type Block = (u8, u16, u16);

/// The blocks to read in each round, and the blocks to read every few rounds. Counters and registers without a quantity
/// are read every few rounds, unless a block of each round contains them.
fn blocks(file: &ProfileFile) -> (Vec<Block>, Vec<Block>) {
    let counts = |row: &&RegisterRow| {
        row.quantity.is_none() || row.unit.as_deref().is_some_and(|unit| unit.ends_with('h'))
    };
    let often = joined(file.register.iter().filter(|row| !counts(row)), file.most, file.reach);
    let is_in = |row: &RegisterRow, (function, first, count): &Block| {
        row.function == *function && row.at >= *first && row.at + words(row) <= first + count
    };
    let rest = file.register.iter().filter(counts).filter(|row| !often.iter().any(|block| is_in(row, block)));
    let rarely = joined(rest, file.most, file.reach);
    (often, rarely)
}

fn joined<'r>(rows: impl Iterator<Item = &'r RegisterRow>, most: u16, reach: u16) -> Vec<Block> {
    let mut places: Vec<Block> = rows.map(|row| (row.function, row.at, words(row))).collect();
    places.sort_unstable();
    let mut blocks: Vec<Block> = Vec::new();
    for (function, at, count) in places {
        match blocks.last_mut() {
            Some((of, first, length))
                if *of == function && at <= *first + *length + reach && at + count - *first <= most =>
            {
                *length = at + count - *first;
            }
            _ => blocks.push((function, at, count)),
        }
    }
    blocks
}

fn written(blocks: &[Block]) -> String {
    let block = |(function, first, count): &Block| {
        format!("Block {{ function: {function}, first: {first}, count: {count} }},")
    };
    blocks.iter().map(block).collect()
}

/// Must agree with `RailForm::words`.
fn words(row: &RegisterRow) -> u16 {
    match row.r#type.as_str() {
        "u16" | "i16" => 1,
        "u64" | "i64" => 4,
        "text-of-7" => 7,
        _ => 2,
    }
}

fn sign(row: &SignRow, path: &Path) -> String {
    let file = path.display();
    assert!(matches!(row.function, 3 | 4 | 43), "{file}: a sign is read by function 3, 4 or 43");
    assert!(row.codes.is_empty() != row.texts.is_empty(), "{file}: a sign has codes or texts");
    if row.function != 43 {
        let bytes = 2 * usize::from(row.words);
        let long = row.texts.iter().find(|text| text.len() > bytes);
        assert!(long.is_none(), "{file}: a sign of {} words never begins with {long:?}", row.words);
    }
    format!(
        "Sign {{ order: {}, block: Block {{ function: {}, first: {}, count: {} }}, codes: &{:?}, texts: &{:?} }},",
        row.order, row.function, row.at, row.words, row.codes, row.texts
    )
}

fn register(row: &RegisterRow, path: &Path) -> String {
    let file = path.display().to_string();
    // Sessions know no other function for registers.
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
