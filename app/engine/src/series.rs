//! Draws a picture's worth of a meter's power for the window: entries out of the log, columns to the window.

use metertap_protocol::Event;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use metertap_readings::view::series::Series;

use super::desk::Desk;
use crate::platform::Platform;

impl<P: Platform> Desk<P> {
    /// Answers [`Command::Series`](metertap_protocol::Command::Series). What the log cannot give is left empty.
    pub(crate) async fn draw(&self, id: u32, meter: MeterKey, from: Moment, to: Moment, columns: u32) {
        let columns = columns.min(MOST_COLUMNS);
        let drawn = self.log.picture(&meter, (from, to), columns).await;
        self.tell_damage();
        let series = drawn.unwrap_or_else(|_| Series::new(from, to, columns));
        self.tell(&Event::Series { id, columns: series.into_columns() });
    }
}

/// Wider than any screen.
const MOST_COLUMNS: u32 = 16_384;
