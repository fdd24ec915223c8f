//! [`Wishes`]: what a person wants, carried from the screens up to the window through context.

use leptos::ev;
use leptos::prelude::*;
use metertap_readings::import::Plan;
use metertap_readings::store::MeterKey;

use super::port_kind::PortKind;
use crate::protocol::{Command, ExportOptions, RestoreHow};

/// Every screen finds these in context. Each is called from the click itself: browsers ask for that.
#[derive(Clone, Copy)]
pub struct Wishes {
    /// Say this to the engine.
    pub command: UnsyncCallback<Command>,
    /// Let the person pick a port of this kind; of any vendor, if the flag is set.
    pub connect: UnsyncCallback<(&'static PortKind, bool)>,
    /// Read the meter behind the bridge at this address.
    pub bridge: UnsyncCallback<String>,
    /// Start a simulated meter of this model.
    pub simulate: UnsyncCallback<&'static str>,
    /// Forget a meter with all its readings, if the person means it.
    pub remove: UnsyncCallback<MeterKey>,
    /// Open the files of an `<input type=file>` that has changed.
    pub open: UnsyncCallback<ev::Event>,
    /// Open octets that were pasted as text.
    pub read_text: UnsyncCallback<String>,
    /// Save a part of the log.
    pub export: UnsyncCallback<ExportWish>,
    /// Write a backup, with keys and passwords in it or without.
    pub back_up: UnsyncCallback<bool>,
    /// Let the person choose a folder for the backup of every day, with keys and passwords in it or without.
    pub choose_folder: UnsyncCallback<bool>,
    /// Ask the person to allow that folder again.
    pub allow_folder: UnsyncCallback<()>,
    /// Look at the backup of an `<input type=file>` that has changed.
    pub choose_backup: UnsyncCallback<ev::Event>,
    /// Restore the backup that was chosen, if the person means it.
    pub restore: UnsyncCallback<RestoreHow>,
    /// Look at the file of an `<input type=file>` that has changed, for that meter or a new one.
    pub choose_import: UnsyncCallback<(ev::Event, Option<MeterKey>)>,
    /// Look at the chosen file as this plan says, or import it.
    pub import: UnsyncCallback<ImportWish>,
    /// Look at this much of a meter's net power: ends up in its `picture`.
    pub look: UnsyncCallback<Look>,
    /// Put text into the clipboard; the signal hears whether it is there.
    pub copy: UnsyncCallback<(String, RwSignal<bool>)>,
    /// Find out how much disk space is left.
    pub measure: UnsyncCallback<()>,
    /// Ask the browser to keep the log.
    pub persist: UnsyncCallback<()>,
    /// Install the page.
    pub install: UnsyncCallback<()>,
    /// Let the newer build take over.
    pub update: UnsyncCallback<()>,
}

/// What is to become of the file that was chosen for import.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportWish {
    /// For which meter; for a new one if none.
    pub meter: Option<MeterKey>,
    /// How to understand it.
    pub plan: Option<Plan>,
    /// Whether to import it, and not only to look.
    pub run: bool,
}

/// A part of the log to be saved.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportWish {
    /// Of which meters.
    pub meters: Vec<MeterKey>,
    /// From when to when.
    pub range: Range,
    /// In which form.
    pub options: ExportOptions,
}

/// A span of days here.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Range {
    /// Everything.
    #[default]
    All,
    /// Since midnight.
    Today,
    /// Today and the six days before.
    Week,
    /// From the first day to the last, both as `2026-11-21`; empty for no limit.
    Days(String, String),
}

/// A question of the chart's.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// At which meter.
    pub meter: MeterKey,
    /// How many milliseconds back.
    pub span: i64,
    /// Where it ends, in milliseconds since 1970.
    pub to: i64,
    /// Into how many columns.
    pub columns: u32,
}
