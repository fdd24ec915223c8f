//! Draws a picture's worth of a meter's power for the window: entries out of the log, columns to the window.

use metertap_protocol::Event;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use metertap_readings::view::series::Series;

use super::Job;
use crate::fact::JobNews;
use crate::platform::Platform;

impl<P: Platform> Job<P> {
    /// Answers [`Command::Series`](metertap_protocol::Command::Series). What the log cannot give is left empty.
    pub(super) async fn draw(self, id: u32, meter: MeterKey, span: (Moment, Moment), columns: u32) {
        let columns = columns.min(MOST_COLUMNS);
        let drawn = self.archive.picture(&meter, span, columns).await;
        let series = drawn.unwrap_or_else(|_| Series::new(span.0, span.1, columns));
        self.news(JobNews::Answered(Event::Series { id, columns: series.into_columns() }, None));
    }
}

/// Wider than any screen.
const MOST_COLUMNS: u32 = 16_384;
