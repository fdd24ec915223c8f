//! [`Ports`]: all adapters of this computer, as far as the person has allowed them, and which of them are in use.
//!
//! A port is found again by its adapter's USB ids. Of several adapters that differ in nothing the first free one is
//! taken, so that two meters never read the same port; which of the two it is only their readings can tell, and once
//! they have, each goes back to its own.

use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_channel::oneshot;
use metertap_decoder::line::Line;
use metertap_readings::store::MeterKey;

use super::source::serial::SerialSource;
use crate::fact::{Fact, Facts};
use crate::platform::{Platform, PortOf, Serial};

/// The ports of this computer.
pub(super) struct Ports<P: Platform> {
    serial: Option<P::Serial>,
    in_use: Vec<PortOf<P>>,
    /// Ports whose readings have told whose they are.
    settled: Vec<(PortOf<P>, MeterKey)>,
    /// Who hears of changes.
    readers: Vec<(MeterKey, UnboundedSender<()>)>,
    _listening: Option<<P::Serial as Serial>::Listening>,
}

impl<P: Platform> Ports<P> {
    /// Watches them from now on, where there are any to be had.
    pub(super) fn new(platform: &P, facts: &Facts<P>) -> Self {
        let serial = platform.serial();
        let facts = facts.clone();
        let changed = move || facts.tell(Fact::Ports);
        let listening = serial.as_ref().map(|serial| serial.listen(changed.clone()));
        let (in_use, settled, readers) = (Vec::new(), Vec::new(), Vec::new());
        Self { serial, in_use, settled, readers, _listening: listening }
    }

    /// The meter behind an adapter with these USB ids, spoken to at this line setting.
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

    /// Gives a meter the first of these ports that may be its, its own before all others.
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

    /// Nobody uses a port any more.
    pub(super) fn is_free(&mut self, port: &PortOf<P>) {
        self.in_use.retain(|used| used != port);
    }

    /// Remembers whose port it is, until it is unplugged.
    pub(super) fn is_of(&mut self, port: PortOf<P>, meter: MeterKey) {
        self.settled.retain(|(other, owner)| *other != port && *owner != meter);
        self.settled.push((port, meter));
    }

    /// A meter is gone: its port may be another's.
    pub(super) fn forget(&mut self, meter: &MeterKey) {
        self.settled.retain(|(_, owner)| owner != meter);
    }

    /// Has all who wait for a port look again, but for the meter that has just closed one.
    pub(super) fn have_changed(&self, but: Option<&MeterKey>) {
        for (_, reader) in self.readers.iter().filter(|(meter, _)| Some(meter) != but) {
            // One that has ended waits for nothing.
            let _ = reader.unbounded_send(());
        }
    }
}
