//! `registers/plausible.toml`: the values that a home can have.

use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, read, word};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlausibleFile {
    plausible: Vec<PlausibleRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlausibleRow {
    quantity: String,
    unit: String,
    least: i32,
    most: i32,
}

pub(crate) fn write(out: &mut String) {
    let file: PlausibleFile = read(Path::new(FILE));
    line(out, "fn bounds(quantity: Quantity, unit: Unit) -> Option<Bounds> { match (quantity, unit) {");
    for row in file.plausible {
        assert!(row.least < row.most, "{FILE}: {}: `least` is not below `most`", row.quantity);
        let (quantity, unit) = (word("Quantity", &row.quantity, FILE), word("Unit", &row.unit, FILE));
        let (least, most) = (row.least, row.most);
        line(out, &format!("({quantity}, {unit}) => Some(Bounds {{ least: {least}, most: {most} }}),"));
    }
    line(out, "_ => None }}");
}

const FILE: &str = "registers/plausible.toml";
