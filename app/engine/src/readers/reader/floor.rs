//! Whose turn it is to send on a line, and what is sent.

use std::pin::pin;

use futures_util::future::{Either, select};
use metertap_decoder::line::Line;
use metertap_readings::files::capture::Event as Happened;

use super::{End, Reader};
use crate::fact::Fact;
use crate::platform::Platform;
use crate::readers::source::Source;

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

    pub(super) async fn take_floor(&mut self) -> Result<(), End> {
        self.turn().await?;
        self.source.take_floor().await.map_err(|_| End::Gone)
    }

    pub(super) async fn say(&mut self, bytes: Vec<u8>) -> Result<(), End> {
        self.source.write(&bytes).await.map_err(|_| End::Gone)?;
        self.record(Happened::Said(bytes));
        Ok(())
    }

    pub(super) async fn set_line(&mut self, line: Line) -> Result<(), End> {
        self.source.set_line(line).await.map_err(|_| End::Gone)?;
        self.record(Happened::Line(line));
        Ok(())
    }

    /// Reports an event on the line, for a recording.
    pub(super) fn record(&self, event: Happened) {
        let (line, at) = (self.hearing.key.clone(), self.source.moment());
        self.facts.tell(Fact::Heard { line, at, event });
    }
}
