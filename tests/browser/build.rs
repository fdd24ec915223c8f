//! Writes the corpus as a Rust table, because a browser has no files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    println!("cargo::rerun-if-changed={}", corpus.display());
    let mut out = String::from("[\n");
    for below in ["meters", "broken"] {
        for folder in entries(&corpus.join(below))? {
            for path in entries(&folder)?.iter().filter(|path| path.extension().is_some_and(|e| e == "hex")) {
                let own = path.with_extension("toml");
                let source = if own.is_file() { own } else { folder.join("source.toml") };
                let json = path.with_extension("json");
                let expected =
                    if below == "meters" { format!("include_str!({json:?})") } else { "\"\"".into() };
                let _ = writeln!(
                    out,
                    "Case {{ name: {:?}, folder: {:?}, source: include_str!({:?}), octets: include_str!({path:?}), \
                     expected: {expected} }},",
                    path.strip_prefix(&corpus).unwrap_or(path),
                    folder.file_name().unwrap_or_default(),
                    source,
                );
            }
        }
    }
    out.push(']');
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("corpus.rs");
    fs::write(target, out)
}

fn entries(below: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(below)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
