//! Which protocol carries which: the only place where stages of different protocols meet.
//!
//! Each file below composes one family: it names its deframer and decides what becomes of a frame. `Joined` runs the
//! stages of a meter that is listened to, `asked` those of a meter that is asked.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use crate::cipher::Keys;
use crate::dlms::block::LONGEST_PAYLOAD;
use crate::error::{Error, ParseError};
use crate::frame::{Deframe, Heard};
use crate::harmonise::{self, Known, Origin};
use crate::notice::Notice;
use crate::output::Output;
use crate::rail::Choice;
use crate::reading::Reading;
use crate::register::Register;
use crate::setup::Setup;
use crate::span::Span;
use crate::time::{Instant, Zone};

mod asked;
#[cfg(feature = "dlms")]
mod dlms;
#[cfg(feature = "modbus")]
mod emi;
#[cfg(feature = "iec62056")]
mod iec62056;
#[cfg(feature = "kmp")]
mod kmp;
#[cfg(feature = "mbus")]
mod mbus;
#[cfg(feature = "p1")]
mod p1;
#[cfg(feature = "modbus")]
mod rail;
#[cfg(feature = "sml")]
mod sml;
mod stacks;
#[cfg(feature = "tic")]
mod tic;
mod unbuilt;

pub(crate) use stacks::MEMORY;
pub use stacks::Stacks;
#[cfg(test)]
pub(crate) use stacks::memory;

#[cfg(feature = "redact")]
pub(crate) use p1::SMARTY_AUTHENTICATION_KEY;
#[cfg(feature = "anatomy")]
pub(crate) use p1::decipher as decipher_telegram;

/// A running stack: bytes and time in, outputs out.
pub(crate) struct Pipeline {
    pipe: Box<dyn Pipe>,
    common: Common,
}

impl Pipeline {
    pub(crate) fn new(stacks: Stacks, mut setup: Setup, now: Instant) -> Self {
        let (stack, ask) = (setup.stack, setup.ask.take());
        let mut common = Common::new(setup);
        Self { pipe: (stacks.begin)(stack, ask, now, &mut common), common }
    }

    pub(crate) fn push(&mut self, now: Instant, bytes: &[u8]) {
        self.pipe.push(now, bytes, &mut self.common);
    }

    pub(crate) fn timeout(&mut self, now: Instant) {
        self.pipe.timeout(now, &mut self.common);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.pipe.deadline()
    }

    pub(crate) fn rests(&self) -> bool {
        self.pipe.rests()
    }

    pub(crate) fn next(&mut self) -> Option<Output> {
        self.common.out.pop_front()
    }

    pub(crate) fn hand_back(&mut self, reading: Reading) {
        self.common.known.keep_room(reading.values);
    }

    pub(crate) fn held(&self) -> usize {
        self.pipe.held() + self.common.held()
    }
}

/// Prints no content of the stages, because every program would then contain the code for it.
impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").finish_non_exhaustive()
    }
}

/// Stages 2 to 5 of a family of stacks.
trait Stages: Default + fmt::Debug {
    /// Stage 1.
    type Deframer: Deframe;

    /// The most bytes of memory held by all stages.
    const MEMORY: usize = <Self::Deframer as Deframe>::MEMORY;

    fn hear(&mut self, heard: Heard<<Self::Deframer as Deframe>::Frame<'_>>, common: &mut Common);

    /// Takes a part of a reading whose other parts are still to come.
    fn gather(&mut self, _frame: <Self::Deframer as Deframe>::Frame<'_>, _common: &mut Common) {}

    fn said(&mut self, _bytes: &[u8]) {}

    /// Makes a reading from the gathered parts.
    fn close(&mut self, _span: Span, _common: &mut Common) {}

    fn found_out(&mut self, _notice: Notice) {}

    /// Drops the gathered parts: they will not become a complete reading.
    fn forget(&mut self, _common: &mut Common) {}

    /// Whether the last answer announced that its reading continues in another one.
    fn more_follows(&self) -> bool {
        false
    }

    /// Ends unfinished input, because the line fell silent. Stage 1 is already drained.
    fn silence(&mut self, _common: &mut Common) {}

    /// Milliseconds of silence after which unfinished input of stage 2 will not continue.
    fn patience(&self) -> Option<u64> {
        None
    }

    /// Bytes of memory held.
    fn held(&self) -> usize {
        0
    }
}

/// All stages of a stack behind one interface.
trait Pipe: Send {
    fn push(&mut self, now: Instant, bytes: &[u8], common: &mut Common);
    fn timeout(&mut self, now: Instant, common: &mut Common);
    fn deadline(&self) -> Option<Instant>;
    /// Whether no conversation is in progress.
    fn rests(&self) -> bool {
        true
    }
    fn held(&self) -> usize;
}

#[derive(Debug, Default)]
struct Joined<S: Stages> {
    deframer: S::Deframer,
    stages: S,
    deadline: Option<Instant>,
}

impl<S: Stages> Joined<S> {
    fn drain(&mut self, common: &mut Common) {
        while let Some(heard) = self.deframer.next() {
            self.stages.hear(heard, common);
        }
    }
}

impl<S: Stages + Send> Pipe for Joined<S>
where
    S::Deframer: Send,
{
    fn push(&mut self, now: Instant, bytes: &[u8], common: &mut Common) {
        self.deframer.push(bytes);
        self.drain(common);
        let patience = self.deframer.patience().into_iter().chain(self.stages.patience()).max();
        self.deadline = patience.map(|patience| now.after(patience));
    }

    /// Ends unfinished input, because the line fell silent.
    fn timeout(&mut self, _now: Instant, common: &mut Common) {
        self.deadline = None;
        self.deframer.silence();
        self.drain(common);
        self.stages.silence(common);
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn held(&self) -> usize {
        self.deframer.held() + self.stages.held()
    }
}

/// Shared by the stages of every stack: the setup, what the meter stated about itself, and buffers that are reused for
/// each telegram.
#[derive(Debug)]
struct Common {
    keys: Keys,
    zone: Zone,
    profile: Option<Choice>,
    known: Known,
    /// The output of stage 3.
    plain: Vec<u8>,
    /// The output of stage 4.
    registers: Vec<Register>,
    out: VecDeque<Output>,
}

impl Common {
    /// The most bytes of memory held between two telegrams: one deciphered payload, registers, and their meanings.
    const MEMORY: usize = 2 * LONGEST_PAYLOAD + REGISTERS_KEPT * size_of::<Register>() + harmonise::MEMORY;

    fn new(setup: Setup) -> Self {
        Self {
            keys: setup.keys,
            zone: setup.zone,
            profile: setup.profile,
            known: Known::default(),
            plain: Vec::new(),
            registers: Vec::new(),
            out: VecDeque::new(),
        }
    }

    fn noise(&mut self, span: Span) {
        self.out.push_back(Output::Notice(Notice::Noise(span)));
    }

    fn fault(&mut self, error: impl Into<Error>, span: Span) {
        self.out.push_back(Output::Notice(Notice::Fault(error.into(), span)));
    }

    /// Stage 5: makes a reading from the registers found, and reports after it what the reading lacks.
    fn reading(&mut self, origin: Origin, span: Span, lacks: impl IntoIterator<Item = ParseError>) {
        let (reading, unknown) = harmonise::harmonise(&mut self.known, &mut self.registers, origin);
        self.forget();
        self.out.push_back(Output::Reading(reading, span));
        for error in lacks.into_iter().chain(unknown) {
            self.fault(error, span);
        }
    }

    /// Stage 5 for a reading of an earlier time from the meter's memory.
    fn remembered(&mut self, origin: Origin, span: Span) {
        let (reading, _) = harmonise::harmonise(&mut self.known, &mut self.registers, origin);
        self.forget();
        self.out.push_back(Output::Remembered(reading, span));
    }

    fn forget(&mut self) {
        self.registers.clear();
        self.registers.shrink_to(REGISTERS_KEPT);
    }

    fn held(&self) -> usize {
        self.plain.capacity() + self.registers.capacity() * size_of::<Register>() + self.known.held()
    }
}

/// Registers for which the buffer keeps room between two telegrams; a longer telegram allocates more.
const REGISTERS_KEPT: usize = 256;
