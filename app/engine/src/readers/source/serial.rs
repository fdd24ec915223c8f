//! [`SerialSource`]: a meter on a serial port.

use std::pin::pin;

use futures_channel::mpsc::UnboundedReceiver;
use futures_channel::oneshot;
use futures_util::future::select;
use futures_util::{FutureExt, StreamExt, select_biased};
use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;

use super::{Gone, NotOpen, Source, SourceNews};
use crate::fact::{Fact, Facts, PortNews};
use crate::platform::{LineError, OpenPort, OpenPortOf, Platform, Port, PortOf, ReadError, Serial};

/// A meter on a serial port.
pub struct SerialSource<P: Platform> {
    platform: P,
    facts: Facts<P>,
    serial: Option<P::Serial>,
    /// Receives a message when ports were plugged in or unplugged.
    changed: UnboundedReceiver<()>,
    meter: MeterKey,
    usb: (Option<u16>, Option<u16>),
    line: Line,
    open: Option<(PortOf<P>, OpenPortOf<P>)>,
    /// Errors of unknown kind since the opening, or since bytes last arrived.
    unknown_errors: u32,
}

impl<P: Platform> SerialSource<P> {
    /// The source of a meter behind an adapter with these USB IDs, at this line setting.
    pub(crate) const fn new(
        platform: P,
        facts: Facts<P>,
        serial: Option<P::Serial>,
        changed: UnboundedReceiver<()>,
        meter: MeterKey,
        usb: (Option<u16>, Option<u16>),
        line: Line,
    ) -> Self {
        Self { platform, facts, serial, changed, meter, usb, line, open: None, unknown_errors: 0 }
    }

    async fn ports(&self) -> Vec<PortOf<P>> {
        match &self.serial {
            Some(serial) => serial.ports().await,
            None => Vec::new(),
        }
    }

    fn tell(&self, news: PortNews<P>) {
        self.facts.tell(Fact::Port(news));
    }

    /// Opens a port, after closing it if it is open. This runs in a task of its own, because a driver may take minutes
    /// or never answer. If the reader was stopped in the meantime, the task closes the port again.
    fn begin_to_open(
        &self,
        port: PortOf<P>,
        before: Option<OpenPortOf<P>>,
    ) -> impl Future<Output = Result<OpenPortOf<P>, String>> + use<P> {
        let (done, opened) = oneshot::channel();
        let (platform, facts, line) = (self.platform.clone(), self.facts.clone(), self.line);
        let work = async move {
            if let Some(before) = before {
                close(&platform, before).await;
            }
            if let Err(unwanted) = done.send(port.open(line).await) {
                if let Ok(open) = unwanted {
                    close(&platform, open).await;
                }
                facts.tell(Fact::Port(PortNews::Free(port)));
            }
        };
        self.platform.spawn(work.boxed_local());
        async { opened.await.unwrap_or_else(|_| Err(String::new())) }
    }

    /// Whether the open port is still plugged in.
    async fn is_there(&self) -> bool {
        let Some((port, _)) = &self.open else { return false };
        self.ports().await.contains(port)
    }

    fn after(&mut self, error: ReadError) -> SourceNews {
        match error {
            // A port whose driver has crashed returns this error from every read, at once and for ever.
            ReadError::Line(LineError::Unknown) if self.unknown_errors >= MOST_UNKNOWN_ERRORS => {
                SourceNews::Gone
            }
            ReadError::Line(error) => {
                self.unknown_errors += u32::from(error == LineError::Unknown);
                SourceNews::Disturbed(error)
            }
            ReadError::Gone => SourceNews::Gone,
        }
    }
}

impl<P: Platform> Source for SerialSource<P> {
    async fn open(&mut self) -> Result<(), NotOpen> {
        let mut why = NotOpen::Absent;
        self.unknown_errors = 0;
        let mut ports = self.ports().await;
        ports.retain(|port| port.usb() == self.usb);
        loop {
            let (answer, given) = oneshot::channel();
            let (meter, wanted) = (self.meter.clone(), ports.clone());
            self.tell(PortNews::Wanted { meter, ports: wanted, answer });
            let Ok(Some(port)) = given.await else { return Err(why) };
            ports.retain(|other| *other != port);
            match self.begin_to_open(port.clone(), None).await {
                Ok(open) => {
                    self.open = Some((port, open));
                    return Ok(());
                }
                Err(name) => {
                    self.tell(PortNews::Free(port));
                    why = NotOpen::Blocked(name);
                }
            }
        }
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews {
        loop {
            let Some((_, open)) = &mut self.open else { return SourceNews::Gone };
            let read = {
                let mut read = pin!(open.read().fuse());
                let mut late = pin!(self.platform.until(deadline).fuse());
                select_biased! {
                    read = read => Some(read),
                    _ = self.changed.next() => None,
                    () = late => return SourceNews::Nothing,
                }
            };
            match read {
                Some(Ok(bytes)) => {
                    self.unknown_errors = 0;
                    return SourceNews::Octets(bytes);
                }
                Some(Err(error)) => return self.after(error),
                // Unplugging an adapter does not always end its stream.
                None if !self.is_there().await => return SourceNews::Gone,
                None => {}
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        let (_, open) = self.open.as_ref().ok_or(Gone)?;
        open.write(bytes).await.map_err(|_| Gone)
    }

    async fn set_line(&mut self, line: Line) -> Result<(), Gone> {
        if line == self.line && self.open.is_some() {
            return Ok(());
        }
        // Web Serial sets a line only when it opens the port.
        let (port, open) = self.open.take().ok_or(Gone)?;
        self.line = line;
        match self.begin_to_open(port.clone(), Some(open)).await {
            Ok(open) => {
                self.open = Some((port, open));
                Ok(())
            }
            Err(_) => {
                self.tell(PortNews::Free(port));
                Err(Gone)
            }
        }
    }

    async fn close(&mut self) {
        if let Some((port, open)) = self.open.take() {
            close(&self.platform, open).await;
            self.tell(PortNews::Closed(port, self.meter.clone()));
        }
    }

    async fn changed(&mut self) {
        // Earlier changes are known already.
        while self.changed.try_recv().is_ok() {}
        self.changed.next().await;
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
            self.tell(PortNews::IsOf(port.clone(), meter.clone()));
        }
    }
}

/// Closes a port. A driver that has crashed may never answer.
async fn close<P: Platform>(platform: &P, open: OpenPortOf<P>) {
    select(pin!(open.close()), pin!(platform.sleep(CLOSING))).await;
}

/// How many errors of unknown kind a port may return without bytes in between. After that, the port counts as gone.
const MOST_UNKNOWN_ERRORS: u32 = 3;

/// Milliseconds that a port may take to close.
const CLOSING: u64 = 2000;

/// Milliseconds between an adapter's appearance and the first attempt to open it: udev sets its permissions meanwhile.
const SETTLING: u64 = 300;
