//! [`AnySource`]: a source of any kind. With it, the program contains the reading loop once, not once for each kind.

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;

use super::{Gone, NotOpen, Source, SourceNews};

/// A source of any kind.
pub struct AnySource(Box<dyn Boxed>);

impl AnySource {
    /// Wraps a source.
    pub fn new(source: impl Source + 'static) -> Self {
        Self(Box::new(source))
    }
}

impl Source for AnySource {
    async fn open(&mut self) -> Result<(), NotOpen> {
        self.0.open().await
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews {
        self.0.read_until(deadline).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.0.write(bytes).await
    }

    async fn set_line(&mut self, line: Line) -> Result<(), Gone> {
        self.0.set_line(line).await
    }

    async fn close(&mut self) {
        self.0.close().await;
    }

    async fn changed(&mut self) {
        self.0.changed().await;
    }

    async fn wait_turn(&mut self) {
        self.0.wait_turn().await;
    }

    async fn take_floor(&mut self) -> Result<(), Gone> {
        self.0.take_floor().await
    }

    fn leave_floor(&mut self) {
        self.0.leave_floor();
    }

    fn is_lost(&mut self) -> NotOpen {
        self.0.is_lost()
    }

    fn is_of(&mut self, meter: &MeterKey) {
        self.0.is_of(meter);
    }

    fn now(&self) -> Instant {
        self.0.now()
    }

    fn moment(&self) -> Moment {
        self.0.moment()
    }
}

/// The object-safe form of [`Source`]: futures are boxed.
trait Boxed {
    fn open(&mut self) -> LocalBoxFuture<'_, Result<(), NotOpen>>;
    fn read_until(&mut self, deadline: Option<Instant>) -> LocalBoxFuture<'_, SourceNews>;
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> LocalBoxFuture<'a, Result<(), Gone>>;
    fn set_line(&mut self, line: Line) -> LocalBoxFuture<'_, Result<(), Gone>>;
    fn close(&mut self) -> LocalBoxFuture<'_, ()>;
    fn changed(&mut self) -> LocalBoxFuture<'_, ()>;
    fn wait_turn(&mut self) -> LocalBoxFuture<'_, ()>;
    fn take_floor(&mut self) -> LocalBoxFuture<'_, Result<(), Gone>>;
    fn leave_floor(&mut self);
    fn is_lost(&mut self) -> NotOpen;
    fn is_of(&mut self, meter: &MeterKey);
    fn now(&self) -> Instant;
    fn moment(&self) -> Moment;
}

impl<S: Source> Boxed for S {
    fn open(&mut self) -> LocalBoxFuture<'_, Result<(), NotOpen>> {
        Source::open(self).boxed_local()
    }

    fn read_until(&mut self, deadline: Option<Instant>) -> LocalBoxFuture<'_, SourceNews> {
        Source::read_until(self, deadline).boxed_local()
    }

    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> LocalBoxFuture<'a, Result<(), Gone>> {
        Source::write(self, bytes).boxed_local()
    }

    fn set_line(&mut self, line: Line) -> LocalBoxFuture<'_, Result<(), Gone>> {
        Source::set_line(self, line).boxed_local()
    }

    fn close(&mut self) -> LocalBoxFuture<'_, ()> {
        Source::close(self).boxed_local()
    }

    fn changed(&mut self) -> LocalBoxFuture<'_, ()> {
        Source::changed(self).boxed_local()
    }

    fn wait_turn(&mut self) -> LocalBoxFuture<'_, ()> {
        Source::wait_turn(self).boxed_local()
    }

    fn take_floor(&mut self) -> LocalBoxFuture<'_, Result<(), Gone>> {
        Source::take_floor(self).boxed_local()
    }

    fn leave_floor(&mut self) {
        Source::leave_floor(self);
    }

    fn is_lost(&mut self) -> NotOpen {
        Source::is_lost(self)
    }

    fn is_of(&mut self, meter: &MeterKey) {
        Source::is_of(self, meter);
    }

    fn now(&self) -> Instant {
        Source::now(self)
    }

    fn moment(&self) -> Moment {
        Source::moment(self)
    }
}
