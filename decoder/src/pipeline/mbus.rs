//! Wired M-Bus, one answer per frame.

use alloc::boxed::Box;

use super::asked::Asked;
use super::{Common, Pipe, Stages};
use crate::cipher;
use crate::error::{CipherError, Error, ParseError};
use crate::frame::{Deframe, Heard};
use crate::harmonise::Origin;
use crate::mbus::answer::{Answer, Header, Security};
use crate::mbus::frame::{Deframer, Frame};
use crate::mbus::heads::Heads;
use crate::mbus::poll::{PRIMARY, Poll};
use crate::mbus::search::Sweep;
use crate::mbus::turned::turned;
use crate::mbus::{fixed, record};
use crate::question::{Address, Ask, Baud, Search};
use crate::reading::{Integrity, Protocol, Quantity};
use crate::register::{Printed, RawUnit, Register, RegisterId, Value};
use crate::span::Span;
use crate::time::Instant;
use crate::vif::{Meaning, Means, RecordHeader};

pub(super) fn asked(
    address: Address,
    baud: Baud,
    ask: &Ask,
    now: Instant,
    common: &mut Common,
) -> Box<dyn Pipe> {
    Box::new(Asked::<Answers, Poll>::new(Poll::new(address, baud), ask, common.zone, now, common))
}

pub(super) fn searched(
    search: Search,
    baud: Baud,
    ask: &Ask,
    now: Instant,
    common: &mut Common,
) -> Box<dyn Pipe> {
    Box::new(Asked::<Answers, Sweep>::new(Sweep::new(search, baud), ask, common.zone, now, common))
}

/// Answers of meters. Frames of a master are noise.
#[derive(Debug, Default)]
pub(super) struct Answers {
    more_follows: bool,
    heads: Heads,
}

impl Stages for Answers {
    type Deframer = Deframer;

    const MEMORY: usize = <Deframer as Deframe>::MEMORY + Heads::MEMORY;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        self.more_follows = false;
        match heard {
            Heard::Noise(span) => common.noise(span),
            Heard::Fault(error, span) => common.fault(error, span),
            Heard::Frame(frame, span) => match turned(frame.ci, frame.user) {
                Some((ci, user)) => self.frame(Frame { ci, user: &user, ..frame }, span, common),
                None => self.frame(frame, span, common),
            },
        }
    }

    fn more_follows(&self) -> bool {
        self.more_follows
    }

    fn held(&self) -> usize {
        self.heads.held()
    }
}

impl Answers {
    fn frame(&mut self, frame: Frame<'_>, span: Span, common: &mut Common) {
        match Answer::of(frame.ci, frame.user) {
            Some(Ok(answer)) => self.read(answer, span, common),
            Some(Err(error)) => common.fault(error, span),
            None if frame.control & PRIMARY != 0 => common.noise(span),
            None => common.fault(ParseError::Unsupported(frame.ci), span),
        }
    }

    /// Stages 3 to 5.
    fn read(&mut self, answer: Answer<'_>, span: Span, common: &mut Common) {
        match registers(answer, &mut self.heads, common) {
            Ok(more_follows) => self.more_follows = more_follows,
            Err(error) => {
                common.forget();
                return common.fault(error, span);
            }
        }
        if common.registers.is_empty() {
            return common.noise(span);
        }
        let (protocol, integrity) = (Protocol::Mbus, Integrity::Checked);
        let origin = Origin { protocol, integrity, announced: None, time: None, zone: common.zone };
        common.reading(origin, span, None);
    }
}

/// Stages 3 and 4; returns whether another answer has more registers.
fn registers(answer: Answer<'_>, heads: &mut Heads, common: &mut Common) -> Result<bool, Error> {
    match answer {
        Answer::Refusal(code) => Err(ParseError::Refused(code).into()),
        Answer::Alarm(header, flags) => {
            meet(&header, common);
            push_flags(RegisterId::Record(0), flags, common);
            Ok(false)
        }
        Answer::Fixed(user) => {
            let fixed = fixed::parse(user, &mut common.registers)?;
            common.known.meet(None, fixed.identification, fixed.medium);
            push_status(fixed.status, common);
            Ok(false)
        }
        Answer::Records(header, records) => {
            let records = match header.security() {
                Security::None => records,
                Security::Unsupported(mode) => return Err(CipherError::SuiteUnsupported(mode).into()),
                Security::Mode5 { bytes } => {
                    let block = header.initial_block().ok_or(CipherError::SuiteUnsupported(5))?;
                    cipher::decipher_blocks(&common.keys, &block, records, bytes, &mut common.plain)?
                }
            };
            heads.expect(&header);
            let more_follows = record::parse(records, heads, common.zone, &mut common.registers)?;
            meet(&header, common);
            push_status(header.status, common);
            Ok(more_follows)
        }
    }
}

fn meet(header: &Header, common: &mut Common) {
    if let Some(address) = header.address {
        let maker = u16::from_le_bytes(address.maker);
        common.known.meet(Some(maker), address.identification, address.device_type);
    }
}

/// The status is not a record and has no number. It is reported only if it is not 0.
fn push_status(status: u8, common: &mut Common) {
    if let (1.., Some(name)) = (status, Printed::new("status")) {
        push_flags(RegisterId::Printed(name), status, common);
    }
}

fn push_flags(id: RegisterId, flags: u8, common: &mut Common) {
    let meaning = Meaning { means: Means::Quantity(Quantity::ErrorFlags), ..Meaning::default() };
    let unit = RawUnit::Record(RecordHeader { meaning, ..RecordHeader::PLAIN });
    common.registers.push(Register { id, value: Value::Octets(Box::new([flags])), unit, time: None });
}
