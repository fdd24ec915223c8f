//! The README's table of meters is what the tables hold.

use metertap_decoder::meter::Meter;

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
            "{} ({}) is not in the README",
            meter.title,
            meter.name
        );
    }
}
