//! A backup: the whole log with its meters, as one file.
//!
//! ```text
//! "MTBACKUP" │ version │ frames … │ end
//! frame   kind │ length, four bytes, lowest first │ bytes
//! end     kind 0 │ 32 │ SHA-256 of everything before this frame
//! ```
//!
//! | kind | what | bytes |
//! |---|---|---|
//! | 1 | manifest, the first frame | [`Manifest`] as JSON |
//! | 2 | a log begins | its key |
//! | 3 | a row of that log | shelf, the row's number in eight bytes, the row as it is stored |
//! | 4 | a meter | [`MeterRecord`] as JSON |
//! | 5 | how far a reader has come | [`Cursor`] as JSON |
//! | 6 | a setting | its name and its value, as JSON; [`Setting`] lists the names |
//! | 7 | an import: a log in addition to a meter's own | [`Import`] as JSON |
//!
//! If a file was read to its end and [`Reader::finish`] succeeds, the file is exactly what was written. Restoring reads
//! the file twice, so that nothing is written before the whole file has been checked.
//!
//! A file may be crafted, and a correct SHA-256 is not a defence against that. So no frame longer than [`MOST_BYTES`]
//! is accepted. Before a row is restored, it is read exactly as it will be read later ([`Check`]). A log can have only
//! a name that [`LogName`] accepts, and a setting that [`Setting`] does not list is ignored. No log that is already
//! here is written to ([`Arrivals`]), and none is removed unless the user replaces it ([`Ledger`]). Nothing connects to
//! an address from a file before the user has switched it on.

mod arrivals;
mod arriving;
mod bounds;
mod check;
pub mod daily;
mod ledger;
mod read;
mod setting;
mod write;

pub use arrivals::{Arrivals, Destination};
pub use arriving::Arriving;
pub use check::{Check, Contents};
pub use ledger::{Finished, Ledger};
pub use read::{Reader, Seal};
pub use setting::Setting;
pub use write::Writer;

pub use crate::store::Cursor;

use serde::{Deserialize, Serialize};

use crate::entry::Moment;
use crate::fault::Code;
use crate::files::import::Import;
use crate::store::disk::Shelf;
use crate::store::retention::Retention;
use crate::store::settings::Broker;
use crate::store::{MeterKey, MeterRecord, SourceRecord};

/// The description of a backup.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Manifest {
    /// When it was made.
    pub at: Moment,
    /// The version of the application that made it.
    pub app: String,
    /// The time zone of its days.
    pub zone: String,
    /// Whether it contains keys and passwords.
    pub secrets: bool,
}

/// The name of a log: a meter's key, `[a-z0-9-]`, and for an import a `+` and the import's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LogName<'a> {
    /// The meter.
    pub meter: &'a str,
    /// The import's number.
    pub import: Option<&'a str>,
}

impl<'a> LogName<'a> {
    /// Splits a name into its parts. Returns `None` if it is not the name of a log.
    #[must_use]
    pub fn of(key: &'a MeterKey) -> Option<Self> {
        let (meter, import) = key.0.split_once('+').map_or((key.0.as_str(), None), |(m, i)| (m, Some(i)));
        let letter = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let is_meter = (1..=LONGEST_NAME).contains(&meter.len()) && meter.bytes().all(letter);
        let is_number = |import: &str| {
            (1..=LONGEST_NUMBER).contains(&import.len()) && import.bytes().all(|digit| digit.is_ascii_digit())
        };
        (is_meter && import.is_none_or(is_number)).then_some(Self { meter, import })
    }
}

/// A piece of a backup.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a house has a handful of meters, and each has one record")]
pub enum Piece {
    /// The description of the backup.
    Manifest(Manifest),
    /// The log to which the following rows belong.
    Log(MeterKey),
    /// A row of a log.
    Row(Shelf, i64, Vec<u8>),
    /// A meter.
    Meter(MeterRecord),
    /// How far a reader has come.
    Cursor(Cursor),
    /// A setting.
    Setting(Setting),
    /// The description of an import: a log in addition to a meter's own.
    Import(Import),
}

/// Why a file cannot be restored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// It does not begin like a backup.
    Foreign,
    /// The version of its format, or of a row's format, is unknown.
    Version(u8),
    /// Its end is missing.
    Truncated,
    /// The checksum does not match.
    Checksum,
    /// The contents are invalid, or bytes follow the end.
    Malformed,
}

impl Refusal {
    /// The fault code that users see.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Foreign => Code::BackupForeign,
            Self::Version(_) => Code::BackupVersion,
            Self::Truncated => Code::BackupTruncated,
            Self::Checksum => Code::BackupChecksum,
            Self::Malformed => Code::BackupMalformed,
        }
    }
}

/// Checks that arbitrary bytes are either read or refused, and never cause a panic. In builds with `cfg(fuzzing)`, the
/// checksum is not checked.
pub fn read_anything(bytes: &[u8]) {
    let (mut reader, mut check) = (Reader::default(), Check::default());
    let mut arrivals = Arrivals::new(Vec::new(), [], "any", &Contents::default(), false);
    for piece in bytes.chunks(1000) {
        reader.push(piece);
        while let Some(frame) = reader.next() {
            let Ok(frame) = frame else { return };
            let mut again = Vec::new();
            Writer::default().frame(&frame, &mut again);
            if check.take(&frame).is_err() {
                return;
            }
            match frame {
                Piece::Log(log) => drop(arrivals.place(&log)),
                frame => arrivals.take(frame),
            }
        }
    }
    if reader.finish().is_ok() && check.finish().is_ok() {
        let _ = arrivals.finish(Vec::new()).settings.beside(&[]);
    }
}

/// Checks arbitrary settings and meters: the first byte selects a broker, keys or a meter, and its JSON follows.
/// Whatever the JSON says, nothing connects before the user allows it, and a merged backup deletes nothing.
pub fn read_any_record(bytes: &[u8]) {
    let Some((choice, json)) = bytes.split_first() else { return };
    let manifest =
        Manifest { at: Moment(0), app: String::new(), zone: String::new(), secrets: choice & 4 == 0 };
    let contents = Contents { manifest: Some(manifest), ..Contents::default() };
    let mut arrivals = Arrivals::new(Vec::new(), [], "any", &contents, choice & 8 != 0);
    let setting = |name: &str| Setting::of(name, str::from_utf8(json).ok()?);
    let setting = match choice & 3 {
        0 => setting(Setting::BROKER),
        1 => setting("keys.x"),
        _ => None,
    };
    if let Some(setting) = setting {
        let again = Setting::of(&setting.name(), &setting.value());
        assert_eq!(again.as_ref(), Some(&setting), "a setting reads back differently");
        arrivals.take(Piece::Setting(setting));
    } else if let Ok(record) = serde_json::from_slice::<MeterRecord>(json) {
        arrivals.take(Piece::Meter(record));
    }
    let finished = arrivals.finish(Vec::new());
    for setting in finished.settings.beside(&[]) {
        let is_off = |broker: &Broker| !broker.on && broker.from.is_some() && !broker.url.is_empty();
        assert!(matches!(&setting, Setting::Broker(broker) if is_off(broker)), "{setting:?} is in use");
    }
    for meter in finished.meters {
        let is_address = matches!(meter.source, SourceRecord::Bridge { .. });
        assert!(!(meter.reading && is_address), "a meter with an address is read");
        assert!(choice & 8 != 0 || meter.retention == Retention::Forever, "readings are deleted");
        let written = serde_json::to_vec(&meter).unwrap_or_default();
        assert_eq!(serde_json::from_slice(&written).ok(), Some(meter), "a meter reads back differently");
    }
}

/// The most bytes in a frame: more than any hour of any meter takes.
pub const MOST_BYTES: usize = 16 << 20;

const LONGEST_NAME: usize = 200;
const LONGEST_NUMBER: usize = 20;

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
mod hostile;
#[cfg(test)]
mod tests;
