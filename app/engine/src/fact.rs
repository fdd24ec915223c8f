//! [`Fact`]: what a task has found out. Tasks own nothing that others need: they tell, and the router hands each fact to
//! those whom it concerns, in the order in which facts came.

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
use metertap_readings::store::{Connection, LineSettings, MeterKey, MeterRecord, SourceRecord};

use crate::platform::{FileError, Platform, PortOf, Word};
use crate::turn::Hold;

/// What a task has found out.
pub(crate) enum Fact<P: Platform> {
    /// Something happened on a meter's line.
    Heard { line: MeterKey, at: Moment, event: Happened },
    /// A reading was heard, which is in no log yet.
    Read(Read),
    /// How reading a meter goes.
    Reader(MeterKey, ReaderNews),
    /// A reader wants a port, or is done with one.
    Port(PortNews<P>),
    /// A port was plugged in or out.
    Ports,
    /// What has come of a change of the log.
    Log(LogNews),
    /// How the readings of a meter come to the broker.
    Broker(BrokerNews),
    /// How a job goes.
    Job(JobId, JobNews<P>),
    /// Our turn to write has come: which, and what it lasts by.
    Turn(u32, Hold<P>),
    /// Another tab has said something.
    Word(Word<P::Handle>),
    /// How many notices go on, and what screens show of them.
    Noticed(u32, Vec<u8>),
    /// A minute has gone by.
    Minute,
}

/// A reading on its way to the log.
pub(crate) struct Read {
    /// The meter on whose line it was heard.
    pub(crate) line: MeterKey,
    pub(crate) reading: Reading,
    pub(crate) received: Moment,
    /// What it was made of.
    pub(crate) octets: Vec<u8>,
    /// What has become of it: whoever heard it waits for that before it hears on.
    pub(crate) done: oneshot::Sender<Taken>,
}

/// What has become of a reading.
pub(crate) enum Taken {
    /// It is in the log of the meter that has the line, which speaks that often.
    Own { interval: Option<u32> },
    /// It is in the log of another meter on the same line.
    Guest,
    /// It is in the log of a meter that should be on another line.
    Another(MeterKey),
    /// Nobody wants it.
    Unwanted,
    /// The log did not take it.
    Refused(Trouble),
}

/// How reading a meter goes.
pub(crate) struct ReaderNews {
    /// What was counted since the last news.
    pub(crate) counts: Counts,
    pub(crate) what: ReaderChange,
}

/// What has changed.
pub(crate) enum ReaderChange {
    /// Nothing but counts.
    Counts,
    /// What the source is doing, and what is wrong with it.
    Source(SourceState, Option<Trouble>),
    /// The source is open.
    Listening,
    /// Something is wrong.
    Trouble(Trouble),
    /// Octets were refused; they are kept on the disk as well where that was not done a moment ago.
    Fault { octets: KeptOctets, trouble: Trouble, on_disk: bool },
    /// What is tried to find out what is plugged in.
    Trying(Option<Trying>),
    /// It was found out, and how often the meter is asked, in milliseconds.
    Found(LineSettings, Option<u32>),
    /// A Modbus meter answers, and a person must say what it is.
    Unrecognised(Unrecognised),
    /// A meter answered on a bus.
    Answered(Address, Option<Secondary>),
    /// So many addresses of a bus were looked at.
    Searched { done: u32, of: u32 },
    /// All of them were.
    SearchOver,
    /// An entry of the load profile that the meter remembers.
    Remembered(Reading),
    /// So many entries of it were fetched.
    Fetched { done: u32, of: u32 },
}

/// What readers of serial ports say to each other.
pub(crate) enum PortNews<P: Platform> {
    /// A meter wants one of these ports; answered with the one that it may try, if any.
    Wanted { meter: MeterKey, ports: Vec<PortOf<P>>, answer: oneshot::Sender<Option<PortOf<P>>> },
    /// A port did not open.
    Free(PortOf<P>),
    /// A meter has closed its port.
    Closed(PortOf<P>, MeterKey),
    /// What speaks behind a port turned out to be this meter.
    IsOf(PortOf<P>, MeterKey),
}

/// A reading on its way through the log.
pub(crate) struct Append {
    pub(crate) read: Read,
    /// Whose it is.
    pub(crate) meter: MeterKey,
    /// Whether that meter shares the line of another.
    pub(crate) guest: bool,
    /// The meter's record, where this is the first that was heard of it.
    pub(crate) new: Option<MeterRecord>,
    /// How often it found the disk full, and closed.
    pub(crate) tries: u32,
    pub(crate) renewals: u32,
}

/// What has come of a change of the log.
pub(crate) enum LogNews {
    /// A reading is on the disk, and as windows are told. Only the log says so.
    Appended(Append, Row),
    /// The disk did not take it.
    Refused(Append, LogError),
    /// It may be tried again.
    Again(Append),
    /// The record of a meter is on the disk that was heard for the first time with this reading, or it is not.
    Begun(Append, Result<(), LogError>),
    /// The record of a meter that was changed could not be written.
    NotSaved(MeterKey, LogError),
    /// The oldest readings of all have made room: what went, by its log.
    MadeRoom(Vec<(MeterKey, Thinned)>),
    /// Readings of a meter were too old.
    Thinned(MeterKey, Thinned),
    /// Readings would have been too old, by a clock that is not believed.
    Doubted(Doubt),
    /// What is held of each meter.
    Measured(Vec<(MeterKey, Held)>, Vec<HeldStep>),
    /// That could not be found out now.
    NotMeasured,
}

/// How one meter's readings come to the broker.
pub(crate) struct BrokerNews {
    pub(crate) meter: MeterKey,
    /// Of which line: an earlier one of the same meter says goodbye while the next one begins.
    pub(crate) line: u32,
    /// None at its end.
    pub(crate) state: Option<ForwardState>,
}

/// A job that goes on: by the number that a window has given it, or by our own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum JobId {
    Asked(u32),
    Own(u32),
}

/// A capture, and what reads it.
pub(crate) struct Recording {
    pub(crate) stack: Stack,
    pub(crate) capture: Capture,
    /// Whether to play it at its own pace.
    pub(crate) paced: bool,
}

/// How a job goes.
pub(crate) enum JobNews<P: Platform> {
    /// What all windows are told.
    Told(Event),
    /// What the window that asked for it is told, and what is sent beside it.
    Answered(Event, Option<P::Handle>),
    /// It found no room, and what it took comes back in a while.
    Full,
    /// It wants to know the meters that there are.
    WhichMeters(oneshot::Sender<Vec<MeterRecord>>),
    /// It wants a record for a meter that is known by a file alone.
    NewRecord(SourceRecord, oneshot::Sender<MeterRecord>),
    /// What it has made is to count from now on.
    Finish(Box<Finished>, Connection, oneshot::Sender<Result<(), LogError>>),
    /// A meter that it has made counts.
    Made(oneshot::Sender<Result<(), LogError>>),
    /// An import is to be forgotten, with the meter that was made for it.
    Undo(MeterKey),
    /// The load profile that was fetched of a meter could not be kept.
    ProfileNotKept(MeterKey, Trouble),
    /// What was imported has changed.
    Imports,
    /// Totals have changed.
    Totals,
    /// What was recorded of a meter is in a file, with what there is to know about it; or is not.
    Captured(MeterKey, Option<Code>, Result<Option<P::Handle>, FileError>),
    /// Today's backup is there, or is not.
    Daily(Result<Moment, Trouble>),
    /// That was all.
    Ended,
}

/// Where facts are told. Clones tell the same router.
pub(crate) struct Facts<P: Platform>(UnboundedSender<Fact<P>>);

impl<P: Platform> Facts<P> {
    /// A way to the router, and its end.
    pub(crate) fn new() -> (Self, UnboundedReceiver<Fact<P>>) {
        let (tell, facts) = unbounded();
        (Self(tell), facts)
    }

    pub(crate) fn tell(&self, fact: Fact<P>) {
        // A router that is gone hears nothing.
        let _ = self.0.unbounded_send(fact);
    }
}

impl<P: Platform> Clone for Facts<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
