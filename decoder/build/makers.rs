//! `registers/makers.toml`: what the M-Bus standard leaves to the maker of a meter.

use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, option, read, variant, word};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MakersFile {
    maker: Vec<MakerRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MakerRow {
    makers: Vec<String>,
    version: Option<u8>,
    #[serde(default)]
    devices: Vec<u8>,
    /// Whether energies sent as reals are in kWh, kvarh and kVAh, whatever the VIF says.
    #[serde(default)]
    whole_reals: bool,
    #[serde(default)]
    vife: Vec<CodeRow>,
    #[serde(default)]
    vif: Vec<CodeRow>,
    #[serde(default)]
    subunit: Vec<NumberRow>,
    #[serde(default)]
    storage: Vec<NumberRow>,
    #[serde(default)]
    tariff: Vec<NumberRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeRow {
    code: u8,
    table: Option<String>,
    means: Option<String>,
    #[serde(default)]
    effects: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberRow {
    number: u8,
    of: Option<String>,
    effects: Vec<String>,
}

pub(crate) fn write(out: &mut String) {
    let file: MakersFile = read(Path::new(FILE));
    line(out, "static MAKERS: &[MakersOwn] = &[");
    for row in file.maker {
        let [vifes, vifs] = [row.vife, row.vif].map(|rows| rows.iter().map(code).collect::<String>());
        let [subunits, storages, tariffs] =
            [row.subunit, row.storage, row.tariff].map(|rows| rows.iter().map(meant).collect::<String>());
        let rest = format!(
            "version: {}, devices: &{:?}, whole_reals: {}, vifes: &[{vifes}], vifs: &[{vifs}], \
             subunits: &[{subunits}], storages: &[{storages}], tariffs: &[{tariffs}]",
            option(row.version),
            row.devices,
            row.whole_reals
        );
        for letters in &row.makers {
            line(out, &format!("MakersOwn {{ maker: {}, {rest} }},", number(letters)));
        }
    }
    line(out, "];");
}

/// Three letters of five bits each (EN 13757-7, 7.3.2).
fn number(letters: &str) -> u16 {
    let is_maker = letters.len() == 3 && letters.bytes().all(|letter| letter.is_ascii_uppercase());
    assert!(is_maker, "{FILE}: {letters} is not a maker");
    letters.bytes().fold(0, |number, letter| number << 5 | u16::from(letter - b'@'))
}

fn code(row: &CodeRow) -> String {
    let table = option(row.table.as_deref().map(|table| variant("Table", table)));
    let means = option(row.means.as_deref().map(|quantity| variant("Quantity", quantity)));
    let effects = effects(&row.effects);
    format!("MakersCode {{ code: {}, table: {table}, means: {means}, effects: {effects} }},", row.code)
}

fn meant(row: &NumberRow) -> String {
    let of = option(row.of.as_deref().map(|kind| variant("Means", kind)));
    format!("MakersNumber {{ number: {}, of: {of}, effects: {} }},", row.number, effects(&row.effects))
}

fn effects(names: &[String]) -> String {
    let effect = |name: &String| match name.as_str() {
        "l1" | "l2" | "l3" | "n" | "l12" | "l23" | "l31" => {
            format!("Effect::Phase({}),", word("Phase", name, FILE))
        }
        name => format!("{},", variant("Effect", name)),
    };
    format!("&[{}]", names.iter().map(effect).collect::<String>())
}

const FILE: &str = "registers/makers.toml";
