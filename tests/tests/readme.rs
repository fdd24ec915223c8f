//! The README's table of meters and the contract's list of quantities agree with the program.

use metertap_decoder::meter::Meter;
use metertap_decoder::reading::Quantity;

#[test]
fn the_readme_names_every_meter() {
    let readme = include_str!("../../README.md");
    let rows: Vec<&str> =
        readme.lines().filter(|line| line.starts_with('|') && line.ends_with('|')).collect();
    for meter in Meter::all() {
        let row =
            rows.iter().find(|row| row.split('|').nth(1).is_some_and(|cell| cell.trim() == meter.title));
        assert!(
            row.is_some_and(|row| row.contains("read")),
            "README.md, What is read: no row is `| {} | its port | read |` (decoder/meters/{}.toml)",
            meter.title,
            meter.name
        );
    }
}

#[test]
fn the_contract_names_every_quantity() {
    let contract = include_str!("../../docs/reading.md");
    let (_, listed) = contract.split_once("## Quantities and canonical units").unwrap();
    for quantity in Quantity::ALL {
        assert!(listed.contains(&format!("`{quantity}`")), "docs/reading.md does not list {quantity}");
    }
}
