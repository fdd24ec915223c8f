//! [`Fact`]: a message from a task to the router. A task owns nothing that others need. It reports facts, and the
//! router hands each fact to the components that it concerns, in the order of arrival.

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_channel::oneshot;
use metertap_decoder::address::{Address, Secondary};
use metertap_decoder::reading::Reading;
use metertap_decoder::stack::Stack;
use metertap_protocol::{
    Counts, Event, ForwardState, HeldStep, KeptOctets, Row, SourceState, Trouble, Trying, Unrecognised,
};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Finished;
use metertap_readings::files::capture::{Capture, Event as Happened};
use metertap_readings::log::certain::Doubt;
use metertap_readings::log::journal::held::Held;
use metertap_readings::log::journal::{LogError, Thinned};
use metertap_readings::stated::Correction;
use metertap_readings::store::{Connection, LineSettings, MeterKey, MeterRecord, SourceRecord};

use crate::platform::{FileError, Incoming, Platform, PortOf};
use crate::turn::Hold;

pub(crate) enum Fact<P: Platform> {
    /// An event on a meter's line: bytes received, bytes sent, or a new line setting.
    Heard { line: MeterKey, at: Moment, event: Happened },
    /// A meter has sent a reading, which is in no log yet.
    Read(Read),
    /// News from the reader of a meter.
    Reader(MeterKey, ReaderNews),
    /// A reader asks for a port, or no longer needs one.
    Port(PortNews<P>),
    /// A port was plugged in or unplugged.
    Ports,
    /// The result of a change of the log.
    Log(LogNews),
    /// News from the carrier of a meter's readings to the broker.
    Broker(BrokerNews),
    /// News of a job.
    Job(JobId, JobNews<P>),
    /// Our turn to write has come: its number, and the lock or claim that holds it.
    Turn(u32, Hold<P>),
    /// A message from another tab.
    Message(Incoming<P::Handle>),
    /// How many notices are open, and the encoded board that windows show: all notices, and the limits.
    Noticed(u32, Vec<u8>),
    /// A minute has gone by.
    Minute,
}

/// A reading that a meter's line has delivered, and that is not in the log yet.
pub(crate) struct Read {
    /// The meter whose line it came over.
    pub(crate) line: MeterKey,
    pub(crate) reading: Reading,
    pub(crate) received: Moment,
    /// The bytes that it was decoded from.
    pub(crate) bytes: Vec<u8>,
    /// Where the result is sent. The reader reads on once it has the result.
    pub(crate) done: oneshot::Sender<Taken>,
}

pub(crate) enum Taken {
    /// It is in the log of the meter that owns the line. `interval`: milliseconds between that meter's telegrams.
    Own { interval: Option<u32> },
    /// It is in the log of another meter on the same line.
    Guest,
    /// It is in the log of a meter that should be on another line.
    Another(MeterKey),
    /// It is in no log: the user does not want this meter read, or has removed it.
    Unwanted,
    /// The log did not take it.
    Refused(Trouble),
}

/// News from the reader of a meter.
pub(crate) struct ReaderNews {
    /// What was counted since the last report.
    pub(crate) counts: Counts,
    pub(crate) what: ReaderChange,
}

pub(crate) enum ReaderChange {
    /// Only the counts.
    Counts,
    /// The state of the source, and its error.
    Source(SourceState, Option<Trouble>),
    /// The source is open.
    Listening,
    /// An error occurred.
    Trouble(Trouble),
    /// The decoder refused bytes. `on_disk`: whether to keep them on the disk too. The reader asks for that at most
    /// once a second.
    Fault { kept: KeptOctets, trouble: Trouble, on_disk: bool },
    /// What is being tried to detect the meter behind the port.
    Trying(Option<Trying>),
    /// The meter was detected. The number is its polling interval in milliseconds; `None` if it is not polled.
    Found(LineSettings, Option<u32>),
    /// A Modbus meter answers, and the user must say which model it is.
    Unrecognised(Unrecognised),
    /// A meter answered on a bus.
    Answered(Address, Option<Secondary>),
    /// The search has looked at `done` of `of` addresses on a bus.
    Searched { done: u32, of: u32 },
    /// The search has looked at all addresses.
    SearchOver,
    /// An entry of the load profile that the meter has stored.
    Remembered(Reading),
    /// `done` of `of` entries of the load profile were fetched.
    Fetched { done: u32, of: u32 },
}

/// Messages about which meter has which serial port.
pub(crate) enum PortNews<P: Platform> {
    /// A meter asks for one of these ports; the answer is the port that it may try, if any.
    Wanted { meter: MeterKey, ports: Vec<PortOf<P>>, answer: oneshot::Sender<Option<PortOf<P>>> },
    /// A port could not be opened, and is free again.
    Free(PortOf<P>),
    /// A meter has closed its port.
    Closed(PortOf<P>, MeterKey),
    /// The meter behind a port turned out to be this one.
    IsOf(PortOf<P>, MeterKey),
}

pub(crate) struct Append {
    pub(crate) read: Read,
    /// The meter that the reading belongs to.
    pub(crate) meter: MeterKey,
    /// Whether that meter shares the line of another meter.
    pub(crate) guest: bool,
    /// The meter's record, if this is the first reading of that meter.
    pub(crate) new: Option<MeterRecord>,
    /// How many times this reading found the disk full.
    pub(crate) tries: u32,
    /// How many times this reading found the database closed.
    pub(crate) renewals: u32,
}

/// The result of a change of the log.
pub(crate) enum LogNews {
    /// The reading is on the disk. The row is its form for windows.
    Appended(Append, Row),
    /// The disk did not take the reading.
    Refused(Append, LogError),
    /// It is time to try again to append the reading.
    Again(Append),
    /// The first reading of a new meter, and whether the meter's record could be written.
    Begun(Append, Result<(), LogError>),
    /// A changed record of a meter could not be written.
    NotSaved(MeterKey, LogError),
    /// The oldest readings of all meters were deleted to make room. Lists what was deleted from each log.
    MadeRoom(Vec<(MeterKey, Thinned)>),
    /// The deletion of a meter's old readings has ended. Lists what was deleted, if anything.
    Thinned(MeterKey, Thinned),
    /// By the computer's clock, readings are old enough to be deleted. They are kept, since that clock is in doubt.
    Doubted(Doubt),
    /// How much is stored for each meter, and which counter steps are held back.
    Measured(Vec<(MeterKey, Held)>, Vec<HeldStep>),
    /// It could not be determined how much is stored.
    NotMeasured,
}

/// News from the carrier of one meter's readings to the broker.
pub(crate) struct BrokerNews {
    pub(crate) meter: MeterKey,
    /// The number of the carrier that reports. An earlier carrier of the same meter may still be disconnecting.
    pub(crate) line: u32,
    /// `None` if the carrier could not begin, because its cursor could not be read.
    pub(crate) state: Option<ForwardState>,
}

/// The number of a running job. A window has chosen it (`Asked`), or the engine (`Own`).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum JobId {
    Asked(u32),
    Own(u32),
}

pub(crate) struct Recording {
    pub(crate) stack: Stack,
    pub(crate) capture: Capture,
    /// Whether to replay it at its own pace.
    pub(crate) paced: bool,
}

/// News of a job.
pub(crate) enum JobNews<P: Platform> {
    /// An event for all windows.
    Told(Event),
    /// An event for the window that asked, and the object that is sent beside it.
    Answered(Event, Option<P::Handle>),
    /// The job filled the disk. What it wrote is deleted, and that space becomes free after a while.
    Full,
    /// The job asks for the records of all meters.
    WhichMeters(oneshot::Sender<Vec<MeterRecord>>),
    /// The job asks for a record for a meter that is known only from a file.
    NewRecord(SourceRecord, oneshot::Sender<MeterRecord>),
    /// The job's results are to take effect now.
    Finish(Box<Finished>, Connection, oneshot::Sender<Result<(), LogError>>),
    /// The job has put a new meter on the disk, and the router is to load it.
    Made(oneshot::Sender<Result<(), LogError>>),
    /// The import in this log is to be removed, with the meter that was made for it.
    Undo(MeterKey),
    /// The load profile that was fetched from a meter could not be kept.
    ProfileNotKept(MeterKey, Trouble),
    /// The list of imports has changed, so windows need the new one.
    Imports,
    /// An import has brought these corrections of a meter.
    Corrected(MeterKey, Vec<Correction>),
    Totals,
    /// A meter's recording was saved to a file, or could not be saved. The code is a remark about the file.
    Captured(MeterKey, Option<Code>, Result<Option<P::Handle>, FileError>),
    /// Today's backup was made, or has failed.
    Daily(Result<Moment, Trouble>),
    Ended,
}

/// Sends facts. All clones send to the same router.
pub(crate) struct Facts<P: Platform>(UnboundedSender<Fact<P>>);

impl<P: Platform> Facts<P> {
    /// A sender, and the receiver for the router.
    pub(crate) fn new() -> (Self, UnboundedReceiver<Fact<P>>) {
        let (tell, facts) = unbounded();
        (Self(tell), facts)
    }

    pub(crate) fn tell(&self, fact: Fact<P>) {
        // If the router is gone, nobody needs the fact.
        let _ = self.0.unbounded_send(fact);
    }
}

impl<P: Platform> Clone for Facts<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
