//! [`Command`]: messages from the window to the engine.

use metertap_decoder::question::Search;
use metertap_decoder::schedule::Schedule;
use metertap_readings::entry::Moment;
use metertap_readings::files::import::Plan;
use metertap_readings::stated::Correction;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{LineSettings, MeterKey, Role, SourceRecord};
use serde::{Deserialize, Serialize};

use super::{Broker, ExportOptions, RestoreHow};

/// A message from the window to the engine.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Introduces the window, as its answer to [`super::Event::Awake`]. The engine answers with
    /// [`super::Event::Ready`].
    Hello {
        /// The window's [`super::VERSION`].
        version: u32,
        /// Whether the window shows the past. Such a window asks about a log as soon as it can.
        looks_back: bool,
    },
    /// Reads a new meter from this source: a port that the user has just picked, a bridge or a simulated meter.
    Add {
        /// Where the bytes come from.
        source: SourceRecord,
        /// How to search for meters first, if the source is a bus with several meters.
        search: Option<Search>,
    },
    /// Decodes the bytes of a file and detects their protocol.
    Open {
        /// The file's name.
        name: String,
        /// The file's contents.
        #[serde(with = "serde_bytes")]
        octets: Vec<u8>,
        /// Whether to replay the file at its recorded pace, if it has one.
        paced: bool,
        /// Whether to keep the readings after the page is closed.
        kept: bool,
    },
    /// Starts recording the bytes on a meter's line, or discards the recording.
    Record {
        /// The meter.
        meter: MeterKey,
        /// Whether to record.
        on: bool,
    },
    /// Asks for the recording of a meter's line; without a recording, for the line's last minute.
    /// [`super::Event::Captured`] answers.
    SaveCapture {
        /// The meter.
        meter: MeterKey,
        /// Whether to include identification numbers and keys.
        whole: bool,
    },
    /// Starts or stops reading a meter.
    Read {
        /// The meter.
        meter: MeterKey,
        /// Whether to read it.
        on: bool,
    },
    /// Names a meter.
    Rename {
        /// The meter.
        meter: MeterKey,
        /// The name.
        name: String,
    },
    /// Sets a meter's location in the house.
    Place {
        /// The meter.
        meter: MeterKey,
        /// The location in the user's words.
        place: String,
    },
    /// Sets how often a meter is asked.
    Schedule {
        /// The meter.
        meter: MeterKey,
        /// How often. `None` uses the usual interval of its protocol.
        schedule: Option<Schedule>,
    },
    /// Sets how a meter is asked.
    Ask {
        /// The meter.
        meter: MeterKey,
        /// The line settings and the protocol. Settings for another protocol than the meter's are ignored, unless the
        /// user has set everything by hand.
        spoken: LineSettings,
    },
    /// Searches a meter's M-Bus for all meters, or stops the search.
    Search {
        /// The meter whose bus is searched.
        meter: MeterKey,
        /// The kind of address to search by. `None` stops the search.
        by: Option<Search>,
    },
    /// Fetches the load profile that a meter stores, from its beginning. If `on` is `false`, stops and keeps the part
    /// already fetched.
    Fetch {
        /// The meter.
        meter: MeterKey,
        /// Whether to fetch.
        on: bool,
    },
    /// Detects again what is plugged in.
    Detect {
        /// The meter whose port is examined.
        meter: MeterKey,
    },
    /// Stores the keys of a meter's telegrams on this device. Tries them at once on the last telegram that needed a
    /// key.
    Unlock {
        /// The meter.
        meter: MeterKey,
        /// The encryption key: 32 hex digits. An empty string deletes the key.
        encryption: String,
        /// The authentication key: 32 hex digits. An empty string deletes the key.
        authentication: String,
    },
    /// Deletes a meter and all its readings.
    Remove {
        /// The meter.
        meter: MeterKey,
    },
    /// Asks for the points of a chart of the net power. [`super::Event::Series`] answers.
    Series {
        /// An identifier that the answer repeats.
        id: u32,
        /// The meter.
        meter: MeterKey,
        /// The beginning of the range.
        from: Moment,
        /// The end of the range.
        to: Moment,
        /// The number of columns in the chart.
        columns: u32,
    },
    /// Asks a question about a meter's history. [`super::Event::Answer`] answers.
    Question {
        /// An identifier that the answer repeats.
        id: u32,
        /// The meter.
        meter: MeterKey,
        /// A [`Question`](metertap_readings::history::question::Question), encoded by [`super::bytes`]. Only the code
        /// that asks or answers needs the question's type.
        #[serde(with = "serde_bytes")]
        question: Vec<u8>,
    },
    /// Sets what a meter measures for the house.
    Assign {
        /// The meter.
        meter: MeterKey,
        /// The role. `None` lets the engine infer it.
        role: Option<Role>,
    },
    /// Sets the rating of the main fuse.
    Fuse {
        /// A meter of the house in question.
        meter: MeterKey,
        /// The rating of each phase, in amperes. `None` leaves it unknown.
        amperes: Option<u16>,
    },
    /// Writes a range of the log to a file. [`super::Event::Export`] reports progress.
    Export {
        /// An identifier that the answers repeat.
        id: u32,
        /// The meters to export.
        meters: Vec<MeterKey>,
        /// The beginning of the range. `None` starts with the first reading.
        from: Option<Moment>,
        /// The end of the range. `None` ends with the last reading.
        to: Option<Moment>,
        /// The file's format.
        options: ExportOptions,
        /// Whether a `FileSystemFileHandle` was sent beside this message. Otherwise, the file comes back as a blob.
        into_file: bool,
    },
    /// Writes all stored data to one file. [`super::Event::Export`] reports progress in bytes.
    BackUp {
        /// An identifier that the answers repeat.
        id: u32,
        /// Whether to include keys and passwords.
        secrets: bool,
        /// Whether a handle was sent beside this message, as in [`Command::Export`].
        into_file: bool,
    },
    /// Writes a backup every day to the folder whose handle was sent beside this message. [`super::Event::Daily`]
    /// reports progress.
    Daily {
        /// The folder's name.
        folder: String,
        /// Whether to include keys and passwords.
        secrets: bool,
    },
    /// Writes today's backup at once.
    DailyNow,
    /// Stops writing daily backups.
    DailyStop,
    /// Inspects or restores the backup that was sent beside this message. [`super::Event::Restore`] reports progress.
    Restore {
        /// An identifier that the answers repeat.
        id: u32,
        /// What to do with the backup.
        how: RestoreHow,
    },
    /// Inspects or imports the file that was sent beside this message. [`super::Event::Import`] reports progress.
    Import {
        /// An identifier that the answers repeat.
        id: u32,
        /// The meter to import for. `None` creates a meter.
        meter: Option<MeterKey>,
        /// How to interpret the file. `None` guesses from the contents.
        plan: Option<Plan>,
        /// Whether to import the file. `false` only reports what the import would do.
        run: bool,
    },
    /// Stores a counter reading that the user typed in, or takes one back. [`super::Event::Typed`] answers.
    Type {
        /// An identifier that the answer repeats. It is random because every window receives the answer.
        id: u32,
        /// The meter. `None` creates one.
        meter: Option<MeterKey>,
        /// The user's name for a meter that is created.
        name: String,
        /// A [`Typing`](metertap_readings::typed::Typing), encoded by [`super::bytes`].
        #[serde(with = "serde_bytes")]
        typing: Vec<u8>,
    },
    /// Deletes an import and all its readings.
    UndoImport {
        /// The log that holds the import.
        log: MeterKey,
    },
    /// Stops an export, an import, a backup or a restore.
    StopExport {
        /// The identifier of the command that began it.
        id: u32,
    },
    /// Forwards readings to this broker from now on. `None` stops forwarding.
    Forward {
        /// The broker.
        broker: Option<Broker>,
    },
    /// Asks for the bytes that are kept for inspection. [`super::Event::Octets`] answers.
    Octets {
        /// The meter.
        meter: MeterKey,
    },
    /// Asks what the log holds of each meter and how much space it takes. [`super::Event::Room`] answers.
    Room,
    /// Recomputes the totals of all meters from the stored readings. [`super::Event::Recomputed`] answers.
    Recompute,
    /// Accepts a counter step that was held back, because the user confirms it.
    Confirm {
        /// The meter.
        meter: MeterKey,
        /// When the step was received, as in [`super::HeldStep`].
        at: Moment,
    },
    /// Applies a user's correction of a meter. It replaces an earlier correction of the same thing that applies from
    /// the same moment on. A correction that says which meter was replaced also replaces an earlier such correction
    /// that applies from another moment on.
    State {
        /// The meter.
        meter: MeterKey,
        /// The correction.
        statement: Correction,
    },
    /// Removes a correction, as if it had never been made.
    TakeBack {
        /// The meter.
        meter: MeterKey,
        /// The correction.
        statement: Correction,
    },
    /// Sets how long a meter's readings are kept. Their totals are kept for ever.
    Retain {
        /// The meter.
        meter: MeterKey,
        /// How long.
        retention: Retention,
    },
    /// Asks for a forecast of a meter. [`super::Event::Answer`] answers.
    Ahead {
        /// An identifier that the answer repeats.
        id: u32,
        /// The meter.
        meter: MeterKey,
        /// A [`Question`](metertap_readings::outlook::question::Question), encoded by [`super::bytes`].
        #[serde(with = "serde_bytes")]
        question: Vec<u8>,
    },
    /// Sets the limits that trigger notices. [`super::Event::Noticed`] answers.
    Watch {
        /// [`Limits`](metertap_readings::notices::limits::Limits), encoded by [`super::bytes`].
        #[serde(with = "serde_bytes")]
        limits: Vec<u8>,
    },
    /// Deletes the notices that have ended.
    ClearNotices,
    /// Trusts the computer's clock although it has jumped ahead.
    TrustClock,
    /// Asks for the fields of a meter's telegram. [`super::Event::Anatomy`] answers.
    Inspect {
        /// The meter. The bytes are decoded with its protocol, its keys and the bytes kept before them.
        meter: MeterKey,
        /// The bytes to decode.
        #[serde(with = "serde_bytes")]
        octets: Vec<u8>,
    },
    /// Reports that the page was closed properly last time and did not crash. Sent before the first hello.
    LeftWell,
    /// Reports that the page is closing. The engine releases the ports and disconnects from the broker.
    Goodbye,
}
