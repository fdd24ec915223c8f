//! What was recorded of a meter as a file: by default without the numbers that it is known by.

use metertap_decoder::identity::identifications;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Zone;
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Capture, Redaction, redacted};

use super::meter::Meter;

/// What was recorded of a meter, and what there is to know about it. `known` are the identifications of all meters on its
/// line; with `whole`, they and the keys are in it.
#[must_use]
pub fn captured(meter: &Meter, mut known: Vec<String>, zone: Zone, whole: bool) -> (Capture, Option<Code>) {
    let mut capture = meter.tape.captured();
    let (keys, stack) = (meter.keys(), meter.stack());
    capture.head.protocol = stack.map(Stack::protocol);
    if whole {
        capture.head.keys = keys;
        return (capture, None);
    }
    let setup = Setup { stack: stack.unwrap_or_default(), keys, zone, ask: None };
    known.extend(meter.state.newest.iter().flat_map(|entry| identifications(&entry.reading)));
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
