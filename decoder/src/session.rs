//! [`Session`] turns bytes and time into readings and notices.
//!
//! **The drain rule.** After every `handle_…`, call [`Session::poll`] until it returns [`Output::Wait`]. Carry out each
//! output before asking for the next one: their order matters.
//!
//! **Every byte is accounted for.** Each byte lies in the span of a reading, a fault, noise, or talk (the bytes of a
//! conversation that belong to no reading). Spans follow the order of the bytes and do not overlap, with two
//! exceptions. A fault inside the span of the reading before it describes an error in that reading. Readings from one
//! answer, such as the entries of a load profile, have the same span. Passing in the same bytes in other pieces changes
//! only how many notices report a run of noise.
//!
//! **A meter that must be asked** is asked from the start, as [`Setup::ask`] says. The only difference for the caller
//! is that [`Output::Transmit`] and [`Output::Line`] occur as well. When a port is reopened, set it as the last
//! [`Output::Line`] said.

use crate::frame::PIECE;
pub use crate::notice::Notice;
pub use crate::output::Output;
pub use crate::pipeline::Stacks;
use crate::pipeline::{self, Pipeline};
use crate::reading::Reading;
pub use crate::setup::Setup;
pub use crate::span::Span;
use crate::time::Instant;

/// The conversation with one meter.
#[derive(Debug)]
pub struct Session {
    pipeline: Pipeline,
}

impl Session {
    /// The most memory, in bytes, that a session holds between two drains, for any input.
    pub const MEMORY: usize = pipeline::MEMORY;

    /// Creates a session that has received nothing yet. A session that asks has outputs at once: drain it.
    #[must_use]
    pub fn new(setup: Setup, now: Instant) -> Self {
        Self::of(Stacks::ALL, setup, now)
    }

    /// Like [`Session::new`], but the program links only the code of these stacks.
    #[must_use]
    pub fn of(stacks: Stacks, setup: Setup, now: Instant) -> Self {
        Self { pipeline: Pipeline::new(stacks, setup, now) }
    }

    /// Takes bytes from the line, in pieces of any size. If the session polls and a pause between two questions or
    /// rounds is over by `now`, it first sends what is due.
    pub fn handle_bytes(&mut self, now: Instant, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            self.pipeline.push(now, piece);
        }
    }

    /// Call this at the instant that [`Output::Wait`] named: the line has been silent, or the session has something to
    /// send. Earlier calls do nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.pipeline.deadline().is_some_and(|deadline| now >= deadline) {
            self.pipeline.timeout(now);
        }
    }

    /// Returns the next output to carry out, or [`Output::Wait`] when there is none.
    pub fn poll(&mut self) -> Output {
        self.pipeline.next().unwrap_or_else(|| Output::Wait(self.pipeline.deadline()))
    }

    /// Takes back a reading that the program is done with, to reuse the memory of its list of values. A program that
    /// hands back every reading allocates nothing more for telegrams like those already read, except for values of raw
    /// bytes and texts longer than 23 bytes.
    pub fn hand_back(&mut self, reading: Reading) {
        self.pipeline.hand_back(reading);
    }

    /// Whether no exchange is in progress: always for a session that only listens, and between two rounds for a session
    /// that asks. Another session may use the line until the deadline of this session.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.pipeline.rests()
    }

    /// Bytes of memory that the session holds now; between two drains, never more than [`Session::MEMORY`].
    #[must_use]
    pub fn memory(&self) -> usize {
        self.pipeline.held()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{with_crc, x25};
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use crate::stack::Stack;

    fn drain(session: &mut Session) -> Vec<Output> {
        core::iter::from_fn(|| Some(session.poll()).filter(|output| !matches!(output, Output::Wait(_))))
            .collect()
    }

    /// DSMR 5.0.2, 5.2.1, with the values of its example.
    fn telegram() -> String {
        with_crc("/ISk5\\2MT382-1000\r\n\r\n0-0:96.1.1(4B384547)\r\n1-0:1.7.0(01.193*kW)\r\n!")
    }

    #[test]
    fn a_telegram_becomes_a_reading() {
        let mut session = Session::new(Setup::default(), Instant(0));
        session.handle_bytes(Instant(0), telegram().as_bytes());
        let outputs = drain(&mut session);
        let [Output::Reading(reading, span)] = outputs.as_slice() else { panic!("{outputs:?}") };
        assert_eq!(reading.meter.as_deref(), Some("ISK-K8EG"));
        assert_eq!(reading.values[1].value.to_string(), "1193");
        assert_eq!(span.length, telegram().len() as u64);
        assert_eq!(session.poll(), Output::Wait(None));
    }

    #[test]
    fn a_session_of_p1_alone_returns_the_same_reading() {
        assert!(Stacks::P1.has(Stack::P1) && !Stacks::P1.has(Stack::Sml) && Stacks::ALL.has(Stack::Sml));
        let outputs = [Stacks::P1, Stacks::ALL].map(|stacks| {
            let mut session = Session::of(stacks, Setup::default(), Instant(0));
            session.handle_bytes(Instant(0), telegram().as_bytes());
            drain(&mut session)
        });
        assert!(matches!(outputs[0].as_slice(), [Output::Reading(..)]));
        assert_eq!(outputs[0], outputs[1]);
    }

    #[test]
    fn silence_ends_a_telegram_only_at_its_timeout() {
        let mut session = Session::new(Setup::default(), Instant(0));
        session.handle_bytes(Instant(7), telegram().trim_end().as_bytes());
        assert_eq!(session.poll(), Output::Wait(Some(Instant(507))));
        session.handle_timeout(Instant(500));
        assert_eq!(session.poll(), Output::Wait(Some(Instant(507))));
        session.handle_timeout(Instant(507));
        assert!(matches!(session.poll(), Output::Reading(..)));
        assert_eq!(session.poll(), Output::Wait(None));
    }

    #[test]
    fn memory_is_bounded_for_any_input() {
        let floods: [&[u8]; 14] = [
            &[0],
            b"/",
            b"(",
            b"/A\r\n",
            &[0x7E, 0xA7, 0xFF],
            &[0x7E, 0xA8, 0x7D],
            b"@",
            &[0x40, 0x1B],
            &[0x40, 0x3F, 0x10, 0x0D],
            &[0x68, 0xFF, 0xFF, 0x68],
            &[0x1B],
            &[0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1],
            &[0x1B, 0x1B, 0x1B, 0x1B, 0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1],
            b"\x021(",
        ];
        for stack in Stack::ALL {
            for flood in floods {
                let mut session = Session::new(Setup { stack: *stack, ..Setup::default() }, Instant(0));
                for _ in 0..200 {
                    session.handle_bytes(Instant(0), &flood.repeat(1000));
                    drain(&mut session);
                    let (held, most) = (session.memory(), pipeline::memory(*stack));
                    assert!(held <= most, "{stack:?} {flood:x?}: {held} of {most}");
                }
            }
        }
    }

    /// A list of a thousand entries, the most that a file holds, in a message with a wrong checksum.
    #[test]
    fn a_telegram_that_is_refused_leaves_no_memory_behind() {
        let head = [0x76, 1, 0x62, 0, 0x62, 0, 0x72, 0x63, 7, 1, 0x77, 1, 1, 1, 1, 0xF3, 0x8E, 8];
        let entries = [0x77, 1, 1, 1, 1, 1, 1, 1].repeat(1000);
        let messages = [&head[..], &entries, &[1, 1, 0x63, 0, 0, 0]].concat();
        let mut file = [&[0x1B; 4][..], &[1; 4], &messages, &[0x1B; 4], &[0x1A, 0]].concat();
        file.extend(x25(&file));
        let mut session = Session::new(Setup { stack: Stack::Sml, ..Setup::default() }, Instant(0));
        session.handle_bytes(Instant(0), &file);
        let outputs = drain(&mut session);
        let [Output::Notice(Notice::Fault(error, _))] = outputs.as_slice() else { panic!("{outputs:?}") };
        assert_eq!(error.code(), "frame.checksum");
        let (held, most) = (session.memory(), pipeline::memory(Stack::Sml));
        assert!(held <= most, "{held} of {most}");
    }
}
