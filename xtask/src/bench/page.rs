//! `cargo xtask bench start`: the time from a visit to the first number on the screen. `cargo xtask bench latency`: the
//! time from the meter's last byte to the number on the screen.

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

/// A measurement of the page.
pub(crate) struct Bench {
    /// The name on the command line, and at the beginning of the rows that it prints.
    name: &'static str,
    test: &'static str,
    columns: &'static [&'static str],
}

/// First visits to two kinds of server, with and without a slow line.
pub(crate) const START: Bench = Bench {
    name: "start",
    test: "a_first_visit",
    columns: &["the server", "line", "painted", "live number", "moved until then", "at e888b7f", "to reach"],
};

/// The time from the last byte at the tty to the text node and to the paint, compared with a minimal page.
pub(crate) const LATENCY: Bench = Bench {
    name: "latency",
    test: "from_the_line_to_the_number",
    columns: &["milliseconds", "p50", "p90", "p99", "at e888b7f", "to reach"],
};

/// Builds the page, measures it, and writes the table into `BENCHMARKS.md`.
///
/// # Errors
/// If a tool could not be installed or built, or the measurement saw no number.
pub(crate) fn run(workspace: &Workspace, bench: &Bench) -> Result<(), Failure> {
    tools::for_the_tests(workspace)?;
    setup::page(workspace)?;
    let test = ["test", "--package", "metertap-e2e", "--test", "page-bench", "--", "--nocapture", bench.test];
    let mut test = workspace.command("cargo", &test);
    let mut said = String::new();
    run::overhear(test.env("METERTAP_DIST", workspace.page()), |line| {
        said.extend([line, "\n"]);
        true
    })?;
    super::write(workspace, bench.name, &bench.table(&said))
}

impl Bench {
    fn table(&self, said: &str) -> String {
        let line = |cells: &[&str]| format!("| {} |", cells.join(" | "));
        let head = [line(self.columns), line(&vec!["---"; self.columns.len()])];
        let rows = said.lines().filter_map(|said| said.strip_prefix(self.name)?.strip_prefix('\t'));
        let rows = rows.map(|row| line(&row.split('\t').collect::<Vec<_>>()));
        head.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_a_bench_becomes_a_table() {
        let said = "running 1 test\nlatency\tpainted\t4.1\t5.0\t6.2\t14.5\t6\ntest it ... ok";
        let table = LATENCY.table(said);
        let lines: Vec<&str> = table.lines().skip(1).collect();
        assert_eq!(
            lines,
            ["| --- | --- | --- | --- | --- | --- |", "| painted | 4.1 | 5.0 | 6.2 | 14.5 | 6 |"]
        );
    }
}
