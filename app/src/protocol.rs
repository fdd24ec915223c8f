//! What window and engine say to each other over `postMessage`: the only thing that both sides share.

use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;
use metertap_readings::entry::{Entry, Moment};
pub use metertap_readings::export::Format as ExportFormat;
use metertap_readings::store::{MeterKey, MeterRecord, SourceRecord};
use serde::{Deserialize, Serialize};

/// Counts up with every change of [`Command`] or [`Event`]; a window and an engine of different builds say so.
pub const VERSION: u32 = 2;

/// In place of a meter: the last file that held no telegram.
pub const REFUSED_FILE: &str = "refused-file";

/// From the window to the engine.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "command")]
pub enum Command {
    /// The first message, in answer to [`Event::Awake`]: who I am. The engine answers with [`Event::Ready`].
    Hello {
        /// [`VERSION`] of the window.
        version: u32,
        /// The site's time zone, as the browser names it.
        zone: String,
    },
    /// Read a new meter from this source: a port that the person has just picked, or a simulated one.
    Add {
        /// Where the octets come from.
        source: SourceRecord,
    },
    /// Decode the octets of a file, detecting the protocol.
    Open {
        /// The file's name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        octets: Vec<u8>,
    },
    /// Start or stop reading a meter.
    Read {
        /// Which.
        meter: MeterKey,
        /// Whether to read it.
        on: bool,
    },
    /// Give a meter a name.
    Rename {
        /// Which.
        meter: MeterKey,
        /// The name.
        name: String,
    },
    /// Find out anew what is plugged in.
    Detect {
        /// Behind which meter's port.
        meter: MeterKey,
    },
    /// Keep the key of a meter's telegrams on this device, and try it at once on the last one that wanted a key.
    Unlock {
        /// Which.
        meter: MeterKey,
        /// 32 hex digits; empty forgets the keys.
        encryption: String,
        /// 32 hex digits, or empty.
        authentication: String,
    },
    /// Forget a meter with all its readings.
    Remove {
        /// Which.
        meter: MeterKey,
    },
    /// Send a picture's worth of a quantity: [`Event::Series`] answers.
    Series {
        /// Comes back with the answer.
        id: u32,
        /// Which meter.
        meter: MeterKey,
        /// From when.
        from: Moment,
        /// Until when.
        to: Moment,
        /// Into how many columns.
        columns: u32,
    },
    /// Write a range of the log into a file: [`Event::Export`] tells how it goes.
    Export {
        /// Comes back with the answers.
        id: u32,
        /// Which meters.
        meters: Vec<MeterKey>,
        /// From when; from the beginning if none.
        from: Option<Moment>,
        /// Until when; to the end if none.
        to: Option<Moment>,
        /// In which form.
        format: ExportFormat,
        /// Whether a `FileSystemFileHandle` was sent beside this message; otherwise the file comes back as a blob.
        into_file: bool,
    },
    /// Stop an export.
    StopExport {
        /// Which.
        id: u32,
    },
    /// Forward to this broker from now on; `None` stops.
    Forward {
        /// Where to.
        broker: Option<Broker>,
    },
    /// Send the octets that were kept: [`Event::Octets`] answers.
    Octets {
        /// Of which meter.
        meter: MeterKey,
    },
    /// The page is being closed: let go of ports and say goodbye to the broker.
    Goodbye,
}

/// From the engine to the window.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// The engine hears the window from now on; a worker loses what is said to it while it loads.
    Awake,
    /// The engine is up, and this is what it found in the log.
    Ready {
        /// [`VERSION`] of the engine.
        version: u32,
        /// All meters.
        meters: Vec<MeterState>,
        /// The broker that readings go to; without its password.
        broker: Option<Broker>,
    },
    /// The engine cannot work at all.
    Broken {
        /// Why.
        why: Breakdown,
    },
    /// A meter is new, or its state changed.
    Meter {
        /// As it is now.
        state: MeterState,
    },
    /// A meter was removed.
    Removed {
        /// Which.
        meter: MeterKey,
    },
    /// A reading is in the log.
    Reading {
        /// Of which meter.
        meter: MeterKey,
        /// The reading with its number.
        entry: Entry,
    },
    /// A meter was added by a person's wish and could not be. The octets of a file without a telegram can be asked for
    /// as those of [`REFUSED_FILE`].
    Refused {
        /// Why.
        trouble: Trouble,
    },
    /// An answer to [`Command::Series`].
    Series {
        /// The question's.
        id: u32,
        /// Lowest and highest net power in watts per column, import positive; absent where there is no reading.
        columns: Vec<Option<(f64, f64)>>,
    },
    /// How an export goes.
    Export {
        /// Which.
        id: u32,
        /// Entries written.
        done: u64,
        /// Entries in all.
        of: u64,
        /// Whether it has ended, and how.
        end: Option<ExportEnd>,
    },
    /// How forwarding goes.
    Forward {
        /// As it is now.
        state: ForwardState,
    },
    /// An answer to [`Command::Octets`].
    Octets {
        /// Of which meter.
        meter: MeterKey,
        /// The newest kept, oldest first.
        kept: Vec<KeptOctets>,
    },
}

/// A meter as the window shows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MeterState {
    /// What is kept of it.
    pub record: MeterRecord,
    /// What its source is doing.
    pub source: SourceState,
    /// Since this engine started reading it.
    pub counts: Counts,
    /// Its newest entries, oldest first: enough to show every register (a Norwegian meter spreads them over 3 lists).
    pub newest: Vec<Entry>,
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
}

/// What is tried to find out what is plugged in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum Trying {
    /// Listening at this setting.
    Listen {
        /// Speed and parity.
        line: Line,
    },
    /// Asking in this protocol.
    Ask {
        /// Which.
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
    /// A stable dotted word of the list that [`metertap_readings::fault::codes`] has words for: the decoder's
    /// (`frame.checksum`), the source's (`port.silent`), the log's (`store.full`), the broker's (`broker.lost`).
    pub code: String,
    /// The technical small print: what was found where.
    pub detail: String,
    /// When.
    pub at: Moment,
}

/// Octets around a fault, kept for a closer look.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct KeptOctets {
    /// When they were heard.
    pub at: Moment,
    /// The code of the trouble, or none for a good telegram.
    pub code: Option<String>,
    /// The octets.
    #[serde(with = "serde_bytes")]
    pub octets: Vec<u8>,
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
    Failed(String),
}

/// Where readings are forwarded to.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Broker {
    /// `ws://…` or `wss://…`.
    pub url: String,
    /// Empty for none.
    pub user: String,
    /// Empty for none; empty too when the engine tells the window.
    pub password: String,
    /// The topic prefix: `meters` unless changed.
    pub base: String,
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
    /// Window and engine are of different builds: reload.
    OtherBuild,
}
