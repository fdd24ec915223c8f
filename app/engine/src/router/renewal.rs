//! What we do when the browser takes the database away: when the user clears the site's data, the disk fails, or a
//! newer version of the page wants the database.
//!
//! The writer opens the log again. That restores what is still in memory, and the windows are told what is lost.
//! Reading continues meanwhile, and the new readings wait. A writer that cannot open the log stops reading and gives
//! its turn to another tab, since a turn without a log is of no use. It keeps trying, and once the log opens, it joins
//! the queue like a new tab.

use std::pin::pin;

use futures_util::future::select;
use metertap_decoder::time::Instant;
use metertap_protocol::Event;
use metertap_readings::archive::Lost;
use metertap_readings::entry::Moment;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{DiskError, MeterKey};

use super::{Hand, Router, breakdown};
use crate::platform::Platform;
use crate::role::Seen;
use crate::turn::{Anew, Waiting};

impl<P: Platform> Hand<P> {
    /// Keeps the log open for as long as this tab lives.
    pub(super) async fn keep_open(self) {
        loop {
            self.log.connection().over().await;
            if self.step(|router| router.role.has_left()).await {
                return;
            }
            self.step(|router| router.role.set_may_be_forgotten(true)).await;
            let (since, mut lost) = (self.platform.now(), Lost::default());
            loop {
                let has_place = self.step(|router| router.role.has_place()).await;
                self.platform.sleep(if has_place { SOON } else { TRIED_AGAIN }).await;
                let renewed = self.renew(has_place, since, &mut lost).await;
                self.step(Router::has_changed).await;
                if renewed.is_ok() {
                    break;
                }
            }
            self.rejoin_queue().await;
        }
    }

    /// Another tab writes while we write: the browser has forgotten one of the two turns.
    pub(super) async fn handle_writer(self) {
        if !self.step(|router| router.role.finds_out(true)).await {
            self.rejoin_queue().await;
            // The writer before us may still send a last message, which is ignored.
            self.platform.sleep(DOUBTED_APART).await;
            self.step(|router| router.role.finds_out(false)).await;
        }
    }

    /// Joins the queue again if the browser has forgotten our turn or place, along with the data that it cleared.
    async fn rejoin_queue(&self) {
        if !self.writes().await {
            // The writer joins first.
            self.platform.sleep(WRITER_FIRST).await;
        }
        for _ in 0..TRIES {
            if self.try_rejoin_queue().await {
                return;
            }
            self.platform.sleep(TRIED_AGAIN).await;
        }
    }

    pub(super) async fn ask_for_place(self) {
        self.try_rejoin_queue().await;
    }

    /// Joins the queue again if the browser has forgotten our turn or place. Returns `false` if the browser does not
    /// say.
    pub(super) async fn try_rejoin_queue(&self) -> bool {
        let _alone = self.alone.lock().await;
        let anew = match self.step(|router| router.role.seen()).await {
            None => return true,
            Some(Seen::Claim(true)) => Anew::Queued(Waiting::queue(&self.platform)),
            Some(Seen::Claim(false)) => Anew::NeedNot,
            Some(Seen::Lock(name)) => Waiting::anew(&self.platform, &name).await,
        };
        let mut waiting = match anew {
            Anew::Queued(waiting) => waiting,
            Anew::NeedNot => {
                self.step(|router| router.role.set_may_be_forgotten(false)).await;
                return true;
            }
            Anew::NoAnswer => return false,
        };
        self.step(|router| router.role.set_may_be_forgotten(false)).await;
        if !self.writes().await {
            drop(self.step(|router| router.role.queue(waiting)).await);
        } else if let Some(hold) = waiting.comes_within(&self.platform, OURS).await {
            self.step(|router| router.role.go_on(waiting.witness, hold)).await;
        } else {
            // A tab was opened in the meantime, and writes now.
            let before = self.step(|router| router.role.queue(waiting)).await;
            self.stop_writing().await;
            self.step(|router| router.role.ask_writer()).await;
            drop(before);
        }
        self.step(Router::has_changed).await;
        true
    }

    /// Opens the log again. If that has failed for too long, gives up our turn so that another tab may try.
    async fn renew(&self, has_place: bool, since: Instant, lost: &mut Lost) -> Result<(), LogError> {
        let _alone = self.alone.lock().await;
        let (still_has_place, writes) =
            self.step(|router| (router.role.has_place(), router.role.writes())).await;
        let renewed = match self.log.why_closed() {
            // Our place was given up in the meantime: wait longer before the next attempt.
            _ if has_place != still_has_place => return Err(DiskError::Closed.into()),
            // Opening would wait until the newer version has closed the database.
            Some(why @ DiskError::Newer) if has_place => Err(why.into()),
            _ if writes && self.log.has_lost_turn() => {
                // This tab was asleep, and another tab has begun to write.
                let turn = self.step(|router| router.role.leave_queue()).await;
                self.stop_writing().await;
                drop(turn);
                return Err(DiskError::Closed.into());
            }
            _ if writes => self.log.renew(lost).await,
            _ => self.log.reopen().await,
        };
        match &renewed {
            Ok(()) if self.writes().await => self.go_on(std::mem::take(lost)).await,
            Ok(()) if has_place => {}
            Ok(()) => {
                // Whatever cleared the log may have cleared the queue that we left.
                let waiting = Waiting::afresh(&self.platform).await;
                self.step(|router| {
                    drop(router.role.queue(waiting));
                    router.role.ask_writer();
                })
                .await;
            }
            Err(why) if why.is_newer() || self.platform.now() >= since.after(GIVEN_UP) => {
                self.step_back(why).await;
            }
            Err(_) => {}
        }
        renewed
    }

    /// The log that we write is open again.
    async fn go_on(&self, lost: Lost) {
        if lost.cleared {
            for key in self.step(|router| router.meters.keys()).await {
                // If a meter's first reading is lost, the earliest reading that is left takes its place.
                let first = self.first_of(&key).await.ok().flatten();
                self.step(move |router| {
                    if let Some(meter) = router.meters.get_mut(&key) {
                        meter.state.first = first;
                    }
                    router.show(&key);
                })
                .await;
            }
            let folder = self.step(|router| {
                router.tell_imports();
                router.jobs.daily.folder()
            });
            if let Some(folder) = folder.await {
                // If the handle could not be kept, the user is asked for the folder at the next start.
                let _ = self.platform.keep_folder(Some(&folder)).await;
            }
            self.step(|router| router.log.measure()).await;
        }
        self.step(move |router| {
            router.forward_more();
            router.tell_lost(&lost);
        })
        .await;
    }

    /// Waits until a log that was found closed is open again. Returns `false` if it is no longer ours to write.
    pub(super) async fn is_renewed(&self) -> bool {
        self.log.close();
        loop {
            let changes = self.step(|router| router.role.changes()).await;
            let writes = self.writes().await;
            if !writes || self.log.why_closed().is_none() {
                return writes;
            }
            // The sender is dropped when anything changes; it sends no value.
            let _ = changes.await;
        }
    }

    /// Stops reading and forwarding, and gives our turn to another tab.
    pub(super) async fn step_back(&self, why: &LogError) {
        let Some(turn) = self.step(|router| router.role.leave_queue()).await else { return };
        self.stop_writing().await;
        let why = breakdown(why);
        self.step(move |router| router.tell(&Event::Broken { why })).await;
        drop(turn);
    }

    async fn stop_writing(&self) {
        if let Some(ended) = self.step(Router::stop_writing).await {
            // A port that does not close is no reason to keep the turn.
            select(ended, pin!(self.platform.sleep(CLOSING))).await;
        }
        self.step(|router| router.role.drop_forgotten()).await;
    }

    async fn writes(&self) -> bool {
        self.step(|router| router.role.writes()).await
    }

    async fn first_of(&self, key: &MeterKey) -> Result<Option<Moment>, LogError> {
        let Some((first, _)) = self.log.span(key).await? else { return Ok(None) };
        Ok(self.log.range(key, first..=first, 1).await?.first().map(|entry| entry.received))
    }
}

impl<P: Platform> Router<P> {
    /// Called after each attempt to open the log, and when we have another turn. Resumes what waits for an open log.
    fn has_changed(&mut self) {
        self.role.has_changed();
        if self.role.writes() && self.log.archive().why_closed().is_none() {
            self.log.go_on();
        }
    }
}

/// Milliseconds for which the writer waits for the log before it gives up its turn.
const GIVEN_UP: u64 = 3000;
/// Milliseconds before an attempt to open the log while we have a turn or a place.
const SOON: u64 = 50;
/// Milliseconds before another attempt: to open the log without a place in the queue, or to ask the browser about our
/// turn.
const TRIED_AGAIN: u64 = 2000;
/// Milliseconds that a watcher waits before it joins the queue again, so that the writer joins first.
const WRITER_FIRST: u64 = GIVEN_UP + OURS + 1000;
/// Milliseconds within which our turn comes if no other tab has it.
const OURS: u64 = 1000;
/// Milliseconds before we react again to another tab that writes.
const DOUBTED_APART: u64 = 30_000;
/// How many times the browser is asked whether it still knows of our turn.
const TRIES: u32 = 5;
/// Milliseconds that ports and broker connections may take to close.
const CLOSING: u64 = 1000;
