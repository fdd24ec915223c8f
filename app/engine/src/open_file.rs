//! Opens a file of octets: a capture says what it is, of anything else the protocol is found by decoding. It is read as a
//! meter whose source is the file.

use std::rc::Rc;

use metertap_decoder::stack::Stack;
use metertap_protocol::{Event, KeptOctets, REFUSED_FILE, Trouble};
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Capture, Flaw};
use metertap_readings::store::{MeterKey, SourceRecord};

use super::desk::Desk;
use super::trouble::trouble;
use crate::opening::detect;
use crate::platform::Platform;

/// A capture, and what reads it.
pub(crate) struct Recording {
    pub(crate) stack: Stack,
    pub(crate) capture: Capture,
    /// Whether to play it at its own pace.
    pub(crate) paced: bool,
}

impl<P: Platform> Desk<P> {
    /// Answers [`Command::Open`](metertap_protocol::Command::Open): a new meter with the file's readings, or a refusal.
    pub(crate) async fn open_file(self: &Rc<Self>, name: String, octets: Vec<u8>, paced: bool, kept: bool) {
        let capture = match Capture::open(&octets) {
            Ok(capture) => capture,
            Err(Flaw { line, what }) => {
                let flaw =
                    trouble(Code::FileFlaw, format!("line {line} of {name}: {what}"), self.platform.moment());
                return self.refuse_file(flaw, octets).await;
            }
        };
        let said = capture.head.protocol.and_then(Stack::of_protocol);
        let Some(stack) = said.or_else(|| detect(&capture.heard(), self.zone.get())) else {
            let heard = capture.heard();
            let nothing = format!("{} octets of {name}", heard.len());
            let nothing = trouble(Code::FileNoTelegram, nothing, self.platform.moment());
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

const OCTETS_KEPT: usize = 65_536;
