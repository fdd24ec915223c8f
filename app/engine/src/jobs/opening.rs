//! What a file of octets is: a capture says so, of anything else the protocol is found by decoding.

use futures_channel::oneshot;
use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{Instant, Zone};
use metertap_protocol::Trouble;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Capture, Flaw};

use super::Job;
use crate::fact::Recording;
use crate::platform::Platform;
use crate::trouble::trouble;

/// What is in a file of octets; or why it cannot be read, with octets to look at.
pub(crate) type Opened = Result<Recording, (Trouble, Vec<u8>)>;

impl<P: Platform> Job<P> {
    /// Finds out what is in a file: a capture says what it is, of anything else the protocol is found by decoding.
    pub(super) async fn open(
        self,
        name: String,
        octets: Vec<u8>,
        paced: bool,
        zone: Zone,
        answer: oneshot::Sender<Opened>,
    ) {
        // Whoever does not wait any more needs no answer.
        let _ = answer.send(opened(&name, octets, paced, zone, self.at()));
    }
}

fn opened(name: &str, octets: Vec<u8>, paced: bool, zone: Zone, at: Moment) -> Opened {
    let capture = match Capture::open(&octets) {
        Ok(capture) => capture,
        Err(Flaw { line, what }) => {
            return Err((trouble(Code::FileFlaw, format!("line {line} of {name}: {what}"), at), octets));
        }
    };
    let said = capture.head.protocol.and_then(Stack::of_protocol);
    let Some(stack) = said.or_else(|| detect(&capture.heard(), zone)) else {
        let heard = capture.heard();
        let nothing = trouble(Code::FileNoTelegram, format!("{} octets of {name}", heard.len()), at);
        return Err((nothing, heard));
    };
    Ok(Recording { stack, capture, paced })
}

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
    let mut session = Session::new(
        Setup { stack, keys: Keys::default(), zone, ask: None, profile: None },
        Instant::default(),
    );
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
