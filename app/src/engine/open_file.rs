//! Opens a file of octets: a capture says what it is, of anything else the protocol is found by decoding. It is read as a
//! meter whose source is the file.

use std::rc::Rc;

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{Instant, Zone};
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Capture, Flaw};
use metertap_readings::store::{MeterKey, SourceRecord};

use super::desk::Desk;
use super::trouble::trouble;
use crate::protocol::{Event, KeptOctets, REFUSED_FILE, Trouble};

/// A capture, and what reads it.
pub(crate) struct Recording {
    pub(crate) stack: Stack,
    pub(crate) capture: Capture,
    /// Whether to play it at its own pace.
    pub(crate) paced: bool,
}

impl Desk {
    /// Answers [`Command::Open`](crate::protocol::Command::Open): a new meter with the file's readings, or a refusal.
    pub(crate) async fn open_file(self: &Rc<Self>, name: String, octets: Vec<u8>, paced: bool, kept: bool) {
        let capture = match Capture::open(&octets) {
            Ok(capture) => capture,
            Err(Flaw { line, what }) => {
                let flaw = trouble(Code::FileFlaw, format!("line {line} of {name}: {what}"));
                return self.refuse_file(flaw, octets).await;
            }
        };
        let said = capture.head.protocol.and_then(Stack::of_protocol);
        let Some(stack) = said.or_else(|| detect(&capture.heard(), self.zone.get())) else {
            let heard = capture.heard();
            let nothing = trouble(Code::FileNoTelegram, format!("{} octets of {name}", heard.len()));
            return self.refuse_file(nothing, heard).await;
        };
        let recording = Recording { stack, capture, paced };
        self.begin(SourceRecord::File { name, kept }, false, Some(recording)).await;
    }

    async fn refuse_file(&self, trouble: Trouble, mut octets: Vec<u8>) {
        octets.truncate(OCTETS_KEPT);
        let code = Some(trouble.code.clone());
        let kept = KeptOctets { at: trouble.at, code, values: None, octets };
        // The refusal is told whether or not there is room for the octets: the person still has the file.
        let _ = self.log.keep_octets(&MeterKey(REFUSED_FILE.to_owned()), &kept).await;
        self.tell(&Event::Refused { trouble });
    }
}

/// The protocol that makes the most readings of these octets; none if none makes any.
fn detect(octets: &[u8], zone: Zone) -> Option<Stack> {
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

const OCTETS_KEPT: usize = 65_536;
