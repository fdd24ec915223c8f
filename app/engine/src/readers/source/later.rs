//! [`Later`]: a source whose code is fetched when it is first opened.

use std::future::pending;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_readings::files::capture::Capture;
use metertap_simulator::Model;

use super::any::AnySource;
use super::bridge::BridgeSource;
use super::replay::Replay;
use super::simulated::SimulatedSource;
use super::{Gone, NotOpen, Source, SourceNews};
use crate::part::{Part, Work};
use crate::platform::Platform;

pub(crate) struct Later<P: Platform> {
    platform: P,
    part: Part<SourceWork<P>>,
    /// What to make; `None` once it is made.
    wanted: Option<Wanted>,
    source: Option<AnySource>,
}

#[derive(Clone)]
pub(crate) enum Wanted {
    Simulated(Model, u64),
    Bridge(String),
    /// A recording, and whether it is replayed at its own pace.
    Recording(Capture, bool),
}

/// Makes a source, with the part's code.
pub struct SourceWork<P: Platform> {
    platform: P,
    wanted: Wanted,
    answer: oneshot::Sender<AnySource>,
}

impl<P: Platform> Work for SourceWork<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        let Self { platform, wanted, answer } = self;
        let source = match wanted {
            Wanted::Simulated(model, seed) => AnySource::new(SimulatedSource::new(platform, model, seed)),
            Wanted::Bridge(url) => AnySource::new(BridgeSource::new(platform, url)),
            Wanted::Recording(capture, paced) => AnySource::new(Replay::new(platform, capture, paced)),
        };
        // A receiver that no longer waits needs no answer.
        let _ = answer.send(source);
        ready(()).boxed_local()
    }
}

impl<P: Platform> Later<P> {
    pub(crate) const fn new(platform: P, part: Part<SourceWork<P>>, wanted: Wanted) -> Self {
        Self { platform, part, wanted: Some(wanted), source: None }
    }

    async fn fetch(&mut self) -> Result<(), NotOpen> {
        let Some(wanted) = self.wanted.clone() else { return Ok(()) };
        let (answer, source) = oneshot::channel();
        (self.part)(SourceWork { platform: self.platform.clone(), wanted, answer })
            .await
            .map_err(|_| NotOpen::NotFetched)?;
        self.source = source.await.ok();
        // A recording may be long, so its bytes are not kept twice.
        self.wanted = self.wanted.take().filter(|_| self.source.is_none());
        Ok(())
    }
}

impl<P: Platform> Source for Later<P> {
    async fn open(&mut self) -> Result<(), NotOpen> {
        self.fetch().await?;
        match &mut self.source {
            Some(source) => source.open().await,
            None => Err(NotOpen::NotFetched),
        }
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews {
        match &mut self.source {
            Some(source) => source.read_until(deadline).await,
            None => SourceNews::Gone,
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.source.as_mut().ok_or(Gone)?.write(bytes).await
    }

    async fn set_line(&mut self, line: Line) -> Result<(), Gone> {
        self.source.as_mut().ok_or(Gone)?.set_line(line).await
    }

    async fn close(&mut self) {
        if let Some(source) = &mut self.source {
            source.close().await;
        }
    }

    async fn changed(&mut self) {
        match &mut self.source {
            Some(source) => source.changed().await,
            None => pending().await,
        }
    }

    fn is_lost(&mut self) -> NotOpen {
        self.source.as_mut().map_or(NotOpen::Absent, Source::is_lost)
    }

    fn now(&self) -> Instant {
        self.source.as_ref().map_or_else(|| self.platform.now(), Source::now)
    }

    fn moment(&self) -> Moment {
        self.source.as_ref().map_or_else(|| self.platform.moment(), Source::moment)
    }
}
