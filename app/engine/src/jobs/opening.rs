//! Finds out what a file of bytes is. If the file does not name its protocol, decoding finds it.

use futures_channel::oneshot;
use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{Instant, Zone};
use metertap_protocol::{LARGEST_RECORDING, Trouble};
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Capture, Flaw};
use metertap_readings::files::is_utf_16;

use super::Job;
use crate::fact::Recording;
use crate::platform::Platform;
use crate::trouble::trouble;

/// The recording in a file of bytes. If the file cannot be read: the reason, and bytes to inspect.
pub(crate) type Opened = Result<Recording, (Trouble, Vec<u8>)>;

impl<P: Platform> Job<P> {
    pub(super) async fn open(
        self,
        name: String,
        octets: Vec<u8>,
        paced: bool,
        zone: Zone,
        answer: oneshot::Sender<Opened>,
    ) {
        let opened = self.opened(&name, octets, paced, zone).await;
        // A receiver that no longer waits needs no answer.
        let _ = answer.send(opened);
    }

    async fn opened(&self, name: &str, octets: Vec<u8>, paced: bool, zone: Zone) -> Opened {
        let at = self.at();
        if octets.len() > LARGEST_RECORDING {
            return Err((
                trouble(Code::FileTooLarge, format!("{} bytes of {name}", octets.len()), at),
                octets,
            ));
        }
        let capture = match Capture::open(&octets) {
            Ok(capture) => capture,
            Err(Flaw { line, what }) => {
                return Err((trouble(Code::FileFlaw, format!("line {line} of {name}: {what}"), at), octets));
            }
        };
        let said = capture.head.protocol.and_then(Stack::of_protocol);
        let stack = match said {
            Some(stack) => Some(stack),
            None => self.detect(&capture.heard(), zone).await,
        };
        let Some(stack) = stack else {
            let heard = capture.heard();
            let code = if is_utf_16(&octets) { Code::FileUtf16 } else { Code::FileNoTelegram };
            return Err((trouble(code, format!("{} bytes of {name}", heard.len()), at), heard));
        };
        Ok(Recording { stack, capture, paced })
    }

    /// Finds the protocol that decodes the most readings from these bytes; `None` if no protocol decodes any.
    async fn detect(&self, octets: &[u8], zone: Zone) -> Option<Stack> {
        let mut most = None;
        for stack in Stack::ALL {
            let readings = self.readings(*stack, octets, zone).await;
            if readings > most.map_or(0, |(readings, _)| readings) {
                most = Some((readings, *stack));
            }
        }
        most.map(|(_, stack)| stack)
    }

    /// Counts the readings that a protocol decodes from the bytes. Decodes slice by slice, so that meters are read
    /// meanwhile.
    async fn readings(&self, stack: Stack, octets: &[u8], zone: Zone) -> usize {
        let setup = Setup { stack, keys: Keys::default(), zone, ask: None, profile: None };
        let (mut session, mut over) = (Session::new(setup, Instant::default()), Instant::default());
        let mut slices = octets.chunks(SLICE);
        let mut readings = 0;
        loop {
            match session.poll() {
                Output::Reading(..) | Output::Remembered(..) => readings += 1,
                Output::Notice(_) | Output::Transmit(_) | Output::Line(_) => {}
                Output::Wait(deadline) => match (slices.next(), deadline) {
                    (Some(slice), _) => {
                        session.handle_bytes(over, slice);
                        self.platform.sleep(0).await;
                    }
                    (None, Some(deadline)) if deadline > over => {
                        over = deadline;
                        session.handle_timeout(over);
                    }
                    (None, _) => return readings,
                },
            }
        }
    }
}

/// Bytes that are decoded at once, in some milliseconds.
const SLICE: usize = 65_536;
