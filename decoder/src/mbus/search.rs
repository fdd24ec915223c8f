//! The search for meters on a wired M-Bus.
//!
//! By primary address: send SND_NKE to each address, and REQ_UD2 to those that acknowledge. By secondary address (EN
//! 13757-7, 8.4): select with eight wildcards first. If several meters answer at once, their acknowledgements or
//! telegrams collide; then try the first digit from 0 to 9, and so on. Meters are reported as they are found.

use alloc::collections::VecDeque;

use super::frame::{Deframer, Frame};
use super::poll::{
    ACKNOWLEDGEMENT, LAST_PRIMARY, PRIMARY, SELECTED, answers, patience, request, reset, select, who,
};
use crate::dialogue::{Dialogue, Step, Verdict, Word};
use crate::notice::Notice;
use crate::question::{Address, Baud, Search, Secondary};

#[derive(Debug)]
pub(crate) struct Sweep {
    baud: Baud,
    place: Position,
    awaited: Awaited,
    steps: VecDeque<Step>,
    tries: u8,
    /// Whether something arrived that a single meter would not have sent.
    collided: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Position {
    Primary(u8),
    /// This many digits of the number are fixed; the others are wildcards.
    Secondary {
        number: u32,
        digits: u32,
    },
    /// After the last position.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Awaited {
    Acknowledgement,
    Response,
}

impl Sweep {
    pub(crate) fn new(search: Search, baud: Baud) -> Self {
        let place = match search {
            Search::Primary => Position::Primary(0),
            Search::Secondary => Position::Secondary { number: 0, digits: 0 },
        };
        let (awaited, steps) = (Awaited::Acknowledgement, VecDeque::new());
        Self { baud, place, awaited, steps, tries: 0, collided: false }
    }

    /// Tests whether a meter is there.
    fn look(&mut self) {
        self.tries += 1;
        self.awaited = Awaited::Acknowledgement;
        let bytes = match self.place {
            Position::Primary(address) => reset(address),
            Position::Secondary { .. } => select(self.place.secondary()),
            Position::End => return,
        };
        self.steps.extend([Step::Say(bytes), Step::Hear(patience(self.baud))]);
    }

    /// Asks the meter that is there for its identity.
    fn ask(&mut self) {
        self.tries += 1;
        self.awaited = Awaited::Response;
        let address = match self.place {
            Position::Primary(address) => address,
            Position::Secondary { .. } | Position::End => SELECTED,
        };
        self.steps.extend([Step::Say(request(address, true)), Step::Hear(patience(self.baud))]);
    }

    /// Reports the progress of the search, and goes on to the next position.
    fn leave(&mut self) {
        let (done, of) = self.place.done();
        self.steps.push_back(Step::Tell(Notice::Searched { done, of }));
        self.go_to(self.place.next());
    }

    fn go_to(&mut self, place: Position) {
        (self.place, self.tries, self.collided) = (place, 0, false);
        match place {
            Position::End => self.steps.push_back(Step::End),
            _ => self.look(),
        }
    }

    /// Refines the search, or reports the position if it cannot be refined: a meter is there, but no answer arrived
    /// undamaged.
    fn crowded(&mut self) {
        match self.place.inner() {
            Some(inner) => self.go_to(inner),
            None => {
                self.steps.push_back(Step::Tell(Notice::Crowded(self.place.address())));
                self.leave();
            }
        }
    }
}

impl Dialogue for Sweep {
    type Deframer = Deframer;

    fn begin(&mut self) {
        self.steps = [Step::Line(self.baud.line())].into();
        self.go_to(self.place);
    }

    fn next(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::End)
    }

    fn hear(&mut self, word: Word<'_, Frame<'_>>) -> Verdict {
        match (word, self.awaited) {
            (Word::Frame(frame), _) if frame.control & PRIMARY != 0 => Verdict::Echo,
            (Word::Frame(frame), Awaited::Response) if self.place.may_send(frame) => {
                let secondary = who(frame);
                let address = match (self.place, secondary) {
                    (Position::Secondary { .. }, Some(secondary)) => Address::Secondary(secondary),
                    _ => self.place.address(),
                };
                self.steps.push_back(Step::Tell(Notice::Found(address, secondary)));
                self.leave();
                Verdict::Understood
            }
            (Word::Noise([ACKNOWLEDGEMENT]), Awaited::Acknowledgement) if self.place != Position::End => {
                self.tries = 0;
                self.ask();
                Verdict::Understood
            }
            (Word::Frame(_), _) => Verdict::OutOfTurn,
            _ if self.place == Position::End => Verdict::Aside,
            // Overlapping acknowledgements.
            (Word::Noise(_), Awaited::Acknowledgement) | (Word::Damaged, _) => {
                self.collided = true;
                Verdict::Damaged
            }
            (Word::Begun(_), Awaited::Response) => Verdict::Begun,
            (Word::Noise(_) | Word::Begun(_), _) => Verdict::Aside,
        }
    }

    fn late(&mut self, _damaged: bool) {
        match (self.awaited, self.tries < LOOKS) {
            (Awaited::Acknowledgement, true) => self.look(),
            (Awaited::Response, true) => self.ask(),
            (Awaited::Acknowledgement, false) if !self.collided => self.leave(),
            _ => self.crowded(),
        }
    }
}

impl Position {
    fn address(self) -> Address {
        match self {
            Self::Primary(address) => Address::Primary(address),
            Self::Secondary { .. } | Self::End => Address::Secondary(self.secondary()),
        }
    }

    /// The number, with a wildcard for each digit that is not fixed.
    fn secondary(self) -> Secondary {
        let Self::Secondary { number, digits } = self else { return Secondary::ANY };
        let mut rest = number;
        let mut identification = u32::MAX;
        for place in (DIGITS - digits..DIGITS).map(|place| 4 * place) {
            identification = identification & !(0xF << place) | (rest % 10) << place;
            rest /= 10;
        }
        Secondary { identification, ..Secondary::ANY }
    }

    /// Whether a meter at this position may have sent the frame. Otherwise it is a late answer of a meter that was asked
    /// earlier.
    fn may_send(self, frame: &Frame<'_>) -> bool {
        match self {
            Self::Primary(address) => answers(frame, address),
            Self::Secondary { .. } => {
                let asked = self.secondary().identification;
                let is_digit =
                    |place: u32, digit| asked >> place & 0xF == digit || asked >> place & 0xF == 0xF;
                let is_it = |who: Secondary| {
                    (0..DIGITS).all(|place| is_digit(4 * place, who.identification >> (4 * place) & 0xF))
                };
                who(frame).is_none_or(is_it)
            }
            Self::End => false,
        }
    }

    /// The first of the positions with one more fixed digit.
    fn inner(self) -> Option<Self> {
        match self {
            Self::Secondary { number, digits } if digits < DIGITS => {
                Some(Self::Secondary { number: 10 * number, digits: digits + 1 })
            }
            _ => None,
        }
    }

    /// The next position after this one and all positions inside it.
    fn next(self) -> Self {
        match self {
            Self::Primary(address) if address < LAST_PRIMARY => Self::Primary(address + 1),
            Self::Secondary { number, digits } if digits > 0 && number % 10 < 9 => {
                Self::Secondary { number: number + 1, digits }
            }
            Self::Secondary { number, digits } if digits > 0 => {
                Self::Secondary { number: number / 10, digits: digits - 1 }.next()
            }
            Self::Primary(_) | Self::Secondary { .. } | Self::End => Self::End,
        }
    }

    /// How many addresses have been searched, including this position, and how many exist in total.
    fn done(self) -> (u32, u32) {
        match self {
            Self::Primary(address) => (u32::from(address) + 1, u32::from(LAST_PRIMARY) + 1),
            Self::Secondary { number, digits } => {
                ((number + 1).saturating_mul(10_u32.saturating_pow(DIGITS - digits)), NUMBERS)
            }
            Self::End => (NUMBERS, NUMBERS),
        }
    }
}

const DIGITS: u32 = 8;
const NUMBERS: u32 = 100_000_000;
/// How many times an address is tried: one lost byte must not hide a meter.
const LOOKS: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_is_not_that_of_the_next_address() {
        let user = [0x78, 0x56, 0x34, 0x12, 0x24, 0x40, 1, 7, 0x55, 0, 0, 0];
        let late = Frame { control: 8, address: 3, ci: 0x72, user: &user };
        for (place, is_its) in [
            (Position::Primary(3), true),
            (Position::Primary(4), false),
            (Position::Secondary { number: 0, digits: 0 }, true),
            (Position::Secondary { number: 12, digits: 2 }, true),
            (Position::Secondary { number: 13, digits: 2 }, false),
        ] {
            let mut sweep = Sweep::new(Search::Primary, Baud::B2400);
            sweep.go_to(place);
            assert_eq!(sweep.hear(Word::Noise(&[ACKNOWLEDGEMENT])), Verdict::Understood);
            let expected = if is_its { Verdict::Understood } else { Verdict::OutOfTurn };
            assert_eq!(sweep.hear(Word::Frame(&late)), expected, "{place:?}");
        }
    }

    #[test]
    fn a_search_refines_numbers_digit_by_digit() {
        let any = Position::Secondary { number: 0, digits: 0 };
        assert_eq!(any.secondary(), Secondary::ANY);
        let deeper = any.inner().unwrap().inner().unwrap().next();
        assert_eq!(deeper.secondary().identification, 0x01FF_FFFF);
        assert_eq!(deeper.done(), (2_000_000, NUMBERS));
        let last = Position::Secondary { number: 19, digits: 2 };
        assert_eq!(last.next().secondary().identification, 0x2FFF_FFFF);
        let whole = Position::Secondary { number: 12_345_678, digits: 8 };
        assert_eq!((whole.secondary().identification, whole.inner()), (0x1234_5678, None));
        assert_eq!(Position::Secondary { number: 99_999_999, digits: 8 }.next(), Position::End);
        assert_eq!(any.next(), Position::End);
        assert_eq!(
            (Position::Primary(249).next(), Position::Primary(250).next()),
            (Position::Primary(250), Position::End)
        );
    }
}
