//! P1 telegrams as they are.

use super::{Common, Stages};
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::p1::frame::{Deframer, Frame};
use crate::p1::telegram;
use crate::reading::{Integrity, Protocol};

/// Telegrams, one a frame.
#[derive(Debug, Default)]
pub(super) struct Telegrams;

impl Stages for Telegrams {
    type Deframer = Deframer;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        match heard {
            Heard::Noise(span) => common.noise(span),
            Heard::Fault(error, span) => common.fault(error, span),
            Heard::Frame(frame, span) => {
                let telegram = telegram::parse(frame.octets, common.zone, &mut common.registers);
                common.known.introduce(telegram.identification);
                let integrity = if frame.checked { Integrity::Checked } else { Integrity::Unchecked };
                let origin = Origin { protocol: Protocol::P1, integrity, announced: None, time: None };
                common.reading(origin, span, telegram.faults);
            }
        }
    }
}
