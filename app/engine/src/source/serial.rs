//! [`SerialSource`]: a meter on a port of Web Serial.
//!
//! A port is found again by its adapter's USB ids. Of several adapters that differ in nothing the first free one is
//! taken, so that two meters never read the same port; which of the two it is only their readings can tell, and once
//! they have, each goes back to its own.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::select;
use futures_util::{FutureExt, select_biased};
use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;

use super::{Gone, Heard, NotOpen, Source};
use crate::bell::Bell;
use crate::platform::{LineError, OpenPort, Platform, Port, ReadError, Serial};

/// A port of this platform.
type PortOf<P> = <<P as Platform>::Serial as Serial>::Port;
type OpenPortOf<P> = <PortOf<P> as Port>::Open;

/// All adapters of this computer, as far as the person has allowed them, and which of them are in use.
pub struct Adapters<P: Platform> {
    serial: Option<P::Serial>,
    in_use: RefCell<Vec<PortOf<P>>>,
    /// Ports whose readings have told whose they are.
    settled: RefCell<Vec<(PortOf<P>, MeterKey)>>,
    changed: Rc<Bell>,
    _listening: Option<<P::Serial as Serial>::Listening>,
}

impl<P: Platform> Adapters<P> {
    /// Watches the adapters from now on, where there are any to be had.
    pub fn watch(platform: &P) -> Rc<Self> {
        let serial = platform.serial();
        let changed = Rc::new(Bell::default());
        let ring = Rc::clone(&changed);
        let listening = serial.as_ref().map(|serial| serial.listen(Rc::new(move || ring.ring())));
        Rc::new(Self {
            serial,
            in_use: RefCell::default(),
            settled: RefCell::default(),
            changed,
            _listening: listening,
        })
    }

    /// Makes all who wait for an adapter look again: a port was allowed, which no event tells a worker.
    pub fn look_again(&self) {
        self.changed.ring();
    }

    async fn ports(&self) -> Vec<PortOf<P>> {
        match &self.serial {
            Some(serial) => serial.ports().await,
            None => Vec::new(),
        }
    }

    /// The ports of such an adapter that may be a meter's, its own first.
    async fn ports_for(&self, meter: &MeterKey, usb: (Option<u16>, Option<u16>)) -> Vec<PortOf<P>> {
        let mut ports = self.ports().await;
        let settled = self.settled.borrow();
        let owner =
            |port: &PortOf<P>| settled.iter().find(|(other, _)| other == port).map(|(_, owner)| owner);
        ports.retain(|port| port.usb() == usb && owner(port).is_none_or(|owner| owner == meter));
        ports.sort_by_key(|port| owner(port).is_none());
        ports
    }

    /// Remembers whose port it is, until it is unplugged.
    fn settle(&self, port: &PortOf<P>, meter: &MeterKey) {
        let mut settled = self.settled.borrow_mut();
        settled.retain(|(other, owner)| other != port && owner != meter);
        settled.push((port.clone(), meter.clone()));
    }

    /// Takes a port for oneself; `false` where it is taken.
    fn take(&self, port: &PortOf<P>) -> bool {
        let mut in_use = self.in_use.borrow_mut();
        let free = !in_use.contains(port);
        if free {
            in_use.push(port.clone());
        }
        free
    }

    fn give_back(&self, port: &PortOf<P>) {
        self.in_use.borrow_mut().retain(|used| used != port);
    }
}

/// A meter on a serial port.
pub struct SerialSource<P: Platform> {
    platform: P,
    adapters: Rc<Adapters<P>>,
    meter: MeterKey,
    usb: (Option<u16>, Option<u16>),
    line: Line,
    open: Option<(PortOf<P>, OpenPortOf<P>)>,
    /// Errors of no known kind since octets came last.
    unknown_errors: u32,
}

impl<P: Platform> SerialSource<P> {
    /// The meter behind an adapter with these USB ids, spoken to at this line setting.
    pub const fn new(
        platform: P,
        adapters: Rc<Adapters<P>>,
        meter: MeterKey,
        usb: (Option<u16>, Option<u16>),
        line: Line,
    ) -> Self {
        Self { platform, adapters, meter, usb, line, open: None, unknown_errors: 0 }
    }

    /// Whether the port that is open is still plugged in.
    async fn is_there(&self) -> bool {
        let Some((port, _)) = &self.open else { return false };
        self.adapters.ports().await.contains(port)
    }

    fn after(&mut self, error: ReadError) -> Heard {
        match error {
            // A port whose driver has died answers every read like this, at once and for ever.
            ReadError::Line(LineError::Unknown) if self.unknown_errors >= MOST_UNKNOWN_ERRORS => Heard::Gone,
            ReadError::Line(error) => {
                self.unknown_errors += u32::from(error == LineError::Unknown);
                Heard::Disturbed(error)
            }
            ReadError::Gone => Heard::Gone,
        }
    }
}

impl<P: Platform> Source for SerialSource<P> {
    async fn open(&mut self) -> Result<(), NotOpen> {
        let mut why = NotOpen::Absent;
        self.unknown_errors = 0;
        for port in self.adapters.ports_for(&self.meter, self.usb).await {
            if !self.adapters.take(&port) {
                continue;
            }
            match port.open(self.line).await {
                Ok(open) => {
                    self.open = Some((port, open));
                    return Ok(());
                }
                Err(name) => {
                    self.adapters.give_back(&port);
                    why = NotOpen::Blocked(name);
                }
            }
        }
        Err(why)
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> Heard {
        loop {
            let Some((_, open)) = &mut self.open else { return Heard::Gone };
            let read = {
                let mut read = pin!(open.read().fuse());
                let mut changed = pin!(self.adapters.changed.next().fuse());
                let mut late = pin!(self.platform.until(deadline).fuse());
                select_biased! {
                    read = read => Some(read),
                    () = changed => None,
                    () = late => return Heard::Nothing,
                }
            };
            match read {
                Some(Ok(octets)) => {
                    self.unknown_errors = 0;
                    return Heard::Octets(octets);
                }
                Some(Err(error)) => return self.after(error),
                // Unplugging an adapter does not always end its stream.
                None if !self.is_there().await => return Heard::Gone,
                None => {}
            }
        }
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), Gone> {
        let (_, open) = self.open.as_ref().ok_or(Gone)?;
        open.write(octets).await.map_err(|_| Gone)
    }

    async fn set_line(&mut self, line: Line) -> Result<(), Gone> {
        if line == self.line && self.open.is_some() {
            return Ok(());
        }
        // Web Serial sets a line only when it opens the port.
        let (port, open) = self.open.take().ok_or(Gone)?;
        open.close().await;
        self.line = line;
        match port.open(line).await {
            Ok(open) => {
                self.open = Some((port, open));
                Ok(())
            }
            Err(_) => {
                self.adapters.give_back(&port);
                Err(Gone)
            }
        }
    }

    async fn close(&mut self) {
        if let Some((port, open)) = self.open.take() {
            // A driver that is gone may never answer.
            select(pin!(open.close()), pin!(self.platform.sleep(CLOSING))).await;
            self.adapters.give_back(&port);
            // Another meter may be waiting for an adapter of the same kind.
            self.adapters.look_again();
        }
    }

    async fn changed(&self) {
        self.adapters.changed.next().await;
        // The operating system needs a moment before a new device may be opened.
        self.platform.sleep(SETTLING).await;
    }

    fn now(&self) -> Instant {
        self.platform.now()
    }

    fn moment(&self) -> Moment {
        self.platform.moment()
    }

    fn is_of(&mut self, meter: &MeterKey) {
        if let Some((port, _)) = &self.open {
            self.adapters.settle(port, meter);
        }
    }
}

const MOST_UNKNOWN_ERRORS: u32 = 3;

/// Milliseconds that a port may take to close.
const CLOSING: u64 = 2000;

/// Milliseconds between an adapter's appearance and the first try to open it: udev sets its permissions meanwhile.
const SETTLING: u64 = 300;
