//! Stands in for a stack whose family of protocols is not built into this crate: all bytes get the same error.

use super::{Common, Pipe};
use crate::error::Error;
use crate::span::Span;
use crate::stack::Stack;
use crate::time::Instant;

#[derive(Debug)]
pub(super) struct Unbuilt {
    stack: Stack,
    /// Bytes received.
    heard: u64,
}

impl Unbuilt {
    pub(super) fn new(stack: Stack) -> Self {
        Self { stack, heard: 0 }
    }
}

impl Pipe for Unbuilt {
    fn push(&mut self, _now: Instant, bytes: &[u8], common: &mut Common) {
        let span = Span { at: self.heard, length: bytes.len() as u64 };
        self.heard = self.heard.saturating_add(span.length);
        common.fault(Error::NotBuilt(self.stack.protocol()), span);
    }

    fn timeout(&mut self, _now: Instant, _common: &mut Common) {}

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn held(&self) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Setup;

    /// Every byte lies in the span of a fault, as in any session.
    #[test]
    fn a_session_of_an_unbuilt_family_returns_an_error_for_every_byte() {
        let (mut unbuilt, mut common) = (Unbuilt::new(Stack::Sml), Common::new(Setup::default()));
        unbuilt.push(Instant(0), &[0x1B; 4], &mut common);
        unbuilt.push(Instant(5), &[1; 4], &mut common);
        let expected = [0, 4].map(|at| {
            let mut other = Common::new(Setup::default());
            other.fault(Error::NotBuilt(Stack::Sml.protocol()), Span { at, length: 4 });
            other.out.pop_front()
        });
        assert_eq!([common.out.pop_front(), common.out.pop_front()], expected);
        assert!(common.out.is_empty() && unbuilt.deadline().is_none() && unbuilt.rests());
    }
}
