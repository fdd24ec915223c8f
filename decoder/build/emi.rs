//! `registers/emi.toml`: the registers of Portugal's EMI meters.

use std::path::Path;

use serde::Deserialize;

use crate::obis::{code, whole};
use crate::rust::{line, option, read, variant, word};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmiFile {
    register: Vec<RegisterRow>,
    column: Vec<ColumnRow>,
    otherwise: Vec<OtherwiseRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterRow {
    at: u16,
    obis: String,
    octets: u8,
    #[serde(default = "number")]
    form: String,
    #[serde(default)]
    scaler: i8,
    #[serde(default)]
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnRow {
    number: u8,
    obis: String,
    octets: u8,
    #[serde(default)]
    scaler: i8,
    #[serde(default)]
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherwiseRow {
    obis: String,
    quantity: Option<String>,
}

fn number() -> String {
    "number".into()
}

pub(crate) fn write(out: &mut String) {
    let mut file: EmiFile = read(Path::new(FILE));
    file.register.sort_by_key(|row| row.at);
    if let Some(twice) = file.register.windows(2).find(|pair| pair[0].at == pair[1].at) {
        panic!("{FILE}: {:04X} occurs twice", twice[0].at);
    }
    line(out, "/// In the order of their addresses, for binary search.");
    line(out, "static REGISTERS: &[EmiRegister] = &[");
    for RegisterRow { at, obis: name, octets, form, scaler, unit } in file.register {
        let (name, form) = (obis(&name), variant("EmiForm", &form));
        line(
            out,
            &format!(
                "EmiRegister {{ at: {at}, obis: {name}, octets: {octets}, form: {form}, scaler: {scaler}, unit: {unit:?} }},"
            ),
        );
    }
    line(out, "];\nfn column(number: u8) -> Option<EmiRegister> { match number {");
    for ColumnRow { number, obis: name, octets, scaler, unit } in file.column {
        let name = obis(&name);
        line(
            out,
            &format!(
                "{number} => Some(EmiRegister {{ at: {number}, obis: {name}, octets: {octets}, form: EmiForm::Number, scaler: {scaler}, unit: {unit:?} }}),"
            ),
        );
    }
    line(out, "_ => None } }\nfn otherwise(name: Obis) -> Option<Option<Quantity>> { match name {");
    for OtherwiseRow { obis: name, quantity } in file.otherwise {
        let quantity = option(quantity.map(|quantity| word("Quantity", &quantity, FILE)));
        let [a, b, c, d, e] = groups(&name);
        line(out, &format!("Obis([{a}, {b}, {c}, {d}, {e}, 255]) => Some({quantity}),"));
    }
    line(out, "_ => None } }");
}

fn obis(text: &str) -> String {
    format!("Obis::new({})", groups(text).join(", "))
}

fn groups(text: &str) -> [String; 5] {
    code(text, FILE).map(|part| whole(&part, text))
}

const FILE: &str = "registers/emi.toml";
