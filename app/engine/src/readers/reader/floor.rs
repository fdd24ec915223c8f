//! Whose turn it is to send on a line, and what is sent.

use std::pin::pin;

use futures_util::future::{Either, select};
use metertap_decoder::line::Line;
use metertap_protocol::{Counts, SourceState};
use metertap_readings::files::capture::Event as Happened;

use super::reporting::not_open;
use super::{End, Reader};
use crate::fact::{Fact, ReaderChange, ReaderNews};
use crate::platform::Platform;
use crate::readers::source::{NotOpen, Source};
use crate::task::Stop;

impl<P: Platform> Reader<P> {
    /// Waits until no other meter is using the line, or until the reader is asked to stop.
    pub(super) async fn turn(&mut self) -> Result<(), End> {
        let asked = pin!(self.stop.asked());
        let turn = pin!(self.source.wait_turn());
        match select(asked, turn).await {
            Either::Left(_) => Err(End::Stopped),
            Either::Right(_) => Ok(()),
        }
    }

    /// Opens the source. Tells the user if that takes long.
    pub(super) async fn open(&mut self) -> Result<(), End> {
        let late = self.platform.sleep(OPENING);
        let mut opening = pin!(unless_stopped(&self.stop, self.source.open()));
        let opened = match select(opening.as_mut(), pin!(late)).await {
            Either::Left((opened, _)) => opened,
            Either::Right(_) => {
                let trouble = not_open(&NotOpen::Blocked(SLOW.to_owned()), self.platform.moment());
                let what = ReaderChange::Source(SourceState::Blocked, Some(trouble));
                let news = ReaderNews { counts: Counts::default(), what };
                self.facts.tell(Fact::Reader(self.hearing.key.clone(), news));
                opening.await
            }
        };
        opened?.map_err(End::NotOpen)
    }

    pub(super) async fn take_floor(&mut self) -> Result<(), End> {
        self.turn().await?;
        unless_stopped(&self.stop, self.source.take_floor()).await?.map_err(|_| End::Gone)
    }

    pub(super) async fn say(&mut self, bytes: Vec<u8>) -> Result<(), End> {
        unless_stopped(&self.stop, self.source.write(&bytes)).await?.map_err(|_| End::Gone)?;
        self.record(Happened::Said(bytes));
        Ok(())
    }

    pub(super) async fn set_line(&mut self, line: Line) -> Result<(), End> {
        unless_stopped(&self.stop, self.source.set_line(line)).await?.map_err(|_| End::Gone)?;
        self.record(Happened::Line(line));
        Ok(())
    }

    /// Reports an event on the line, for a recording.
    pub(super) fn record(&self, event: Happened) {
        let (line, at) = (self.hearing.key.clone(), self.source.moment());
        self.facts.tell(Fact::Heard { line, at, event });
    }
}

/// Waits for work on the source, or until the reader is asked to stop: a driver or a bridge may never answer. If the
/// work is done, returns its result even if the reader was asked to stop, because the result may hold a port.
async fn unless_stopped<T>(stop: &Stop, work: impl Future<Output = T>) -> Result<T, End> {
    match select(pin!(work), pin!(stop.asked())).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right(_) => Err(End::Stopped),
    }
}

/// Milliseconds after which the user is told that a source takes long to open. A bridge has given up by then.
const OPENING: u64 = 20_000;
/// In place of the browser's name for an error.
const SLOW: &str = "no answer yet";
