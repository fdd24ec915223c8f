//! Removes what identifies a meter from a capture.

use metertap_decoder::redact::Redaction as Redacted;
use metertap_decoder::session::Setup;
use metertap_decoder::time::Instant;

use super::{Capture, Event, Head, Redaction, Timed};

/// Returns the capture without what identifies the meter, and the number of frames that were replaced by zeros because
/// no key decrypts them. `known` numbers are replaced as well, because a capture may lack the message with which a
/// meter sends its own number.
///
/// If its telegrams are encrypted, the new head contains the keys that decrypt the redacted telegrams. These keys are
/// not secret.
#[must_use]
pub fn redacted(capture: &Capture, setup: &Setup, known: &[&str]) -> (Capture, usize) {
    let mut heard = Vec::new();
    let mut said = Vec::new();
    for Timed { at, event } in &capture.events {
        match event {
            Event::Heard(bytes) => heard.push((Instant(*at), bytes.as_slice())),
            Event::Said(bytes) => said.extend_from_slice(bytes),
            Event::Line(_) => {}
        }
    }
    let redaction = Redacted::of(setup, &heard, &said, known);
    let (mut places, mut events) = ([0, 0], Vec::with_capacity(capture.events.len()));
    let next = |place: &mut usize, bytes: &[u8]| {
        let from = *place;
        *place += bytes.len();
        from..*place
    };
    let [heard_at, said_at] = &mut places;
    for Timed { at, event } in &capture.events {
        let event = match event {
            Event::Heard(bytes) => Event::Heard(redaction.heard(next(heard_at, bytes))),
            Event::Said(bytes) => Event::Said(redaction.said(next(said_at, bytes))),
            Event::Line(line) => Event::Line(*line),
        };
        events.push(Timed { at: *at, event });
    }
    let done = if redaction.identities > 0 { Redaction::Done } else { Redaction::Blind };
    let head = Head { redaction: done, keys: redaction.keys.clone(), ..capture.head.clone() };
    (Capture { head, events }, redaction.left_out)
}
