//! Reading meters, and the path of each reading.

use metertap_decoder::question::LoadProfile;
use metertap_decoder::reading::TimeSource;
use metertap_decoder::session::Setup;
use metertap_protocol::{Event, KeptOctets, Row, SourceState};
use metertap_readings::entry::Entry;
use metertap_readings::fault::Code;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::settings::MeterKeys;
use metertap_readings::store::{DiskError, MeterKey, SourceRecord};

use super::Router;
use crate::fact::{Append, Read, Recording, Taken};
use crate::meters::Owner;
use crate::meters::meter::Meter;
use crate::platform::Platform;
use crate::readers::{Begun, Subject};
use crate::trouble::trouble;

impl<P: Platform> Router<P> {
    /// Begins to read the meters that the user wants read.
    pub(super) fn resume_reading(&mut self) {
        for key in self.meters.wanted() {
            self.read(&key);
        }
    }

    /// Begins to read a meter from its source, unless it is read already.
    pub(super) fn read(&mut self, key: &MeterKey) {
        if let Some(meter) = self.meters.get_mut(key) {
            meter.state.searching.take_if(|searching| !searching.over);
        }
        self.read_as(key, None);
    }

    /// Begins to read a meter. The setup `instead`, if given, replaces the meter's own.
    pub(super) fn read_as(&mut self, key: &MeterKey, instead: Option<Setup>) {
        // An address from a file is not used before the user has confirmed it, whatever else the user asks for. A meter
        // that shares another meter's line is read by the reader of that meter.
        let is_spoken_to = |meter: &&Meter| {
            let record = &meter.state.record;
            record.address_from.is_none() && record.line_of.is_none()
        };
        if let Some(meter) = self.meters.get(key).filter(is_spoken_to) {
            let begun = self.readers.begin(subject(meter, self.meters.zone()), instead);
            self.has_begun(key, &begun);
        }
    }

    pub(super) fn replay(&mut self, key: &MeterKey, recording: Recording) {
        let zone = self.meters.zone();
        let Some(meter) = self.meters.get_mut(key) else { return };
        let from = match &meter.state.record.source {
            SourceRecord::File { name, .. } => Some(name.clone()),
            _ => None,
        };
        meter.set_keys(MeterKeys { keys: recording.capture.head.keys.clone(), from });
        meter.opened_as = Some(recording.stack);
        let begun = self.readers.replay(subject(meter, zone), recording);
        self.has_begun(key, &begun);
    }

    fn has_begun(&mut self, key: &MeterKey, begun: &Begun) {
        let at = self.platform.moment();
        let Some(meter) = self.meters.get_mut(key) else { return };
        match begun {
            Begun::Nothing => return,
            Begun::UnknownModel => {
                let model = match &meter.state.record.source {
                    SourceRecord::Simulated { model, .. } => model.clone(),
                    _ => String::new(),
                };
                meter.state.trouble = Some(trouble(Code::SimulatorModelUnknown, model, at));
                return;
            }
            Begun::Reading => {}
            Begun::Known(asked) => meter.is_asked(*asked),
        }
        (meter.state.source, meter.state.trying) = (SourceState::Opening, None);
        self.meters.reading_restarts(key);
    }

    /// Takes a reading from a reader. Decides which meter the reading belongs to before any log gets it.
    pub(super) fn hear(&mut self, mut read: Read) {
        if !self.role.writes() {
            return self.log.give_up_on(read, &DiskError::Closed.into());
        }
        let (meter, new) = match self.meters.owner(&read.line, &read.reading) {
            Owner::Known(meter) => (meter, None),
            Owner::New => {
                let (logs, random) = (self.log.archive().other_logs(), self.random());
                let new = self.meters.beside(&read.line, &read.reading, &logs, random);
                (new.as_ref().map_or(&read.line, |record| &record.key).clone(), new)
            }
        };
        let guest = new.is_some() || (meter != read.line && self.meters.shares_line(&meter, &read.line));
        if guest && new.is_none() && !self.meters.is_wanted(&meter) {
            // The user does not want this meter read, and the line belongs to another meter. Sending fails only if the
            // reader has ended.
            let _ = read.done.send(Taken::Unwanted);
            return;
        }
        // The clock of a real meter shows how much time has passed. The clock in a recording shows the time of the
        // recording, and the clock of a simulated meter is our own.
        let source = self.meters.get(&read.line).map(|meter| &meter.state.record.source);
        if matches!(source, Some(SourceRecord::Serial { .. } | SourceRecord::Bridge { .. })) {
            self.log.compare_clock(&meter, &read.reading);
        }
        if read.reading.time.is_none() {
            read.reading.time = self.platform.local(read.received);
            read.reading.time_source = TimeSource::Received;
        }
        self.log.append(Append { read, meter, guest, new, tries: 0, renewals: 0 });
    }

    /// The record of a new meter is on the disk, or could not be written. If it could not, the reading goes to the
    /// meter whose line it came from.
    pub(super) fn has_appeared(&mut self, mut append: Append, begun: &Result<(), LogError>) {
        match (append.new.take(), begun) {
            (Some(record), Ok(())) => {
                let key = record.key.clone();
                self.meters.extend([Meter::new(record)]);
                self.settle_topic(&key);
                self.show(&key);
            }
            _ => (append.meter, append.guest) = (append.read.line.clone(), false),
        }
        self.append_again(append);
    }

    /// Tries to append a reading once more, if the log is still ours to write.
    pub(super) fn append_again(&mut self, append: Append) {
        if self.role.writes() {
            self.log.append(append);
        } else {
            self.log.give_up_on(append.read, &DiskError::Closed.into());
        }
    }

    pub(super) fn is_refused(&mut self, append: Append, error: &LogError) {
        self.notices.is_not_kept(&append.meter);
        if *error == LogError::Disk(DiskError::Full) {
            self.notices.is_full();
        }
        if self.role.writes() {
            self.log.refused(append, error, self.jobs.takes_in());
        } else {
            self.log.give_up_on(append.read, &DiskError::Closed.into());
        }
    }

    /// A reading is in the log. Tells everyone about it, and lets the reader continue.
    pub(super) fn is_appended(&mut self, append: Append, row: Row) {
        self.log.is_appended(&append);
        let Append { read: Read { line, reading, received, bytes, done }, meter: key, guest, .. } = append;
        let kept = KeptOctets { at: received, code: None, values: Some(reading.values.len()), octets: bytes };
        let entry = Entry { reading, received, seq: row.seq };
        let (seq, identification) = (row.seq, entry.reading.meter.clone());
        let Some(news) = self.meters.take(&key, entry, kept) else {
            // The meter was removed in the meantime, and this reading was written after that.
            let log = self.log.archive().clone();
            self.platform.spawn(Box::pin(async move { drop(log.remove_meter(&key).await) }));
            let _ = done.send(Taken::Unwanted);
            return;
        };
        self.notice(&key, &row);
        self.tell(&Event::Reading { meter: key.clone(), row });
        self.broker.appended(&key, seq);
        if let Some(identification) = identification
            && let Some(record) = self.meters.identify(&key, &identification)
        {
            self.log.save(record);
            self.forward(&key);
            self.show(&key);
        }
        let state = self.meters.get(&key).map(|meter| (meter.state.record.retention, meter.state.interval));
        let (retention, interval) = state.unwrap_or_default();
        self.log.tidy(&key, retention, received);
        self.compare_clocks(&key);
        if news {
            self.show(&key);
        }
        let taken = match (key == line, guest) {
            (true, _) => Taken::Own { interval },
            (_, true) => Taken::Guest,
            _ => Taken::Another(key),
        };
        // A reader that has ended needs no answer.
        let _ = done.send(taken);
    }

    /// Tells the windows if a meter's clock has differed from the computer's by whole hours for a day.
    fn compare_clocks(&mut self, key: &MeterKey) {
        let (changed, trouble) = self.meters.compare_clocks(key);
        if let Some(record) = changed {
            self.log.save(record);
            self.show(key);
        }
        if let Some(trouble) = trouble {
            self.tell(&Event::Notice { meter: Some(key.clone()), trouble });
        }
    }

    /// Settles a meter's topic, and forwards the meter under it.
    pub(super) fn settle_topic(&mut self, key: &MeterKey) {
        if let Some(record) = self.meters.settle_topic(key) {
            self.log.save(record);
        }
        self.forward(key);
    }
}

fn subject(meter: &Meter, zone: metertap_decoder::time::Zone) -> Subject {
    let state = &meter.state;
    Subject {
        key: state.record.key.clone(),
        source: state.record.source.clone(),
        keys: meter.keys(),
        schedule: state.record.schedule,
        zone,
        wanted: state.record.reading,
        interval: state.interval,
        profile: if state.record.fetched.is_none() { LoadProfile::Fetch } else { LoadProfile::Leave },
    }
}
