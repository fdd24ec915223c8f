//! Recomputes totals when the user asks for it.

use metertap_protocol::Event;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::MeterKey;

use super::Job;
use crate::fact::JobNews;
use crate::platform::Platform;
use crate::trouble::not_kept;

impl<P: Platform> Job<P> {
    pub(super) async fn recompute(self, meters: Vec<MeterKey>) {
        self.tell(Event::Recomputed { changed: None });
        match self.recomputed(&meters).await {
            Ok(changed) => self.tell(Event::Recomputed { changed: Some(changed) }),
            Err(error) => self.tell(Event::Refused { trouble: not_kept(&error, self.at()) }),
        }
        self.news(JobNews::Totals);
    }

    async fn recomputed(&self, meters: &[MeterKey]) -> Result<u64, LogError> {
        let mut changed = 0;
        for meter in meters {
            changed += self.archive.recompute(meter).await?;
        }
        Ok(changed)
    }
}
