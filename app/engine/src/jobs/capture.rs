//! A meter's recording as a file: by default without the numbers that identify the meter.

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

/// A meter's recording, and what is known about the meter.
#[derive(Clone, Debug)]
pub struct Taped {
    /// What went over its line.
    pub capture: Capture,
    /// The protocol stack of its line; `None` if that is not known.
    pub stack: Option<Stack>,
    /// The meter's keys.
    pub keys: Keys,
    /// The identifications of all meters on its line.
    pub known: Vec<String>,
    /// The time zone of its clock.
    pub zone: Zone,
}

impl<P: Platform> Job<P> {
    pub(super) async fn save_capture(self, meter: MeterKey, taped: Taped, whole: bool) {
        let (capture, note) = captured(taped, whole);
        let file = self.file(&capture).await;
        self.news(JobNews::Captured(meter, note, file));
    }

    /// Writes the capture to a file in memory, a line at a time.
    async fn file(&self, capture: &Capture) -> Result<Option<P::Handle>, FileError> {
        let file = self.platform.output(None).await?;
        file.write(head(&capture.head).as_bytes()).await?;
        for timed in &capture.events {
            file.write(event(timed).as_bytes()).await?;
        }
        file.finish("text/plain").await
    }
}

/// Prepares a recording for saving. Returns the capture, and a remark for the user if there is one. With `whole`,
/// identifications stay in the capture and the meter's keys are added. Otherwise, identifications are replaced and keys
/// are left out.
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
        // Nothing was decoded, so we do not know what to replace.
        (Redaction::Blind, _) => Some(Code::CaptureBlind),
        // Encrypted telegrams that no key decrypts are not in the file.
        (_, 1..) => Some(Code::CaptureLeftOut),
        _ => None,
    };
    (capture, note)
}
