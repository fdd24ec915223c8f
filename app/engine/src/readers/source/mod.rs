//! [`Source`]: where a meter's bytes come from. One loop reads all sources.

pub mod any;
pub mod bridge;
pub(crate) mod later;
pub mod replay;
pub mod serial;
pub mod shared;
pub mod simulated;

use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;

use crate::platform::LineError;

/// Reads and writes bytes, and sets the line.
///
/// Dropping a future before it completes loses no byte.
pub trait Source {
    /// Opens the source, for the first time or again after it was lost.
    async fn open(&mut self) -> Result<(), NotOpen>;

    /// Waits for the next event, at most until the deadline.
    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews;

    /// Sends bytes to the meter; completes when the source has taken them.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Gone>;

    /// Continues at another speed or parity.
    async fn set_line(&mut self, line: Line) -> Result<(), Gone>;

    /// Closes the source. It may be opened again.
    async fn close(&mut self);

    /// Waits for a change that makes another attempt to open worthwhile.
    async fn changed(&mut self);

    /// Waits until no other meter is using the line. Others may use it for minutes, so the caller may drop this future.
    async fn wait_turn(&mut self) {}

    /// Prepares the line for a dialogue. Called after [`Source::wait_turn`].
    async fn take_floor(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    /// The dialogue rests: other meters may use the line.
    fn leave_floor(&mut self) {}

    /// The source was open and no longer answers. Returns the reason to report.
    fn is_lost(&mut self) -> NotOpen {
        NotOpen::Absent
    }

    /// The meter behind the open source turned out to be this one.
    fn is_of(&mut self, _meter: &MeterKey) {}

    /// The time on the line's own clock. A recording may be replayed faster than it was made.
    fn now(&self) -> Instant;

    /// The date and time on the line: for bytes that were just read, the moment at which they arrived.
    fn moment(&self) -> Moment;
}

/// The result of a read.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceNews {
    /// Bytes, at least one.
    Octets(Vec<u8>),
    /// The deadline has passed and nothing arrived.
    Nothing,
    /// An error on the line. The source is still open.
    Disturbed(LineError),
    /// The source is gone and may come back.
    Gone,
    /// The source is at its end.
    End,
}

/// Why a source could not be opened.
#[derive(Clone, Debug, PartialEq)]
pub enum NotOpen {
    /// The source is not there.
    Absent,
    /// It is there, but another program has it open or this page may not open it. Holds the browser's name for the
    /// error.
    Blocked(String),
    /// The browser refuses to try this address.
    AddressRefused(String),
    /// No connection could be made to this address.
    Unreachable(String),
    /// The connection to this address has ended.
    Ended(String),
    /// The source's code could not be fetched.
    NotFetched,
}

/// The source is gone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gone;
