//! Watching: what an engine does whose turn to write has not come.
//!
//! It shows what the writer tells, draws and saves from the same disk, and passes on wishes that only the writer can
//! fulfil, with the files that they are about. When the writer's tab is closed or crashes, the browser gives its turn to the next, who begins like after any
//! other restart: with what is on the disk.

use std::pin::pin;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use metertap_protocol::{Breakdown, Command, Event, VERSION};
use metertap_readings::fault::Code;

use super::desk::Desk;
use super::meter::Meter;
use super::tabs::{Tabs, Turn, Words};
use super::trouble::trouble;
use crate::platform::{Platform, Word};

/// Waits until there is something to do: our turn, or a writer of our own build to watch. A page that is reloaded meets
/// the engine of its former self for a moment, and a tab of another build would not be understood.
pub(crate) async fn find_place<P: Platform>(
    platform: &P,
    tabs: &Tabs<P>,
    words: &mut Words<P>,
    turn: &Turn<P>,
) {
    if turn.comes_within(platform, RELOAD).await {
        return;
    }
    let mut told = false;
    loop {
        tabs.wish(&who_writes(), None);
        let heard = pin!(async { while !matches!(words.next().await, Word::Told(_)) {} }.fuse());
        let late = pin!(platform.sleep(ANSWER));
        match select(select(turn.comes(), heard), late).await {
            Either::Left(_) => return,
            Either::Right(_) if !told => {
                platform.tell(&Event::Broken { why: Breakdown::OtherTab }, None);
            }
            Either::Right(_) => {}
        }
        told = true;
    }
}

impl<P: Platform> Desk<P> {
    /// Carries out what a watcher can, and passes the rest on.
    pub(crate) async fn watch(self: &Rc<Self>, command: Command, beside: Option<P::Handle>) {
        match command {
            Command::Hello { .. } | Command::Goodbye | Command::StopExport { .. } => {
                self.carry_out(command, beside).await;
            }
            Command::Series { .. }
            | Command::Export { .. }
            | Command::BackUp { .. }
            | Command::Octets { .. }
            | Command::Inspect { .. }
            | Command::Room => {
                // A log that cannot be read again is told of by whatever wants to read it.
                let _ = self.log.look_again().await;
                self.carry_out(command, beside).await;
            }
            // The file would go to the window of the tab that writes, and be saved there.
            Command::SaveCapture { .. } => {
                let trouble = trouble(
                    Code::EngineWatches,
                    "a recording is saved where the meter is read",
                    self.platform.moment(),
                );
                self.tell(&Event::Refused { trouble });
            }
            wish => self.tabs.wish(&wish, beside.as_ref()),
        }
    }

    /// Hears another tab.
    pub(crate) async fn hear(self: &Rc<Self>, word: Word<P::Handle>) {
        match word {
            Word::Told(event) if !self.writes() => self.pass_on(*event).await,
            Word::Wish(Command::Hello { .. }, _) if self.writes() => {
                if let Some(ready) = self.ready() {
                    self.tabs.tell(&ready);
                    self.tell_imports();
                    self.tell_daily();
                    self.tell_clock_again();
                }
            }
            Word::Wish(command, beside) if self.writes() => self.carry_out(command, beside).await,
            Word::Told(_) => {
                let desk = Rc::clone(self);
                self.platform.spawn(async move { desk.hear_writer().await }.boxed_local());
            }
            // What other watchers wish is not ours to do, and whoever waits for a turn hears of claims by itself.
            Word::Wish(..) | Word::Claims(_) => {}
        }
    }

    /// Shows our window what the writer told, and remembers what is needed to go on with the meters.
    async fn pass_on(&self, event: Event) {
        self.remember(&event);
        if let Event::Daily { .. } = event {
            return self.pass_daily_on(&event).await;
        }
        let event = match event {
            Event::Ready { version, meters, broker, .. } => {
                Event::Ready { version, meters, broker, watching: true }
            }
            event => event,
        };
        self.tell(&event);
    }

    fn remember(&self, event: &Event) {
        let mut meters = self.meters.borrow_mut();
        match event {
            Event::Ready { meters: told, .. } => {
                let told = told.iter().map(|state| (state.record.key.clone(), Meter::told(state.clone())));
                *meters = told.collect();
                // What we may have known as a writer of earlier days is that one's business.
                self.forget_daily();
            }
            Event::Meter { state } => {
                meters.insert(state.record.key.clone(), Meter::told(state.clone()));
            }
            Event::Removed { meter } => drop(meters.remove(meter)),
            Event::Reading { meter, entry } => {
                if let Some(meter) = meters.get_mut(meter) {
                    meter.hear(entry);
                }
            }
            _ => {}
        }
    }
}

/// The writer answers with all that it knows.
pub(crate) fn who_writes() -> Command {
    Command::Hello { version: VERSION, zone: String::new() }
}

/// Milliseconds that the engine of a page that was reloaded may take to end.
const RELOAD: u64 = 1500;

/// Milliseconds after which a tab that does not answer is taken for one of another build.
const ANSWER: u64 = 3000;
