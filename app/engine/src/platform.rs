//! [`Platform`]: all that the engine asks of what it runs on. A browser's worker is one, and so is a test.

use std::rc::Rc;

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::future::LocalBoxFuture;
use metertap_decoder::line::Line;
use metertap_protocol::{Command, Event};
use metertap_readings::entry::Moment;
use metertap_readings::store::DiskError;
use metertap_readings::store::disk::Disk;

use crate::clock::Clock;
use crate::task::{Stop, Task};

/// What the engine runs on. Clones are views of one and the same.
pub trait Platform: Clock {
    /// What the log is kept on.
    type Disk: Disk;
    /// Serial ports.
    type Serial: Serial;
    /// A WebSocket.
    type Socket: Socket;
    /// A lock that is ours until this is dropped.
    type Held: 'static;
    /// What a lock lasts by that the platform has forgotten.
    type Keeper: Keeper;
    /// What only the platform can carry: a file, a folder, a blob.
    type Handle: Clone + 'static;
    /// A file that is read.
    type Input: Input;
    /// A file that is written.
    type Output: Output<Handle = Self::Handle>;
    /// A folder that files are written into.
    type Folder: Folder<Handle = Self::Handle>;
    /// What makes a workbook of a table.
    type Sheet: Sheet;

    /// Has a task go on beside all others.
    fn spawn(&self, task: LocalBoxFuture<'static, ()>);

    /// Opens the disk of that name; a new one where there is none.
    ///
    /// # Errors
    /// Where there is none to be had, or a newer version of this program has written it.
    async fn open(&self, name: &str) -> Result<Self::Disk, DiskError>;

    /// A number that nobody can foresee.
    fn random(&self) -> u64;

    /// The serial ports, where there are any to be had.
    fn serial(&self) -> Option<Self::Serial>;

    /// Begins a connection.
    ///
    /// # Errors
    /// Where the address will not even be tried.
    fn connect(&self, url: &str, subprotocol: Option<&str>) -> Result<Self::Socket, AddressRefused>;

    /// Waits until the lock of that name is ours.
    ///
    /// # Errors
    /// Where there are no locks, or this one is refused. Waiting for another holder is no error, and has no limit.
    async fn lock(&self, name: &str) -> Result<Self::Held, LockError>;

    /// Queues up for a lock beside whatever the platform has forgotten of ours, and holds `mark` meanwhile; unless it
    /// still knows of the lock `seen`.
    async fn queue(&self, lock: &str, seen: &str, mark: &str) -> Queued<Self::Keeper>;

    /// Hears the other engines of this site from now on that listen under the same name.
    fn channel(&self, name: &str) -> Channel<Self::Handle>;

    /// Tells the window, and sends something beside it that only the platform can carry.
    fn tell(&self, event: &Event, beside: Option<&Self::Handle>);

    /// The file behind a handle, from its beginning; `None` where the handle is of anything else.
    fn input(&self, file: &Self::Handle) -> Option<Self::Input>;

    /// Begins to write the file behind a handle, or one in memory.
    ///
    /// # Errors
    /// Where the file may not be written.
    async fn output(&self, into: Option<&Self::Handle>) -> Result<Self::Output, FileError>;

    /// The folder behind a handle; `None` where the handle is of anything else.
    fn folder(&self, handle: &Self::Handle) -> Option<Self::Folder>;

    /// Octets taken of the storage, and all that may be taken; `None` where nobody says.
    async fn room(&self) -> Option<(u64, u64)>;

    /// Shows a notification of the system, where the person has allowed it.
    fn notify(&self, title: &str, text: &str);

    /// The folder that is remembered.
    async fn remembered_folder(&self) -> Option<Self::Handle>;

    /// Remembers a folder in place of any other; `None` forgets it.
    ///
    /// # Errors
    /// Where there is no room, or no storage.
    async fn keep_folder(&self, folder: Option<&Self::Handle>) -> Result<(), DiskError>;

    /// Begins a workbook.
    ///
    /// # Errors
    /// Where what makes workbooks does not load.
    async fn sheet(&self) -> Result<Self::Sheet, SheetError>;

    /// Begins a task that can be asked to stop.
    fn begin<F: Future<Output = ()> + 'static>(&self, task: impl FnOnce(Stop) -> F) -> Task {
        let (task, work) = Task::new(task);
        self.spawn(work);
        task
    }
}

/// A port of this platform.
pub type PortOf<P> = <<P as Platform>::Serial as Serial>::Port;
/// The same once it is open.
pub type OpenPortOf<P> = <PortOf<P> as Port>::Open;

/// Serial ports, as far as the person has allowed them.
pub trait Serial: Clone + 'static {
    /// One of them.
    type Port: Port;
    /// Ends the listening when it is dropped.
    type Listening: 'static;

    /// All that are plugged in and allowed, in no fixed order.
    async fn ports(&self) -> Vec<Self::Port>;

    /// Calls back whenever an allowed port is plugged in or out.
    fn listen(&self, changed: impl Fn() + Clone + 'static) -> Self::Listening;
}

/// A port that is not open here.
pub trait Port: Clone + PartialEq + 'static {
    /// The same once it is open.
    type Open: OpenPort;

    /// USB vendor and product; none for a port that is not USB.
    fn usb(&self) -> (Option<u16>, Option<u16>);

    /// Opens it.
    ///
    /// # Errors
    /// The platform's name for why not: mostly that another program has it.
    async fn open(&self, line: Line) -> Result<Self::Open, String>;
}

/// A port that is open.
pub trait OpenPort: 'static {
    /// Waits for octets: at least one. Dropping the future loses none.
    ///
    /// # Errors
    /// [`ReadError::Line`] as often as the line is disturbed, [`ReadError::Gone`] at the end.
    async fn read(&mut self) -> Result<Vec<u8>, ReadError>;

    /// Says something; answers when the port has taken it.
    ///
    /// # Errors
    /// Where the port is gone.
    async fn write(&self, octets: &[u8]) -> Result<(), ReadError>;

    /// Closes it.
    async fn close(self);
}

/// Why there are no octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReadError {
    /// Something was wrong with the octets on the line. The port stays open: read on.
    Line(LineError),
    /// The port is gone.
    Gone,
}

/// What is wrong on a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineError {
    /// Octets came faster than they were taken.
    Overrun,
    /// The line was held at zero: cable or head.
    Break,
    /// A character without its stop bit: wrong speed.
    Framing,
    /// A parity bit that does not fit: wrong setting, or disturbance.
    Parity,
    /// The operating system did not say.
    Unknown,
}

/// A connection. Dropping it closes it, once what was said has left.
pub trait Socket: 'static {
    /// Says something.
    fn say(&self, octets: &[u8]);

    /// Waits for what comes next. Dropping the future loses nothing.
    async fn hear(&mut self) -> SocketNews;
}

/// What comes of a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SocketNews {
    /// It is accepted.
    Open,
    /// Octets came.
    Octets(Vec<u8>),
    /// It is over, or never came about.
    Closed,
}

/// The address will not even be tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AddressRefused;

/// Why a lock could not be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LockError {
    /// There are no locks.
    Unsupported,
    /// This one is refused.
    Refused,
}

/// What became of queueing up anew.
#[derive(Debug)]
pub enum Queued<K> {
    /// A new place in the queue.
    Anew(K),
    /// The platform still knows of our locks.
    Seen,
    /// It does not say.
    NoAnswer,
}

/// A place in the queue for a lock, and the lock once its turn has come, until this is dropped.
pub trait Keeper: 'static {
    /// Waits for the turn.
    async fn comes(&mut self);
}

/// The way to the other engines of this site, and back.
pub struct Channel<H> {
    /// Says something to all of them.
    pub say: Say<H>,
    /// What they say.
    pub heard: UnboundedReceiver<Word<H>>,
}

/// Says something to all other engines.
pub type Say<H> = Rc<dyn Fn(Saying<'_, H>)>;

/// What an engine says to all others.
pub enum Saying<'a, H> {
    /// What the writer tells all windows.
    Told(&'a Event),
    /// What the window of a watcher wants, and what was sent beside it.
    Wish(&'a Command, Option<&'a H>),
    /// Who writes, where there are no locks.
    Claims(Claims),
}

/// What engines tell each other of who writes, where there are no locks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claims {
    /// The one with this number wants to.
    Wants(u32),
    /// The one with this number does.
    Writes(u32),
    /// The one that did does not any more.
    Left,
}

/// What another engine has said.
#[derive(Debug)]
pub enum Word<H> {
    /// What the writer tells all windows.
    Told(Box<Event>),
    /// What the window of a watcher wants, and what was sent beside it.
    Wish(Command, Option<H>),
    /// Who writes, where there are no locks.
    Claims(Claims),
}

/// A file that is read a slice at a time. A clone reads on from the same place by itself.
pub trait Input: Clone + 'static {
    /// Its name.
    fn name(&self) -> String;

    /// How many octets it has, and how many were read.
    fn octets(&self) -> (u64, u64);

    /// The next slice; none at the end.
    ///
    /// # Errors
    /// Where the file cannot be read any more.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, InputGone>;
}

/// A file was moved, changed or removed since it was chosen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InputGone;

/// A file that is written. Nothing of it counts before [`Output::finish`].
pub trait Output: 'static {
    /// What only the platform can carry.
    type Handle;

    /// Writes on.
    ///
    /// # Errors
    /// Where the file takes no more.
    async fn write(&self, octets: &[u8]) -> Result<(), FileError>;

    /// All is written. One in memory is handed over.
    ///
    /// # Errors
    /// Where the file could not be put in its place.
    async fn finish(self, media_type: &str) -> Result<Option<Self::Handle>, FileError>;

    /// Nothing is to come of it.
    async fn abandon(self);
}

/// A folder.
pub trait Folder: 'static {
    /// What only the platform can carry.
    type Handle;

    /// Whether it may be written to without asking; where the folder cannot tell, no.
    async fn is_allowed(&self) -> bool;

    /// The names of what is in it.
    ///
    /// # Errors
    /// Where it was moved or removed, or may not be read.
    async fn names(&self) -> Result<Vec<String>, FileError>;

    /// The handle of a file in it, which is there from now on.
    ///
    /// # Errors
    /// Where the folder was moved or removed, or may not be written to.
    async fn file(&self, name: &str) -> Result<Self::Handle, FileError>;

    /// Removes a file.
    ///
    /// # Errors
    /// Where it is not there, or may not be removed.
    async fn remove(&self, name: &str) -> Result<(), FileError>;
}

/// Why a file could not be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileError {
    /// What it means.
    pub kind: FileErrorKind,
    /// The platform's name for it.
    pub name: String,
}

/// What keeps a file from being written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileErrorKind {
    /// The person has not allowed it.
    NotAllowed,
    /// It is not there any more.
    Gone,
    /// The disk is full.
    Full,
    /// The platform knows more than we do.
    Other,
}

/// A workbook that is being made.
pub trait Sheet: 'static {
    /// Hands over what comes next of the table.
    ///
    /// # Errors
    /// Where it is more than a workbook holds.
    async fn push(&mut self, octets: &[u8]) -> Result<(), SheetError>;

    /// The table is complete: the workbook.
    ///
    /// # Errors
    /// Where it is more than a workbook holds.
    async fn finish(&mut self, now: Moment) -> Result<Vec<u8>, SheetError>;
}

/// Why there is no workbook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SheetError {
    /// It is more than a workbook holds.
    TooLarge,
    /// The program that makes workbooks did not load, or broke down.
    NotLoaded,
}
