//! Which protocol carries which: the one place where stages of different protocols meet.
//!
//! Each file below composes one family: it names its deframer and says what becomes of a frame. `Joined` runs them
//! all alike where a meter is listened to, `asked` where it is asked.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use crate::cipher::Keys;
use crate::dialogue::{Address, Ask, Baud, Question, SignOn};
use crate::error::{Error, ParseError};
use crate::frame::{Deframe, Heard};
use crate::harmonise::{self, Known, Origin};
use crate::reading::Protocol;
use crate::register::Register;
use crate::session::{Notice, Output, Setup, Span};
use crate::time::{Instant, Zone};

mod asked;
mod dlms;
mod iec62056;
mod kmp;
mod mbus;
mod p1;
mod sml;

pub(crate) use p1::SMARTY_AUTHENTICATION_KEY;
pub(crate) use p1::decipher as decipher_telegram;

/// The protocols on a line, one inside the other.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stack {
    /// DSMR / P1 telegrams.
    #[default]
    P1,
    /// DSMR / P1 telegrams in ciphered packets.
    P1Encrypted,
    /// DLMS without a link layer.
    RawDlms,
    /// DLMS in wired M-Bus frames, as in Austria.
    MbusDlms,
    /// DLMS in HDLC frames, as on the Nordic HAN port.
    HdlcDlms,
    /// SML files, as from the infrared eye of German meters.
    Sml,
    /// IEC 62056-21 readouts.
    Iec62056,
    /// Kamstrup's KMP, as at the optical eye of its heat and water meters.
    Kmp,
    /// Wired M-Bus: heat, water, gas and electricity meters on a bus.
    Mbus,
}

impl Stack {
    /// All of them, the likeliest first.
    #[rustfmt::skip]
    pub const ALL: &'static [Self] = &[
        Self::P1,
        Self::P1Encrypted,
        Self::RawDlms,
        Self::MbusDlms,
        Self::HdlcDlms,
        Self::Mbus,
        Self::Sml,
        Self::Iec62056,
        Self::Kmp,
    ];

    /// The name that its readings carry.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::P1 => Protocol::P1,
            Self::P1Encrypted => Protocol::P1Encrypted,
            Self::RawDlms => Protocol::DlmsRaw,
            Self::MbusDlms => Protocol::DlmsMbus,
            Self::HdlcDlms => Protocol::DlmsHdlc,
            Self::Sml => Protocol::Sml,
            Self::Iec62056 => Protocol::Iec62056,
            Self::Kmp => Protocol::Kmp,
            Self::Mbus => Protocol::Mbus,
        }
    }

    /// What the only meter on a line is asked in this protocol, whichever it is; none where meters only push.
    #[must_use]
    pub fn question(self) -> Option<Question> {
        match self {
            Self::Kmp => Some(Question::Kmp),
            Self::Iec62056 => Some(Question::Iec62056(SignOn::default())),
            Self::Mbus => Some(Question::Mbus(Address::WHOEVER, Baud::default())),
            Self::P1 | Self::P1Encrypted | Self::RawDlms | Self::MbusDlms | Self::HdlcDlms | Self::Sml => {
                None
            }
        }
    }

    /// The stack whose readings carry that name.
    #[must_use]
    pub fn of_protocol(protocol: Protocol) -> Option<Self> {
        Self::ALL.iter().copied().find(|stack| stack.protocol() == protocol)
    }

    fn pipe(self) -> Box<dyn Pipe> {
        match self {
            Self::P1 => Box::<Joined<p1::Telegrams>>::default(),
            Self::P1Encrypted => Box::<Joined<p1::Packets>>::default(),
            Self::RawDlms => Box::<Joined<dlms::BarePayloads>>::default(),
            Self::MbusDlms => Box::<Joined<dlms::MbusPayloads>>::default(),
            Self::HdlcDlms => Box::<Joined<dlms::HdlcPayloads>>::default(),
            Self::Sml => Box::<Joined<sml::Files>>::default(),
            Self::Iec62056 => Box::<Joined<iec62056::Readouts>>::default(),
            Self::Kmp => Box::<Joined<kmp::Answers>>::default(),
            Self::Mbus => Box::<Joined<mbus::Answers>>::default(),
        }
    }

    /// The stack with a dialogue; `None` where there is nothing to ask or the question is of another protocol.
    fn asked(self, ask: Ask, now: Instant, common: &mut Common) -> Option<Box<dyn Pipe>> {
        match (self, &ask.question) {
            (_, Question::Listen(line)) => {
                common.out.push_back(Output::Line(*line));
                None
            }
            (Self::Kmp, Question::Kmp) => Some(kmp::asked(&ask, now, common)),
            (Self::Iec62056, Question::Iec62056(sign_on)) => {
                Some(iec62056::asked(sign_on.clone(), &ask, now, common))
            }
            (Self::Mbus, Question::Mbus(address, baud)) => {
                Some(mbus::asked(*address, *baud, &ask, now, common))
            }
            (Self::Mbus, Question::Search(search, baud)) => {
                Some(mbus::searched(*search, *baud, &ask, now, common))
            }
            _ => None,
        }
    }
}

/// A stack at work: octets and time in, outputs out.
#[derive(Debug)]
pub(crate) struct Listener {
    pipe: Box<dyn Pipe>,
    common: Common,
}

impl Listener {
    pub(crate) fn new(mut setup: Setup, now: Instant) -> Self {
        let (stack, ask) = (setup.stack, setup.ask.take());
        let mut common = Common::new(setup);
        let asked = ask.and_then(|ask| stack.asked(ask, now, &mut common));
        Self { pipe: asked.unwrap_or_else(|| stack.pipe()), common }
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

/// Stages 2 to 5 of a family of stacks.
trait Stages: Default + fmt::Debug {
    /// Stage 1.
    type Deframer: Deframe;

    /// Makes of a frame what can be made of it.
    fn hear(&mut self, heard: Heard<<Self::Deframer as Deframe>::Frame<'_>>, common: &mut Common);

    /// Takes a part of a reading whose other parts are still to come.
    fn gather(&mut self, _frame: <Self::Deframer as Deframe>::Frame<'_>, _common: &mut Common) {}

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
    known: Known,
    /// What stage 3 makes.
    plain: Vec<u8>,
    /// What stage 4 finds.
    registers: Vec<Register>,
    out: VecDeque<Output>,
}

impl Common {
    fn new(setup: Setup) -> Self {
        Self {
            keys: setup.keys,
            zone: setup.zone,
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
        self.registers.shrink_to(REGISTERS_KEPT);
        self.out.push_back(Output::Reading(reading, span));
        for error in lacks.into_iter().chain(unknown) {
            self.fault(error, span);
        }
    }

    fn held(&self) -> usize {
        self.plain.capacity() + self.registers.capacity() * size_of::<Register>() + self.known.held()
    }
}

/// The most memory that the shared buffers keep between two telegrams: one deciphered payload, registers, and what they
/// meant.
pub(crate) const BUFFERS: usize =
    2 * dlms::LONGEST_PAYLOAD + REGISTERS_KEPT * size_of::<Register>() + harmonise::MEMORY;

/// How many registers the buffer has room for between two telegrams; a telegram with more makes room of its own.
const REGISTERS_KEPT: usize = 256;
