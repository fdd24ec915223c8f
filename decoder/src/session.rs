//! [`Session`]: octets and time in, readings and notices out; the only state that a user holds.
//!
//! **The drain rule.** After every `handle_…`, call [`Session::poll`] until it answers [`Output::Wait`], and carry out
//! each output before asking for the next: the order is meaning.
//!
//! **Every octet is accounted for.** It lies in the span of a reading, of a fault, of noise, or of a conversation's
//! talk, in that order and without overlap. How the octets were cut when they were handed in makes no difference; noise is
//! told as it comes, in as many notices as it takes.
//!
//! **A meter that must be asked** is asked from the first moment on, as [`Setup::ask`] says; the only difference for the
//! caller is that [`Output::Transmit`] and [`Output::Line`] come as well. A port that was opened anew is set as the last
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
    /// The most memory, in octets, that a session holds on to between two drains, whatever it is fed.
    pub const MEMORY: usize = pipeline::MEMORY;

    /// A session that has heard nothing yet. One that asks has something to say at once: drain it.
    #[must_use]
    pub fn new(setup: Setup, now: Instant) -> Self {
        Self::of(Stacks::ALL, setup, now)
    }

    /// The same of one of these stacks.
    #[must_use]
    pub fn of(stacks: Stacks, setup: Setup, now: Instant) -> Self {
        Self { pipeline: Pipeline::new(stacks, setup, now) }
    }

    /// Takes octets as they came from the line, however they were cut. What a session that asks had to do by then, it does
    /// first.
    pub fn handle_octets(&mut self, now: Instant, octets: &[u8]) {
        for piece in octets.chunks(PIECE) {
            self.pipeline.push(now, piece);
        }
    }

    /// The moment that [`Output::Wait`] named has come: the line has been silent, or it is time to say something.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.pipeline.deadline().is_some_and(|deadline| now >= deadline) {
            self.pipeline.timeout(now);
        }
    }

    /// The next thing to carry out.
    pub fn poll(&mut self) -> Output {
        self.pipeline.next().unwrap_or_else(|| Output::Wait(self.pipeline.deadline()))
    }

    /// Takes a reading back whose work is done: the room of its values serves the next one. A program that hands each
    /// reading back takes no more memory for telegrams like those that it has read, but for octets, and for texts of more than
    /// 23 of them.
    pub fn hand_back(&mut self, reading: Reading) {
        self.pipeline.hand_back(reading);
    }

    /// Whether nothing is being said: always for a session that only listens, between two rounds for one that asks. Then
    /// others may use the line, until the deadline.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.pipeline.rests()
    }

    /// Octets of memory held for what is not yet judged; never more than [`Session::MEMORY`].
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
        session.handle_octets(Instant(0), telegram().as_bytes());
        let outputs = drain(&mut session);
        let [Output::Reading(reading, span)] = outputs.as_slice() else { panic!("{outputs:?}") };
        assert_eq!(reading.meter.as_deref(), Some("ISK-K8EG"));
        assert_eq!(reading.values[1].value.to_string(), "1193");
        assert_eq!(span.length, telegram().len() as u64);
        assert_eq!(session.poll(), Output::Wait(None));
    }

    #[test]
    fn a_session_of_p1_alone_reads_the_same() {
        assert!(Stacks::P1.has(Stack::P1) && !Stacks::P1.has(Stack::Sml) && Stacks::ALL.has(Stack::Sml));
        let outputs = [Stacks::P1, Stacks::ALL].map(|stacks| {
            let mut session = Session::of(stacks, Setup::default(), Instant(0));
            session.handle_octets(Instant(0), telegram().as_bytes());
            drain(&mut session)
        });
        assert!(matches!(outputs[0].as_slice(), [Output::Reading(..)]));
        assert_eq!(outputs[0], outputs[1]);
    }

    #[test]
    fn silence_ends_a_telegram_only_when_its_time_has_come() {
        let mut session = Session::new(Setup::default(), Instant(0));
        session.handle_octets(Instant(7), telegram().trim_end().as_bytes());
        assert_eq!(session.poll(), Output::Wait(Some(Instant(507))));
        session.handle_timeout(Instant(500));
        assert_eq!(session.poll(), Output::Wait(Some(Instant(507))));
        session.handle_timeout(Instant(507));
        assert!(matches!(session.poll(), Output::Reading(..)));
        assert_eq!(session.poll(), Output::Wait(None));
    }

    #[test]
    fn whatever_comes_the_memory_has_a_ceiling() {
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
                    session.handle_octets(Instant(0), &flood.repeat(1000));
                    drain(&mut session);
                    let (held, most) = (session.memory(), pipeline::memory(*stack));
                    assert!(held <= most, "{stack:?} {flood:x?}: {held} of {most}");
                }
            }
        }
    }

    /// A list of a thousand entries, as many as fit into a file, whose message has a wrong checksum.
    #[test]
    fn a_telegram_that_is_refused_leaves_no_memory_behind() {
        let head = [0x76, 1, 0x62, 0, 0x62, 0, 0x72, 0x63, 7, 1, 0x77, 1, 1, 1, 1, 0xF3, 0x8E, 8];
        let entries = [0x77, 1, 1, 1, 1, 1, 1, 1].repeat(1000);
        let messages = [&head[..], &entries, &[1, 1, 0x63, 0, 0, 0]].concat();
        let mut file = [&[0x1B; 4][..], &[1; 4], &messages, &[0x1B; 4], &[0x1A, 0]].concat();
        file.extend(x25(&file));
        let mut session = Session::new(Setup { stack: Stack::Sml, ..Setup::default() }, Instant(0));
        session.handle_octets(Instant(0), &file);
        let outputs = drain(&mut session);
        let [Output::Notice(Notice::Fault(error, _))] = outputs.as_slice() else { panic!("{outputs:?}") };
        assert_eq!(error.code(), "frame.checksum");
        let (held, most) = (session.memory(), pipeline::memory(Stack::Sml));
        assert!(held <= most, "{held} of {most}");
    }
}
