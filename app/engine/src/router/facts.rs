//! Facts: messages from tasks.

use futures_util::FutureExt;
use metertap_protocol::{Event, SourceState};
use metertap_readings::store::MeterKey;

use super::Router;
use crate::fact::{Fact, LogNews, ReaderChange, ReaderNews};
use crate::meters::Answered;
use crate::platform::Platform;
use crate::trouble::{not_kept, unrecognised_meter};

impl<P: Platform> Router<P> {
    /// Hands a fact to the components that it concerns.
    pub(super) fn take(&mut self, fact: Fact<P>) {
        match fact {
            Fact::Heard { line, at, event } => self.meters.happened(&line, at, event),
            Fact::Read(read) => self.hear(read),
            Fact::Reader(meter, news) => self.handle_reader(&meter, news),
            Fact::Port(news) => self.readers.port(news),
            Fact::Ports => self.readers.ports_have_changed(),
            Fact::Log(news) => self.handle_log(news),
            Fact::Broker(news) => {
                self.broker.hear(news);
                self.tell_forwarding();
            }
            Fact::Job(id, news) => self.handle_job(id, news),
            Fact::Turn(number, hold) => drop(self.role.has_come(number, hold)),
            Fact::Message(message) => self.handle_message(message),
            Fact::Noticed(open, board) => self.has_noticed(open, board),
            Fact::Minute => self.minute_is_over(),
        }
    }

    fn handle_reader(&mut self, key: &MeterKey, ReaderNews { counts, what }: ReaderNews) {
        self.meters.count(key, counts);
        match what {
            ReaderChange::Counts => {}
            ReaderChange::Source(source, trouble) => {
                self.meters.source_is(key, source, trouble);
                for guest in self.meters.line_is(key, source) {
                    self.show(&guest);
                }
            }
            ReaderChange::Listening => self.meters.listens(key),
            ReaderChange::Trouble(trouble) => {
                // A repeated error is shown with the next counts.
                if !self.meters.trouble(key, trouble) {
                    return;
                }
            }
            ReaderChange::Fault { kept, trouble, on_disk } => {
                if on_disk {
                    self.log.save_octets(key, kept.clone());
                }
                self.meters.fault(key, kept);
                if !self.meters.trouble(key, trouble) {
                    return;
                }
            }
            ReaderChange::Trying(trying) => self.meters.tries(key, trying),
            ReaderChange::Unrecognised(unrecognised) => {
                let trouble = unrecognised_meter(&unrecognised, self.platform.moment());
                self.meters.trouble(key, trouble);
                self.meters.is_unrecognised(key, Some(unrecognised));
            }
            ReaderChange::Found(found, every) => {
                self.meters.is_unrecognised(key, None);
                if let Some(meter) = self.meters.get_mut(key) {
                    meter.is_asked(every);
                }
                self.change(key, |record| {
                    record.source.spoken_mut().into_iter().for_each(|spoken| spoken.clone_from(&found));
                });
            }
            ReaderChange::Answered(address, who) => {
                let answered = self.meters.answered(key, address, who);
                self.hear_answer(key, answered);
            }
            ReaderChange::Searched { done, of } => self.meters.searched(key, done, of),
            ReaderChange::Remembered(entry) => {
                // Several entries arrive at a time. The window learns of them from the progress report that follows.
                return self.meters.remembers(key, entry, self.platform.moment());
            }
            ReaderChange::Fetched { done, of } => self.has_fetched(key, done, of),
            ReaderChange::SearchOver => {
                // Reading the meter itself resumes.
                self.meters.source_is(key, SourceState::Off, None);
                self.meters.search_is_over(key);
                self.then(self.hand.clone().restart_reading(key.clone()));
            }
        }
        self.show(key);
    }

    /// A meter answered on a bus. A known meter gets its address. A new meter is read from now on.
    fn hear_answer(&mut self, on: &MeterKey, answered: Answered) {
        match answered {
            Answered::Known => {}
            Answered::Address(record) => {
                let key = record.key.clone();
                self.log.save(*record);
                // The meter whose bus is searched is read again when the search ends.
                if key != *on {
                    self.then(self.hand.clone().restart_reading(key));
                }
            }
            Answered::New(source) => {
                let hand = self.hand.clone();
                self.then(async move { drop(hand.begin(source, true, None).await) });
            }
        }
    }

    fn handle_log(&mut self, news: LogNews) {
        let at = self.platform.moment();
        match news {
            LogNews::Appended(append, row) => self.is_appended(append, row),
            LogNews::Refused(append, error) => self.is_refused(append, &error),
            LogNews::Again(append) => self.append_again(append),
            LogNews::Begun(append, begun) => self.has_appeared(append, &begun),
            LogNews::NotSaved(meter, error) => {
                self.meters.trouble(&meter, not_kept(&error, at));
                self.show(&meter);
            }
            LogNews::MadeRoom(gone) => {
                let named = |(log, thinned)| (self.name_of_log(&log), thinned);
                let trouble = self.log.made_room(&gone.into_iter().map(named).collect::<Vec<_>>());
                self.tell(&Event::Notice { meter: None, trouble });
                self.notices.is_full();
                self.log.measure();
            }
            LogNews::Thinned(meter, thinned) => {
                let name = self.meters.name_of(&meter);
                if thinned.entries > 0 {
                    self.log.measure();
                }
                if let Some(trouble) = self.log.thinned(&meter, &name, thinned) {
                    self.tell(&Event::Notice { meter: Some(meter), trouble });
                }
                self.tell_damage();
            }
            LogNews::Doubted(doubt) => {
                if let Some(trouble) = self.log.doubted(&doubt) {
                    self.tell_clock();
                    self.tell(&Event::Notice { meter: None, trouble });
                }
            }
            LogNews::Measured(meters, steps) => {
                self.tell(&Event::Room { meters, steps });
                self.log.is_measured();
            }
            LogNews::NotMeasured => self.log.is_measured(),
        }
    }

    /// The name of a log: that of its meter, or of the imported file.
    fn name_of_log(&self, log: &MeterKey) -> String {
        let imports = self.log.archive().imports();
        let import = imports.into_iter().find(|import| import.log == *log);
        import.map_or_else(|| self.meters.name_of(log), |import| import.file)
    }

    fn minute_is_over(&mut self) {
        if self.role.may_be_forgotten() {
            // The browser was too busy to answer when we asked.
            self.platform.spawn(self.hand.clone().ask_for_place().boxed_local());
        }
        if !self.role.writes() {
            // The writer sends events to other tabs only while a watcher reports itself.
            return self.role.report_presence();
        }
        self.log.look_at_clocks();
        self.tell_clock();
        self.look_at_trials();
        self.back_up_if_due();
        if !self.notices.goes_on() {
            self.begin_noticing();
        }
    }

    /// Tells the windows if the computer's clock is no longer trusted, or is trusted again.
    pub(super) fn tell_clock(&mut self) {
        if let Some(trouble) = self.log.clock_news(self.meters.any_has_limit()) {
            self.tell(&Event::Clock { trouble });
        }
    }

    /// Tells the windows of damaged rows that were found since the last call.
    pub(super) fn tell_damage(&mut self) {
        for (meter, trouble) in self.log.new_damage() {
            self.tell(&Event::Notice { meter: Some(meter), trouble });
        }
    }

    pub(super) fn trust_clock(&mut self) {
        self.log.trust_clock();
        self.tell_clock();
        let now = self.platform.moment();
        for meter in self.meters.iter() {
            let record = &meter.state.record;
            self.log.thin(&record.key, record.retention, now);
        }
        self.log.measure();
    }
}
