//! [`Event`]: what the engine tells.

use metertap_readings::files::backup::daily::Daily;
use metertap_readings::files::import::Import;
use metertap_readings::log::journal::held::Held;
use metertap_readings::store::MeterKey;
use serde::{Deserialize, Serialize};

use super::{
    Breakdown, Broker, ExportEnd, ForwardState, HeldStep, ImportState, KeptOctets, Layer, MeterState,
    RestoreState, Row, Trouble,
};

/// From the engine to the window.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant, reason = "an event is told and let go of")]
pub enum Event {
    /// The engine hears the window from now on; a worker loses what is said to it while it loads. It opens nothing before
    /// the window says hello.
    Awake {
        /// Whether the page's Content-Security-Policy is in force in the engine.
        #[serde(default)]
        covered: bool,
    },
    /// The engine is up, and this is what it found in the log.
    Ready {
        /// [`super::VERSION`] of the engine.
        version: u32,
        /// All meters.
        meters: Vec<MeterState>,
        /// Their newest entries, oldest first: enough to show every register (a Norwegian meter spreads them over 3 lists).
        newest: Vec<(MeterKey, Vec<Row>)>,
        /// The broker that readings go to; without its password.
        broker: Option<Broker>,
        /// Whether this is what another tab tells, which reads the meters and writes the log.
        #[serde(default)]
        watching: bool,
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
        /// The meter.
        meter: MeterKey,
    },
    /// A reading is in the log.
    Reading {
        /// Of which meter.
        meter: MeterKey,
        /// The reading with its number.
        row: Row,
    },
    /// A meter's newest entries are told anew, because what is stated of it has changed: they are all there is to show.
    Newest {
        /// Of which meter.
        meter: MeterKey,
        /// The entries, oldest first.
        rows: Vec<Row>,
    },
    /// A meter was added by a person's wish and could not be. The octets of a file without a telegram can be asked for
    /// as those of [`super::REFUSED_FILE`].
    Refused {
        /// Why.
        trouble: Trouble,
    },
    /// Something that a person should know of the log: readings that are damaged, or that made room for new ones.
    Notice {
        /// Of which meter's; none for all of it.
        meter: Option<MeterKey>,
        /// What.
        trouble: Trouble,
    },
    /// What was noticed has changed, or what a person has set of it.
    Noticed {
        /// How many notices go on.
        open: u32,
        /// A [`Board`](metertap_readings::notices::list::Board), as [`super::bytes`] writes it.
        #[serde(with = "serde_bytes")]
        board: Vec<u8>,
    },
    /// What the log holds of each meter: an answer to [`super::Command::Room`], and news where it has changed.
    Room {
        /// By meter.
        meters: Vec<(MeterKey, Held)>,
        /// Steps of counters that are held back.
        steps: Vec<HeldStep>,
    },
    /// Totals are computed anew.
    Recomputed {
        /// How many quarters of an hour count otherwise than before; none until it is done.
        changed: Option<u64>,
    },
    /// The computer's clock went ahead and is not believed, or is again.
    Clock {
        /// What there is to say of it; none where it is believed.
        trouble: Option<Trouble>,
    },
    /// An answer to [`super::Command::Series`].
    Series {
        /// The question's.
        id: u32,
        /// Lowest and highest net power in watts per column, import positive; absent where there is no reading.
        columns: Vec<Option<(f64, f64)>>,
    },
    /// An answer to [`super::Command::Question`] or [`super::Command::Ahead`].
    Answer {
        /// The question's.
        id: u32,
        /// An [`Answer`](metertap_readings::history::question::Answer), or one
        /// [of what will come](metertap_readings::outlook::question::Answer), as [`super::bytes`] writes it.
        #[serde(with = "serde_bytes")]
        answer: Vec<u8>,
    },
    /// An answer to [`super::Command::Type`].
    Typed {
        /// The command's.
        id: u32,
        /// The meter that has the position, or a [`NoPosition`](metertap_readings::typed::NoPosition), as [`super::bytes`]
        /// writes a result.
        #[serde(with = "serde_bytes")]
        answer: Vec<u8>,
    },
    /// How an export goes.
    Export {
        /// Its number.
        id: u32,
        /// Entries written.
        done: u64,
        /// Entries in all.
        of: u64,
        /// Whether it has ended, and how.
        end: Option<ExportEnd>,
    },
    /// How the backup of every day goes. The handle of its folder is sent beside this message.
    Daily {
        /// What is remembered of it; none where nobody has wished it.
        daily: Option<Daily>,
        /// Whether one is being written.
        writing: bool,
        /// Why the last one failed.
        trouble: Option<Trouble>,
    },
    /// How a restoring goes.
    Restore {
        /// Its number.
        id: u32,
        /// Octets read.
        done: u64,
        /// Octets in all.
        of: u64,
        /// What has come of it so far.
        state: RestoreState,
    },
    /// How a file is imported.
    Import {
        /// Its number.
        id: u32,
        /// Octets read.
        done: u64,
        /// Octets in all.
        of: u64,
        /// What has come of it so far.
        state: ImportState,
    },
    /// What was imported.
    Imports {
        /// All of them.
        imports: Vec<Import>,
    },
    /// The broker that readings go to has changed.
    Broker {
        /// As it is now; without its password.
        broker: Option<Broker>,
    },
    /// How forwarding goes.
    Forward {
        /// As it is now.
        state: ForwardState,
    },
    /// An answer to [`super::Command::SaveCapture`]: the file is a blob beside this message.
    Captured {
        /// Of which meter.
        meter: MeterKey,
    },
    /// An answer to [`super::Command::Octets`].
    Octets {
        /// Of which meter.
        meter: MeterKey,
        /// The newest kept, oldest first.
        kept: Vec<KeptOctets>,
    },
    /// An answer to [`super::Command::Inspect`].
    Anatomy {
        /// Of which meter.
        meter: MeterKey,
        /// The octets as they were heard, and what they became.
        layers: Vec<Layer>,
    },
}
