//! Which protocol carries which: the one place where stages of different protocols meet.

use alloc::collections::VecDeque;

use crate::cipher::{self, Keys};
use crate::dlms::{apdu, list};
use crate::error::{Error, Flaw, FrameError};
use crate::frame::{Deframe, Heard};
use crate::harmonise::{Known, Origin, harmonise};
use crate::hdlc;
use crate::p1;
use crate::reading::{Integrity, Protocol};
use crate::session::{Notice, Output, Setup, Span};
use crate::time::Zone;

/// The protocols on a line, one inside the other.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stack {
    /// DSMR / P1 telegrams.
    #[default]
    P1,
    /// DLMS in HDLC frames, as on the Nordic HAN port.
    HdlcDlms,
}

impl Stack {
    /// All of them, the likeliest first.
    pub const ALL: &'static [Self] = &[Self::P1, Self::HdlcDlms];

    /// The name that its readings carry.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::P1 => Protocol::P1,
            Self::HdlcDlms => Protocol::DlmsHdlc,
        }
    }

    /// The stack whose readings carry that name.
    #[must_use]
    pub fn of_protocol(protocol: Protocol) -> Option<Self> {
        Self::ALL.iter().copied().find(|stack| stack.protocol() == protocol)
    }
}

/// A stack at work: octets in, outputs out.
#[derive(Debug)]
pub(crate) struct Listener {
    link: Link,
    later: Later,
}

#[derive(Debug)]
enum Link {
    P1(p1::frame::Deframer),
    Hdlc(hdlc::frame::Deframer, Transfer),
}

impl Listener {
    pub(crate) fn new(setup: Setup) -> Self {
        let link = match setup.stack {
            Stack::P1 => Link::P1(p1::frame::Deframer::default()),
            Stack::HdlcDlms => Link::Hdlc(hdlc::frame::Deframer::default(), Transfer::default()),
        };
        Self { link, later: Later { keys: setup.keys, zone: setup.zone, known: Known::default() } }
    }

    pub(crate) fn push(&mut self, octets: &[u8], out: &mut VecDeque<Output>) {
        match &mut self.link {
            Link::P1(deframer) => deframer.push(octets),
            Link::Hdlc(deframer, _) => deframer.push(octets),
        }
        self.drain(out);
    }

    pub(crate) fn silence(&mut self, out: &mut VecDeque<Output>) {
        match &mut self.link {
            Link::P1(deframer) => deframer.silence(),
            Link::Hdlc(deframer, _) => deframer.silence(),
        }
        self.drain(out);
    }

    pub(crate) fn patience(&self) -> Option<u64> {
        match &self.link {
            Link::P1(deframer) => deframer.patience(),
            Link::Hdlc(deframer, _) => deframer.patience(),
        }
    }

    pub(crate) fn held(&self) -> usize {
        match &self.link {
            Link::P1(deframer) => deframer.held(),
            Link::Hdlc(deframer, transfer) => deframer.held() + transfer.joiner.held(),
        }
    }

    fn drain(&mut self, out: &mut VecDeque<Output>) {
        match &mut self.link {
            Link::P1(deframer) => {
                while let Some(heard) = deframer.next() {
                    self.later.p1(heard, out);
                }
            }
            Link::Hdlc(deframer, transfer) => {
                while let Some(heard) = deframer.next() {
                    self.later.hdlc(heard, transfer, out);
                }
            }
        }
    }
}

/// Segments that wait for the rest, and where they lie. What lies between two segments is counted with them.
#[derive(Debug, Default)]
struct Transfer {
    joiner: hdlc::segment::Joiner,
    span: Option<Span>,
}

impl Transfer {
    fn extend(&mut self, span: Span) -> Span {
        let at = self.span.map_or(span.at, |begun| begun.at);
        let whole = Span { at, length: span.at + span.length - at };
        self.span = Some(whole);
        whole
    }

    fn give_up(&mut self, out: &mut VecDeque<Output>) {
        self.joiner.drop_transfer();
        if let Some(span) = self.span.take() {
            fault(FrameError::Malformed(Flaw::OutOfSequence), span, out);
        }
    }
}

/// Stages 2 to 5.
#[derive(Debug)]
struct Later {
    keys: Keys,
    zone: Zone,
    known: Known,
}

impl Later {
    fn p1(&mut self, heard: Heard<p1::frame::Frame>, out: &mut VecDeque<Output>) {
        match heard {
            Heard::Noise(span) => out.push_back(Output::Notice(Notice::Noise(span))),
            Heard::Fault(error, span) => fault(error, span, out),
            Heard::Frame(frame, span) => {
                let telegram = p1::telegram::parse(&frame.octets, self.zone);
                self.known.introduce(telegram.identification);
                let integrity = if frame.checked { Integrity::Checked } else { Integrity::Unchecked };
                let origin = Origin { protocol: Protocol::P1, integrity, announced: None, time: None };
                let (reading, _) = harmonise(&mut self.known, telegram.registers, origin);
                out.push_back(Output::Reading(reading, span));
                for error in telegram.faults {
                    fault(error, span, out);
                }
            }
        }
    }

    fn hdlc(
        &mut self,
        heard: Heard<hdlc::frame::Frame>,
        transfer: &mut Transfer,
        out: &mut VecDeque<Output>,
    ) {
        match heard {
            Heard::Noise(span) if transfer.span.is_none() => {
                out.push_back(Output::Notice(Notice::Noise(span)))
            }
            Heard::Noise(_) => {}
            // A segment was lost, and nothing in the others would show it.
            Heard::Fault(error, span) => {
                transfer.give_up(out);
                fault(error, span, out);
            }
            Heard::Frame(frame, span) => {
                if transfer.joiner.is_cut_by(&frame) {
                    transfer.give_up(out);
                }
                let segmented = frame.segmented;
                let span = transfer.extend(span);
                match transfer.joiner.join(frame) {
                    None if segmented => return,
                    None => out.push_back(Output::Notice(Notice::Noise(span))),
                    Some(Err(error)) => fault(error, span, out),
                    Some(Ok(payload)) => self.dlms(payload, span, out),
                }
                transfer.span = None;
            }
        }
    }

    fn dlms(&mut self, payload: alloc::vec::Vec<u8>, span: Span, out: &mut VecDeque<Output>) {
        let plain = match cipher::decipher(&self.keys, payload) {
            Ok(plain) => plain,
            Err(error) => return fault(error, span, out),
        };
        let notification = match apdu::parse(&plain.payload, self.zone) {
            Ok(notification) => notification,
            Err(error) => return fault(error, span, out),
        };
        let registers = list::registers(&notification.body, self.zone);
        // A list of which nothing could be read is no reading.
        if let (true, Some(error)) = (registers.is_empty(), notification.fault) {
            return fault(error, span, out);
        }
        let origin = Origin {
            protocol: Protocol::DlmsHdlc,
            integrity: plain.integrity,
            announced: notification.body.announced(),
            time: notification.time,
        };
        let (reading, unknown) = harmonise(&mut self.known, registers, origin);
        out.push_back(Output::Reading(reading, span));
        for error in notification.fault.into_iter().chain(unknown) {
            fault(error, span, out);
        }
    }
}

fn fault(error: impl Into<Error>, span: Span, out: &mut VecDeque<Output>) {
    out.push_back(Output::Notice(Notice::Fault(error.into(), span)));
}
