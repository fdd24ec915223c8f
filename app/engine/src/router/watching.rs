//! Watching: what an engine does while its turn to write has not come.
//!
//! It shows what the writer reports. It reads the writer's disk for charts and exports. It passes on commands that only
//! the writer can carry out, with their files. When the writer's tab is closed or crashes, the browser gives the turn
//! to the next engine. That engine begins with the data on the disk, as after any restart.

use futures_util::FutureExt;
use metertap_protocol::{Command, Event, Row};
use metertap_readings::fault::Code;

use super::{Hand, Rest, Router, Work};
use crate::fact::{Fact, JobId, JobNews};
use crate::meters::meter::Meter;
use crate::platform::{Claims, Incoming, Platform};
use crate::trouble::trouble;

impl<P: Platform> Router<P> {
    /// Carries out a command that a watcher can, or passes it on to the writer. Returns the work that is left to do.
    pub(super) fn pass_on(&mut self, command: Command, beside: Option<P::Handle>) -> Option<Rest> {
        match command {
            Command::LeftWell | Command::Hello { .. } | Command::Goodbye | Command::StopExport { .. } => {
                return self.carry_out(command, beside);
            }
            Command::Series { .. }
            | Command::Question { .. }
            | Command::Ahead { .. }
            | Command::Export { .. }
            | Command::BackUp { .. }
            | Command::Octets { .. }
            | Command::Inspect { .. }
            | Command::Room => return Some(self.hand.clone().look_again(command, beside).boxed_local()),
            // The file would go to the window of the tab that writes, and would be saved there.
            Command::SaveCapture { .. } => self.refuse(trouble(
                Code::EngineWatches,
                "recordings are saved in the tab that reads the meter",
                self.platform.moment(),
            )),
            command => self.role.send_command(&command, beside.as_ref()),
        }
        None
    }

    /// Takes a message from another tab.
    pub(super) fn handle_message(&mut self, message: Incoming<P::Handle>) {
        match message {
            Incoming::Event(event) if !self.role.writes() => self.handle_event(*event),
            Incoming::Event(_) => self.platform.spawn(self.hand.clone().handle_writer().boxed_local()),
            Incoming::Command(Command::Hello { .. }, _) if self.role.writes() => {
                self.role.handle_watcher(None);
                if self.role.is_greeted() {
                    self.tell_all();
                }
            }
            Incoming::Command(command, beside) if self.role.writes() => {
                self.queue.push_back(Work::Command(command, beside));
            }
            Incoming::Claims(Claims::Wants(number)) if self.role.writes() => {
                self.role.handle_watcher(Some(number))
            }
            // Other watchers' commands are for the writer.
            Incoming::Command(..) | Incoming::Claims(_) => {}
        }
    }

    /// Shows our window what the writer has reported, and remembers what we need to continue reading the meters later.
    fn handle_event(&mut self, event: Event) {
        self.remember(&event);
        match event {
            Event::Ready { version, meters, newest, broker, .. } => {
                // The writer may be another tab than before.
                self.role.report_presence();
                self.screen.tell(&Event::Ready { version, meters, newest, broker, watching: true });
            }
            Event::Daily { .. } => {
                let (platform, facts) = (self.platform.clone(), self.facts.clone());
                self.platform.spawn(Box::pin(async move {
                    // A folder handle is not sent between tabs, so we load it from where it is stored.
                    let folder = platform.remembered_folder().await;
                    facts.tell(Fact::Job(JobId::Own(0), JobNews::Answered(event, folder)));
                }));
            }
            event => self.screen.tell(&event),
        }
    }

    fn remember(&mut self, event: &Event) {
        match event {
            Event::Ready { meters, newest, .. } => {
                let told = meters.iter().map(|state| {
                    let rows = newest.iter().filter(|(key, _)| *key == state.record.key);
                    Meter::told(state.clone(), rows.flat_map(|(_, rows)| rows).filter_map(Row::entry))
                });
                self.meters.replace(told);
                // If we were the writer before, our daily backup is the new writer's task now.
                self.jobs.daily.set(None);
            }
            Event::Meter { state } => match self.meters.get_mut(&state.record.key) {
                Some(meter) => meter.state = state.clone(),
                None => self.meters.extend([Meter::told(state.clone(), [])]),
            },
            Event::Removed { meter } => drop(self.meters.remove(meter)),
            Event::Newest { meter, rows } => {
                if let Some(meter) = self.meters.get_mut(meter) {
                    meter.renew(rows.iter().filter_map(Row::entry));
                }
            }
            Event::Reading { meter, row } => {
                if let (Some(meter), Some(entry)) = (self.meters.get_mut(meter), row.entry()) {
                    meter.hear(entry);
                }
            }
            _ => {}
        }
    }
}

impl<P: Platform> Hand<P> {
    /// Looks at what the writer has written since. Then carries out a command that a watcher can.
    async fn look_again(self, command: Command, beside: Option<P::Handle>) {
        // If the log cannot be read, the command reports that.
        let _ = self.log.look_again().await;
        if let Some(rest) = self.step(|router| router.carry_out(command, beside)).await {
            rest.await;
        }
    }
}
