//! [`Source`]: where a meter's octets come from. All sources are read by the same loop.

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

/// Octets in, octets out, and how the line is set.
///
/// A future that is dropped before it answers has taken no octet with it.
pub trait Source {
    /// Opens it, for the first time or once more after it was lost.
    async fn open(&mut self) -> Result<(), NotOpen>;

    /// Waits for what comes next, at most until the deadline.
    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews;

    /// Says something to the meter; answers when it has left.
    async fn write(&mut self, octets: &[u8]) -> Result<(), Gone>;

    /// Goes on at another speed or parity.
    async fn set_line(&mut self, line: Line) -> Result<(), Gone>;

    /// Lets go of it; it may be opened again.
    async fn close(&mut self);

    /// Waits until something has changed that makes it worth trying to open it.
    async fn changed(&mut self);

    /// Waits until nobody else speaks on the line. Others may speak for minutes, so this wait may be given up.
    async fn wait_turn(&mut self) {}

    /// Makes the line ready for a conversation to begin; called when the turn has come.
    async fn take_floor(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    /// The conversation rests: others may speak.
    fn leave_floor(&mut self) {}

    /// It was open, and did not answer any more.
    fn is_lost(&mut self) {}

    /// What is open turned out to be that meter's.
    fn is_of(&mut self, _meter: &MeterKey) {}

    /// Now, on the line's own clock: a recording may be played faster than it was made.
    fn now(&self) -> Instant;

    /// The moment at which what was heard last was heard.
    fn moment(&self) -> Moment;
}

/// What came of a read.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceNews {
    /// Octets, at least one.
    Octets(Vec<u8>),
    /// The deadline, and nothing else.
    Nothing,
    /// Something was wrong on the line; the source is still open.
    Disturbed(LineError),
    /// The source is gone and may come back.
    Gone,
    /// All was said.
    End,
}

/// Why a source did not open.
#[derive(Clone, Debug, PartialEq)]
pub enum NotOpen {
    /// It is not there.
    Absent,
    /// It is there, and somebody else has it or this page may not: the browser's name for it.
    Blocked(String),
    /// The browser will not even try this address.
    AddressRefused(String),
    /// Nobody answers at this address.
    Unreachable(String),
    /// The code for it did not come.
    NotFetched,
}

/// The source is gone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gone;
