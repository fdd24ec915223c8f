//! Draws a picture's worth of a meter's power for the window: entries out of the log, columns to the window.

use metertap_readings::entry::Moment;
use metertap_readings::series::Series;
use metertap_readings::store::MeterKey;

use super::desk::Desk;
use super::pages::Pages;
use crate::protocol::Event;

impl Desk {
    /// Answers [`Command::Series`](crate::protocol::Command::Series). What the log cannot give is left empty.
    pub(crate) async fn draw(&self, id: u32, meter: MeterKey, from: Moment, to: Moment, columns: u32) {
        let mut series = Series::new(from, to, columns.min(MOST_COLUMNS));
        let mut pages = Pages::new(&self.log, &meter, (from, to), u64::MAX);
        while let Ok(page) = pages.next().await
            && !page.is_empty()
        {
            page.iter().for_each(|entry| series.add(entry));
        }
        self.tell(&Event::Series { id, columns: series.into_columns() });
    }
}

/// Wider than any screen.
const MOST_COLUMNS: u32 = 16_384;
