//! [`Picture`]: the curve of a meter, as the engine answers the chart.

use metertap_readings::entry::Moment;

/// Net power over a span of time, as the engine answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// From when.
    pub from: Moment,
    /// Until when.
    pub to: Moment,
    /// Lowest and highest watts per column.
    pub columns: Vec<Option<(f64, f64)>>,
}
