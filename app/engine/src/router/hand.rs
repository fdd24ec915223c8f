//! [`Hand`]: carries out commands that take time. It holds no component. To use a component, it sends the router a step
//! to run.

use std::sync::Arc;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_channel::oneshot;
use metertap_readings::archive::Archive;

use super::{Errand, Hand, Router, Step};
use crate::part::Part;
use crate::platform::Platform;
use crate::protocols::Protocols;

impl<P: Platform> Hand<P> {
    pub(super) fn new(
        platform: P,
        log: Archive<P::Disk>,
        protocols: Protocols,
        errands: Part<Errand<P>>,
    ) -> (Self, UnboundedReceiver<Step<P>>) {
        let (steps, to_be_done) = unbounded();
        (Self { platform, log, protocols, errands, alone: Arc::default(), steps }, to_be_done)
    }

    /// Runs a closure on the router and returns its result. Facts that were sent before this step are handled before
    /// it.
    pub(super) async fn step<T: 'static>(&self, step: impl FnOnce(&mut Router<P>) -> T + 'static) -> T {
        let (answer, done) = oneshot::channel();
        let step: Step<P> = Box::new(move |router| {
            // If the caller has given up, it needs no answer.
            let _ = answer.send(step(router));
        });
        // Without a router there is nothing left to do.
        let _ = self.steps.unbounded_send(step);
        match done.await {
            Ok(done) => done,
            Err(_) => std::future::pending().await,
        }
    }
}

impl<P: Platform> Clone for Hand<P> {
    fn clone(&self) -> Self {
        Self {
            platform: self.platform.clone(),
            log: self.log.clone(),
            protocols: self.protocols,
            errands: self.errands,
            alone: Arc::clone(&self.alone),
            steps: self.steps.clone(),
        }
    }
}
