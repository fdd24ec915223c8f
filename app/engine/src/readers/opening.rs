//! What a file of octets is: a capture says so, of anything else the protocol is found by decoding.

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{Instant, Zone};

/// The protocol that makes the most readings of these octets; none if none makes any.
#[must_use]
pub fn detect(octets: &[u8], zone: Zone) -> Option<Stack> {
    let counted = Stack::ALL.iter().rev().map(|stack| (readings(*stack, octets, zone), *stack));
    counted
        .max_by_key(|(readings, _)| *readings)
        .filter(|(readings, _)| *readings > 0)
        .map(|(_, stack)| stack)
}

fn readings(stack: Stack, octets: &[u8], zone: Zone) -> usize {
    let mut session =
        Session::new(Setup { stack, keys: Keys::default(), zone, ask: None }, Instant::default());
    let (mut readings, mut over) = (0, Instant::default());
    session.handle_octets(over, octets);
    loop {
        match session.poll() {
            Output::Reading(..) => readings += 1,
            Output::Notice(_) | Output::Transmit(_) | Output::Line(_) => {}
            Output::Wait(Some(deadline)) if deadline > over => {
                over = deadline;
                session.handle_timeout(over);
            }
            Output::Wait(_) => return readings,
        }
    }
}
