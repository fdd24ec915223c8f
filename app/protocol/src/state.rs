//! What the window knows of meters and broker: the things that events carry.

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
    /// What is kept of it.
    pub record: MeterRecord,
    /// What its source is doing.
    pub source: SourceState,
    /// Since this engine started reading it.
    pub counts: Counts,
    /// When the first reading in its log was heard; none for an empty log.
    pub first: Option<Moment>,
    /// How often it speaks, in milliseconds, once that is known.
    pub interval: Option<u32>,
    /// The last trouble, until a reading ends it.
    pub trouble: Option<Trouble>,
    /// What is tried, while nobody knows what is plugged in.
    pub trying: Option<Trying>,
    /// Whether a key for its telegrams is kept on this device.
    pub keyed: bool,
    /// The file that the key came from, unless a person typed it.
    #[serde(default)]
    pub key_from: Option<String>,
    /// How far all meters on its bus have been looked for; none where nobody has wished it.
    pub searching: Option<Searching>,
    /// How far the load profile that it remembers has been fetched; none where it is not being fetched.
    #[serde(default)]
    pub fetching: Option<Fetching>,
    /// What a person must say of a Modbus meter that answers; none where it is known.
    #[serde(default)]
    pub unrecognised: Option<Unrecognised>,
    /// What of its line could be saved as a capture.
    #[serde(default)]
    pub recorded: Recorded,
}

/// A Modbus meter that answers, and does not say what it is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Unrecognised {
    /// Name and title of the profile that its numbers fit, where there is one and it is doubtful.
    pub like: Option<(String, String)>,
    /// Its address.
    pub address: u8,
    /// As its line is set.
    pub line: Line,
}

/// What went over a line and is held.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Recorded {
    /// Since when it is being recorded; otherwise the last minute is held.
    pub since: Option<Moment>,
    /// Octets held.
    pub octets: u64,
    /// What there is to know about the recording or the file made of it.
    pub note: Option<Code>,
}

/// How far all meters on a bus have been looked for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Searching {
    /// Addresses looked at.
    pub done: u32,
    /// All addresses.
    pub of: u32,
    /// Meters that answered.
    pub found: u32,
    /// Whether that was all.
    pub over: bool,
}

/// How far the load profile of a meter has been fetched.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Fetching {
    /// Entries that came.
    pub done: u32,
    /// All entries.
    pub of: u32,
}

/// What is tried to find out what is plugged in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trying {
    /// Listening at this setting.
    Listen {
        /// Speed and parity.
        line: Line,
    },
    /// Asking in this protocol.
    Ask {
        /// The protocol.
        protocol: Protocol,
    },
}

/// What a source is doing.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceState {
    /// Not wanted.
    Off,
    /// Looking for the port, or opening it.
    Opening,
    /// Open, and nothing decoded yet.
    Listening,
    /// Readings come.
    Live,
    /// The adapter is unplugged; it is waited for.
    Unplugged,
    /// The port is there and will not open; tried again.
    Blocked,
    /// A file that has been read to its end.
    Done,
}

/// What was heard so far.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Counts {
    /// Octets.
    pub octets: u64,
    /// Telegrams that became readings.
    pub telegrams: u64,
    /// Telegrams whose checksum failed.
    pub checksum_failures: u64,
    /// Other faults.
    pub other_faults: u64,
    /// Octets that belong to no telegram.
    pub noise: u64,
    /// Errors that the browser reported on the stream: framing, parity, break, overrun.
    pub line_errors: u64,
}

/// Something that went wrong with a meter, to be put into words by `readings::fault`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Trouble {
    /// What.
    pub code: Code,
    /// The technical small print: what was found where.
    pub detail: String,
    /// When.
    pub at: Moment,
}

/// How an export ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportEnd {
    /// All is in the file. The blob, where there is no file, was sent beside this message.
    Complete,
    /// The person stopped it.
    Stopped,
    /// It could not be written.
    Failed(Trouble),
}

/// What is to become of a backup.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestoreHow {
    /// It is looked at.
    Check,
    /// What is not here yet is added.
    Merge,
    /// Everything that is here goes, and what is in it comes.
    Replace,
}

/// What has come so far of a file that is taken in.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intake<Seen, Done> {
    /// It is being read.
    Reading,
    /// It was read to its end, and this is in it.
    Seen(Seen),
    /// It was refused, or something failed; nothing that is not whole is kept.
    Refused(Trouble),
    /// It was taken in.
    Complete(Done),
}

/// Of a backup: in the end, how many readings are new.
pub type RestoreState = Intake<BackupContents, u64>;

/// Of a file for import: what it looks like, what would become of it, and what did.
pub type ImportState = Intake<(Preview, ImportReport), ImportReport>;

/// What is in a backup.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct BackupContents {
    /// When it was made.
    pub at: Moment,
    /// Whether keys and passwords are in it.
    pub secrets: bool,
    /// How many meters.
    pub meters: u64,
    /// How many readings.
    pub readings: u64,
    /// When the first of them was received, and the last.
    pub span: Option<(Moment, Moment)>,
}

/// What becomes of a file.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ImportReport {
    /// Readings that are new.
    pub new: u64,
    /// Readings of quarters of an hour that there are readings of already.
    pub doubles: u64,
    /// Lines that make no reading.
    pub refused: u64,
    /// When the first was received, and the last.
    pub span: Option<(Moment, Moment)>,
    /// The first readings, with their values in words.
    pub first: Vec<(Moment, Vec<String>)>,
    /// The first lines that make no reading; those with the same text that was not understood are one.
    pub problems: Vec<ImportProblem>,
}

/// Lines of a file that make no reading, for one reason.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ImportProblem {
    /// The first of them.
    pub line: u64,
    /// What is wrong with it.
    pub code: Code,
    /// The text that was not understood, where there is one.
    pub text: String,
    /// How many lines.
    pub lines: u64,
}

/// How forwarding goes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ForwardState {
    /// Whether the broker has accepted us.
    pub connected: bool,
    /// 5 or 4 (MQTT 3.1.1) once connected.
    pub version: Option<u8>,
    /// Readings in the log that the broker has not acknowledged.
    pub waiting: u64,
    /// When the broker last acknowledged one.
    pub acknowledged: Option<Moment>,
    /// The last trouble, until a connection ends it.
    pub trouble: Option<Trouble>,
}

/// Why the engine cannot work.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breakdown {
    /// Another tab of this site reads the meters.
    OtherTab,
    /// The browser gives no storage (private window, or blocked).
    NoStorage,
    /// A newer version of this program has written the log.
    NewerLog,
    /// Window and engine are of different builds: reload.
    OtherBuild,
    /// The page's policy is not in force in the engine, and would be from the next visit on.
    Uncovered,
    /// The browser refuses the locks by which tabs take turns.
    NoLocks,
}

/// A step of a counter that is not counted, because the meter cannot have counted as much.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct HeldStep {
    /// Of which meter.
    pub meter: MeterKey,
    /// The meter's own name of the counter.
    pub register: String,
    /// Where it stood.
    pub from: String,
    /// Where it says that it stands.
    pub to: String,
    /// In which unit.
    pub unit: Option<String>,
    /// When it said so first.
    pub at: Moment,
}
