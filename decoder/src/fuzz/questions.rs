//! Questions of each kind, for targets that poll hostile meters.

use alloc::vec::Vec;

use crate::line::Line;
use crate::question::{Address, Baud, LoadProfile, Question, Rail, Search, Secondary, SignOn};
use crate::stack::Stack;

pub(super) fn questions() -> Vec<(Stack, Question)> {
    let wake = SignOn { address: "12345678".into(), wake: true };
    let selected = Address::Secondary(Secondary::ANY);
    [
        (Stack::Kmp, Question::Kmp),
        (Stack::Sml, Question::Sml),
        (Stack::Emi, Question::Emi(LoadProfile::Leave)),
        (Stack::Emi, Question::Emi(LoadProfile::Fetch)),
        (Stack::Modbus, Question::Rail(Rail::default())),
        (Stack::Modbus, Question::Scan(Line::INFRARED)),
        (Stack::Iec62056, Question::Iec62056(SignOn::default())),
        (Stack::Iec62056, Question::Iec62056(wake)),
        (Stack::Iec62056, Question::Listen(Line::MODE_D)),
        (Stack::Mbus, Question::Mbus(Address::Primary(1), Baud::B2400)),
        (Stack::Mbus, Question::Mbus(selected, Baud::B300)),
        (Stack::Mbus, Question::Search(Search::Primary, Baud::B9600)),
        (Stack::Mbus, Question::Search(Search::Secondary, Baud::B2400)),
    ]
    .into()
}
