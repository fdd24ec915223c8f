//! What a person asks for that takes more than one value to say.

use metertap_readings::entry::Moment;
use metertap_readings::files::import::Plan;
use metertap_readings::store::MeterKey;

use super::page_services::Drawing;
use crate::protocol::ExportOptions;

/// What is to become of the file that was chosen for import.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRequest {
    /// For which meter; for a new one if none.
    pub meter: Option<MeterKey>,
    /// How to understand it.
    pub plan: Option<Plan>,
    /// Whether to import it, and not only to look.
    pub run: bool,
}

/// A part of the log to be saved.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportRequest {
    /// Of which meters.
    pub meters: Vec<MeterKey>,
    /// From when to when.
    pub range: DayRange,
    /// In which form.
    pub options: ExportOptions,
}

/// A span of days here.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum DayRange {
    /// Everything.
    #[default]
    All,
    /// Since midnight.
    Today,
    /// Today and the six days before.
    Week,
    /// From the first of these moments until before the last.
    Moments(Moment, Moment),
    /// From the first day to the last, both as `2026-11-21`; empty for no limit.
    Days(String, String),
}

/// A question of the chart's.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureRequest {
    /// At which meter.
    pub meter: MeterKey,
    /// How many milliseconds back.
    pub span: i64,
    /// Where it ends, in milliseconds since 1970.
    pub to: i64,
    /// Into how many columns.
    pub columns: u32,
}

/// A position that was typed, or that is to be taken back.
#[derive(Clone, Debug)]
pub struct TypedRequest {
    /// Of which meter; of one that is made for it if none.
    pub meter: Option<MeterKey>,
    /// What to call that one.
    pub name: String,
    /// What is to become of it, as messages are written.
    pub typing: Vec<u8>,
}

/// A chart that is to be saved.
#[derive(Clone, Debug)]
pub struct SavedPicture {
    /// The file's name, without its ending.
    pub name: String,
    /// In which form.
    pub form: SavedForm,
}

/// The forms of a chart.
#[derive(Clone, Debug)]
pub enum SavedForm {
    /// Pixels (PNG).
    Pixels(Drawing),
    /// Lines that can be made as large as one likes (SVG).
    Lines(Drawing),
    /// What it shows as a table (CSV).
    Table(String),
}
