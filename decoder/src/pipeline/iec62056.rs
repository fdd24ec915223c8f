//! IEC 62056-21 readouts.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::asked::Asked;
use super::{Common, Pipe, Stages};
use crate::error::ParseError;
use crate::frame::{Deframe, Heard};
use crate::harmonise::Origin;
use crate::iec62056::frame::{Deframer, Frame};
use crate::iec62056::head::LONGEST_IDENTIFICATION;
use crate::iec62056::poll::Poll;
use crate::iec62056::readout;
use crate::question::{Ask, SignOn};
use crate::reading::{Integrity, Protocol};
use crate::time::Instant;

pub(super) fn asked(sign_on: SignOn, ask: &Ask, now: Instant, common: &mut Common) -> Box<dyn Pipe> {
    Box::new(Asked::<Readouts, Poll>::new(Poll::new(sign_on), ask, common.zone, now, common))
}

/// Readouts, one per frame.
///
/// The block check does not cover the identification line. If there is a block check, maker and model are accepted only
/// after two equal identification lines.
#[derive(Debug, Default)]
pub(super) struct Readouts {
    /// The identification line of the previous readout.
    identification: Vec<u8>,
}

impl Stages for Readouts {
    type Deframer = Deframer;

    const MEMORY: usize = Deframer::MEMORY + 2 * LONGEST_IDENTIFICATION;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        let (frame, span) = match heard {
            Heard::Noise(span) => return common.noise(span),
            Heard::Fault(error, span) => return common.fault(error, span),
            Heard::Frame(frame, span) => (frame, span),
        };
        let readout = readout::parse(frame.data, frame.headless, common.zone, &mut common.registers);
        // A readout that contains only refusals is not a reading.
        if common.registers.is_empty() {
            return common.fault(readout.faults.first().copied().unwrap_or(ParseError::Truncated), span);
        }
        let twice = self.identification == frame.identification;
        if let Ok(identification) = str::from_utf8(frame.identification)
            && !identification.is_empty()
            && (twice || !frame.checked)
        {
            common.known.introduce(identification);
        }
        if !twice {
            self.identification.clear();
            self.identification.extend_from_slice(frame.identification);
        }
        let integrity = if frame.checked { Integrity::Checked } else { Integrity::Unchecked };
        let protocol = Protocol::Iec62056;
        common.reading(
            Origin { protocol, integrity, announced: None, time: readout.time, zone: common.zone },
            span,
            readout.faults,
        );
    }

    fn held(&self) -> usize {
        self.identification.capacity()
    }
}
