//! Which protocol carries which: the one place where stages of different protocols meet.
//!
//! Each file below composes one family: it names its deframer and says what becomes of a frame. `Joined` runs them
//! all alike where a meter is listened to, `asked` where it is asked.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use crate::cipher::Keys;
use crate::error::{Error, ParseError};
use crate::frame::{Deframe, Heard};
use crate::harmonise::{self, Known, Origin};
use crate::notice::Notice;
use crate::output::Output;
use crate::question::{Ask, Question};
use crate::rail::Choice;
use crate::register::Register;
use crate::setup::Setup;
use crate::span::Span;
use crate::stack::Stack;
use crate::time::{Instant, Zone};

mod asked;
mod dlms;
mod emi;
mod iec62056;
mod kmp;
mod mbus;
mod p1;
mod rail;
mod sml;
mod tic;

pub(crate) use p1::SMARTY_AUTHENTICATION_KEY;
pub(crate) use p1::decipher as decipher_telegram;

/// A stack at work: octets and time in, outputs out.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pipe: Box<dyn Pipe>,
    common: Common,
}

/// The stacks that a session can be of. Code of those that are not named is not linked with whoever names them, so that a
/// program can fetch it when it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Stacks {
    begin: fn(Stack, Option<Ask>, Instant, &mut Common) -> Box<dyn Pipe>,
    only: Option<Stack>,
}

impl Stacks {
    /// All of them.
    pub const ALL: Self = Self { begin: any, only: None };
    /// P1 telegrams that are not ciphered.
    pub const P1: Self = Self { begin: telegrams, only: Some(Stack::P1) };

    /// Whether a session can be of that stack. One of another stack hears octets as one of these.
    #[must_use]
    pub fn has(self, stack: Stack) -> bool {
        self.only.is_none_or(|only| only == stack)
    }
}

fn any(stack: Stack, ask: Option<Ask>, now: Instant, common: &mut Common) -> Box<dyn Pipe> {
    let asking = ask.and_then(|ask| asking(stack, &ask, now, common));
    asking.unwrap_or_else(|| listening(stack))
}

fn telegrams(_: Stack, ask: Option<Ask>, _: Instant, common: &mut Common) -> Box<dyn Pipe> {
    if let Some(Ask { question: Question::Listen(line), .. }) = ask {
        common.out.push_back(Output::Line(line));
    }
    Box::<Joined<p1::Telegrams>>::default()
}

impl Pipeline {
    pub(crate) fn new(stacks: Stacks, mut setup: Setup, now: Instant) -> Self {
        let (stack, ask) = (setup.stack, setup.ask.take());
        let mut common = Common::new(setup);
        Self { pipe: (stacks.begin)(stack, ask, now, &mut common), common }
    }

    pub(crate) fn push(&mut self, now: Instant, octets: &[u8]) {
        self.pipe.push(now, octets, &mut self.common);
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

    pub(crate) fn held(&self) -> usize {
        self.pipe.held() + self.common.held()
    }
}

/// What listens to a stack.
fn listening(stack: Stack) -> Box<dyn Pipe> {
    match stack {
        Stack::P1 => Box::<Joined<p1::Telegrams>>::default(),
        Stack::P1Encrypted => Box::<Joined<p1::Packets>>::default(),
        Stack::RawDlms => Box::<Joined<dlms::BarePayloads>>::default(),
        Stack::MbusDlms => Box::<Joined<dlms::MbusPayloads>>::default(),
        Stack::HdlcDlms => Box::<Joined<dlms::HdlcPayloads>>::default(),
        Stack::Sml => Box::<Joined<sml::Files>>::default(),
        Stack::Iec62056 => Box::<Joined<iec62056::Readouts>>::default(),
        Stack::Kmp => Box::<Joined<kmp::Answers>>::default(),
        Stack::Mbus => Box::<Joined<mbus::Answers>>::default(),
        Stack::Tic => Box::<Joined<tic::Frames>>::default(),
        Stack::Emi => Box::<Joined<emi::Answers>>::default(),
        Stack::Modbus => Box::<Joined<rail::Answers>>::default(),
    }
}

/// The most octets of memory that a stack holds on to between two drains, whatever it is fed.
pub(crate) const fn memory(stack: Stack) -> usize {
    let stages = match stack {
        Stack::P1 => p1::Telegrams::MEMORY,
        Stack::P1Encrypted => p1::Packets::MEMORY,
        Stack::RawDlms => dlms::BarePayloads::MEMORY,
        Stack::MbusDlms => dlms::MbusPayloads::MEMORY,
        Stack::HdlcDlms => dlms::HdlcPayloads::MEMORY,
        Stack::Sml => sml::Files::MEMORY,
        Stack::Iec62056 => iec62056::Readouts::MEMORY,
        Stack::Kmp => kmp::Answers::MEMORY,
        Stack::Mbus => mbus::Answers::MEMORY,
        Stack::Tic => tic::Frames::MEMORY,
        Stack::Emi => emi::Answers::MEMORY,
        Stack::Modbus => rail::Answers::MEMORY,
    };
    stages + asked::ECHO + Common::MEMORY
}

/// The same of whichever stack holds most.
pub(crate) const MEMORY: usize = {
    let (mut most, mut stacks) = (0, Stack::ALL);
    while let [stack, others @ ..] = stacks {
        if memory(*stack) > most {
            most = memory(*stack);
        }
        stacks = others;
    }
    most
};

/// What asks in a stack; `None` where there is nothing to ask or the question is of another protocol.
fn asking(stack: Stack, ask: &Ask, now: Instant, common: &mut Common) -> Option<Box<dyn Pipe>> {
    match (stack, &ask.question) {
        (_, Question::Listen(line)) => {
            common.out.push_back(Output::Line(*line));
            None
        }
        (Stack::Kmp, Question::Kmp) => Some(kmp::asked(ask, now, common)),
        (Stack::Sml, Question::Sml) => Some(sml::asked(ask, now, common)),
        (Stack::Emi, Question::Emi(profile)) => Some(emi::asked(*profile, ask, now, common)),
        (Stack::Modbus, Question::Rail(meter)) => Some(rail::asked(meter, ask, now, common)),
        (Stack::Modbus, Question::Scan(line)) => Some(rail::scanned(*line, ask, now, common)),
        (Stack::Iec62056, Question::Iec62056(sign_on)) => {
            Some(iec62056::asked(sign_on.clone(), ask, now, common))
        }
        (Stack::Mbus, Question::Mbus(address, baud)) => Some(mbus::asked(*address, *baud, ask, now, common)),
        (Stack::Mbus, Question::Search(search, baud)) => {
            Some(mbus::searched(*search, *baud, ask, now, common))
        }
        _ => None,
    }
}

/// Stages 2 to 5 of a family of stacks.
trait Stages: Default + fmt::Debug {
    /// Stage 1.
    type Deframer: Deframe;

    /// The most octets of memory held by all stages.
    const MEMORY: usize = <Self::Deframer as Deframe>::MEMORY;

    /// Makes of a frame what can be made of it.
    fn hear(&mut self, heard: Heard<<Self::Deframer as Deframe>::Frame<'_>>, common: &mut Common);

    /// Takes a part of a reading whose other parts are still to come.
    fn gather(&mut self, _frame: <Self::Deframer as Deframe>::Frame<'_>, _common: &mut Common) {}

    /// This is said to the meter.
    fn said(&mut self, _octets: &[u8]) {}

    /// The parts gathered are a reading.
    fn close(&mut self, _span: Span, _common: &mut Common) {}

    /// This was found out by asking.
    fn found_out(&mut self, _notice: Notice) {}

    /// The parts gathered will not become whole.
    fn forget(&mut self, _common: &mut Common) {}

    /// Whether what was heard last said that its reading goes on in another answer.
    fn more_follows(&self) -> bool {
        false
    }

    /// The line fell silent, and stage 1 has told all that it had.
    fn silence(&mut self, _common: &mut Common) {}

    /// Milliseconds of silence after which what stage 2 holds will not go on.
    fn patience(&self) -> Option<u64> {
        None
    }

    /// Octets of memory held.
    fn held(&self) -> usize {
        0
    }
}

/// All stages of a stack behind one face.
trait Pipe: fmt::Debug + Send {
    fn push(&mut self, now: Instant, octets: &[u8], common: &mut Common);
    /// The deadline has come.
    fn timeout(&mut self, now: Instant, common: &mut Common);
    fn deadline(&self) -> Option<Instant>;
    /// Whether no conversation goes on.
    fn rests(&self) -> bool {
        true
    }
    fn held(&self) -> usize;
}

/// A deframer and the stages behind it.
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
    fn push(&mut self, now: Instant, octets: &[u8], common: &mut Common) {
        self.deframer.push(octets);
        self.drain(common);
        let patience = self.deframer.patience().into_iter().chain(self.stages.patience()).max();
        self.deadline = patience.map(|patience| now.after(patience));
    }

    /// The line fell silent.
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

/// What the stages of every stack share: what they were told, what the meter said of itself, and buffers that are used
/// anew for each telegram.
#[derive(Debug)]
struct Common {
    keys: Keys,
    zone: Zone,
    profile: Option<Choice>,
    known: Known,
    /// What stage 3 makes.
    plain: Vec<u8>,
    /// What stage 4 finds.
    registers: Vec<Register>,
    out: VecDeque<Output>,
}

impl Common {
    /// The most octets of memory held between two telegrams: one deciphered payload, registers, and what they meant.
    const MEMORY: usize =
        2 * dlms::LONGEST_PAYLOAD + REGISTERS_KEPT * size_of::<Register>() + harmonise::MEMORY;

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

    /// Stage 5: the registers found become a reading; what it lacks is told behind it.
    fn reading(&mut self, origin: Origin, span: Span, lacks: impl IntoIterator<Item = ParseError>) {
        let (reading, unknown) = harmonise::harmonise(&mut self.known, &mut self.registers, origin);
        self.forget();
        self.out.push_back(Output::Reading(reading, span));
        for error in lacks.into_iter().chain(unknown) {
            self.fault(error, span);
        }
    }

    /// The same of a reading of earlier, which the meter remembers.
    fn remembered(&mut self, origin: Origin, span: Span) {
        let (reading, _) = harmonise::harmonise(&mut self.known, &mut self.registers, origin);
        self.forget();
        self.out.push_back(Output::Remembered(reading, span));
    }

    /// No registers are found any more.
    fn forget(&mut self) {
        self.registers.clear();
        self.registers.shrink_to(REGISTERS_KEPT);
    }

    fn held(&self) -> usize {
        self.plain.capacity() + self.registers.capacity() * size_of::<Register>() + self.known.held()
    }
}

/// How many registers the buffer has room for between two telegrams; a telegram with more makes room of its own.
const REGISTERS_KEPT: usize = 256;
