//! Opens a file of octets: finds the protocol by decoding, and reads it as a meter whose source is the file.

use std::rc::Rc;

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{Instant, Zone};
use metertap_readings::store::{MeterKey, SourceRecord};

use super::desk::Desk;
use super::trouble::{NO_TELEGRAM, trouble};
use crate::protocol::{Event, KeptOctets, REFUSED_FILE};

impl Desk {
    /// Answers [`Command::Open`](crate::protocol::Command::Open): a new meter with the file's readings, or a refusal.
    pub(crate) async fn open_file(self: &Rc<Self>, name: String, octets: Vec<u8>) {
        let octets = from_hex(&octets).unwrap_or(octets);
        match detect(&octets, self.zone.get()) {
            Some(stack) => {
                self.begin(SourceRecord::File { name }, false, Some((stack, octets))).await;
            }
            None => self.refuse_file(&name, octets).await,
        }
    }

    async fn refuse_file(&self, name: &str, mut octets: Vec<u8>) {
        let trouble = trouble(NO_TELEGRAM, format!("{} octets of {name}", octets.len()));
        octets.truncate(OCTETS_KEPT);
        let code = Some(trouble.code.clone());
        let kept = KeptOctets { at: trouble.at, code, values: None, octets };
        // The refusal is told whether or not there is room for the octets: the person still has the file.
        let _ = self.log.keep_octets(&MeterKey(REFUSED_FILE.to_owned()), &kept).await;
        self.tell(&Event::Refused { trouble });
    }
}

/// The octets that a text of nothing but hexadecimal digits and white space stands for.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .iter()
        .filter(|letter| !letter.is_ascii_whitespace())
        .map(|letter| char::from(*letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit)).collect())
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
