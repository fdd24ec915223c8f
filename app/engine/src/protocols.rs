//! `Protocols`: the protocols that sessions can use. P1 is linked from the start, since it has the most meters and the
//! smallest code. All other protocols are fetched when one of them is first used.

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

/// Sends all protocols to the receiver.
pub struct ProtocolWork(oneshot::Sender<Stacks>);

impl Work for ProtocolWork {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        // A receiver that no longer waits needs no answer.
        let _ = self.0.send(Stacks::ALL);
        ready(()).boxed_local()
    }
}

impl Protocols {
    /// A set of stacks that includes this one.
    pub(crate) async fn with(self, stack: Stack) -> Result<Stacks, NotFetched> {
        if Stacks::P1.has(stack) { Ok(Stacks::P1) } else { self.all().await }
    }

    pub(crate) async fn all(self) -> Result<Stacks, NotFetched> {
        let (answer, stacks) = oneshot::channel();
        (self.0)(ProtocolWork(answer)).await?;
        stacks.await.map_err(|_| NotFetched)
    }
}
