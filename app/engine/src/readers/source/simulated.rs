//! [`SimulatedSource`]: a simulated meter, at its true pace.

use std::future::pending;
use std::iter::{self, Peekable};

use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_simulator::{Meter, Model, Telegram};

use super::{Gone, NotOpen, Source, SourceNews};
use crate::clock::{Clock, earlier};

/// A simulated meter with a household of its own.
pub struct SimulatedSource<C> {
    clock: C,
    model: Model,
    seed: u64,
    running: Option<Running>,
}

/// A running meter: when it began to run, and what it sends next.
struct Running {
    began: Instant,
    telegrams: Peekable<Meter>,
    /// The last telegram of the head start: it is sent first.
    newest: Option<Telegram>,
}

impl<C: Clock> SimulatedSource<C> {
    /// A meter of this model. The seed determines its number and its household.
    pub const fn new(clock: C, model: Model, seed: u64) -> Self {
        Self { clock, model, seed, running: None }
    }
}

impl Running {
    fn new(clock: &impl Clock, model: Model, seed: u64) -> Self {
        let start = clock.moment().0.div_euclid(1000) - HEAD_START / 1000;
        let mut telegrams = Meter::new(model, seed, start).peekable();
        let past = iter::from_fn(|| telegrams.next_if(is_past));
        let newest = past.last();
        Self { began: clock.now(), telegrams, newest }
    }

    fn due(&mut self) -> Option<Instant> {
        let next = self.newest.as_ref().or_else(|| self.telegrams.peek())?;
        Some(self.began.after(next.due.saturating_sub(HEAD_START.unsigned_abs())))
    }
}

fn is_past(telegram: &Telegram) -> bool {
    telegram.due <= HEAD_START.unsigned_abs()
}

impl<C: Clock> Source for SimulatedSource<C> {
    async fn open(&mut self) -> Result<(), NotOpen> {
        self.running = Some(Running::new(&self.clock, self.model, self.seed));
        Ok(())
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews {
        let Some(running) = &mut self.running else { return SourceNews::Gone };
        if running.due().is_some_and(|due| self.clock.now() > due.after(ASLEEP)) {
            // The computer was asleep. A real meter's telegrams would be lost as well.
            *running = Running::new(&self.clock, self.model, self.seed);
        }
        let Some(due) = running.due() else { return SourceNews::End };
        self.clock.until(earlier(Some(due), deadline)).await;
        if self.clock.now() < due {
            return SourceNews::Nothing;
        }
        let telegram = running.newest.take().or_else(|| running.telegrams.next());
        telegram.map_or(SourceNews::End, |telegram| SourceNews::Octets(telegram.bytes))
    }

    async fn write(&mut self, _bytes: &[u8]) -> Result<(), Gone> {
        Ok(())
    }

    async fn set_line(&mut self, _line: Line) -> Result<(), Gone> {
        Ok(())
    }

    async fn close(&mut self) {
        self.running = None;
    }

    async fn changed(&mut self) {
        pending().await
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn moment(&self) -> Moment {
        self.clock.moment()
    }
}

/// Milliseconds that a telegram may be late before the simulation starts again.
const ASLEEP: u64 = 60_000;

/// Milliseconds for which a simulated meter has already been running when it is opened. The slowest model sends once a
/// minute, and nobody waits that long for a demonstration.
const HEAD_START: i64 = 60_000;
