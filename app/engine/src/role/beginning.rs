//! The first task of an engine: finding our place among the tabs.

use std::pin::pin;

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::{FutureExt, StreamExt, select_biased};
use metertap_protocol::{Breakdown, Event};

use super::Role;
use crate::fact::Fact;
use crate::platform::{Incoming, LockError, Platform};

impl<P: Platform> Role<P> {
    /// Waits until there is something to do: our turn to write, or a writer to watch. After a reload, the old page's
    /// engine may still hold the turn for a moment. A writer with another version of the protocol does not count: its
    /// messages are on another channel.
    pub(crate) async fn find_place(&mut self, facts: &mut UnboundedReceiver<Fact<P>>) {
        if self.comes_within(facts, RELOAD, false).await {
            return;
        }
        let mut told = false;
        loop {
            self.ask_writer();
            if self.comes_within(facts, ANSWER, true).await {
                return;
            }
            if !std::mem::replace(&mut told, true) {
                let why = self.why_no_turn().await;
                self.platform.tell(&Event::Broken { why }, None);
            }
        }
    }

    /// Why there is neither a turn nor a writer that we understand. To find out, this requests a lock with a random
    /// name. No other tab can hold it, so the browser refuses it only if it refuses all locks.
    async fn why_no_turn(&self) -> Breakdown {
        let unused = format!("metertap-{:016x}", self.platform.random());
        match self.platform.lock(&unused).await {
            Err(LockError::Refused) => Breakdown::NoLocks,
            Ok(_) | Err(LockError::Unsupported) => Breakdown::OtherTab,
        }
    }

    /// Waits for our turn, for at most this many milliseconds. Returns whether it has come. With `or_message`, a
    /// message from the writer counts too.
    async fn comes_within(
        &mut self,
        facts: &mut UnboundedReceiver<Fact<P>>,
        milliseconds: u64,
        or_message: bool,
    ) -> bool {
        let clock = self.platform.clone();
        let mut late = pin!(clock.sleep(milliseconds).fuse());
        loop {
            select_biased! {
                fact = facts.next() => {
                    let comes = match fact {
                        Some(Fact::Turn(number, hold)) => self.has_come(number, hold),
                        Some(Fact::Message(Incoming::Event(_))) => or_message,
                        // No other work has begun yet.
                        _ => false,
                    };
                    if comes {
                        return true;
                    }
                }
                () = late => return false,
            }
        }
    }
}

/// Milliseconds that the old engine of a reloaded page may take to end.
const RELOAD: u64 = 1500;

/// Milliseconds after which a tab that does not answer is taken for a tab of another build.
const ANSWER: u64 = 3000;
