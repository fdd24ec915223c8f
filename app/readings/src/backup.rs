//! A backup: the whole log with its meters, as one file.
//!
//! ```text
//! "MTBACKUP" │ version │ frames … │ end
//! frame   kind │ length, four octets, lowest first │ octets
//! end     kind 0 │ 32 │ SHA-256 of everything before this frame
//! ```
//!
//! | kind | what | octets |
//! |---|---|---|
//! | 1 | manifest, the first frame | [`Manifest`] as JSON |
//! | 2 | a log begins | its key |
//! | 3 | a row of that log | shelf, its number in eight octets, the row as it lies on the disk |
//! | 4 | a meter | [`MeterRecord`] as JSON |
//! | 5 | how far a reader has come | [`Cursor`] as JSON |
//! | 6 | a setting | [`Setting`] as JSON |
//! | 7 | what a log beside a meter's own is | [`Import`] as JSON |
//!
//! Frames go in and octets come out, or the other way round, a piece at a time. Promised: a file that was read to its end
//! with [`Reader::finish`] is what was written, to the last octet. Who restores reads the file twice, therefore: nothing
//! is written before the whole of it was seen. Octets may be made to do harm: no frame longer than [`MOST_OCTETS`] is taken
//! in, and each row is read as it will be later before it counts.

mod arrivals;
mod check;
pub mod daily;
mod read;
mod write;

pub use arrivals::{Arrival, Arrivals};
pub use check::{Check, Contents};
pub use read::Reader;
pub use write::Writer;

use serde::{Deserialize, Serialize};

use crate::entry::Moment;
use crate::import::Import;
use crate::store::disk::Shelf;
use crate::store::{MeterKey, MeterRecord};

/// What a backup is of.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Manifest {
    /// When it was made.
    pub at: Moment,
    /// The version of the application that made it.
    pub app: String,
    /// The time zone that its days are of.
    pub zone: String,
    /// Whether keys and passwords are in it.
    pub secrets: bool,
}

/// How far a reader of a log has come.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cursor {
    /// Which log.
    pub meter: MeterKey,
    /// Who reads it.
    pub reader: String,
    /// The last number that it has done with.
    pub seq: u64,
}

/// A setting by its name.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its JSON.
    pub value: String,
}

impl Setting {
    /// Whether it may be in a backup, and may come out of one: keys and the broker's password only where the person asked
    /// for them; what is this installation's own never: its name, since there may be two of it then, and the folder that
    /// it alone may write to.
    #[must_use]
    pub fn is_kept(&self, secrets: bool) -> bool {
        match self.name.as_str() {
            "installation" | "daily-backup" | crate::log::certain::Certain::SETTING => false,
            "broker" => secrets,
            _ => secrets || self.keys_of().is_none(),
        }
    }

    /// The name of the setting that holds a meter's keys.
    #[must_use]
    pub fn of_keys(meter: &MeterKey) -> String {
        [KEYS, meter.0.as_str()].concat()
    }

    /// Whose keys it holds, if it holds any.
    fn keys_of(&self) -> Option<MeterKey> {
        self.name.strip_prefix(KEYS).map(|meter| MeterKey(meter.to_owned()))
    }
}

/// A piece of a backup.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// What it is of.
    Manifest(Manifest),
    /// The rows that follow are of this log.
    Log(MeterKey),
    /// A row of a log.
    Row(Shelf, i64, Vec<u8>),
    /// A meter.
    Meter(MeterRecord),
    /// How far a reader has come.
    Cursor(Cursor),
    /// A setting.
    Setting(Setting),
    /// What a log beside a meter's own is.
    Import(Import),
}

/// Why a file is no backup that can be restored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// It does not begin as a backup does.
    Foreign,
    /// A version of this program that is not known here made it.
    Version(u8),
    /// Its end is missing.
    Truncated,
    /// It is not what was written.
    Checksum,
    /// It is what was written, and yet makes no sense.
    Malformed,
}

impl Refusal {
    /// A stable word for logs and for `fault::words`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Foreign => "backup.foreign",
            Self::Version(_) => "backup.version",
            Self::Truncated => "backup.truncated",
            Self::Checksum => "backup.checksum",
            Self::Malformed => "backup.malformed",
        }
    }
}

/// What must hold for any octets, a fuzzer's above all: they are read or refused, and never more than a frame of them is
/// held. Built with `cfg(fuzzing)`, the checksum is waved through.
pub fn read_anything(octets: &[u8]) {
    let (mut reader, mut check) = (Reader::default(), Check::default());
    for piece in octets.chunks(1000) {
        reader.push(piece);
        while let Some(frame) = reader.next() {
            let Ok(frame) = frame else { return };
            let mut again = Vec::new();
            Writer::default().frame(&frame, &mut again);
            if check.take(&frame).is_err() {
                return;
            }
        }
    }
    if reader.finish().is_ok() {
        let _ = check.finish();
    }
}

/// The most octets of a frame: more than any hour of any meter.
pub const MOST_OCTETS: usize = 16 << 20;

/// What the names of settings begin with that hold keys.
const KEYS: &str = "keys.";

const MAGIC: &[u8] = b"MTBACKUP";
const VERSION: u8 = 1;
const END: u8 = 0;
const MANIFEST: u8 = 1;
const LOG: u8 = 2;
const ROW: u8 = 3;
const METER: u8 = 4;
const CURSOR: u8 = 5;
const SETTING: u8 = 6;
const IMPORT: u8 = 7;

#[cfg(test)]
mod tests;
