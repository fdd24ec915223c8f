//! [`Picture`]: the curve of a meter, as the engine returns it for a chart.

use std::sync::Arc;

use metertap_readings::entry::Moment;

/// A curve over a span of time, as the engine returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The beginning of the span.
    pub from: Moment,
    /// The end of the span.
    pub to: Moment,
    /// The lowest and the highest value of each column.
    pub columns: Arc<[Option<(f64, f64)>]>,
}
