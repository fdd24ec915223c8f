//! SML files, as received.

use alloc::boxed::Box;

use super::asked::Asked;
use super::{Common, Pipe, Stages};
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::meter::Meter;
use crate::question::Ask;
use crate::reading::{Integrity, Protocol};
use crate::sml::frame::{Deframer, Frame};
use crate::sml::message;
use crate::sml::poll::Poll;
use crate::time::Instant;

pub(super) fn asked(ask: &Ask, now: Instant, common: &mut Common) -> Box<dyn Pipe> {
    Box::new(Asked::<Files, Poll>::new(Poll::new(), ask, common.zone, now, common))
}

/// Files, one per frame.
#[derive(Debug, Default)]
pub(super) struct Files;

impl Stages for Files {
    type Deframer = Deframer;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        let (frame, span) = match heard {
            Heard::Noise(span) => return common.noise(span),
            Heard::Fault(error, span) => return common.fault(error, span),
            Heard::Frame(frame, span) => (frame, span),
        };
        match message::parse(frame.messages, frame.check, Meter::drops_bytes, &mut common.registers) {
            Ok(file) => {
                common.known.flows(file.exports);
                common.known.is_served_by(file.server);
                let (protocol, integrity) = (Protocol::Sml, Integrity::Checked);
                let origin =
                    Origin { protocol, integrity, announced: None, time: file.time, zone: common.zone };
                common.reading(origin, span, file.fault);
            }
            Err(error) => {
                common.forget();
                common.fault(error, span);
            }
        }
    }
}
