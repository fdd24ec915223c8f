//! What is done when the browser takes the database away: somebody clears the site's data, the disk fails, or a newer
//! version of the page wants it.
//!
//! Whoever writes the log opens it anew, which puts back what is still in memory, and tells what is gone; meters are read on
//! meanwhile, and what they say waits. A tab that cannot open it reads no more and gives its turn to another, for a turn
//! without a log is of no use to anyone. Sooner or later it opens, and the tab queues up like a new one.

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
    /// Has the log open for as long as this tab lives.
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
            self.queue_anew().await;
        }
    }

    /// Another tab writes while we do: the browser has forgotten one of the two turns.
    pub(super) async fn hear_writer(self) {
        if !self.step(|router| router.role.finds_out(true)).await {
            self.queue_anew().await;
            // The last words of a writer whose turn is ours now are heard too.
            self.platform.sleep(DOUBTED_APART).await;
            self.step(|router| router.role.finds_out(false)).await;
        }
    }

    /// Queues up anew where the browser has forgotten our turn, or our place, along with all that it cleared.
    async fn queue_anew(&self) {
        if !self.writes().await {
            // Who writes goes first.
            self.platform.sleep(WRITER_FIRST).await;
        }
        for _ in 0..TRIES {
            if self.try_queue_anew().await {
                return;
            }
            self.platform.sleep(TRIED_AGAIN).await;
        }
    }

    /// Asks the browser once more whether it has forgotten our turn, or our place.
    pub(super) async fn ask_for_place(self) {
        self.try_queue_anew().await;
    }

    /// Queues up anew if the browser answers now; `false` where the browser does not say what it knows of our turn.
    pub(super) async fn try_queue_anew(&self) -> bool {
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
            // Somebody has opened a tab meanwhile, who writes now.
            let before = self.step(|router| router.role.queue(waiting)).await;
            self.stop_writing().await;
            self.step(|router| router.role.ask_writer()).await;
            drop(before);
        }
        self.step(Router::has_changed).await;
        true
    }

    /// Opens the log anew. If that has failed for too long, another tab may try.
    async fn renew(&self, has_place: bool, since: Instant, lost: &mut Lost) -> Result<(), LogError> {
        let _alone = self.alone.lock().await;
        let (still_has_place, writes) =
            self.step(|router| (router.role.has_place(), router.role.writes())).await;
        let renewed = match self.log.why_closed() {
            // Our place was given up meanwhile: not so soon.
            _ if has_place != still_has_place => return Err(DiskError::Closed.into()),
            // It would wait until the newer version is done with it.
            Some(why @ DiskError::Newer) if has_place => Err(why.into()),
            _ if writes && self.log.has_lost_turn() => {
                // It woke up after another had begun to write.
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

    /// The log that we write is there again.
    async fn go_on(&self, lost: Lost) {
        if lost.cleared {
            for key in self.step(|router| router.meters.keys()).await {
                // A meter without its first reading shows none.
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
                // A handle that could not be kept is asked for at the next start.
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

    /// Waits until the log that was found closed is there again; `false` where it is not ours to write any more.
    pub(super) async fn is_renewed(&self) -> bool {
        self.log.close();
        loop {
            let changes = self.step(|router| router.role.changes()).await;
            let writes = self.writes().await;
            if !writes || self.log.why_closed().is_none() {
                return writes;
            }
            // Whoever changes anything says no more than that.
            let _ = changes.await;
        }
    }

    /// Reads and forwards no more, and gives our turn to another tab.
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
        self.step(|router| router.role.let_forgotten_go()).await;
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
    /// The log was opened anew, or not, or our turn is another one.
    fn has_changed(&mut self) {
        self.role.has_changed();
        if self.role.writes() && self.log.archive().why_closed().is_none() {
            self.log.go_on();
        }
    }
}

/// Milliseconds for which a log is waited for by whoever has the turn to write it.
const GIVEN_UP: u64 = 3000;
/// Milliseconds before it is tried to open it, at first and once our turn was given up.
const SOON: u64 = 50;
const TRIED_AGAIN: u64 = 2000;
/// Milliseconds that a tab that watches lets pass before it queues up anew, and within which a turn comes that is ours.
const WRITER_FIRST: u64 = GIVEN_UP + OURS + 1000;
const OURS: u64 = 1000;
/// Milliseconds until another tab that writes is noticed again.
const DOUBTED_APART: u64 = 30_000;
/// How often the browser is asked what it knows of our turn.
const TRIES: u32 = 5;
/// Milliseconds that ports and brokers may take to be let go of.
const CLOSING: u64 = 1000;
