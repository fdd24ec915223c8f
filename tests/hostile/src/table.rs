//! Changes cells, rows and columns of tables.

use metertap_native::Chance;

use crate::json;

/// The table with some of its cells, rows or columns changed.
pub(crate) fn spoilt(text: &str, chance: &mut Chance) -> Vec<u8> {
    let separator = separator(text);
    let split = |line: &str| line.split(separator).map(str::to_owned).collect::<Vec<_>>();
    let mut rows: Vec<Vec<String>> = text.lines().map(split).collect();
    for _ in 0..=chance.below(4) {
        change(&mut rows, chance);
    }
    let cells = |row: &Vec<String>| row.join(&separator.to_string());
    let end = ["\n", "\r\n"][chance.place(2)];
    rows.iter().map(cells).collect::<Vec<_>>().join(end).into_bytes()
}

/// The separator that occurs most often in the first line.
fn separator(text: &str) -> char {
    let first = text.lines().next().unwrap_or_default();
    let times = |separator: &char| first.matches(*separator).count();
    [',', ';', '\t'].into_iter().max_by_key(times).unwrap_or(',')
}

fn change(rows: &mut Vec<Vec<String>>, chance: &mut Chance) {
    // The titles decide whether a table is accepted, so they are rarely changed, even in small tables.
    let place = (0..3).map(|_| chance.place(rows.len())).max().unwrap_or_default();
    let other = 1 + chance.place(rows.len().saturating_sub(1));
    let (is_there, again) = (other < rows.len(), rows.get(place).cloned().unwrap_or_default());
    let Some(row) = rows.get_mut(place).filter(|row| !row.is_empty()) else { return };
    let (cell, beside) = (chance.place(row.len()), chance.place(row.len()));
    match chance.below(12) {
        0 => drop(rows.remove(place)),
        1 if is_there => rows.swap(place, other),
        2 if is_there => rows.insert(other, again),
        3 => drop(row.remove(cell)),
        4 => row.swap(cell, beside),
        5 => row.insert(beside, row[cell].clone()),
        6 => {
            rows.iter_mut().filter(|row| row.len() > cell.max(beside)).for_each(|row| row.swap(cell, beside))
        }
        7 => row[cell] = format!("\"{}", row[cell]),
        8 => row[cell] = json::string(row[cell].clone(), chance),
        _ => row[cell] = CELLS[chance.place(CELLS.len())].to_owned(),
    }
}

/// Numbers and times at the limits of what is allowed, and beyond.
const CELLS: [&str; 20] = [
    "",
    "0",
    "-0,000",
    "1.234,56",
    "1,234.56",
    "1'234",
    "999999999999999999999999999999",
    "-170141183460469231731687303715884105728",
    "0.00000000000000000000000000000000000001",
    "1e9",
    "NaN",
    "=cmd|'/C calc'!A0",
    "2026-02-30 00:00",
    "2026-03-29 02:30",
    "2026-10-25 02:30",
    "0000-00-00 24:00",
    "31.12.9999 23:59",
    "-9999-01-01T00:00:00Z",
    "00:00",
    "1795219200",
];
