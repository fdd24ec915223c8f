//! What events carry: the state of meters and broker.

use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::import::Preview;
use metertap_readings::store::{MeterKey, MeterRecord};
use serde::{Deserialize, Serialize};

/// A meter as the window shows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MeterState {
    /// The stored record of the meter.
    pub record: MeterRecord,
    /// The state of its source.
    pub source: SourceState,
    /// What was received since this engine started to read the meter.
    pub counts: Counts,
    /// When the first reading in its log was received. `None` for an empty log.
    pub first: Option<Moment>,
    /// The interval between its telegrams in milliseconds, once known.
    pub interval: Option<u32>,
    /// The last error. A reading clears it.
    pub trouble: Option<Trouble>,
    /// What detection is trying, while the meter is unknown.
    pub trying: Option<Trying>,
    /// Whether a key for its telegrams is stored on this device.
    pub keyed: bool,
    /// The file that the key came from. `None` if the user typed the key, or if there is no key.
    #[serde(default)]
    pub key_from: Option<String>,
    /// The progress of the search for all meters on its bus. `None` if the user has not started one.
    pub searching: Option<Searching>,
    /// The progress of fetching its load profile. `None` if it is not being fetched.
    #[serde(default)]
    pub fetching: Option<Fetching>,
    /// The Modbus meter that the user must identify, if any.
    #[serde(default)]
    pub unrecognised: Option<Unrecognised>,
    /// The bytes of its line that are held in memory.
    #[serde(default)]
    pub recorded: Recorded,
}

/// A Modbus meter that answers but does not identify itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Unrecognised {
    /// Name and title of the profile that its numbers fit, if there is one and the match is uncertain.
    pub like: Option<(String, String)>,
    /// Its address.
    pub address: u8,
    /// The settings of its line.
    pub line: Line,
}

/// Bytes of a line that are held in memory.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Recorded {
    /// When the recording began. `None` if nothing is recorded: then the last minute is held.
    pub since: Option<Moment>,
    /// The number of bytes held.
    pub octets: u64,
    /// A message about the recording or the file made of it.
    pub note: Option<Code>,
}

/// The progress of a search for all meters on a bus.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Searching {
    /// The number of addresses tried.
    pub done: u32,
    /// The total number of addresses.
    pub of: u32,
    /// The number of meters that answered.
    pub found: u32,
    /// Whether the search has ended.
    pub over: bool,
}

/// The progress of fetching a meter's load profile.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Fetching {
    /// The number of entries received.
    pub done: u32,
    /// The total number of entries.
    pub of: u32,
}

/// A step of detection.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trying {
    /// Listening with these line settings.
    Listen {
        /// The line settings.
        line: Line,
    },
    /// Asking in this protocol.
    Ask {
        /// The protocol.
        protocol: Protocol,
    },
}

/// The state of a source.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceState {
    /// Reading is switched off.
    Off,
    /// The source is being looked for or opened.
    Opening,
    /// The source is open, and nothing is decoded yet.
    Listening,
    /// Readings arrive.
    Live,
    /// The adapter is unplugged. The engine waits for it.
    Unplugged,
    /// The source does not open, or the log takes no readings. The engine tries again.
    Blocked,
    /// A file was read to its end.
    Done,
}

/// What was received so far.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Counts {
    /// The number of bytes.
    pub octets: u64,
    /// Telegrams that became readings.
    pub telegrams: u64,
    /// Telegrams whose checksum failed.
    pub checksum_failures: u64,
    /// Other faults.
    pub other_faults: u64,
    /// Bytes that belong to no telegram.
    pub noise: u64,
    /// Errors that the browser reported on the stream: framing, parity, break, overrun.
    pub line_errors: u64,
}

/// An error. `app/locales` has the words that users see for its code.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Trouble {
    /// The kind of error.
    pub code: Code,
    /// Technical details: what was found where.
    pub detail: String,
    /// When the error occurred.
    pub at: Moment,
}

/// How an export ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportEnd {
    /// The file is complete. If there was no file handle, a blob was sent beside this message.
    Complete,
    /// The user stopped the export.
    Stopped,
    /// The file could not be written.
    Failed(Trouble),
}

/// What to do with a backup.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestoreHow {
    /// Only inspect it.
    Check,
    /// Add what is missing here.
    Merge,
    /// Delete everything here and replace it with the backup.
    Replace,
}

/// The state of a file that is being restored or imported.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intake<Seen, Done> {
    /// The file is being read.
    Reading,
    /// The file was read to its end. This is what it holds.
    Seen(Seen),
    /// The file was refused, or an error occurred. Nothing incomplete is kept.
    Refused(Trouble),
    /// The file was restored or imported.
    Complete(Done),
}

/// The state of a restore. At its end: the number of new readings.
pub type RestoreState = Intake<BackupContents, u64>;

/// The state of an import: what the file looks like, what the import would do, and what it did.
pub type ImportState = Intake<(Preview, ImportReport), ImportReport>;

/// What is in a backup.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct BackupContents {
    /// When it was made.
    pub at: Moment,
    /// Whether the backup holds keys and passwords.
    pub secrets: bool,
    /// The number of meters.
    pub meters: u64,
    /// The number of readings.
    pub readings: u64,
    /// When the first and the last reading were received.
    pub span: Option<(Moment, Moment)>,
}

/// What an import does, or would do, with a file.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ImportReport {
    /// The number of new readings.
    pub new: u64,
    /// The number of readings in quarter-hours that have readings already.
    pub doubles: u64,
    /// The number of lines that yield no reading.
    pub refused: u64,
    /// The number of corrections that come with the readings.
    pub corrections: u32,
    /// When the first and the last reading were received.
    pub span: Option<(Moment, Moment)>,
    /// The first readings, with their values as text.
    pub first: Vec<(Moment, Vec<String>)>,
    /// The first lines that yield no reading. Lines with the same error and the same text are one entry.
    pub problems: Vec<ImportProblem>,
}

/// Lines of a file that yield no reading, all for the same reason.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ImportProblem {
    /// The number of the first such line.
    pub line: u64,
    /// The error.
    pub code: Code,
    /// The text that was not understood, if any.
    pub text: String,
    /// The number of such lines.
    pub lines: u64,
}

/// The progress of forwarding.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ForwardState {
    /// Whether the broker is connected and, as far as known, accepts readings.
    pub connected: bool,
    /// The version of MQTT, once connected: 5, or 4 for MQTT 3.1.1.
    pub version: Option<u8>,
    /// The number of readings in the log that the broker has not acknowledged.
    pub waiting: u64,
    /// When the broker last acknowledged a reading.
    pub acknowledged: Option<Moment>,
    /// The last error. A connection clears it.
    pub trouble: Option<Trouble>,
}

/// Why the engine cannot work.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breakdown {
    /// Another tab of this site reads the meters.
    OtherTab,
    /// The browser gives no storage, because the window is private or storage is blocked.
    NoStorage,
    /// A newer version of this program has written the log.
    NewerLog,
    /// Window and engine are of different builds. The page must be reloaded.
    OtherBuild,
    /// The page's Content-Security-Policy is not in force in the engine. It will be from the next visit on.
    Uncovered,
    /// The browser refuses the locks by which tabs take turns.
    NoLocks,
}

/// A counter step that is not counted, because the meter cannot have counted that much.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct HeldStep {
    /// The meter.
    pub meter: MeterKey,
    /// The meter's own name for the counter.
    pub register: String,
    /// The value before the step.
    pub from: String,
    /// The value after the step.
    pub to: String,
    /// The unit.
    pub unit: Option<String>,
    /// When the value after the step was first received.
    pub at: Moment,
}
