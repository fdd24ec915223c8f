//! `registers/tic.toml`: what the labels of France's TIC mean, and what the digits of an address say.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, option, read, variant, word};
use crate::unit::Units;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TicFile {
    historic: Vec<LabelRow>,
    standard: Vec<LabelRow>,
    maker: Vec<MakerRow>,
    r#type: Vec<TypeRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelRow {
    label: String,
    form: String,
    #[serde(default)]
    widths: Vec<u8>,
    unit: Option<String>,
    quantity: Option<String>,
    phase: Option<String>,
    tariff: Option<u32>,
    storage: Option<u64>,
    #[serde(default)]
    moment: bool,
    #[serde(default)]
    alone: bool,
    #[serde(default)]
    personal: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MakerRow {
    code: String,
    flag: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeRow {
    codes: Vec<String>,
    model: String,
    #[serde(default = "one")]
    phases: u8,
    peak: Option<String>,
}

fn one() -> u8 {
    1
}

pub(crate) fn write(out: &mut String) {
    let file: TicFile = read(Path::new(FILE));
    let units = Units::read();
    line(out, "/// In the order of the labels, for binary search.");
    labels(out, "HISTORIC", file.historic, &units);
    labels(out, "STANDARD", file.standard, &units);
    line(out, "fn maker(code: [u8; 2]) -> Option<&'static str> { match &code {");
    for MakerRow { code, flag } in file.maker {
        assert!(is_code(&code) && flag.len() == 3, "{FILE}: {code} {flag} is not a maker");
        line(out, &format!("b{code:?} => Some({flag:?}),"));
    }
    line(out, "_ => None } }\nfn meter_type(code: [u8; 2]) -> Option<MeterType> { match &code {");
    for TypeRow { codes, model, phases, peak } in file.r#type {
        assert!(codes.iter().all(|code| is_code(code)), "{FILE}: {codes:?} are not types");
        let codes: Vec<_> = codes.iter().map(|code| format!("b{code:?}")).collect();
        let codes = codes.join(" | ");
        let three = phases == 3;
        line(
            out,
            &format!(
                "{codes} => Some(MeterType {{ model: {model:?}, has_three_phases: {three}, peak: {peak:?} }}),"
            ),
        );
    }
    line(out, "_ => None } }");
}

fn is_code(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|digit| digit.is_ascii_digit())
}

fn labels(out: &mut String, name: &str, mut rows: Vec<LabelRow>, units: &Units) {
    rows.sort_by(|one, other| one.label.cmp(&other.label));
    let mut seen = BTreeSet::new();
    line(out, &format!("static {name}: &[Label] = &["));
    for row in rows {
        let LabelRow { label, form, widths, unit, quantity, phase, tariff, storage, moment, alone, personal } =
            row;
        assert!(seen.insert(label.clone()), "{FILE}: {label} occurs twice");
        assert!(label.len() <= 16, "{FILE}: {label} is longer than sixteen bytes");
        let has_data = !matches!(form.as_str(), "moment" | "date");
        assert_eq!(
            has_data,
            !widths.is_empty(),
            "{FILE}: {label} must have widths, unless its form is date or moment"
        );
        assert!(unit.is_none() || form == "digits", "{FILE}: {label} has a unit, but its form is not digits");
        let by_type = unit.as_deref() == Some("by-type");
        let unit = option(unit.filter(|_| !by_type).map(|unit| {
            let (unit, shift) = units.find(&unit);
            format!("({unit}, {shift})")
        }));
        let quantity = option(quantity.map(|quantity| word("Quantity", &quantity, FILE)));
        let phase = option(phase.map(|phase| word("Phase", &phase, FILE)));
        let form = variant("Form", &form);
        line(
            out,
            &format!(
                "Label {{ name: {label:?}, form: {form}, widths: &{widths:?}, unit: {unit}, by_type: {by_type}, \
                 quantity: {quantity}, phase: {phase}, tariff: {tariff:?}, storage: {storage:?}, \
                 has_moment: {moment}, is_alone: {alone}, is_personal: {personal} }},"
            ),
        );
    }
    line(out, "];");
}

const FILE: &str = "registers/tic.toml";
