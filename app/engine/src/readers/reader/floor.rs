//! Whose turn it is to send on a line, and what is sent.

use std::pin::pin;

use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::{FutureExt, TryFutureExt};
use metertap_decoder::line::Line;
use metertap_protocol::{Counts, SourceState};
use metertap_readings::files::capture::Event as Happened;
use metertap_readings::store::MeterKey;

use super::reporting::not_open;
use super::{End, Reader};
use crate::fact::{Fact, Facts, ReaderChange, ReaderNews};
use crate::platform::Platform;
use crate::readers::source::{Gone, NotOpen, Source};
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

    pub(super) async fn open(&mut self) -> Result<(), End> {
        let work = self.source.open().map_err(End::NotOpen).boxed_local();
        patiently(&self.stop, (&self.platform, &self.facts), &self.hearing.key, work).await.map(drop)
    }

    pub(super) async fn take_floor(&mut self) -> Result<(), End> {
        self.turn().await?;
        let work = self.source.take_floor().map_err(gone).boxed_local();
        let was_late = patiently(&self.stop, (&self.platform, &self.facts), &self.hearing.key, work).await?;
        self.goes_on(was_late);
        Ok(())
    }

    pub(super) async fn say(&mut self, bytes: Vec<u8>) -> Result<(), End> {
        let work = self.source.write(&bytes).map_err(gone).boxed_local();
        let was_late = patiently(&self.stop, (&self.platform, &self.facts), &self.hearing.key, work).await?;
        self.goes_on(was_late);
        self.record(Happened::Said(bytes));
        Ok(())
    }

    pub(super) async fn set_line(&mut self, line: Line) -> Result<(), End> {
        let work = self.source.set_line(line).map_err(gone).boxed_local();
        let was_late = patiently(&self.stop, (&self.platform, &self.facts), &self.hearing.key, work).await?;
        self.goes_on(was_late);
        self.record(Happened::Line(line));
        Ok(())
    }

    /// Goes on after work on an open source. If the user was told that it takes long, that is over now.
    fn goes_on(&mut self, was_late: bool) {
        if was_late {
            self.send(ReaderChange::Listening);
        }
    }

    /// Reports an event on the line, for a recording.
    pub(super) fn record(&self, event: Happened) {
        let (line, at) = (self.hearing.key.clone(), self.source.moment());
        self.facts.tell(Fact::Heard { line, at, event });
    }
}

fn gone(_: Gone) -> End {
    End::Gone
}

/// Waits for work on the source, or until the reader is asked to stop: a driver or a bridge may never answer. If the
/// work is done, returns its result even if the reader was asked to stop, because the result may hold a port.
async fn unless_stopped(stop: &Stop, work: LocalBoxFuture<'_, Result<(), End>>) -> Result<(), End> {
    match select(work, pin!(stop.asked())).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(End::Stopped),
    }
}

/// Waits for work on the source, or until the reader is asked to stop. Tells the user if the work takes long, and
/// returns whether it did.
async fn patiently<P: Platform>(
    stop: &Stop,
    (platform, facts): (&P, &Facts<P>),
    key: &MeterKey,
    work: LocalBoxFuture<'_, Result<(), End>>,
) -> Result<bool, End> {
    let mut work = pin!(unless_stopped(stop, work));
    match select(work.as_mut(), pin!(platform.sleep(LONG))).await {
        Either::Left((done, _)) => done.map(|()| false),
        Either::Right(_) => {
            let trouble = not_open(&NotOpen::Blocked(SLOW.to_owned()), platform.moment());
            let what = ReaderChange::Source(SourceState::Blocked, Some(trouble));
            facts.tell(Fact::Reader(key.clone(), ReaderNews { counts: Counts::default(), what }));
            work.await.map(|()| true)
        }
    }
}

/// Milliseconds after which the user is told that a source takes long to open, to change its line, or to send. A bridge
/// has given up by then.
const LONG: u64 = 20_000;
/// In place of the browser's name for an error.
const SLOW: &str = "no answer yet";
