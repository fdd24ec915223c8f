//! What window and engine say to each other over `postMessage`: the only thing that both sides share.

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

/// Counts up with every change of [`Command`] or [`Event`]; a window and an engine of different builds say so.
pub const VERSION: u32 = 12;

/// In place of a meter: the last file that held no telegram.
pub const REFUSED_FILE: &str = "refused-file";

/// The most octets of a recording that is opened as a whole: more than the longest that is made here has as text.
pub const LARGEST_RECORDING: usize = 32 << 20;
