//! DLMS in any carrier: HDLC frames, M-Bus frames, or none.
//!
//! A push may take several frames. Its reading, or the fault that ends it, has the span from the first frame to the
//! last, including all bytes between them. Noise after the last frame is reported as noise.

use alloc::vec::Vec;

use super::{Common, Stages};
use crate::cipher;
use crate::dlms::{self, apdu, block, list};
use crate::error::{CipherError, Error, Flaw, FrameError};
use crate::frame::{Deframe, Heard};
use crate::harmonise::Origin;
use crate::reading::{Integrity, Protocol};
use crate::shape::Announced;
use crate::span::Span;
use crate::{hdlc, mbus};

use crate::join::{FrameOf, Join};

pub(super) type HdlcPayloads = Payloads<hdlc::segment::Joiner>;
pub(super) type MbusPayloads = Payloads<mbus::segment::Joiner>;
/// DLMS without a link layer.
pub(super) type BarePayloads = Payloads<Bare>;

/// The link protocol that carries payloads, and joins those that were cut.
pub(super) trait Carrier: Join {
    const PROTOCOL: Protocol;
    /// The integrity of a payload that is not ciphered.
    const INTEGRITY: Integrity;

    fn carries_dlms(_frame: &FrameOf<'_, Self>) -> bool {
        true
    }
}

/// Stages 2 to 5: frames → payloads → readings.
#[derive(Debug, Default)]
pub(super) struct Payloads<C> {
    carrier: C,
    /// The span of the frames of the payload in progress.
    frames: Stretch,
    pushes: Pushes,
}

impl<C: Carrier> Stages for Payloads<C> {
    type Deframer = C::Deframer;

    /// The last term is the deciphered content of a whole block transfer.
    const MEMORY: usize =
        <C::Deframer as Deframe>::MEMORY + C::MEMORY + block::Joiner::MEMORY + 2 * block::LONGEST_PAYLOAD;

    fn hear(&mut self, heard: Heard<FrameOf<'_, C>>, common: &mut Common) {
        match heard {
            Heard::Noise(span) => self.noise(span, common),
            // Nothing in the later frames would show that this one was lost.
            Heard::Fault(error, span) => {
                self.give_up(LOST, common);
                common.fault(error, span);
            }
            Heard::Frame(frame, span) if !C::carries_dlms(&frame) => self.noise(span, common),
            Heard::Frame(frame, span) => {
                if self.carrier.is_cut_by(&frame) {
                    self.give_up(LOST, common);
                }
                self.frames.extend(span);
                match self.carrier.join(frame) {
                    Ok(Some(payload)) => {
                        let carried = Carried {
                            payload,
                            span: self.frames.close(),
                            protocol: C::PROTOCOL,
                            integrity: C::INTEGRITY,
                        };
                        self.pushes.hear(carried, common);
                    }
                    Err(error) => {
                        let span = self.frames.close();
                        self.pushes.give_up(LOST, common);
                        common.fault(error, span);
                    }
                    Ok(None) => {
                        if !self.carrier.is_unfinished() {
                            let span = self.frames.close();
                            self.noise(span, common);
                        }
                    }
                }
            }
        }
    }

    fn silence(&mut self, common: &mut Common) {
        self.give_up(FrameError::Truncated, common);
    }

    fn patience(&self) -> Option<u64> {
        (self.frames.is_open() || self.pushes.transfer.is_open()).then_some(LONGEST_PAUSE)
    }

    fn held(&self) -> usize {
        self.carrier.held() + self.pushes.blocks.held() + self.pushes.plain.capacity()
    }
}

impl<C: Carrier> Payloads<C> {
    fn noise(&mut self, span: Span, common: &mut Common) {
        if self.frames.is_open() {
            self.frames.noise(span);
        } else if self.pushes.transfer.is_open() {
            self.pushes.transfer.noise(span);
        } else {
            common.noise(span);
        }
    }

    /// Abandons and reports everything in progress, the earlier bytes first.
    fn give_up(&mut self, error: FrameError, common: &mut Common) {
        self.pushes.give_up(error, common);
        self.carrier.drop_transfer();
        self.frames.give_up(error, common);
    }
}

#[derive(Clone, Copy)]
struct Carried<'a> {
    payload: &'a [u8],
    span: Span,
    protocol: Protocol,
    integrity: Integrity,
}

/// Stages 2 to 5 of DLMS itself: blocks, cipher, notification, reading.
#[derive(Debug, Default)]
struct Pushes {
    blocks: block::Joiner,
    /// The span of the block transfer in progress.
    transfer: Stretch,
    /// The lowest integrity of its blocks.
    integrity: Option<Integrity>,
    /// The content of a whole transfer, deciphered.
    plain: Vec<u8>,
}

impl Pushes {
    fn hear(&mut self, carried: Carried<'_>, common: &mut Common) {
        let mut plain = core::mem::take(&mut common.plain);
        match deciphered(carried, &mut plain, common) {
            Ok(carried) if !self.blocks.is_unfinished() && !block::is_block(carried.payload) => {
                read(carried, common);
            }
            Ok(carried) => self.join(carried, common),
            Err(error) => {
                self.give_up(LOST, common);
                common.fault(error, carried.span);
            }
        }
        common.plain = plain;
    }

    /// Adds a block to its transfer. Ciphering may enclose the blocks or, more often, lie inside them.
    fn join(&mut self, carried: Carried<'_>, common: &mut Common) {
        if self.blocks.is_cut_by(carried.payload) {
            self.give_up(LOST, common);
        }
        if !block::is_block(carried.payload) {
            return read(carried, common);
        }
        self.transfer.extend(carried.span);
        let integrity = least(self.integrity.unwrap_or(carried.integrity), carried.integrity);
        match self.blocks.join(carried.payload) {
            Ok(None) => self.integrity = Some(integrity),
            Ok(Some(payload)) => {
                self.integrity = None;
                let whole = Carried { payload, span: self.transfer.close(), integrity, ..carried };
                match deciphered(whole, &mut self.plain, common) {
                    Ok(whole) => read(whole, common),
                    Err(error) => common.fault(error, whole.span),
                }
            }
            Err(error) => self.give_up(error, common),
        }
    }

    fn give_up(&mut self, error: FrameError, common: &mut Common) {
        self.blocks.drop_transfer();
        self.integrity = None;
        self.transfer.give_up(error, common);
    }
}

/// Stage 3, for ciphered payloads.
fn deciphered<'a>(
    carried: Carried<'a>,
    plain: &'a mut Vec<u8>,
    common: &mut Common,
) -> Result<Carried<'a>, CipherError> {
    if !cipher::is_ciphered(carried.payload) {
        return Ok(carried);
    }
    let plain = cipher::decipher(&common.keys, carried.payload, plain)?;
    // The system title begins with the maker's three letters (IEC 62056-5-3, 4.3.4).
    let maker = plain.title.first_chunk::<3>().filter(|maker| maker.iter().all(u8::is_ascii_uppercase));
    if let Some(Ok(maker)) = maker.map(|maker| core::str::from_utf8(maker)) {
        common.known.is_by(maker);
    }
    Ok(Carried { payload: plain.payload, integrity: plain.integrity, ..carried })
}

/// Stages 4 and 5: a complete payload → a reading.
fn read(carried: Carried<'_>, common: &mut Common) {
    let Carried { payload, span, protocol, integrity } = carried;
    let notification = match apdu::parse(payload, common.zone) {
        Ok(notification) => notification,
        Err(error) => return common.fault(error, span),
    };
    let time = notification.time;
    let found = list::registers(notification, common.zone, &mut common.registers);
    // A list without any readable value is not a reading.
    if let (true, Some(error)) = (common.registers.is_empty(), found.fault) {
        return common.fault(error, span);
    }
    let length = found.announced.unwrap_or(common.registers.len());
    let announced = Some(Announced { length, shape: found.shape });
    let origin = Origin { protocol, integrity, announced, time, zone: common.zone };
    common.reading(origin, span, found.fault);
}

fn least(one: Integrity, other: Integrity) -> Integrity {
    let either = |integrity| one == integrity || other == integrity;
    [Integrity::Unchecked, Integrity::Checked].into_iter().find(|i| either(*i)).unwrap_or(one)
}

/// The bytes from the first to the last frame of one payload or transfer, and the noise after them. If another frame
/// follows, the noise becomes part of these bytes.
#[derive(Debug, Default)]
struct Stretch {
    whole: Option<Span>,
    behind: Option<Span>,
}

impl Stretch {
    fn is_open(&self) -> bool {
        self.whole.is_some()
    }

    fn extend(&mut self, span: Span) {
        self.behind = None;
        self.whole = Some(reaching(self.whole, span));
    }

    fn noise(&mut self, span: Span) {
        self.behind = Some(reaching(self.behind, span));
    }

    fn close(&mut self) -> Span {
        core::mem::take(self).whole.unwrap_or_default()
    }

    fn give_up(&mut self, error: impl Into<Error>, common: &mut Common) {
        let Self { whole, behind } = core::mem::take(self);
        if let Some(span) = whole {
            common.fault(error, span);
        }
        if let Some(span) = behind {
            common.noise(span);
        }
    }
}

/// From the start of the first span, if there is one, to the end of the last.
fn reaching(first: Option<Span>, last: Span) -> Span {
    let at = first.map_or(last.at, |first| first.at);
    Span { at, length: last.at + last.length - at }
}

impl Carrier for hdlc::segment::Joiner {
    const PROTOCOL: Protocol = Protocol::DlmsHdlc;
    const INTEGRITY: Integrity = Integrity::Checked;
}

impl Carrier for mbus::segment::Joiner {
    const PROTOCOL: Protocol = Protocol::DlmsMbus;
    const INTEGRITY: Integrity = Integrity::Checked;

    fn carries_dlms(frame: &mbus::frame::Frame<'_>) -> bool {
        mbus::segment::is_segment(frame)
    }
}

/// No link layer: each packet is a payload, and no checksum proves it.
#[derive(Debug, Default)]
pub(super) struct Bare;

impl Carrier for Bare {
    const PROTOCOL: Protocol = Protocol::DlmsRaw;
    const INTEGRITY: Integrity = Integrity::Unchecked;
}

impl Join for Bare {
    type Deframer = dlms::frame::Deframer;

    const MEMORY: usize = 0;

    fn is_cut_by(&self, _packet: &dlms::frame::Frame<'_>) -> bool {
        false
    }

    fn join<'a, 'f: 'a>(
        &'a mut self,
        packet: dlms::frame::Frame<'f>,
    ) -> Result<Option<&'a [u8]>, FrameError> {
        Ok(Some(packet.bytes))
    }

    fn drop_transfer(&mut self) {}

    fn is_unfinished(&self) -> bool {
        false
    }

    fn held(&self) -> usize {
        0
    }
}

/// A segment or block that continues nothing, or a transfer that another one cuts short.
const LOST: FrameError = FrameError::Malformed(Flaw::OutOfSequence);

/// The most milliseconds between two frames of one push: they follow each other closely, and meters push every few
/// seconds.
const LONGEST_PAUSE: u64 = 2000;
