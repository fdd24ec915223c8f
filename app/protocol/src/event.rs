//! [`Event`]: messages from the engine to the window.

use metertap_readings::files::backup::daily::Daily;
use metertap_readings::files::import::Import;
use metertap_readings::log::journal::held::Held;
use metertap_readings::store::MeterKey;
use serde::{Deserialize, Serialize};

use super::{
    Breakdown, Broker, ExportEnd, ForwardState, HeldStep, ImportState, KeptOctets, Layer, MeterState,
    RestoreState, Row, Trouble,
};

/// A message from the engine to the window.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant, reason = "an event is sent and then dropped")]
pub enum Event {
    /// The engine can receive messages from now on. A worker loses messages that are sent to it while it loads. The
    /// engine opens nothing before the window says hello.
    Awake {
        /// Whether the page's Content-Security-Policy is in force in the engine.
        #[serde(default)]
        covered: bool,
    },
    /// The engine has started. The fields hold what it found in the log.
    Ready {
        /// The engine's [`super::VERSION`].
        version: u32,
        /// All meters.
        meters: Vec<MeterState>,
        /// The newest entries of each meter, oldest first. They are enough to show every register: a Norwegian meter
        /// spreads its registers over 3 lists.
        newest: Vec<(MeterKey, Vec<Row>)>,
        /// The broker that readings are forwarded to, without its password.
        broker: Option<Broker>,
        /// Whether this state comes from another tab, which reads the meters and writes the log.
        #[serde(default)]
        watching: bool,
    },
    /// The engine cannot work at all.
    Broken {
        /// The reason.
        why: Breakdown,
    },
    /// A meter was added, or its state changed.
    Meter {
        /// The new state.
        state: MeterState,
    },
    /// A meter was removed.
    Removed {
        /// The meter.
        meter: MeterKey,
    },
    /// A reading was written to the log.
    Reading {
        /// The meter.
        meter: MeterKey,
        /// The reading with its number in the log.
        row: Row,
    },
    /// A meter's newest entries, sent again because a correction changed them. They replace all entries that the window
    /// shows.
    Newest {
        /// The meter.
        meter: MeterKey,
        /// The entries, oldest first.
        rows: Vec<Row>,
    },
    /// A command could not be carried out. If a file held no telegram, the window can ask for its bytes under the key
    /// [`super::REFUSED_FILE`].
    Refused {
        /// The error.
        trouble: Trouble,
    },
    /// A message for the user that answers no command: for example, that readings are damaged, or were deleted to make
    /// room.
    Notice {
        /// The meter. `None` if the message is not about one meter.
        meter: Option<MeterKey>,
        /// The error.
        trouble: Trouble,
    },
    /// The notices or the user's settings for them have changed.
    Noticed {
        /// The number of notices that are still open.
        open: u32,
        /// A [`Board`](metertap_readings::notices::list::Board), encoded by [`super::bytes`].
        #[serde(with = "serde_bytes")]
        board: Vec<u8>,
    },
    /// What the log holds of each meter: the answer to [`super::Command::Room`], sent again when readings were deleted,
    /// corrected or recounted.
    Room {
        /// What is held, by meter.
        meters: Vec<(MeterKey, Held)>,
        /// Counter steps that are held back.
        steps: Vec<HeldStep>,
    },
    /// The totals are being recomputed.
    Recomputed {
        /// How many quarter-hours have changed. `None` until the work is done.
        changed: Option<u64>,
    },
    /// The computer's clock jumped ahead and is not trusted, or is trusted again.
    Clock {
        /// The error. `None` if the clock is trusted.
        trouble: Option<Trouble>,
    },
    /// The answer to [`super::Command::Series`].
    Series {
        /// The question's identifier.
        id: u32,
        /// The lowest and highest net power of each column, in watts, import positive. `None` where there is no
        /// reading.
        columns: Vec<Option<(f64, f64)>>,
    },
    /// The answer to [`super::Command::Question`] or [`super::Command::Ahead`].
    Answer {
        /// The question's identifier.
        id: u32,
        /// An [`Answer`](metertap_readings::history::question::Answer), or an [answer about the
        /// outlook](metertap_readings::outlook::question::Answer), encoded by [`super::bytes`].
        #[serde(with = "serde_bytes")]
        answer: Vec<u8>,
    },
    /// The answer to [`super::Command::Type`].
    Typed {
        /// The command's identifier.
        id: u32,
        /// A result, encoded by [`super::bytes`]: the meter that has the counter reading, or a
        /// [`NoPosition`](metertap_readings::typed::NoPosition).
        #[serde(with = "serde_bytes")]
        answer: Vec<u8>,
    },
    /// The progress of an export or a backup.
    Export {
        /// The identifier of the export or backup.
        id: u32,
        /// The number of entries written; of a backup, the number of bytes.
        done: u64,
        /// The total number of entries or bytes.
        of: u64,
        /// How it ended. `None` while it runs.
        end: Option<ExportEnd>,
    },
    /// The state of the daily backup. The handle of its folder, if it has one, is sent beside this message.
    Daily {
        /// The stored settings of the daily backup. `None` if the user has not asked for one.
        daily: Option<Daily>,
        /// Whether a backup is being written.
        writing: bool,
        /// Why the last backup failed.
        trouble: Option<Trouble>,
    },
    /// The progress of a restore.
    Restore {
        /// The restore's identifier.
        id: u32,
        /// The number of bytes read.
        done: u64,
        /// The total number of bytes.
        of: u64,
        /// The result so far.
        state: RestoreState,
    },
    /// The progress of an import.
    Import {
        /// The import's identifier.
        id: u32,
        /// The number of bytes read.
        done: u64,
        /// The total number of bytes.
        of: u64,
        /// The result so far.
        state: ImportState,
    },
    /// The imports in the log.
    Imports {
        /// All of them.
        imports: Vec<Import>,
    },
    /// The broker that readings are forwarded to has changed.
    Broker {
        /// The new broker, without its password.
        broker: Option<Broker>,
    },
    /// The progress of forwarding.
    Forward {
        /// The new state.
        state: ForwardState,
    },
    /// The answer to [`super::Command::SaveCapture`]. The file is a blob beside this message.
    Captured {
        /// The meter.
        meter: MeterKey,
    },
    /// The answer to [`super::Command::Octets`].
    Octets {
        /// The meter.
        meter: MeterKey,
        /// The newest telegrams and faults whose bytes are kept, oldest first.
        kept: Vec<KeptOctets>,
    },
    /// The answer to [`super::Command::Inspect`].
    Anatomy {
        /// The meter.
        meter: MeterKey,
        /// The bytes as received, and the results of each decoding step.
        layers: Vec<Layer>,
    },
}
