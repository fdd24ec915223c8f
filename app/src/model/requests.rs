//! User requests that take more than one value.

use metertap_readings::files::import::Plan;
use metertap_readings::store::MeterKey;
use metertap_readings::view::chart::Hue;

use super::page_services::Drawing;
use crate::protocol::ExportOptions;

/// What to do with the file that was chosen for import.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRequest {
    /// The meter to import into; `None` for a new one.
    pub meter: Option<MeterKey>,
    /// How to interpret the file.
    pub plan: Option<Plan>,
    /// Whether to import the file. `false` only previews it.
    pub run: bool,
}

/// A part of the log to save.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportRequest {
    /// The meters.
    pub meters: Vec<MeterKey>,
    /// The days.
    pub range: DayRange,
    /// The form of the file.
    pub options: ExportOptions,
}

/// A span of local days.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum DayRange {
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

/// A request for the curve of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureRequest {
    /// The meter.
    pub meter: MeterKey,
    /// How many milliseconds the curve covers.
    pub span: i64,
    /// Where it ends, in milliseconds since 1970.
    pub to: i64,
    /// The number of columns.
    pub columns: u32,
}

/// A counter reading that the user typed, or one to remove.
#[derive(Clone, Debug)]
pub struct TypedRequest {
    /// The meter; `None` if one is to be created.
    pub meter: Option<MeterKey>,
    /// The name of the new meter.
    pub name: String,
    /// The counter reading and what to do with it, as an encoded message.
    pub typing: Vec<u8>,
}

/// A chart to save.
#[derive(Clone, Debug)]
pub struct SavedPicture {
    /// The file's name, without its extension.
    pub name: String,
    /// What stands above the chart.
    pub head: Head,
    /// The form of the file.
    pub form: SavedForm,
}

/// What stands above a saved chart.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The meter, what the chart shows, and its time.
    pub title: String,
    /// The colours and what they stand for.
    pub legend: Vec<(Hue, String)>,
}

/// The forms of a chart.
#[derive(Clone, Debug)]
pub enum SavedForm {
    /// Pixels (PNG).
    Pixels(Drawing),
    /// Lines that can be scaled (SVG).
    Lines(Drawing),
    /// The values as a table (CSV).
    Table(String),
}
