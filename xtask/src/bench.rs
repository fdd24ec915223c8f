//! `cargo xtask bench`: measures Metertap and the programs it is compared with in one run, and writes the tables in
//! `BENCHMARKS.md`.

pub(crate) mod decoder;
pub(crate) mod log;
pub(crate) mod page;

use std::fs;

use crate::{failure::Failure, workspace::Workspace};

/// Writes a bench's table between its markers.
fn write(workspace: &Workspace, bench: &str, table: &str) -> Result<(), Failure> {
    println!("{table}");
    let path = workspace.root.join("BENCHMARKS.md");
    let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
    fs::write(&path, with_table(&text, bench, table)).map_err(Failure::file(&path))
}

fn with_table(text: &str, bench: &str, table: &str) -> String {
    let begin = format!("<!-- cargo xtask bench {bench} -->");
    let (before, rest) = text.split_once(&begin).unwrap_or((text, ""));
    let (_, behind) = rest.split_once(END).unwrap_or(("", "\n"));
    format!("{before}{begin}\n\n{table}\n\n{END}{behind}")
}

const END: &str = "<!-- until here -->";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_replaces_the_previous_one() {
        let text = "one\n<!-- cargo xtask bench log -->\n\nold\n\n<!-- until here -->\ntwo\n";
        let with = with_table(text, "log", "new");
        assert_eq!(with, "one\n<!-- cargo xtask bench log -->\n\nnew\n\n<!-- until here -->\ntwo\n");
        assert_eq!(with_table(&with, "log", "new"), with);
    }
}
