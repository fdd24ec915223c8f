//! [`Ports`]: all adapters of this computer that the user has allowed, and which of them are in use.
//!
//! A port is recognised by its adapter's USB IDs. If several adapters have the same IDs, a meter gets the first free
//! one, so two meters never read the same port. The readings then show which meter is behind which adapter, and each
//! meter keeps its own adapter.

use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_channel::oneshot;
use metertap_decoder::line::Line;
use metertap_readings::store::MeterKey;

use super::source::serial::SerialSource;
use crate::fact::{Fact, Facts};
use crate::platform::{Platform, PortOf, Serial};

pub(super) struct Ports<P: Platform> {
    serial: Option<P::Serial>,
    in_use: Vec<PortOf<P>>,
    /// Ports whose meter is known from their readings.
    settled: Vec<(PortOf<P>, MeterKey)>,
    /// The readers that are told of changes.
    readers: Vec<(MeterKey, UnboundedSender<()>)>,
    _listening: Option<<P::Serial as Serial>::Listening>,
}

impl<P: Platform> Ports<P> {
    /// Watches the ports from now on, if the platform has any.
    pub(super) fn new(platform: &P, facts: &Facts<P>) -> Self {
        let serial = platform.serial();
        let facts = facts.clone();
        let changed = move || facts.tell(Fact::Ports);
        let listening = serial.as_ref().map(|serial| serial.listen(changed.clone()));
        let (in_use, settled, readers) = (Vec::new(), Vec::new(), Vec::new());
        Self { serial, in_use, settled, readers, _listening: listening }
    }

    /// Makes the source of a meter behind an adapter with these USB IDs, at this line setting.
    pub(super) fn source(
        &mut self,
        platform: &P,
        facts: &Facts<P>,
        meter: &MeterKey,
        usb: (Option<u16>, Option<u16>),
        line: Line,
    ) -> SerialSource<P> {
        let (hears, changed) = unbounded();
        self.readers.retain(|(_, reader)| !reader.is_closed());
        self.readers.push((meter.clone(), hears));
        let serial = self.serial.clone();
        SerialSource::new(platform.clone(), facts.clone(), serial, changed, meter.clone(), usb, line)
    }

    /// Gives a meter the first of these ports that is free and not known to be another meter's. A port that is known to
    /// be its own comes first.
    pub(super) fn give(
        &mut self,
        meter: &MeterKey,
        mut ports: Vec<PortOf<P>>,
        answer: oneshot::Sender<Option<PortOf<P>>>,
    ) {
        let owner =
            |port: &PortOf<P>| self.settled.iter().find(|(other, _)| other == port).map(|(_, owner)| owner);
        ports.retain(|port| owner(port).is_none_or(|owner| owner == meter));
        ports.sort_by_key(|port| owner(port).is_none());
        let free = ports.into_iter().find(|port| !self.in_use.contains(port));
        self.in_use.extend(free.clone());
        if let Err(Some(unwanted)) = answer.send(free) {
            self.is_free(&unwanted);
        }
    }

    pub(super) fn is_free(&mut self, port: &PortOf<P>) {
        self.in_use.retain(|used| used != port);
    }

    /// Remembers which meter is behind a port, until another port or meter takes its place.
    pub(super) fn is_of(&mut self, port: PortOf<P>, meter: MeterKey) {
        self.settled.retain(|(other, owner)| *other != port && *owner != meter);
        self.settled.push((port, meter));
    }

    /// A meter was removed: another meter may use its port.
    pub(super) fn forget(&mut self, meter: &MeterKey) {
        self.settled.retain(|(_, owner)| owner != meter);
    }

    /// Makes all readers that wait for a port look again. `but` is the meter that has just closed a port: its reader
    /// does not look again.
    pub(super) fn have_changed(&self, but: Option<&MeterKey>) {
        for (_, reader) in self.readers.iter().filter(|(meter, _)| Some(meter) != but) {
            // A reader that has ended waits for nothing.
            let _ = reader.unbounded_send(());
        }
    }
}
