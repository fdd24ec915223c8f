//! What was recorded of a meter as a file: by default without the numbers that it is known by.

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Zone;
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Capture, Redaction, event, head, redacted};
use metertap_readings::store::MeterKey;

use super::Job;
use crate::fact::JobNews;
use crate::platform::{FileError, Output, Platform};

/// What was recorded of a meter, and what is known of it.
#[derive(Clone, Debug)]
pub struct Taped {
    /// What went over its line.
    pub capture: Capture,
    /// What it speaks; `None` where nobody knows.
    pub stack: Option<Stack>,
    /// Its keys.
    pub keys: Keys,
    /// The identifications of all meters on its line.
    pub known: Vec<String>,
    /// The zone of its clock.
    pub zone: Zone,
}

impl<P: Platform> Job<P> {
    /// Writes what was recorded into a file.
    pub(super) async fn save_capture(self, meter: MeterKey, taped: Taped, whole: bool) {
        let (capture, note) = captured(taped, whole);
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

/// What was recorded as it is to be saved, and what there is to know about it. With `whole`, identifications and keys are
/// in it.
#[must_use]
pub fn captured(taped: Taped, whole: bool) -> (Capture, Option<Code>) {
    let Taped { mut capture, stack, keys, known, zone } = taped;
    capture.head.protocol = stack.map(Stack::protocol);
    if whole {
        capture.head.keys = keys;
        return (capture, None);
    }
    let setup = Setup { stack: stack.unwrap_or_default(), keys, zone, ask: None, profile: None };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let (capture, left_out) = redacted(&capture, &setup, &known);
    let note = match (capture.head.redaction, left_out) {
        // Nothing was decoded, so that nobody knows what there is to be replaced.
        (Redaction::Blind, _) => Some(Code::CaptureBlind),
        // Ciphered telegrams that no key opened are not in the file.
        (_, 1..) => Some(Code::CaptureLeftOut),
        _ => None,
    };
    (capture, note)
}
