//! [`Errand`]: what a [`Hand`] does for rarely used commands. Its code is a part, which is fetched when it is first
//! used.

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use metertap_protocol::Command;
use metertap_readings::files::backup::Finished;
use metertap_readings::log::journal::LogError;
use metertap_readings::stated::Correction;
use metertap_readings::store::settings::MeterKeys;
use metertap_readings::store::{Connection, MeterKey};

use super::{Hand, Rest, Router};
use crate::part::{NotFetched, Work};
use crate::platform::Platform;
use crate::trouble::not_fetched;

/// A task of a hand.
pub struct Errand<P: Platform> {
    hand: Hand<P>,
    task: ErrandTask<P>,
}

/// The tasks whose code is fetched when it is first used.
pub(super) enum ErrandTask<P: Platform> {
    /// A command, with the object that was sent beside it.
    Command(Command, Option<P::Handle>),
    /// Keeps corrections of a meter that came with an import.
    State { meter: MeterKey, statements: Vec<Correction> },
    /// Keeps a meter's keys, and tries them.
    Unlock { meter: MeterKey, keys: MeterKeys },
    /// Makes a restored backup take effect.
    Finish { finished: Box<Finished>, connection: Connection, done: Done },
    /// Loads a new meter, which an import or a typed position has made.
    Begin { done: Done },
    /// Removes an import.
    UndoImport { log: MeterKey },
}

/// Tells how a task ended.
type Done = oneshot::Sender<Result<(), LogError>>;

impl<P: Platform> Work for Errand<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        let Self { hand, task } = self;
        match task {
            ErrandTask::Command(command, beside) => hand.carry_out(command, beside),
            ErrandTask::State { meter, statements } => hand.state(meter, statements).boxed_local(),
            ErrandTask::Unlock { meter, keys } => hand.unlock(meter, keys).boxed_local(),
            ErrandTask::Finish { finished, connection, done } => {
                async move { drop(done.send(hand.finish(*finished, &connection).await)) }.boxed_local()
            }
            ErrandTask::Begin { done } => {
                async move { drop(done.send(hand.begin_new().await)) }.boxed_local()
            }
            ErrandTask::UndoImport { log } => hand.undo_import(log).boxed_local(),
        }
    }
}

impl<P: Platform> Hand<P> {
    fn carry_out(self, command: Command, beside: Option<P::Handle>) -> LocalBoxFuture<'static, ()> {
        match (command, beside) {
            (Command::State { meter, statement }, _) => self.state(meter, vec![statement]).boxed_local(),
            (Command::TakeBack { meter, statement }, _) => {
                self.take_back(meter, vec![statement]).boxed_local()
            }
            (Command::Confirm { meter, at }, _) => self.confirm(meter, at).boxed_local(),
            (Command::Remove { meter }, _) => self.remove(meter).boxed_local(),
            (Command::Daily { folder, secrets }, Some(handle)) => {
                self.begin_daily(folder, secrets, handle).boxed_local()
            }
            (Command::DailyStop, _) => self.stop_daily().boxed_local(),
            (Command::UndoImport { log }, _) => self.undo_import(log).boxed_local(),
            (Command::Forward { broker }, _) => self.forward_to(broker).boxed_local(),
            (Command::Octets { meter }, _) => self.bytes(meter).boxed_local(),
            // The router carries out all others itself.
            _ => ready(()).boxed_local(),
        }
    }
}

impl<P: Platform> Router<P> {
    /// Returns work that does a task. If the task's code cannot be fetched, the work tells the windows.
    pub(super) fn errand(&self, task: ErrandTask<P>) -> Rest {
        let hand = self.hand.clone();
        let rest = async move {
            if let Err(NotFetched) = (hand.errands)(Errand { hand: hand.clone(), task }).await {
                let at = hand.platform.moment();
                hand.step(move |router| router.refuse(not_fetched(at))).await;
            }
        };
        rest.boxed_local()
    }
}
