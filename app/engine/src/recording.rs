//! What goes over a meter's line, recorded and saved; and its octets, taken apart.

use metertap_protocol::{Event, Recorded};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{Capture, Event as Happened, event, head};
use metertap_readings::store::MeterKey;

use super::desk::Desk;
use super::trouble::trouble;
use crate::capture;
use crate::inspect::layers;
use crate::platform::{FileError, Output, Platform};

impl<P: Platform> Desk<P> {
    /// Takes what happens on a meter's line.
    pub(crate) fn tape(&self, meter: &MeterKey, at: Moment, event: Happened) {
        self.change(meter, |meter| {
            let note = meter.state.recorded.note.take();
            let has_room = meter.tape.put(at, event);
            let full = (!has_room).then_some(Code::CaptureFull);
            meter.state.recorded = Recorded { note: full.or(note), ..meter.tape.recorded() };
        });
    }

    /// Starts or ends recording what goes over a meter's line.
    pub(crate) fn record(&self, meter: &MeterKey, since: Option<Moment>) {
        self.change(meter, |meter| {
            let note = meter.state.recorded.note.take().filter(|_| since.is_none());
            meter.tape.record(since);
            meter.state.recorded = Recorded { note, ..meter.tape.recorded() };
        });
        self.show(meter);
    }

    /// Answers [`Command::SaveCapture`](metertap_protocol::Command::SaveCapture): a file beside an event.
    pub(crate) async fn save_capture(&self, meter: &MeterKey, whole: bool) {
        let (known, zone) = (self.known_on_line(meter), self.zone.get());
        let captured = self.change(meter, |meter| capture::captured(meter, known, zone, whole));
        let Some((capture, note)) = captured else { return };
        match self.file(&capture).await {
            Ok(Some(blob)) => {
                self.change(meter, |meter| meter.state.recorded.note = note);
                self.platform.tell(&Event::Captured { meter: meter.clone() }, Some(&blob));
            }
            Ok(None) => {}
            Err(error) => {
                let unsaved = trouble(Code::CaptureUnsaved, error.name, self.platform.moment());
                self.change(meter, |meter| meter.state.trouble = Some(unsaved));
            }
        }
        self.show(meter);
    }

    /// The capture as a file, written a line at a time.
    async fn file(&self, capture: &Capture) -> Result<Option<P::Handle>, FileError> {
        let file = self.platform.output(None).await?;
        file.write(head(&capture.head).as_bytes()).await?;
        for timed in &capture.events {
            file.write(event(timed).as_bytes()).await?;
        }
        file.finish("text/plain").await
    }

    /// Answers [`Command::Inspect`](metertap_protocol::Command::Inspect).
    pub(crate) fn inspect(&self, key: &MeterKey, octets: &[u8]) {
        let zone = self.zone.get();
        let layers = layers(self.meters.borrow().get(key), octets, zone);
        self.tell(&Event::Anatomy { meter: key.clone(), layers });
    }
}
