//! `cargo xtask bench start`: the time from a visit to the first number on the screen. `cargo xtask bench latency`: the
//! time from the meter's last byte to the number on the screen. `cargo xtask bench chart`: the charts of History
//! compared with uPlot.

use crate::{failure::Failure, run, setup, tools, workspace::Workspace};

pub(crate) struct Bench {
    test: &'static str,
    tables: &'static [Table],
}

struct Table {
    /// The name in `BENCHMARKS.md`, and at the beginning of the rows that the test prints.
    name: &'static str,
    columns: &'static [&'static str],
}

/// First visits to two kinds of server, with and without a slow line.
pub(crate) const START: Bench = Bench {
    test: "a_first_visit",
    tables: &[Table {
        name: "start",
        columns: &[
            "the server",
            "line",
            "painted",
            "live number",
            "moved until then",
            "at e888b7f",
            "to reach",
        ],
    }],
};

/// The time from the last byte at the tty to the text node and to the paint, compared with a minimal page.
pub(crate) const LATENCY: Bench = Bench {
    test: "from_the_line_to_the_number",
    tables: &[Table {
        name: "latency",
        columns: &["milliseconds", "p50", "p90", "p99", "at e888b7f", "to reach"],
    }],
};

/// The charts of History compared with uPlot over one year, and the charts of History alone over up to ten years.
pub(crate) const CHART: Bench = Bench {
    test: "the_charts_of_history",
    tables: &[
        Table {
            name: "chart",
            columns: &[
                "milliseconds: p50, p95",
                "ours / uPlot with our columns",
                "ours / uPlot with all readings",
                "History",
                "uPlot with our columns",
                "uPlot with all readings",
                "to reach",
            ],
        },
        Table {
            name: "chart-growth",
            columns: &["milliseconds", "ten / one", "a year", "three years", "ten years", "to reach"],
        },
    ],
};

/// Builds the page, measures it, and writes its tables into `BENCHMARKS.md`.
///
/// # Errors
/// If a tool could not be installed or built, or the page did not show what is measured.
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
    bench.tables.iter().try_for_each(|table| super::write(workspace, table.name, &table.of(&said)))
}

impl Table {
    /// The table of the rows that a test printed.
    fn of(&self, said: &str) -> String {
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
        let table = LATENCY.tables.iter().map(|table| table.of(said)).collect::<String>();
        let lines: Vec<&str> = table.lines().skip(1).collect();
        assert_eq!(
            lines,
            ["| --- | --- | --- | --- | --- | --- |", "| painted | 4.1 | 5.0 | 6.2 | 14.5 | 6 |"]
        );
    }
}
