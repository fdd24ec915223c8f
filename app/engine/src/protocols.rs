//! `Protocols`: what sessions speak. P1 is there from the beginning, since it has the most meters and the fewest octets of
//! code; all other protocols are fetched when one of them is first wanted.

use std::future::ready;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use metertap_decoder::session::Stacks;
use metertap_decoder::stack::Stack;

use crate::part::{NotFetched, Part, Work};

/// Where sessions get their protocols from.
#[derive(Clone, Copy)]
pub(crate) struct Protocols(pub(crate) Part<ProtocolWork>);

/// Says what there is besides P1.
pub struct ProtocolWork(oneshot::Sender<Stacks>);

impl Work for ProtocolWork {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        // Whoever does not wait any more needs no answer.
        let _ = self.0.send(Stacks::ALL);
        ready(()).boxed_local()
    }
}

impl Protocols {
    /// Stacks with this one among them.
    ///
    /// # Errors
    /// Where it had to be fetched, and did not come.
    pub(crate) async fn with(self, stack: Stack) -> Result<Stacks, NotFetched> {
        if Stacks::P1.has(stack) { Ok(Stacks::P1) } else { self.all().await }
    }

    /// All of them.
    ///
    /// # Errors
    /// Where they had to be fetched, and did not come.
    pub(crate) async fn all(self) -> Result<Stacks, NotFetched> {
        let (answer, stacks) = oneshot::channel();
        (self.0)(ProtocolWork(answer)).await?;
        stacks.await.map_err(|_| NotFetched)
    }
}
