//! [`Stacks`]: the stages of each stack, for the families of protocols that are built.

use alloc::boxed::Box;

use super::unbuilt::Unbuilt;
use super::{Common, Joined, Pipe, Stages, asked};
use crate::output::Output;
use crate::question::{Ask, Question};
use crate::stack::Stack;
use crate::time::Instant;

/// The stacks that a session may use. A program that names only [`Stacks::P1`] does not link the code of the others: a
/// web page can load them later. To leave out other families, switch their features off.
#[derive(Clone, Copy, Debug)]
pub struct Stacks {
    pub(super) begin: fn(Stack, Option<Ask>, Instant, &mut Common) -> Box<dyn Pipe>,
    only: Option<Stack>,
}

impl Stacks {
    /// All stacks.
    pub const ALL: Self = Self { begin: any, only: None };
    /// P1 telegrams that are not ciphered.
    #[cfg(feature = "p1")]
    pub const P1: Self = Self { begin: telegrams, only: Some(Stack::P1) };

    /// Whether sessions can use this stack. With any other stack, sessions of [`Stacks::P1`] decode P1 telegrams, and
    /// sessions of [`Stacks::ALL`] report [`Error::NotBuilt`](crate::error::Error::NotBuilt).
    #[must_use]
    pub fn has(self, stack: Stack) -> bool {
        stack.is_built() && self.only.is_none_or(|only| only == stack)
    }
}

fn any(stack: Stack, ask: Option<Ask>, now: Instant, common: &mut Common) -> Box<dyn Pipe> {
    let asking = ask.and_then(|ask| asking(stack, &ask, now, common));
    asking.unwrap_or_else(|| listening(stack))
}

#[cfg(feature = "p1")]
fn telegrams(_: Stack, ask: Option<Ask>, _: Instant, common: &mut Common) -> Box<dyn Pipe> {
    if let Some(Ask { question: Question::Listen(line), .. }) = ask {
        common.out.push_back(Output::Line(line));
    }
    Box::<Joined<super::p1::Telegrams>>::default()
}

fn listening(stack: Stack) -> Box<dyn Pipe> {
    match stack {
        #[cfg(feature = "p1")]
        Stack::P1 => Box::<Joined<super::p1::Telegrams>>::default(),
        #[cfg(feature = "p1")]
        Stack::P1Encrypted => Box::<Joined<super::p1::Packets>>::default(),
        #[cfg(feature = "dlms")]
        Stack::RawDlms => Box::<Joined<super::dlms::BarePayloads>>::default(),
        #[cfg(feature = "dlms")]
        Stack::MbusDlms => Box::<Joined<super::dlms::MbusPayloads>>::default(),
        #[cfg(feature = "dlms")]
        Stack::HdlcDlms => Box::<Joined<super::dlms::HdlcPayloads>>::default(),
        #[cfg(feature = "sml")]
        Stack::Sml => Box::<Joined<super::sml::Files>>::default(),
        #[cfg(feature = "iec62056")]
        Stack::Iec62056 => Box::<Joined<super::iec62056::Readouts>>::default(),
        #[cfg(feature = "kmp")]
        Stack::Kmp => Box::<Joined<super::kmp::Answers>>::default(),
        #[cfg(feature = "mbus")]
        Stack::Mbus => Box::<Joined<super::mbus::Answers>>::default(),
        #[cfg(feature = "tic")]
        Stack::Tic => Box::<Joined<super::tic::Frames>>::default(),
        #[cfg(feature = "modbus")]
        Stack::Emi => Box::<Joined<super::emi::Answers>>::default(),
        #[cfg(feature = "modbus")]
        Stack::Modbus => Box::<Joined<super::rail::Answers>>::default(),
        #[allow(unreachable_patterns, reason = "unreachable if all families are built")]
        _ => Box::new(Unbuilt::new(stack)),
    }
}

/// The most bytes of memory that a stack holds between two drains, for any input.
pub(crate) const fn memory(stack: Stack) -> usize {
    let stages = match stack {
        #[cfg(feature = "p1")]
        Stack::P1 => super::p1::Telegrams::MEMORY,
        #[cfg(feature = "p1")]
        Stack::P1Encrypted => super::p1::Packets::MEMORY,
        #[cfg(feature = "dlms")]
        Stack::RawDlms => super::dlms::BarePayloads::MEMORY,
        #[cfg(feature = "dlms")]
        Stack::MbusDlms => super::dlms::MbusPayloads::MEMORY,
        #[cfg(feature = "dlms")]
        Stack::HdlcDlms => super::dlms::HdlcPayloads::MEMORY,
        #[cfg(feature = "sml")]
        Stack::Sml => super::sml::Files::MEMORY,
        #[cfg(feature = "iec62056")]
        Stack::Iec62056 => super::iec62056::Readouts::MEMORY,
        #[cfg(feature = "kmp")]
        Stack::Kmp => super::kmp::Answers::MEMORY,
        #[cfg(feature = "mbus")]
        Stack::Mbus => super::mbus::Answers::MEMORY,
        #[cfg(feature = "tic")]
        Stack::Tic => super::tic::Frames::MEMORY,
        #[cfg(feature = "modbus")]
        Stack::Emi => super::emi::Answers::MEMORY,
        #[cfg(feature = "modbus")]
        Stack::Modbus => super::rail::Answers::MEMORY,
        #[allow(unreachable_patterns, reason = "unreachable if all families are built")]
        _ => 0,
    };
    stages + asked::ECHO + Common::MEMORY
}

/// The memory of the stack that holds most.
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

/// The pipe that polls meters of a stack; `None` if there is nothing to ask, or if the question belongs to another
/// protocol.
fn asking(stack: Stack, ask: &Ask, now: Instant, common: &mut Common) -> Option<Box<dyn Pipe>> {
    match (stack, &ask.question) {
        (_, Question::Listen(line)) => {
            common.out.push_back(Output::Line(*line));
            None
        }
        #[cfg(feature = "kmp")]
        (Stack::Kmp, Question::Kmp) => Some(super::kmp::asked(ask, now, common)),
        #[cfg(feature = "sml")]
        (Stack::Sml, Question::Sml) => Some(super::sml::asked(ask, now, common)),
        #[cfg(feature = "modbus")]
        (Stack::Emi, Question::Emi(profile)) => Some(super::emi::asked(*profile, ask, now, common)),
        #[cfg(feature = "modbus")]
        (Stack::Modbus, Question::Rail(meter)) => Some(super::rail::asked(meter, ask, now, common)),
        #[cfg(feature = "modbus")]
        (Stack::Modbus, Question::Scan(line)) => Some(super::rail::scanned(*line, ask, now, common)),
        #[cfg(feature = "iec62056")]
        (Stack::Iec62056, Question::Iec62056(sign_on)) => {
            Some(super::iec62056::asked(sign_on.clone(), ask, now, common))
        }
        #[cfg(feature = "mbus")]
        (Stack::Mbus, Question::Mbus(address, baud)) => {
            Some(super::mbus::asked(*address, *baud, ask, now, common))
        }
        #[cfg(feature = "mbus")]
        (Stack::Mbus, Question::Search(search, baud)) => {
            Some(super::mbus::searched(*search, *baud, ask, now, common))
        }
        _ => None,
    }
}
