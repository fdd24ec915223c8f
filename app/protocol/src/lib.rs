//! The messages between window and engine, sent over `postMessage`. The two sides share nothing else.

mod anatomy;
pub mod bytes;
mod command;
mod event;
mod row;
mod state;

pub use metertap_readings::files::export::Options as ExportOptions;
pub use metertap_readings::store::KeptOctets;
pub use metertap_readings::store::settings::Broker;

pub use anatomy::{Field, Layer};
pub use command::Command;
pub use event::Event;
pub use row::Row;
pub use state::{
    BackupContents, Breakdown, Counts, ExportEnd, Fetching, ForwardState, HeldStep, ImportProblem,
    ImportReport, ImportState, Intake, MeterState, Recorded, RestoreHow, RestoreState, Searching,
    SourceState, Trouble, Trying, Unrecognised,
};

/// The version of the protocol, increased with every change of [`Command`] or [`Event`]. It lets a window and an engine
/// of different builds notice each other.
pub const VERSION: u32 = 14;

/// The key that stands for the last file without a telegram, in place of a meter's key.
pub const REFUSED_FILE: &str = "refused-file";

/// The size limit for a recording that is opened as a whole, in bytes. No recording that Metertap makes is larger: 8 MiB
/// of bytes take about 26 MiB as hex text, and a recording ends earlier if its bytes are received a few at a time.
pub const LARGEST_RECORDING: usize = 32 << 20;
