//! DLMS, in whatever carries it.

use super::{Common, Stages};
use crate::cipher;
use crate::dlms::{apdu, list};
use crate::error::{Flaw, FrameError};
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::hdlc::frame::{Deframer, Frame};
use crate::hdlc::segment;
use crate::reading::Protocol;
use crate::session::Span;

pub(super) use crate::hdlc::segment::LONGEST_PAYLOAD;

/// Payloads of HDLC frames, joined from segments. What lies between two segments is counted with them.
#[derive(Debug, Default)]
pub(super) struct HdlcPayloads {
    joiner: segment::Joiner,
    span: Option<Span>,
}

impl Stages for HdlcPayloads {
    type Deframer = Deframer;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        match heard {
            Heard::Noise(span) if self.span.is_none() => common.noise(span),
            Heard::Noise(_) => {}
            // A segment was lost, and nothing in the others would show it.
            Heard::Fault(error, span) => {
                self.give_up(common);
                common.fault(error, span);
            }
            Heard::Frame(frame, span) => {
                if self.joiner.is_cut_by(&frame) {
                    self.give_up(common);
                }
                let segmented = frame.segmented;
                let span = self.extend(span);
                match self.joiner.join(frame) {
                    None if segmented => return,
                    None => common.noise(span),
                    Some(Err(error)) => common.fault(error, span),
                    Some(Ok(payload)) => read(payload, Protocol::DlmsHdlc, span, common),
                }
                self.span = None;
            }
        }
    }

    fn held(&self) -> usize {
        self.joiner.held()
    }
}

impl HdlcPayloads {
    fn extend(&mut self, span: Span) -> Span {
        let at = self.span.map_or(span.at, |begun| begun.at);
        let whole = Span { at, length: span.at + span.length - at };
        self.span = Some(whole);
        whole
    }

    fn give_up(&mut self, common: &mut Common) {
        self.joiner.drop_transfer();
        if let Some(span) = self.span.take() {
            common.fault(FrameError::Malformed(Flaw::OutOfSequence), span);
        }
    }
}

/// Stages 3 to 5: a whole payload → a reading.
fn read(payload: &[u8], protocol: Protocol, span: Span, common: &mut Common) {
    let plain = match cipher::decipher(&common.keys, payload, &mut common.plain) {
        Ok(plain) => plain,
        Err(error) => return common.fault(error, span),
    };
    let notification = match apdu::parse(plain.payload, common.zone) {
        Ok(notification) => notification,
        Err(error) => return common.fault(error, span),
    };
    let fault = notification.fault;
    list::registers(&notification.body, common.zone, &mut common.registers);
    // A list of which nothing could be read is no reading.
    if let (true, Some(error)) = (common.registers.is_empty(), fault) {
        return common.fault(error, span);
    }
    let origin = Origin {
        protocol,
        integrity: plain.integrity,
        announced: notification.body.announced(),
        time: notification.time,
    };
    common.reading(origin, span, fault);
}
