//! Commands from the window.

use futures_util::FutureExt;
use metertap_protocol::{Breakdown, Command, Event, VERSION};
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;

use super::errand::ErrandTask;
use super::{Rest, Router};
use crate::clock::UnknownZone;
use crate::fact::JobId;
use crate::platform::Platform;
use crate::trouble::trouble;

impl<P: Platform> Router<P> {
    /// Carries out a command as the writer, or as a watcher. Returns the work that is left to do.
    pub(super) fn run_command(&mut self, command: Command, beside: Option<P::Handle>) -> Option<Rest> {
        if self.role.writes() { self.carry_out(command, beside) } else { self.pass_on(command, beside) }
    }

    pub(super) fn carry_out(&mut self, command: Command, beside: Option<P::Handle>) -> Option<Rest> {
        let hand = self.hand.clone();
        match command {
            Command::LeftWell => self.trials.closed_properly(),
            Command::Hello { version, .. } => return self.greet(version),
            Command::Add { source, search } => return self.add(source, search),
            Command::Open { name, octets: bytes, paced, kept } => {
                return Some(self.open_file(name, bytes, paced, kept));
            }
            Command::Record { meter, on } => {
                self.meters.record(&meter, on.then(|| self.platform.moment()));
                self.show(&meter);
            }
            Command::SaveCapture { meter, whole } => self.save_capture(meter, whole),
            Command::Read { meter, on } => return self.set_reading(meter, on),
            Command::Rename { meter, name } => self.rename(&meter, name),
            Command::Place { meter, place } => self.place(&meter, place),
            Command::Schedule { meter, schedule } => {
                self.change(&meter, |record| record.schedule = schedule);
                return Some(hand.restart_reading(meter).boxed_local());
            }
            Command::Ask { meter, spoken } => return Some(self.ask(meter, spoken)),
            Command::Search { meter, by } => return Some(hand.search(meter, by).boxed_local()),
            Command::Fetch { meter, on } => return Some(self.fetch(meter, on)),
            Command::Detect { meter } => return Some(self.detect(meter)),
            Command::Unlock { meter, encryption, authentication } => {
                return self.unlock(meter, &encryption, &authentication);
            }
            Command::Retain { meter, retention } => self.retain(&meter, retention),
            Command::TrustClock => self.trust_clock(),
            Command::Room => self.log.measure(),
            Command::Recompute => self.jobs.recompute(self.meters.keys()),
            Command::Series { .. } | Command::Question { .. } | Command::Ahead { .. } => {
                self.look_up(command)
            }
            Command::Watch { limits } => self.notices.set(limits),
            Command::ClearNotices => self.notices.clear(),
            Command::Assign { meter, role } => self.assign(&meter, role),
            Command::Fuse { meter, amperes } => self.fuse(&meter, amperes),
            Command::Export { id, meters, from, to, options, into_file } => {
                let named = |meter: MeterKey| (meter.clone(), self.meters.name_of(&meter));
                let meters = meters.into_iter().map(named).collect();
                let (into, zone) = (beside.filter(|_| into_file), self.meters.zone());
                self.jobs.export(id, meters, (from, to), (options, zone), into);
            }
            Command::BackUp { id, secrets, into_file } => {
                self.jobs.back_up(id, secrets, beside.filter(|_| into_file));
            }
            Command::DailyNow => self.back_up_today(),
            Command::Restore { id, how } => {
                if let Some(file) = beside.and_then(|file| self.platform.input(&file)) {
                    self.import_begins();
                    self.jobs.restore(id, how, file);
                }
            }
            Command::Import { id, meter, plan, run } => {
                if let Some(file) = beside.and_then(|file| self.platform.input(&file)) {
                    self.import_begins();
                    self.jobs.import((id, run), meter, plan, self.meters.zone(), file);
                }
            }
            Command::Type { id, meter, name, typing } => self.keep_position(id, (meter, name), typing),
            Command::StopExport { id } => self.jobs.stop(JobId::Asked(id)),
            Command::Inspect { meter, octets: bytes } => self.inspect(meter, bytes),
            Command::Goodbye => return Some(self.leave()),
            Command::State { .. }
            | Command::TakeBack { .. }
            | Command::Confirm { .. }
            | Command::Remove { .. }
            | Command::Daily { .. }
            | Command::DailyStop
            | Command::UndoImport { .. }
            | Command::Forward { .. }
            | Command::Octets { .. } => return Some(self.errand(ErrandTask::Command(command, beside))),
        }
        None
    }

    fn look_up(&mut self, command: Command) {
        let zone = self.meters.zone();
        match command {
            Command::Series { id, meter, from, to, columns } => {
                self.jobs.draw(id, meter, (from, to), columns);
            }
            Command::Question { id, meter, question } => self.jobs.answer(id, meter, question, zone),
            Command::Ahead { id, meter, question } => self.jobs.answer_ahead(id, meter, question, zone),
            _ => {}
        }
    }

    /// Answers a hello. The first one starts the work of a writer. A later one comes from a window that was reloaded.
    fn greet(&mut self, version: u32) -> Option<Rest> {
        if version != VERSION {
            self.tell(&Event::Broken { why: Breakdown::OtherBuild });
            return None;
        }
        self.meters.set_zone(self.platform.zone_of_house());
        self.tell_unknown_zone();
        let first = self.role.greet();
        if !self.role.writes() {
            self.role.ask_writer();
        } else if first {
            return Some(self.hand.clone().start_greeted().boxed_local());
        } else {
            self.tell_all();
        }
        None
    }

    /// Tells our own window if its days and times are in UTC because the time zone is unknown.
    fn tell_unknown_zone(&self) {
        if let Err(UnknownZone(name)) = self.platform.zone() {
            let trouble = trouble(Code::ClockZone, name, self.platform.moment());
            self.screen.tell(&Event::Notice { meter: None, trouble });
        }
    }

    /// The page is being closed: stops reading, forwarding, notices and today's backup.
    fn leave(&mut self) -> Rest {
        self.role.leave();
        self.jobs.stop_today();
        self.notices.stop();
        let (carried, read) = (self.broker.stop_all(), self.readers.stop_all());
        async move {
            carried.await;
            read.await;
        }
        .boxed_local()
    }
}
