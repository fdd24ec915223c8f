//! Telegrams that other people captured. They stay outside the repository, in the folder that `METERTAP_CORPUS` names,
//! or else in `../shared/telegrams`. A folder `field` beside it has the same form.

use std::path::{Path, PathBuf};
use std::{env, fs};

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use serde_json::Value;

use crate::golden::hex;
use crate::{decode, readings};

/// One capture, and the setup that gives the most readings from it.
#[derive(Clone)]
pub struct Capture {
    /// The path of the file in its folder.
    pub name: String,
    /// The bytes as they came over the line.
    pub bytes: Vec<u8>,
    /// The setup of its session, with the keys that its source published and the stack that finds most readings.
    pub setup: Setup,
    /// The identifications of its meters, if its source states them.
    pub meters: Vec<String>,
}

/// The folder of the captures; `None` if it is missing.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let corpus = env::var_os("METERTAP_CORPUS").map_or(root.join("../shared/telegrams"), PathBuf::from);
    corpus.join("MANIFEST.tsv").is_file().then_some(corpus)
}

/// All captures of bytes on a serial line, in the order of `MANIFEST.tsv`. Empty if the folder is missing.
///
/// # Panics
/// If `MANIFEST.tsv` names a file that does not exist.
#[must_use]
pub fn all() -> Vec<Capture> {
    folder().map(|corpus| all_in(&corpus)).unwrap_or_default()
}

/// The captures in `field`. Empty if that folder is missing.
///
/// # Panics
/// If `MANIFEST.tsv` names a file that does not exist.
#[must_use]
pub fn field() -> Vec<Capture> {
    let field = folder().map(|corpus| corpus.join("../field"));
    field.filter(|field| field.join("MANIFEST.tsv").is_file()).map(|field| all_in(&field)).unwrap_or_default()
}

fn all_in(corpus: &Path) -> Vec<Capture> {
    let list = fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    let mut lines = list.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let columns = lines.next().unwrap_or_default();
    let column = |name| columns.iter().position(|column| *column == name);
    let (Some(file), Some(layer)) = (column("file"), column("layer")) else { return Vec::new() };
    lines
        .filter(|row| row.get(layer).is_some_and(|layer| layer.starts_with("serial_bytes")))
        .filter_map(|row| Some(capture(corpus, row.get(file)?)))
        .collect()
}

fn capture(corpus: &Path, name: &str) -> Capture {
    let path = corpus.join(name);
    let bytes = match path.extension().and_then(|extension| extension.to_str()) {
        Some("hex") => hex(&fs::read_to_string(&path).unwrap()),
        _ => fs::read(&path).unwrap(),
    };
    let stated = fs::read_to_string(path.with_extension("expected.json")).unwrap_or_default();
    let stated: Value = serde_json::from_str(&stated).unwrap_or_default();
    let keys = keys(&stated);
    let count = |stack: &Stack| {
        let setup = Setup { stack: *stack, keys: keys.clone(), ..Setup::default() };
        readings(&decode(&setup, &bytes)).len()
    };
    let stack = Stack::ALL.iter().copied().rev().max_by_key(count).unwrap_or_default();
    Capture {
        name: name.to_owned(),
        bytes,
        setup: Setup { stack, keys, ..Setup::default() },
        meters: meters(&stated),
    }
}

/// The identifications that a source states: some sources state one for each reading, and some state alternatives.
fn meters(stated: &Value) -> Vec<String> {
    let heads = match &stated["reading"] {
        Value::Array(heads) => heads.iter().collect(),
        head => vec![head],
    };
    let names = heads.into_iter().flat_map(|head| match &head["meter"] {
        Value::Array(names) => names.iter().collect(),
        name => vec![name],
    });
    names.filter_map(Value::as_str).map(String::from).collect()
}

fn keys(stated: &Value) -> Keys {
    let key = |names: &[&str]| {
        let digits = names.iter().find_map(|name| stated["keys"][*name].as_str())?;
        // Some sources write the security byte before the key.
        let digits = digits.get(digits.len().checked_sub(32)?..)?;
        hex(digits).try_into().ok()
    };
    Keys {
        encryption: key(&["encryption_key", "key"]),
        authentication: key(&["authentication_key", "auth_key", "aad"]),
    }
}
