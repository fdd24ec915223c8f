//! The input of all contenders: telegrams of simulated meters, and captured ones if available.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use metertap_decoder::hex;
use metertap_decoder::reading::Protocol;
use metertap_decoder::stack::Stack;
use metertap_simulator::{Meter, Model};

pub(crate) struct Buffer {
    pub(crate) name: String,
    pub(crate) stack: Stack,
    pub(crate) bytes: Vec<u8>,
    /// The number of telegrams or files in it.
    pub(crate) telegrams: usize,
    /// Where each telegram begins, for readers that take one at a time.
    pub(crate) starts: Vec<usize>,
}

/// The captured ones come last.
pub(crate) fn all() -> io::Result<Vec<Buffer>> {
    let mut buffers: Vec<Buffer> = SIMULATED.iter().filter_map(|name| simulated(name)).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let corpus = env::var_os("METERTAP_CORPUS").map_or(root.join("../shared/telegrams"), PathBuf::from);
    if !corpus.join("MANIFEST.tsv").is_file() {
        eprintln!("no captured telegrams in {}: simulated ones only", corpus.display());
        return Ok(buffers);
    }
    let p1 = fs::read(corpus.join("dsmr_p1/ndokter_V5.txt"))?;
    buffers.push(repeated("captured P1 (DSMR 5)", Stack::P1, &[p1], TELEGRAMS));
    let han = read_hex(&corpus.join("han_hdlc/espdlms_hdlc_norway_han_3phase.hex"))?;
    buffers.push(repeated("captured HDLC+DLMS (HAN list)", Stack::HdlcDlms, &[han], TELEGRAMS));
    for (name, protocol, folder) in [
        ("captured SML (eHZ dumps)", Protocol::Sml, "sml"),
        ("captured M-Bus (readouts)", Protocol::Mbus, "mbus_wired"),
    ] {
        if let Some(stack) = Stack::of_protocol(protocol) {
            buffers.push(repeated(name, stack, &files(&corpus.join(folder))?, 1));
        }
    }
    Ok(buffers)
}

fn simulated(name: &str) -> Option<Buffer> {
    let model = Model::named(name)?;
    let stack = Stack::of_protocol(model.protocol())?;
    let telegrams: Vec<Vec<u8>> =
        Meter::new(model, 1, 1_795_219_200).take(TELEGRAMS).map(|telegram| telegram.bytes).collect();
    Some(repeated(&format!("simulated {name}"), stack, &telegrams, 1))
}

fn repeated(name: &str, stack: Stack, telegrams: &[Vec<u8>], times: usize) -> Buffer {
    let mut bytes = Vec::new();
    let mut starts = Vec::new();
    for _ in 0..times {
        for telegram in telegrams {
            starts.push(bytes.len());
            bytes.extend_from_slice(telegram);
        }
    }
    Buffer { name: name.into(), stack, bytes, telegrams: starts.len(), starts }
}

/// Every capture of a folder, sorted by name.
fn files(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    let read = |path: &PathBuf| match path.extension()?.to_str()? {
        "bin" => Some(fs::read(path)),
        "hex" => Some(read_hex(path)),
        _ => None,
    };
    paths.iter().filter_map(read).collect()
}

fn read_hex(path: &Path) -> io::Result<Vec<u8>> {
    hex::read(fs::read(path)?).ok_or(io::ErrorKind::InvalidData.into())
}

/// Few enough that a round ends before the machine switches to other work.
const TELEGRAMS: usize = 50;

const SIMULATED: &[&str] = &[
    "dsmr-5",
    "kaifa-ma304h3e",
    "aidon-sweden",
    "iskra-mt175",
    "ultraheat-t550",
    "oms-electricity",
    "multical-403",
    "easymeter-q3d",
];
