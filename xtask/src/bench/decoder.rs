//! `cargo xtask bench decoder`: measures the decoder and its peers, natively and in wasm, and writes the table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{failure::Failure, run, tools, workspace::Workspace};

/// Measures everything in one run and writes the table into `BENCHMARKS.md`.
///
/// # Errors
/// If a program does not build or run, or there is no Node for the wasm part.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let buffers = workspace.target.join("bench/buffers");
    let _ = fs::remove_dir_all(&buffers);
    let folder = buffers.to_string_lossy().into_owned();
    let bench = ["bench", "--package", PACKAGE, "--bench", "decoder", "--", "--buffers", &folder];
    let printed = String::from_utf8_lossy(&run::read(&mut workspace.command("cargo", &bench))?).into_owned();
    let mut rows: Vec<Row> = printed.lines().filter_map(Row::of_line).collect();
    rows.extend(in_wasm(workspace, &buffers, &rows)?);
    super::write(workspace, "decoder", &table(&rows))
}

#[derive(Debug, PartialEq)]
struct Row {
    buffer: String,
    telegrams: u64,
    octets: u64,
    contender: String,
    /// The median for the whole buffer.
    nanoseconds: u64,
    /// This contender's time divided by our decoder's native time, in thousandths.
    ratio: u64,
    values: u64,
}

impl Row {
    fn of_line(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let mut text = || fields.next().map(str::to_owned);
        let (buffer, telegrams, octets, contender) = (text()?, text()?, text()?, text()?);
        let (nanoseconds, ratio, values) = (text()?, text()?, text()?);
        Some(Self {
            buffer,
            telegrams: telegrams.parse().ok()?,
            octets: octets.parse().ok()?,
            contender,
            nanoseconds: nanoseconds.parse().ok()?,
            ratio: ratio.parse().ok()?,
            values: values.parse().ok()?,
        })
    }
}

/// Runs the same buffers through the decoder's wasm under Node.
fn in_wasm(workspace: &Workspace, buffers: &Path, native: &[Row]) -> Result<Vec<Row>, Failure> {
    tools::for_wasm(workspace)?;
    let build = ["build", "--profile", "bench", "--target", tools::WASM, "--package", PACKAGE, "--lib"];
    run::run(&mut workspace.command("cargo", &build))?;
    let module = workspace.target.join(tools::WASM).join("release/metertap_bench.wasm");
    let out = workspace.target.join("bench/wasm");
    let bindgen = ["--target", "nodejs", "--out-dir", &out.to_string_lossy(), &module.to_string_lossy()];
    run::run(&mut workspace.command("wasm-bindgen", &bindgen))?;
    if workspace.locate("node").is_none() {
        return Err(Failure::Missing { programs: vec!["node"] });
    }
    let script = workspace.root.join("tests/bench/wasm.mjs");
    let mut node = workspace.command("node", &[&script.to_string_lossy()]);
    node.arg(out.join("metertap_bench.js"));
    for path in files(buffers)? {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some((name, protocol)) = stem.rsplit_once('=') else { continue };
        node.args([name, protocol]).arg(&path);
    }
    let printed = String::from_utf8_lossy(&run::read(&mut node)?).into_owned();
    let row = |line: &str| {
        let mut fields = line.split('\t');
        let (buffer, nanoseconds, values) = (fields.next()?, fields.next()?, fields.next()?);
        let ours = native.iter().find(|row| row.buffer == buffer && row.contender == US)?;
        let nanoseconds: u64 = nanoseconds.parse().ok()?;
        Some(Row {
            buffer: buffer.to_owned(),
            telegrams: ours.telegrams,
            octets: ours.octets,
            contender: format!("{US} in wasm"),
            nanoseconds,
            ratio: nanoseconds * 1000 / ours.nanoseconds.max(1),
            values: values.parse().ok()?,
        })
    };
    Ok(printed.lines().filter_map(row).collect())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::file(folder))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn table(rows: &[Row]) -> String {
    let mut by_buffer: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_buffer.entry(&row.buffer).or_default().push(row);
    }
    let mut lines = vec![
        "| telegrams | beside | we are faster by | a telegram | octets a second | values found |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for (buffer, rows) in by_buffer {
        for row in rows {
            let speed = row.octets * 1_000_000_000 / row.nanoseconds.max(1) / 1_000_000;
            let each = row.nanoseconds / row.telegrams.max(1);
            let ratio = if row.contender == US {
                "–".to_owned()
            } else {
                format!("**{}.{:02} ×**", row.ratio / 1000, row.ratio % 1000 / 10)
            };
            lines.push(format!(
                "| {buffer} | {} | {ratio} | {each} ns | {speed} MB | {} |",
                row.contender, row.values
            ));
        }
    }
    lines.join("\n")
}

const PACKAGE: &str = "metertap-bench";
const US: &str = "metertap";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_bench_becomes_a_row_of_the_table() {
        let row = Row::of_line("simulated dsmr-5\t1000\t890000\tdsmr5\t3600000\t1520\t35000").unwrap();
        let table = table(&[row]);
        assert!(
            table.ends_with("| simulated dsmr-5 | dsmr5 | **1.52 ×** | 3600 ns | 247 MB | 35000 |"),
            "{table}"
        );
        assert_eq!(Row::of_line("warning: something"), None);
    }
}
