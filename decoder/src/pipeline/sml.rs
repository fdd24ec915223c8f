//! SML files as they are.

use super::{Common, Stages};
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::meter::Meter;
use crate::reading::{Integrity, Protocol};
use crate::sml::frame::{Deframer, Frame};
use crate::sml::message;

/// Files, one a frame.
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
        match message::parse(frame.messages, frame.check, Meter::drops_octets, &mut common.registers) {
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
