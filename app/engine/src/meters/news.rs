//! What readers report about a meter.

use metertap_protocol::{Counts, KeptOctets, Recorded, SourceState, Trouble, Trying, Unrecognised};
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::fault::Code;
use metertap_readings::files::capture::Event as Happened;
use metertap_readings::store::MeterKey;

use super::Meters;
use crate::trouble::is_of_opening;

impl Meters {
    /// Takes a reading that is in the log. Returns whether the windows should be told of a change at once; `None` if
    /// the meter was removed.
    pub(crate) fn take(&mut self, key: &MeterKey, entry: Entry, kept: KeptOctets) -> Option<bool> {
        Some(self.get_mut(key)?.take(entry, kept))
    }

    pub(crate) fn count(&mut self, key: &MeterKey, more: Counts) {
        if let Some(meter) = self.get_mut(key) {
            let counts = &mut meter.state.counts;
            counts.octets += more.octets;
            counts.telegrams += more.telegrams;
            counts.checksum_failures += more.checksum_failures;
            counts.other_faults += more.other_faults;
            counts.noise += more.noise;
            counts.line_errors += more.line_errors;
        }
    }

    /// Sets the state of a meter's source, and its error if there is one.
    pub(crate) fn source_is(&mut self, key: &MeterKey, source: SourceState, trouble: Option<Trouble>) {
        if let Some(meter) = self.get_mut(key) {
            meter.state.source = source;
            if trouble.is_some() {
                meter.state.trouble = trouble;
            }
        }
    }

    /// A meter's source is open. An error that kept it from opening is over. Other errors stay until a reading arrives.
    pub(crate) fn listens(&mut self, key: &MeterKey) {
        if let Some(meter) = self.get_mut(key) {
            meter.state.trouble.take_if(|trouble| is_of_opening(&trouble.code));
            meter.state.source = SourceState::Listening;
        }
    }

    /// Sets a meter's error. Returns whether it is news.
    pub(crate) fn trouble(&mut self, key: &MeterKey, trouble: Trouble) -> bool {
        let code = trouble.code.clone();
        let Some(meter) = self.get_mut(key) else { return false };
        meter.state.trouble.replace(trouble).is_none_or(|before| before.code != code)
    }

    pub(crate) fn fault(&mut self, key: &MeterKey, kept: KeptOctets) {
        if let Some(meter) = self.get_mut(key) {
            meter.bytes.push(kept);
        }
    }

    pub(crate) fn tries(&mut self, key: &MeterKey, trying: Option<Trying>) {
        if let Some(meter) = self.get_mut(key) {
            meter.state.trying = trying;
        }
    }

    /// Sets the Modbus meter that the user must identify. `None` once that is settled.
    pub(crate) fn is_unrecognised(&mut self, key: &MeterKey, unrecognised: Option<Unrecognised>) {
        if let Some(meter) = self.get_mut(key) {
            meter.state.unrecognised = unrecognised;
        }
    }

    pub(crate) fn happened(&mut self, key: &MeterKey, at: Moment, event: Happened) {
        if let Some(meter) = self.get_mut(key) {
            let note = meter.state.recorded.note.take();
            let full = (!meter.tape.put(at, event)).then_some(Code::CaptureFull);
            meter.state.recorded = Recorded { note: full.or(note), ..meter.tape.recorded() };
        }
    }

    /// Starts recording a meter's line. `None` stops it.
    pub(crate) fn record(&mut self, key: &MeterKey, since: Option<Moment>) {
        if let Some(meter) = self.get_mut(key) {
            let note = meter.state.recorded.note.take().filter(|_| since.is_none());
            meter.tape.record(since);
            meter.state.recorded = Recorded { note, ..meter.tape.recorded() };
        }
    }
}
