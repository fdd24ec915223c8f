//! Looks things up in the log for the window: a chart of a meter's power, and answers about its history.

use metertap_decoder::time::Zone;
use metertap_protocol::{Event, bytes};
use metertap_readings::entry::Moment;
use metertap_readings::history::question::{Answer, Question};
use metertap_readings::store::MeterKey;
use metertap_readings::view::series::Series;

use super::Job;
use crate::fact::JobNews;
use crate::platform::Platform;

impl<P: Platform> Job<P> {
    /// Answers [`Command::Series`](metertap_protocol::Command::Series). Columns that the log cannot give stay empty.
    pub(super) async fn draw(self, id: u32, meter: MeterKey, span: (Moment, Moment), columns: u32) {
        let columns = columns.min(MOST_COLUMNS);
        let drawn = self.archive.picture(&meter, span, columns).await;
        let series = drawn.unwrap_or_else(|_| Series::new(span.0, span.1, columns));
        self.news(JobNews::Answered(Event::Series { id, columns: series.into_columns() }, None));
    }

    /// Answers [`Command::Question`](metertap_protocol::Command::Question).
    pub(super) async fn answer(self, id: u32, meter: MeterKey, question: Vec<u8>, zone: Zone) {
        let answer = match bytes::read::<Question>(&question) {
            Some(question) => self.archive.answer(&meter, question, (self.at(), zone)).await.ok(),
            None => None,
        };
        let answer = bytes::write(&answer.unwrap_or(Answer::Unreadable));
        self.news(JobNews::Answered(Event::Answer { id, answer }, None));
    }
}

/// The most columns of a chart: more than any screen is wide.
const MOST_COLUMNS: u32 = 16_384;
