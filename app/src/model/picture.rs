//! [`Picture`]: the curve of a meter, as the engine answers the chart.

use std::sync::Arc;

use metertap_readings::entry::Moment;

/// A curve over a span of time, as the engine answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// From when.
    pub from: Moment,
    /// Until when.
    pub to: Moment,
    /// Lowest and highest value per column.
    pub columns: Arc<[Option<(f64, f64)>]>,
}
