//! Writes what was recorded of a meter into a file.

use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Capture, event, head};
use metertap_readings::store::MeterKey;

use super::Job;
use crate::fact::JobNews;
use crate::platform::{FileError, Output, Platform};

impl<P: Platform> Job<P> {
    /// Writes a capture, of which there is something to know.
    pub(super) async fn save_capture(self, meter: MeterKey, capture: Capture, note: Option<Code>) {
        let file = self.file(&capture).await;
        self.news(JobNews::Captured(meter, note, file));
    }

    /// The capture as a file, written a line at a time.
    async fn file(&self, capture: &Capture) -> Result<Option<P::Handle>, FileError> {
        let file = self.platform.output(None).await?;
        file.write(head(&capture.head).as_bytes()).await?;
        for timed in &capture.events {
            file.write(event(timed).as_bytes()).await?;
        }
        file.finish("text/plain").await
    }
}
