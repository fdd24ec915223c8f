//! KMP answers from the optical port.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::asked::Asked;
use super::{Common, Pipe, Stages};
use crate::error::ParseError;
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::kmp::frame::{Deframer, Frame};
use crate::kmp::poll::{Family, Poll};
use crate::kmp::response;
use crate::meter::Meter;
use crate::question::Ask;
use crate::reading::{Integrity, Protocol};
use crate::time::Instant;

/// Asks for the registers that `meters/` lists for the family of the meter.
pub(super) fn asked(ask: &Ask, now: Instant, common: &mut Common) -> Box<dyn Pipe> {
    let families = Meter::all().iter().filter(|meter| !meter.kmp_questions().is_empty());
    let family = |meter: &Meter| Family { own: meter.kmp_registers(), questions: meter.kmp_questions() };
    let mut families: Vec<Family> = families.map(family).collect();
    // Heat meters are the most common, so they come first: their family has the most registers of its own.
    families.sort_by_key(|family| Reverse(family.own.len()));
    let poll = Poll::new(families);
    Box::new(Asked::<Answers, Poll>::new(poll, ask, common.zone, now, common))
}

/// Answers, one per frame.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// The first error in the parts of an incomplete reading.
    lacks: Option<ParseError>,
}

impl Stages for Answers {
    type Deframer = Deframer;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        let (frame, span) = match heard {
            Heard::Noise(span) => return common.noise(span),
            Heard::Fault(error, span) => return common.fault(error, span),
            Heard::Frame(frame, span) => (frame, span),
        };
        let response = response::parse(frame.command, frame.answer, common.zone, &mut common.registers);
        match response.fault {
            Some(error) if common.registers.is_empty() => return common.fault(error, span),
            // The meter has none of the registers that it was asked for.
            None if common.registers.is_empty() => return common.noise(span),
            _ => {}
        }
        // The protocol is Kamstrup's own.
        common.known.is_by("KAM");
        let origin = Origin {
            protocol: Protocol::Kmp,
            integrity: Integrity::Checked,
            announced: None,
            time: response.time,
            zone: common.zone,
        };
        common.reading(origin, span, self.lacks.take().or(response.fault));
    }

    fn gather(&mut self, frame: Frame<'_>, common: &mut Common) {
        let part = response::parse(frame.command, frame.answer, common.zone, &mut common.registers);
        self.lacks = self.lacks.or(part.fault);
    }

    fn forget(&mut self, common: &mut Common) {
        self.lacks = None;
        common.forget();
    }
}
