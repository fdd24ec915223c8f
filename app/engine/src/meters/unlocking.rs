//! Keys that a person has given for a meter, tried at once on what wanted them.

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_protocol::{KeptOctets, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;

use super::meter::Meter;
use crate::trouble::refused;

/// What a meter's keys make of the last telegram that wanted some becomes its trouble. That stays as it is where there is
/// no such telegram, or nobody knows what it is.
pub fn try_keys(meter: &mut Meter, at: Moment) {
    let locked = meter.octets.last(Code::is_of_cipher);
    if let (Some(locked), Some(stack)) = (locked, meter.stack()) {
        meter.state.trouble = tried(stack, meter.keys(), &locked, at);
    }
}

/// What keys make of a telegram: nothing to complain of, or the trouble.
fn tried(stack: Stack, keys: Keys, telegram: &KeptOctets, at: Moment) -> Option<Trouble> {
    let mut session = Session::new(Setup { stack, keys, ..Setup::default() }, Instant(0));
    session.handle_octets(Instant(0), &telegram.octets);
    session.handle_timeout(Instant(u64::MAX));
    loop {
        match session.poll() {
            Output::Notice(Notice::Fault(error, span)) => return Some(refused(&error, span, at)),
            Output::Reading(..) | Output::Wait(_) => return None,
            Output::Notice(_) | Output::Transmit(_) | Output::Line(_) => {}
        }
    }
}
