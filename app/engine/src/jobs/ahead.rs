//! Looks up what is expected for a meter: peaks and predictions.

use metertap_decoder::time::Zone;
use metertap_protocol::{Event, bytes};
use metertap_readings::outlook::question::{Answer, Question};
use metertap_readings::store::MeterKey;

use super::Job;
use crate::fact::JobNews;
use crate::platform::Platform;

impl<P: Platform> Job<P> {
    /// Answers [`Command::Ahead`](metertap_protocol::Command::Ahead).
    pub(super) async fn answer_ahead(self, id: u32, meter: MeterKey, question: Vec<u8>, zone: Zone) {
        let answer = match bytes::read::<Question>(&question) {
            Some(question) => self.archive.answer_ahead(&meter, &question, (self.at(), zone)).await.ok(),
            None => None,
        };
        let answer = bytes::write(&answer.unwrap_or(Answer::Unreadable));
        self.news(JobNews::Answered(Event::Answer { id, answer }, None));
    }
}
