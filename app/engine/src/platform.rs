//! [`Platform`]: all that the engine asks of its environment. A browser's worker implements it, and so does a test.

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

/// The environment that the engine runs in. All clones share one environment.
pub trait Platform: Clock {
    /// The disk that the log is kept on.
    type Disk: Disk;
    /// Serial ports.
    type Serial: Serial;
    /// A WebSocket.
    type Socket: Socket;
    /// A lock that we hold until this value is dropped.
    type Held: 'static;
    /// Keeps our place in a lock's queue after the platform has forgotten our earlier place.
    type Keeper: Keeper;
    /// An object that only the platform can pass around: a file, a folder, a blob.
    type Handle: Clone + 'static;
    /// A file that is read.
    type Input: Input;
    /// A file that is written.
    type Output: Output<Handle = Self::Handle>;
    /// A folder that files are written into.
    type Folder: Folder<Handle = Self::Handle>;
    /// Turns a table into a workbook.
    type Sheet: Sheet;

    /// Runs a task beside all others.
    fn spawn(&self, task: LocalBoxFuture<'static, ()>);

    /// Opens the disk of that name. Creates the disk if there is none.
    ///
    /// # Errors
    /// If there is no storage, or if a newer version of this program has written the disk.
    async fn open(&self, name: &str) -> Result<Self::Disk, DiskError>;

    /// A random number for names and seeds, not for secrets.
    fn random(&self) -> u64;

    /// The serial ports; `None` if the platform has none.
    fn serial(&self) -> Option<Self::Serial>;

    /// Begins a connection.
    ///
    /// # Errors
    /// If the platform refuses the address without trying it.
    fn connect(&self, url: &str, subprotocol: Option<&str>) -> Result<Self::Socket, AddressRefused>;

    /// Waits until we hold the lock of that name.
    ///
    /// # Errors
    /// If the platform has no locks, or refuses this one. Waiting for another holder is not an error, and has no limit.
    async fn lock(&self, name: &str) -> Result<Self::Held, LockError>;

    /// Queues for `lock` again if the platform has forgotten our lock `seen`, and with it our old place. From then on,
    /// also holds the lock `mark`. Does nothing if the platform still knows of `seen`.
    async fn queue(&self, lock: &str, seen: &str, mark: &str) -> Queued<Self::Keeper>;

    /// Opens a channel to the other engines of this site that listen under the same name.
    fn channel(&self, name: &str) -> Channel<Self::Handle>;

    /// Sends an event to the window, with an object beside it that only the platform can pass around.
    fn tell(&self, event: &Event, beside: Option<&Self::Handle>);

    /// The file behind a handle, from its beginning; `None` if the handle is not that of a file.
    fn input(&self, file: &Self::Handle) -> Option<Self::Input>;

    /// Begins to write the file behind a handle. Without a handle, begins a file in memory.
    ///
    /// # Errors
    /// If the file may not be written.
    async fn output(&self, into: Option<&Self::Handle>) -> Result<Self::Output, FileError>;

    /// The folder behind a handle; `None` if the handle is not that of a folder.
    fn folder(&self, handle: &Self::Handle) -> Option<Self::Folder>;

    /// Bytes of storage used, and bytes that may be used; `None` if the platform does not say.
    async fn room(&self) -> Option<(u64, u64)>;

    /// Shows a notification of the system, if the user has allowed notifications.
    fn notify(&self, title: &str, text: &str);

    /// The folder that [`Platform::keep_folder`] has stored.
    async fn remembered_folder(&self) -> Option<Self::Handle>;

    /// Stores a folder in place of an earlier one. `None` removes the stored folder.
    ///
    /// # Errors
    /// If there is no room, or no storage.
    async fn keep_folder(&self, folder: Option<&Self::Handle>) -> Result<(), DiskError>;

    /// Begins a workbook.
    ///
    /// # Errors
    /// If the code that makes workbooks does not load.
    async fn sheet(&self) -> Result<Self::Sheet, SheetError>;

    /// Begins a task that can be asked to stop.
    fn begin<F: Future<Output = ()> + 'static>(&self, task: impl FnOnce(Stop) -> F) -> Task {
        let (task, work) = Task::new(task);
        self.spawn(work);
        task
    }
}

/// A serial port of this platform.
pub type PortOf<P> = <<P as Platform>::Serial as Serial>::Port;
/// An open serial port of this platform.
pub type OpenPortOf<P> = <PortOf<P> as Port>::Open;

/// The serial ports that the user has allowed us to use.
pub trait Serial: Clone + 'static {
    /// One serial port.
    type Port: Port;
    /// A subscription: dropping it ends the callbacks.
    type Listening: 'static;

    /// All ports that are plugged in and allowed, in no fixed order.
    async fn ports(&self) -> Vec<Self::Port>;

    /// Calls back whenever an allowed port is plugged in or unplugged.
    fn listen(&self, changed: impl Fn() + Clone + 'static) -> Self::Listening;
}

/// A serial port that we have not opened.
pub trait Port: Clone + PartialEq + 'static {
    /// The port once it is open.
    type Open: OpenPort;

    /// USB vendor ID and product ID; `None` for a port that is not USB.
    fn usb(&self) -> (Option<u16>, Option<u16>);

    /// Opens the port.
    ///
    /// # Errors
    /// The platform's name for the error. The usual cause is that another program has the port open.
    async fn open(&self, line: Line) -> Result<Self::Open, String>;
}

/// A serial port that is open.
pub trait OpenPort: 'static {
    /// Waits for bytes, and returns at least one byte. Dropping the future loses no bytes.
    ///
    /// # Errors
    /// [`ReadError::Line`] each time that the line is disturbed, [`ReadError::Gone`] at the end.
    async fn read(&mut self) -> Result<Vec<u8>, ReadError>;

    /// Writes bytes; completes when the port has taken them.
    ///
    /// # Errors
    /// If the port is gone.
    async fn write(&self, bytes: &[u8]) -> Result<(), ReadError>;

    /// Closes the port.
    async fn close(self);
}

/// Why a read returned no bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReadError {
    /// An error on the line. The port stays open, and the next read may succeed.
    Line(LineError),
    /// The port is gone.
    Gone,
}

/// An error on a serial line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineError {
    /// Bytes arrived faster than they were read.
    Overrun,
    /// The line was held at zero (a break): a fault of the cable or of the head.
    Break,
    /// A character without its stop bit: the speed is wrong.
    Framing,
    /// A wrong parity bit: the setting is wrong, or the line is disturbed.
    Parity,
    /// An error that the operating system does not name.
    Unknown,
}

/// A WebSocket. Dropping it closes the connection once all bytes are sent.
pub trait Socket: 'static {
    /// Sends bytes.
    fn say(&self, bytes: &[u8]);

    /// Waits for the next event. Dropping the future loses nothing.
    async fn hear(&mut self) -> SocketNews;
}

/// An event of a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SocketNews {
    /// The other end has accepted the connection.
    Open,
    /// Bytes arrived.
    Octets(Vec<u8>),
    /// The connection is over, or was never established.
    Closed,
}

/// The platform refuses the address without trying it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AddressRefused;

/// Why a lock could not be requested.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LockError {
    /// The platform has no locks.
    Unsupported,
    /// The platform refuses this lock.
    Refused,
}

/// The result of [`Platform::queue`].
#[derive(Debug)]
pub enum Queued<K> {
    /// We have a new place in the queue.
    Anew(K),
    /// The platform still knows of our locks, so our old place is valid.
    Seen,
    /// The platform does not say whether it still knows of our locks.
    NoAnswer,
}

/// A place in the queue for a lock, and then the lock itself. Dropping it gives up the place or the lock.
pub trait Keeper: 'static {
    /// Waits until we hold the lock.
    async fn comes(&mut self);
}

/// A channel to the other engines of this site, and back.
pub struct Channel<H> {
    /// Sends a message to all other engines.
    pub say: Say<H>,
    /// The messages that other engines send.
    pub heard: UnboundedReceiver<Incoming<H>>,
}

/// Sends a message to all other engines.
pub type Say<H> = Rc<dyn Fn(Outgoing<'_, H>)>;

/// A message that we send to all other engines.
pub enum Outgoing<'a, H> {
    /// An event that the writer sends to all windows.
    Event(&'a Event),
    /// A command from a watcher's window for the writer, and the object that was sent beside it.
    Command(&'a Command, Option<&'a H>),
    /// Which engine wants to write, writes or watches.
    Claims(Claims),
}

/// Messages by which engines agree on who writes if there are no locks, and by which watchers report themselves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claims {
    /// The engine with this number wants to write. On the channel for events and commands: it watches.
    Wants(u32),
    /// The engine with this number writes.
    Writes(u32),
    /// The engine that wrote has stopped.
    Left,
}

/// A message from another engine.
#[derive(Debug)]
pub enum Incoming<H> {
    /// An event that the writer sends to all windows.
    Event(Box<Event>),
    /// A command from a watcher's window for the writer, and the object that was sent beside it.
    Command(Command, Option<H>),
    /// Which engine wants to write, writes or watches.
    Claims(Claims),
}

/// A file that is read a slice at a time. A clone continues from the same place, independently of the original.
pub trait Input: Clone + 'static {
    /// The file's name.
    fn name(&self) -> String;

    /// The file's size and the position reached so far, both in bytes.
    fn octets(&self) -> (u64, u64);

    /// The next slice; `None` at the end.
    ///
    /// # Errors
    /// If the file can no longer be read.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, InputGone>;
}

/// The file was moved, changed or removed since the user chose it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InputGone;

/// A file that is written. None of it is visible before [`Output::finish`].
pub trait Output: 'static {
    /// An object that only the platform can pass around.
    type Handle;

    /// Appends bytes.
    ///
    /// # Errors
    /// If the file takes no more.
    async fn write(&self, bytes: &[u8]) -> Result<(), FileError>;

    /// Completes the file. Returns the handle of a file that was written in memory.
    ///
    /// # Errors
    /// If the file could not be put in its place.
    async fn finish(self, media_type: &str) -> Result<Option<Self::Handle>, FileError>;

    /// Discards the file.
    async fn abandon(self);
}

/// A folder.
pub trait Folder: 'static {
    /// An object that only the platform can pass around.
    type Handle;

    /// Whether we may write to the folder without asking the user; `false` if the platform cannot tell.
    async fn is_allowed(&self) -> bool;

    /// The names of the folder's entries.
    ///
    /// # Errors
    /// If the folder was moved or removed, or may not be read.
    async fn names(&self) -> Result<Vec<String>, FileError>;

    /// The handle of a file in the folder. Creates the file if it does not exist.
    ///
    /// # Errors
    /// If the folder was moved or removed, or may not be written to.
    async fn file(&self, name: &str) -> Result<Self::Handle, FileError>;

    /// Removes a file.
    ///
    /// # Errors
    /// If the file does not exist, or may not be removed.
    async fn remove(&self, name: &str) -> Result<(), FileError>;
}

/// Why a file could not be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileError {
    /// The kind of error.
    pub kind: FileErrorKind,
    /// The platform's name for the error.
    pub name: String,
}

/// The kinds of error when writing a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileErrorKind {
    /// The user has not allowed it.
    NotAllowed,
    /// The file or its folder no longer exists.
    Gone,
    /// The disk is full.
    Full,
    /// Any other error; [`FileError::name`] says which.
    Other,
}

/// A workbook that is being made.
pub trait Sheet: 'static {
    /// Adds the next bytes of the table.
    ///
    /// # Errors
    /// If the table is larger than a workbook can hold, or if the code that makes workbooks has crashed.
    async fn push(&mut self, bytes: &[u8]) -> Result<(), SheetError>;

    /// Ends the table and returns the workbook.
    ///
    /// # Errors
    /// If the table is larger than a workbook can hold, or if the code that makes workbooks has crashed.
    async fn finish(&mut self, now: Moment) -> Result<Vec<u8>, SheetError>;
}

/// Why there is no workbook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SheetError {
    /// The table is larger than a workbook can hold.
    TooLarge,
    /// The code that makes workbooks did not load, or crashed.
    NotLoaded,
}
